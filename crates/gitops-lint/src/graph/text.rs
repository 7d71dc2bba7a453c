//! Graphs for people.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

use gitops_render::graph::{ItemId, ItemKind, Link};

use super::Shown;
use crate::findings::counted;

/// Writes a tree for each root. What several roots share stands in full below the first of them.
pub(super) fn tree(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    let graph = shown.graph;
    let (manifests, kustomizations): (Vec<ItemId>, Vec<ItemId>) =
        graph.roots().iter().partition(|it| graph.item(**it).kind == ItemKind::Manifest);
    let mut users: HashMap<ItemId, usize> = HashMap::new();
    for root in &kustomizations {
        for id in below(shown, *root) {
            *users.entry(id).or_default() += 1;
        }
    }
    let mut tree = Tree { shown, users, told: HashSet::new() };
    for (index, root) in kustomizations.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", shown.name(graph.item(*root)))?;
        tree.parts(out, *root, "")?;
    }
    if !manifests.is_empty() {
        let gap = if kustomizations.is_empty() { "" } else { "\n" };
        writeln!(out, "{gap}{}:", counted(manifests.len(), "plain manifest"))?;
        for it in manifests {
            writeln!(out, "  {}", shown.name(graph.item(it)))?;
        }
    }
    Ok(())
}

/// Everything that a root is made of.
fn below(shown: &Shown<'_>, root: ItemId) -> HashSet<ItemId> {
    let mut found = HashSet::new();
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        for link in shown.graph.parts(id) {
            if found.insert(link.to) {
                open.push(link.to);
            }
        }
    }
    found
}

struct Tree<'a> {
    shown: &'a Shown<'a>,
    /// How many roots have each thing.
    users: HashMap<ItemId, usize>,
    /// The kustomizations whose parts have been shown.
    told: HashSet<ItemId>,
}

impl Tree<'_> {
    /// Writes the parts of a kustomization, on lines that begin with `indent`.
    fn parts(&mut self, out: &mut impl io::Write, id: ItemId, indent: &str) -> io::Result<()> {
        self.told.insert(id);
        // An entry for each thing: a file may be named by several.
        let mut parts: Vec<(ItemId, Vec<&str>)> = vec![];
        for link in self.shown.graph.parts(id) {
            let keyword = link.reference.keyword();
            match parts.iter_mut().find(|it| it.0 == link.to) {
                Some((_, keywords)) if keywords.contains(&keyword) => {}
                Some((_, keywords)) => keywords.push(keyword),
                None => parts.push((link.to, vec![keyword])),
            }
        }
        let count = parts.len();
        let around = self.users.get(&id).copied().unwrap_or_default();
        for (index, (to, keywords)) in parts.into_iter().enumerate() {
            let is_last = index + 1 == count;
            let (branch, more) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let item = self.shown.graph.item(to);
            let mut remarks: Vec<String> = vec![keywords.join(", ")];
            remarks.extend(remark(item.kind).map(str::to_owned));
            // What a base is made of is shared as the base is.
            let users = self.users.get(&to).copied().unwrap_or_default();
            let is_news = users > 1 && users != around;
            remarks.extend(is_news.then(|| format!("in {}", counted(users, "root"))));
            let has_parts = self.shown.graph.parts(to).next().is_some();
            let is_told = has_parts && self.told.contains(&to);
            remarks.extend(is_told.then(|| "see above".to_owned()));
            writeln!(out, "{indent}{branch}{}  ({})", self.shown.name(item), remarks.join("; "))?;
            if has_parts && !is_told {
                self.parts(out, to, &format!("{indent}{more}"))?;
            }
        }
        Ok(())
    }
}

/// What is worth knowing about a thing.
fn remark(kind: ItemKind) -> Option<&'static str> {
    match kind {
        ItemKind::Missing => Some("not there"),
        ItemKind::Unusable => Some("cannot be used"),
        ItemKind::Remote => Some("not fetched"),
        ItemKind::Kustomization | ItemKind::Component | ItemKind::File | ItemKind::Manifest => None,
    }
}

/// Tells for each file which roots it reaches, and the entries on the way.
pub(super) fn why(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    for (index, answer) in shown.answers.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let path = shown.path(&answer.path);
        let mut roots: BTreeMap<usize, Vec<&[&Link]>> = BTreeMap::new();
        for reach in &answer.reaches {
            let order = shown.graph.roots().iter().position(|it| *it == reach.root).unwrap_or_default();
            roots.entry(order).or_default().push(&reach.way);
        }
        if roots.is_empty() {
            writeln!(out, "{path} reaches no root: no kustomization names it, and it is no manifest")?;
            continue;
        }
        writeln!(out, "{path} reaches {}:", counted(roots.len(), "root"))?;
        for (order, ways) in roots {
            let root = shown.graph.item(shown.graph.roots()[order]);
            writeln!(out, "\n{}", shown.name(root))?;
            for way in ways {
                write_way(out, shown, root.kind, way)?;
            }
        }
    }
    Ok(())
}

fn write_way(out: &mut impl io::Write, shown: &Shown<'_>, root: ItemKind, way: &[&Link]) -> io::Result<()> {
    if way.is_empty() {
        let words = if root == ItemKind::Manifest { "is a manifest itself" } else { "is a root itself" };
        return writeln!(out, "  {words}");
    }
    for (depth, link) in way.iter().enumerate() {
        let indent = "  ".repeat(depth + 1);
        let to = shown.name(shown.graph.item(link.to));
        writeln!(out, "{indent}{}: {} → {to}", shown.place(link.span), link.reference.keyword())?;
    }
    Ok(())
}

//! Which roots a path reaches, and through which entries.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use super::{Graph, ItemId, ItemKind, Link};
use crate::kustomize::FILE_NAMES;
use crate::source::RepoPath;

/// A root that a path reaches.
#[derive(Clone, Debug)]
pub struct Reach<'g> {
    /// The root.
    pub root: ItemId,
    /// The entries from the root's own to the one that names the path. Empty if the path is the root,
    /// or its kustomization file.
    pub way: Vec<&'g Link>,
}

impl Graph {
    /// What a root, or any other thing with a path, is made of: kustomization files and all that they
    /// name, what is not there included.
    pub fn files_of(&self, root: &RepoPath) -> BTreeSet<RepoPath> {
        let mut seen = vec![false; self.items.len()];
        let mut open: Vec<ItemId> = self.at(root).into_iter().collect();
        let mut files = BTreeSet::new();
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id.0 as usize], true) {
                continue;
            }
            let item = self.item(id);
            match item.kind {
                ItemKind::Kustomization | ItemKind::Component => files.extend(item.file.clone()),
                _ => files.extend(item.path.clone()),
            }
            open.extend(self.parts(id).map(|it| it.to));
        }
        files
    }

    /// The roots that a path reaches, in order of path: see [`Graph::affected`].
    pub fn roots_of(&self, path: &RepoPath) -> Vec<RepoPath> {
        self.affected([path])
    }

    /// The roots that come out differently, or may do so, if something changes at one of `paths`, in
    /// order of path.
    ///
    /// A path may be that of a file, of a directory, which stands for all that is in it, or of
    /// something that is not there: what a kustomization has asked for and not found, what would lie
    /// in a directory that it has not found, or a kustomization file that would be found where one is
    /// looked for.
    pub fn affected<'p>(&self, paths: impl IntoIterator<Item = &'p RepoPath>) -> Vec<RepoPath> {
        let starts = paths.into_iter().flat_map(|it| self.meant_by(it));
        let reached = self.above(starts);
        let roots = self.roots.iter().filter(|it| reached[it.0 as usize]);
        roots.filter_map(|it| self.item(*it).path.clone()).collect()
    }

    /// How a path reaches its roots: for each root, and each entry below it that names the path, the
    /// shortest way there.
    pub fn why(&self, path: &RepoPath) -> Vec<Reach<'_>> {
        let meant: Vec<ItemId> = self.meant_by(path);
        let reached = self.above(meant.iter().copied());
        let mut found = vec![];
        for &root in self.roots.iter().filter(|it| reached[it.0 as usize]) {
            if meant.contains(&root) {
                found.push(Reach { root, way: vec![] });
            }
            let ways = self.ways_from(root);
            let ending = |it: &'_ ItemId| self.users(*it).filter_map(|link| self.way_over(&ways, root, link));
            // What lies inside of a directory is not told one by one if the directory is named itself.
            let outermost = meant.iter().filter(|it| !self.lies_in_another(**it, &meant));
            let mut told: Vec<Vec<&Link>> = outermost.flat_map(ending).collect();
            if told.is_empty() && !meant.contains(&root) {
                told = meant.iter().flat_map(ending).collect();
            }
            found.extend(told.into_iter().map(|way| Reach { root, way }));
        }
        found
    }

    /// The things that a path stands for.
    fn meant_by(&self, path: &RepoPath) -> Vec<ItemId> {
        let text = path.as_str();
        let near = self.by_path.range(path.clone()..).take_while(|(it, _)| it.as_str().starts_with(text));
        let mut found: BTreeSet<ItemId> =
            near.filter(|(it, _)| it.is_within(path)).map(|(_, id)| *id).collect();
        if FILE_NAMES.contains(&path.file_name()) {
            found.extend(path.parent().and_then(|it| self.at(&it)));
        }
        let above = std::iter::successors(path.parent(), RepoPath::parent).filter_map(|it| self.at(&it));
        found.extend(above.filter(|it| self.item(*it).kind == ItemKind::Missing));
        found.into_iter().collect()
    }

    fn lies_in_another(&self, id: ItemId, others: &[ItemId]) -> bool {
        let Some(path) = &self.item(id).path else { return false };
        let mut above = std::iter::successors(path.parent(), RepoPath::parent);
        above.any(|it| self.at(&it).is_some_and(|it| others.contains(&it)))
    }

    /// Everything that one of `starts` is a part of, and they themselves, by number.
    fn above(&self, starts: impl IntoIterator<Item = ItemId>) -> Vec<bool> {
        let mut seen = vec![false; self.items.len()];
        let mut open: Vec<ItemId> = starts.into_iter().collect();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut seen[id.0 as usize], true) {
                open.extend(self.users(id).map(|it| it.from));
            }
        }
        seen
    }

    /// The last link of the shortest way from `root` to each thing that it is made of.
    fn ways_from(&self, root: ItemId) -> HashMap<ItemId, &Link> {
        let mut last: HashMap<ItemId, &Link> = HashMap::new();
        let mut open = VecDeque::from([root]);
        while let Some(id) = open.pop_front() {
            for link in self.parts(id).filter(|it| it.to != root) {
                if let Entry::Vacant(slot) = last.entry(link.to) {
                    slot.insert(link);
                    open.push_back(link.to);
                }
            }
        }
        last
    }

    /// The way from `root` whose end is `end`, if there is one.
    fn way_over<'g>(
        &self,
        last: &HashMap<ItemId, &'g Link>,
        root: ItemId,
        end: &'g Link,
    ) -> Option<Vec<&'g Link>> {
        let (mut way, mut at) = (vec![end], end.from);
        while at != root {
            let link = last.get(&at)?;
            way.push(*link);
            at = link.from;
        }
        way.reverse();
        Some(way)
    }
}

#[cfg(test)]
mod tests {
    use crate::entries::kustomizations;
    use crate::graph::Graph;
    use crate::kustomize::plan::Plan;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    const FILES: &[(&str, &str)] = &[
        ("base/kustomization.yaml", "resources: [web.yaml, gone.yaml, ../lost]\n"),
        ("base/web.yaml", "kind: Service\n"),
        ("base/notes.txt", ""),
        ("logging/kustomization.yaml", "kind: Component\npatches:\n- path: log.yaml\n"),
        ("logging/log.yaml", ""),
        ("dev/kustomization.yaml", "resources: [../base]\n"),
        (
            "prod/kustomization.yaml",
            "resources:\n- ../base\n- https://example.com/x.yaml\ncomponents:\n- ../logging\n\
             configMapGenerator:\n- name: env\n  files: [config=app.conf]\n  envs: [prod.env]\n\
             patches:\n- path: ../base/web.yaml\n\
             transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: x}\n  path: t.yaml\n\
             helmCharts:\n- name: redis\n  valuesFile: values.yaml\n",
        ),
        ("prod/app.conf", ""),
        ("unused/kustomization.yaml", "kind: Component\npatches:\n- path: u.yaml\n"),
        ("plain.yaml", "kind: Service\n"),
    ];

    fn path(text: &str) -> RepoPath {
        RepoPath::root().join(text).unwrap()
    }

    fn with_graph(test: impl Fn(&Sources<'_>, &Graph)) {
        let mut tree = MemoryTree::new();
        for (name, text) in FILES {
            tree.insert(name, text);
        }
        let sources = Sources::new(&tree);
        let files: Vec<RepoPath> = tree.paths().cloned().collect();
        let plan = Plan::new(&sources, &kustomizations(&files));
        test(&sources, &Graph::new(&sources, &plan, &[path("plain.yaml")]));
    }

    #[test]
    fn a_path_reaches_the_roots_that_are_made_of_it() {
        with_graph(|_, graph| {
            for (name, roots) in [
                ("base/web.yaml", "dev prod"),
                ("base/kustomization.yaml", "dev prod"),
                ("base", "dev prod"),
                ("prod/kustomization.yaml", "prod"),
                ("prod/app.conf", "prod"),
                ("logging/log.yaml", "prod"),
                ("plain.yaml", "plain.yaml"),
                ("", "dev plain.yaml prod"),
                // Nothing is there, and somebody asks for it.
                ("base/gone.yaml", "dev prod"),
                ("prod/prod.env", "prod"),
                ("prod/t.yaml", "prod"),
                ("prod/values.yaml", "prod"),
                ("lost/kustomization.yaml", "dev prod"),
                ("lost/deep/web.yaml", "dev prod"),
                // A second kustomization file is one too many.
                ("dev/Kustomization", "dev"),
                // Nobody asks for these.
                ("base/notes.txt", ""),
                ("base/new.yaml", ""),
                ("unused/u.yaml", ""),
                ("bas", ""),
            ] {
                let found = graph.roots_of(&path(name));
                let found: Vec<&str> = found.iter().map(RepoPath::as_str).collect();
                assert_eq!(found.join(" "), roots, "{name}");
            }
        });
    }

    #[test]
    fn the_way_to_a_path_is_told_entry_by_entry_and_once_for_each_that_names_it() {
        with_graph(|sources, graph| {
            let told = |name: &str| -> Vec<String> {
                let reached = graph.why(&path(name)).into_iter();
                let tell = |reach: crate::graph::Reach<'_>| {
                    let places = reach.way.iter().map(|it| {
                        let (path, start, _) = sources.place(it.span);
                        format!(" {path}:{}:{} {}", start.line, start.column, it.reference.keyword())
                    });
                    format!("{}{}", graph.item(reach.root).path.clone().unwrap(), places.collect::<String>())
                };
                reached.map(tell).collect()
            };
            let dev = "dev dev/kustomization.yaml:1:13 resources";
            let prod = "prod prod/kustomization.yaml:2:3 resources";
            let web = "base/kustomization.yaml:1:13 resources";
            assert_eq!(
                told("base/web.yaml"),
                [
                    format!("{dev} {web}"),
                    format!("{prod} {web}"),
                    "prod prod/kustomization.yaml:11:9 patches".to_owned()
                ]
            );
            assert_eq!(told("base"), [dev, prod]);
            assert_eq!(told("dev/kustomization.yaml"), ["dev"]);
            assert_eq!(told("base/notes.txt"), Vec::<String>::new());
        });
    }

    #[test]
    fn a_root_is_made_of_kustomization_files_and_all_that_they_name() {
        with_graph(|_, graph| {
            let files = graph.files_of(&path("dev"));
            let files: Vec<&str> = files.iter().map(RepoPath::as_str).collect();
            let wanted = [
                "base/gone.yaml",
                "base/kustomization.yaml",
                "base/web.yaml",
                "dev/kustomization.yaml",
                "lost",
            ];
            assert_eq!(files, wanted);
        });
    }

    #[test]
    fn kustomizations_in_a_circle_reach_each_other_and_end() {
        let mut tree = MemoryTree::new();
        tree.insert("a/kustomization.yaml", "resources: [../b]\n");
        tree.insert("b/kustomization.yaml", "resources: [../a, x.yaml]\n");
        tree.insert("root/kustomization.yaml", "resources: [../a]\n");
        let sources = Sources::new(&tree);
        let plan = Plan::new(&sources, &[path("root")]);
        let graph = Graph::new(&sources, &plan, &[]);
        assert_eq!(graph.roots_of(&path("b/x.yaml")), [path("root")]);
        assert_eq!(graph.why(&path("b/x.yaml"))[0].way.len(), 3);
        assert_eq!(graph.files_of(&path("root")).len(), 4);
    }
}

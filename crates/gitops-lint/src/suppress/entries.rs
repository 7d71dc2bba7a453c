//! Whether an `[[ignore]]` of the options file means a finding.

use gitops_render::node::pointer_parts;
use gitops_render::suppress::Day;
use gitops_render::{Diagnostic, Node, RepoPath, Resource, Sources, Span, Value};

use crate::options::globs::{Paths, Pattern};
use crate::options::{IgnoreEntry, ignore};

/// An entry, and what has become of it.
pub(super) struct Entry<'a> {
    pub entry: &'a IgnoreEntry,
    /// Where it stands; `None` if the file cannot be opened any more.
    pub place: Option<Span>,
    /// Its last day, if that is past.
    pub expired: Option<(Option<Span>, Day)>,
    pub has_expired: bool,
    pub is_used: bool,
}

impl<'a> Entry<'a> {
    pub fn new(entry: &'a IgnoreEntry, sources: &Sources<'_>, today: Day) -> Entry<'a> {
        let last = entry
            .expires
            .as_ref()
            .and_then(|it| Some((span(sources, &it.place), Day::new(it.year, it.month, it.day)?)));
        let expired = last.filter(|it| it.1 < today);
        let place = span(sources, &entry.place);
        Entry { entry, place, has_expired: expired.is_some(), expired, is_used: false }
    }

    /// Whether it asks for something that only the object tells.
    pub fn wants_object(&self) -> bool {
        self.entry.container.is_some()
    }

    /// Whether all that it says is true of a finding in a root. `object` finds the object there.
    pub fn fits<'r>(
        &self,
        found: &Diagnostic,
        root: Option<&RepoPath>,
        sources: &Sources<'_>,
        object: &dyn Fn() -> Option<&'r Resource>,
    ) -> bool {
        let it = self.entry;
        let name = found.object.as_deref();
        let is_there = |paths: &Paths| {
            let is_root = |it: &RepoPath| paths.holds(it) || paths.holds_folder(it);
            paths.holds(&sources.file(found.span().file).path) || root.is_some_and(is_root)
        };
        let is_inside = |pattern: &Pattern| {
            let pointer = found.pointer.as_deref();
            let container = pointer.zip(object()).and_then(|(pointer, it)| container(&it.node, pointer));
            container.is_some_and(|it| pattern.matches(&it))
        };
        it.rules.iter().any(|it| it.names(found.rule))
            && it.kind.as_ref().is_none_or(|it| name.is_some_and(|name| it.matches(&name.kind)))
            && it.name.as_ref().is_none_or(|it| name.is_some_and(|name| it.matches(&name.name)))
            && it.namespace.as_ref().is_none_or(|it| {
                name.is_some_and(|name| it.matches(name.namespace.as_deref().unwrap_or_default()))
            })
            && it.path.as_ref().is_none_or(is_there)
            && it.container.as_ref().is_none_or(is_inside)
    }
}

/// The name of the container that a place lies in.
fn container(object: &Node, pointer: &str) -> Option<String> {
    let mut node = object;
    let mut is_list = false;
    for part in pointer_parts(pointer) {
        node = match &node.value {
            Value::Map(map) => map.get(&part)?,
            Value::Seq(items) => items.get(part.parse::<usize>().ok()?)?,
            Value::Scalar(_) => return None,
        };
        if is_list && let Some(name) = node.get("name").and_then(Node::as_str) {
            return Some(name.to_owned());
        }
        is_list = matches!(&*part, "containers" | "initContainers" | "ephemeralContainers");
    }
    None
}

fn span(sources: &Sources<'_>, place: &ignore::Place) -> Option<Span> {
    let file = sources.open(&place.file).ok()?;
    let end = (file.bytes().len() as u32).min(place.end);
    Some(Span { file: file.id, start: place.start.min(end), end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::ignore::Place;
    use gitops_render::{MemoryTree, RenderOptions, Renderer, rules};

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-1\n  namespace: shop\nspec:\n  containers:\n  \
                       - name: web\n    image: a\n  - name: proxy\n    image: b\n";

    fn entry(rules: &str) -> IgnoreEntry {
        IgnoreEntry {
            rules: rules.split(',').map(|it| it.parse().unwrap()).collect(),
            kind: None,
            namespace: None,
            name: None,
            container: None,
            path: None,
            reason: None,
            expires: None,
            place: Place::default(),
        }
    }

    fn pattern(text: &str) -> Option<Pattern> {
        Some(Pattern::new(text).unwrap())
    }

    fn paths(text: &str) -> Option<Paths> {
        Some(Paths::new(&[text.to_owned()]).unwrap())
    }

    #[test]
    fn all_that_an_entry_says_must_be_true() {
        let mut tree = MemoryTree::new();
        tree.insert("base/pod.yaml", POD);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let rendered = renderer.manifest(&path("base/pod.yaml"));
        let [pod] = &*rendered.resources else { panic!("{rendered:?}") };
        let found = rules::find("SCH001").unwrap().at(pod.node.origin.span, "x");
        let found = found.object(&pod.object_name(), "/spec/containers/1/image");
        let fits = |entry: IgnoreEntry, root: &str| {
            let day = Day::of_seconds(0);
            let entry = Entry::new(&entry, renderer.sources(), day);
            entry.fits(&found, Some(&path(root)), renderer.sources(), &|| Some(pod))
        };
        let good = || IgnoreEntry {
            kind: pattern("Pod"),
            namespace: pattern("sh?p"),
            name: pattern("web-*"),
            container: pattern("proxy"),
            path: paths("base/"),
            ..entry("KUS,schema-violation")
        };
        assert!(fits(good(), "dev") && fits(entry("SCH"), "dev") && fits(entry("ALL"), "dev"));
        for (wrong, what) in [
            (entry("KUS,SCH002"), "rules"),
            (IgnoreEntry { kind: pattern("pod"), ..good() }, "kind"),
            (IgnoreEntry { namespace: pattern("other"), ..good() }, "namespace"),
            (IgnoreEntry { name: pattern("web"), ..good() }, "name"),
            (IgnoreEntry { container: pattern("web"), ..good() }, "container"),
            (IgnoreEntry { path: paths("prod/"), ..good() }, "path"),
        ] {
            assert!(!fits(wrong, "dev"), "{what}");
        }
        let of_root = || IgnoreEntry { path: paths("overlays/dev"), ..good() };
        assert!(fits(of_root(), "overlays/dev") && !fits(of_root(), "overlays/prod"));
    }

    #[test]
    fn an_entry_about_objects_means_no_file() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let start = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap().start();
        let found = rules::find("YML001").unwrap().at(start, "x");
        for (entry, expected) in [
            (entry("YML001"), true),
            (IgnoreEntry { path: paths("*.yaml"), ..entry("YML") }, true),
            (IgnoreEntry { kind: pattern("*"), ..entry("YML001") }, false),
            (IgnoreEntry { container: pattern("*"), ..entry("YML001") }, false),
        ] {
            let entry = Entry::new(&entry, &sources, Day::of_seconds(0));
            assert_eq!(entry.fits(&found, None, &sources, &|| None), expected);
        }
    }
}

//! Where in an object the value is that a rule reads.

use crate::node::{Node, ScalarKind, Value, pointer_part};
use crate::policy::place::Place;
use crate::policy::reads::{Part, Read};
use crate::resource::Resource;

/// More ways than this, and nobody can tell which one is meant.
const MOST_WAYS: usize = 1_000;

/// A way to a value, as far as it leads.
#[derive(Clone)]
struct Way<'a> {
    place: Place<'a>,
    /// The names of the items that it leads through.
    names: Vec<&'a str>,
    /// Whether the value, or something before it, is not there.
    is_missing: bool,
}

/// The one place at which the value is, or would be. `words` are those of the message: where there
/// are several items, they name one.
pub(super) fn find<'a>(resource: &'a Resource, read: &Read, words: &[&str]) -> Option<Place<'a>> {
    let is_secret = &*resource.id.gvk.kind == "Secret";
    let is_data = |it: &Part| matches!(it, Part::Key(key) if key == "data" || key == "stringData");
    if is_secret && read.parts.first().is_some_and(is_data) {
        return None;
    }
    let start = Place { node: &resource.node, entry: None, pointer: String::new() };
    let mut ways = vec![Way { place: start, names: vec![], is_missing: false }];
    for (index, part) in read.parts.iter().enumerate() {
        ways = ways.into_iter().flat_map(|it| it.step(part, &read.parts[index..], read.is_negated)).collect();
        if ways.len() > MOST_WAYS {
            return None;
        }
    }
    // `not x` holds where there is no x, and where it is false.
    let is_wanted = |it: &Way<'_>| it.is_missing || is_false(it.place.node);
    if read.is_negated && ways.iter().any(is_wanted) {
        ways.retain(is_wanted);
    }
    if ways.len() > 1 {
        ways.retain(|it| it.names.iter().any(|it| words.contains(it)));
    }
    let [one] = &ways[..] else { return None };
    // Where nearly all of the way is missing, the object's name says more.
    let outer = [Some(&resource.node), resource.node.get("metadata")];
    let is_outer = outer.iter().flatten().any(|it| std::ptr::eq(*it, one.place.node));
    (!is_outer).then(|| one.place.clone())
}

impl<'a> Way<'a> {
    /// The ways on. `rest` begins with `part`.
    fn step(self, part: &Part, rest: &[Part], is_negated: bool) -> Vec<Way<'a>> {
        if self.is_missing {
            return vec![self];
        }
        let pointer = |key: &str| format!("{}/{}", self.place.pointer, pointer_part(key));
        match (part, &self.place.node.value) {
            (Part::Key(key), Value::Map(map)) if map.entry(key).is_some() => {
                let entry = map.entry(key).expect("it was just there");
                let place = Place { node: &entry.node, entry: Some(entry), pointer: pointer(key) };
                vec![Way { place, ..self }]
            }
            (Part::Key(key), Value::Seq(items)) => {
                let item = key.parse::<usize>().ok().and_then(|it| items.get(it));
                let place = |node| Place { node, entry: None, pointer: pointer(key) };
                item.map(|it| Way { place: place(it), ..self.clone() }).into_iter().collect()
            }
            (Part::Each, Value::Seq(items)) => {
                let way = |(index, node): (usize, &'a Node)| {
                    let place = Place { node, entry: None, pointer: pointer(&index.to_string()) };
                    let name = node.get("name").and_then(Node::as_str);
                    Way { place, names: self.names.iter().copied().chain(name).collect(), is_missing: false }
                };
                items.iter().enumerate().map(way).collect()
            }
            (Part::Each, Value::Map(map)) => {
                let way = |entry: &'a crate::node::Entry| {
                    let place = Place { node: &entry.node, entry: Some(entry), pointer: pointer(&entry.key) };
                    Way {
                        place,
                        names: self.names.iter().copied().chain([&*entry.key]).collect(),
                        is_missing: false,
                    }
                };
                map.entries().iter().map(way).collect()
            }
            (Part::Key(_), _) if is_negated => {
                let keys = rest.iter().map_while(|it| match it {
                    Part::Key(key) => Some(format!("/{}", pointer_part(key))),
                    Part::Each => None,
                });
                let pointer = keys.fold(self.place.pointer.clone(), |pointer, key| pointer + &key);
                vec![Way { place: Place { pointer, ..self.place }, is_missing: true, ..self }]
            }
            _ => vec![],
        }
    }
}

fn is_false(node: &Node) -> bool {
    node.as_scalar().is_some_and(|it| it.kind == ScalarKind::Bool && it.bool() == Some(false))
}

#[cfg(test)]
mod tests {
    use crate::policy::{PolicyOptions, PolicySet};
    use crate::resource::Resource;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    const POD: &str = "\
apiVersion: v1
kind: Deployment
metadata:
  name: web
  labels: {team: shop}
spec:
  replicas: 3
  template:
    spec:
      hostNetwork: true
      containers:
      - name: app
        image: 'nginx:latest'
        ports: [{containerPort: 22}]
      - name: side
        image: 'nginx:latest'
        resources: {limits: {memory: 1Gi}}
";

    /// Where a denial by a rule with this body is: the pointer, and the text.
    fn place(body: &str, message: &str) -> (String, String) {
        let policy = format!(
            "package main\nallowed := {{\"a\"}}\nteam := input.metadata.labels.team\nis_high(port) if port < 1024\n\
             deny contains {message} if {{\n{body}\n}}\n"
        );
        let mut tree = MemoryTree::new();
        tree.insert("web.yaml", POD).insert("a.rego", policy);
        let sources = Sources::new(&tree);
        let open = |path: &str| sources.open(&RepoPath::root().join(path).unwrap()).unwrap();
        let (set, broken) = PolicySet::compile(&PolicyOptions::default(), &[open("a.rego")]);
        assert!(broken.is_empty(), "{broken:#?}");
        let found = set.check(&Resource::new(open("web.yaml").yaml().documents[0].clone()));
        assert_eq!((found.len(), set.failures().len()), (1, 0), "{body}: {:#?}", set.failures());
        (found[0].pointer.as_deref().unwrap().to_owned(), sources.text_of(found[0].span()))
    }

    #[test]
    fn what_a_rule_reads_is_what_it_speaks_of() {
        let containers = "/spec/template/spec/containers";
        for (body, pointer, text) in [
            ("input.kind == \"Deployment\"\ninput.spec.replicas > 2", "/spec/replicas".to_owned(), "3"),
            ("r := input.spec.replicas\nr > 2", "/spec/replicas".to_owned(), "3"),
            ("input.spec.template.spec.hostNetwork", "/spec/template/spec/hostNetwork".to_owned(), "true"),
            ("not input.spec.paused", "/spec/paused".to_owned(), "spec"),
            (
                "input.metadata.labels.team\nnot input.metadata.labels.owner",
                "/metadata/labels/owner".to_owned(),
                "labels",
            ),
            ("not input.metadata.labels.team in allowed", "/metadata/labels/team".to_owned(), "shop"),
            (
                "some c in input.spec.template.spec.containers\nnot c.resources.limits.memory",
                format!("{containers}/0/resources/limits/memory"),
                "app",
            ),
            (
                "c := input.spec.template.spec.containers[_]\nc.ports[_].containerPort < 1024",
                format!("{containers}/0/ports/0/containerPort"),
                "22",
            ),
            (
                "some c in input.spec.template.spec.containers\nis_high(c.ports[_].containerPort)",
                format!("{containers}/0/ports/0/containerPort"),
                "22",
            ),
        ] {
            assert_eq!(place(body, "\"no\""), (pointer, text.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_name_in_the_message_picks_the_item() {
        let body = "some c in input.spec.template.spec.containers\nendswith(c.image, \":latest\")\nc.name == \"side\"\n\
                    msg := sprintf(\"container %s is not pinned\", [c.name])";
        assert_eq!(place(body, "msg").0, "/spec/template/spec/containers/1/image");
    }

    #[test]
    fn what_is_not_plain_is_the_object() {
        for body in [
            // Two values.
            "input.spec.replicas > 2\ninput.spec.template.spec.hostNetwork",
            // Two items, and no word about which.
            "some c in input.spec.template.spec.containers\nendswith(c.image, \":latest\")",
            // A rule that reads more.
            "team == \"shop\"\ninput.spec.replicas > 2",
            "not data.main.none\ninput.spec.replicas > 2\nteam",
            // Nothing but the object's identity.
            "input.kind == \"Deployment\"\ninput.metadata.name == \"web\"",
            "x := 1\nx == 1",
        ] {
            assert_eq!(place(body, "\"no\""), ("/metadata/name".to_owned(), "web".to_owned()), "{body}");
        }
    }
}

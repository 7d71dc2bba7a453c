//! What a template gets to see of an object: `input.review` and `data.inventory`.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use regorus::Value as Rego;

use crate::node::{Entry, Map, Node, Scalar, ScalarKind, Value};
use crate::origin::Origin;
use crate::policy::gatekeeper::admission;
use crate::policy::value::to_rego;
use crate::resource::{Gvk, Resource};
use crate::source::Span;

/// What engines are asked about. Each of its forms is made when the first engine wants it.
#[derive(Debug)]
pub(super) struct Asked {
    /// The object, if there is one.
    pub object: Option<Node>,
    /// The object that it replaces.
    pub old: Option<Node>,
    pub namespace: Arc<str>,
    /// The request, object and all.
    pub request: Node,
    review: OnceCell<Rego>,
}

impl Asked {
    /// An object that is about to be created. It is shown as `object` is, which may be more than there
    /// is in `resource`.
    pub fn creation(resource: &Resource, object: Node) -> Asked {
        let id = &resource.id;
        let at = resource.place();
        let mut request = vec![
            ("kind", kind(&id.gvk, at)),
            ("resource", resource_of(&id.gvk, at)),
            ("name", text(&id.name, at)),
            ("operation", text("CREATE", at)),
            ("object", object.clone()),
        ];
        if !id.namespace.is_empty() {
            request.push(("namespace", text(&id.namespace, at)));
        }
        let request = completed(request.into_iter().map(|(key, it)| (Arc::from(key), it)), at);
        let namespace = Arc::clone(&id.namespace);
        Asked { object: Some(object), old: None, namespace, request, review: OnceCell::new() }
    }

    /// What an AdmissionReview asks. What its request does not say is empty, and what is deleted is
    /// shown as if it were sent.
    pub fn request(request: &Map, at: Span) -> Asked {
        let member = |key: &str| request.get(key).filter(|it| !it.is_null()).cloned();
        let (object, old) = (member("object"), member("oldObject"));
        let is_deletion = member("operation").is_some_and(|it| it.as_str() == Some("DELETE"));
        let object = object.or_else(|| old.clone().filter(|_| is_deletion));
        let given = request.entries().iter().map(|it| (Arc::clone(&it.key), it.node.clone()));
        let shown = object.clone().map(|it| (Arc::from("object"), it));
        let namespace = member("namespace").and_then(|it| it.as_scalar().map(|it| Arc::clone(&it.text)));
        let request = completed(given.chain(shown), at);
        let namespace = namespace.unwrap_or_default();
        Asked { object, old, namespace, request, review: OnceCell::new() }
    }

    /// `input.review`.
    pub fn review(&self) -> &Rego {
        self.review.get_or_init(|| to_rego(&self.request))
    }
}

/// A request with all that requests have, whoever sends them. Later members win.
fn completed(members: impl Iterator<Item = (Arc<str>, Node)>, at: Span) -> Node {
    let nothing = Gvk::default();
    let null =
        || Node { value: Value::Scalar(Scalar::plain("null", ScalarKind::Null)), origin: Origin::source(at) };
    let all = [
        ("uid", text("", at)),
        ("kind", kind(&nothing, at)),
        ("resource", mapping([("group", ""), ("version", ""), ("resource", "")], at)),
        ("operation", text("", at)),
        ("userInfo", mapping([], at)),
        ("object", null()),
        ("oldObject", null()),
        ("options", null()),
    ];
    let mut map = Map::default();
    for (key, node) in all.into_iter().map(|(key, it)| (Arc::from(key), it)).chain(members) {
        map.insert(Entry { key, key_span: at, key_kind: ScalarKind::Str, node });
    }
    Node::map(map, Origin::source(at))
}

fn kind(gvk: &Gvk, at: Span) -> Node {
    mapping([("group", &*gvk.group), ("version", &*gvk.version), ("kind", &*gvk.kind)], at)
}

fn resource_of(gvk: &Gvk, at: Span) -> Node {
    let plural = admission::guessed_plural(&gvk.kind);
    mapping([("group", &*gvk.group), ("version", &*gvk.version), ("resource", &plural)], at)
}

fn text(text: &str, at: Span) -> Node {
    Node::string(text, Origin::source(at))
}

fn mapping<const N: usize>(members: [(&str, &str); N], at: Span) -> Node {
    let mut map = Map::default();
    for (key, it) in members {
        map.insert(Entry { key: key.into(), key_span: at, key_kind: ScalarKind::Str, node: text(it, at) });
    }
    Node::map(map, Origin::source(at))
}

/// `input`: what is asked, and with which parameters.
pub(super) fn input(review: &Rego, parameters: &Rego) -> Rego {
    let members = [("review", review), ("parameters", parameters)];
    members.map(|(key, it)| (Rego::from(key), it.clone())).into_iter().collect::<BTreeMap<_, _>>().into()
}

/// `data` with the objects as `inventory`: by group and version, kind and name, those in namespaces
/// by namespace before that.
pub(super) fn inventory<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Rego {
    let mut cluster: ByVersion = BTreeMap::new();
    let mut namespaces: BTreeMap<String, ByVersion> = BTreeMap::new();
    for resource in resources {
        let id = &resource.id;
        let by_version = match &*id.namespace {
            "" => &mut cluster,
            name => namespaces.entry(name.to_owned()).or_default(),
        };
        let by_kind = by_version.entry(id.gvk.api_version()).or_default();
        let by_name = by_kind.entry(id.gvk.kind.to_string()).or_default();
        by_name.insert(id.name.to_string(), to_rego(&resource.node));
    }
    let mut inventory = BTreeMap::new();
    if !cluster.is_empty() {
        inventory.insert("cluster".to_owned(), versions(cluster));
    }
    if !namespaces.is_empty() {
        let named = namespaces.into_iter().map(|(name, it)| (name, versions(it))).collect();
        inventory.insert("namespace".to_owned(), named_object(named));
    }
    named_object(BTreeMap::from([("inventory".to_owned(), named_object(inventory))]))
}

/// Objects by group and version, kind and name.
type ByVersion = BTreeMap<String, BTreeMap<String, BTreeMap<String, Rego>>>;

fn versions(it: ByVersion) -> Rego {
    let kinds = |it: BTreeMap<String, BTreeMap<String, Rego>>| {
        named_object(it.into_iter().map(|(kind, names)| (kind, named_object(names))).collect())
    };
    named_object(it.into_iter().map(|(version, it)| (version, kinds(it))).collect())
}

fn named_object(members: BTreeMap<String, Rego>) -> Rego {
    members.into_iter().map(|(key, value)| (Rego::from(key), value)).collect::<BTreeMap<_, _>>().into()
}

/// The parameters of a constraint, an empty mapping if there are none, with the defaults of the schema.
pub(super) fn parameters(constraint: &Resource, schema: Option<&Node>) -> Node {
    let given = constraint.node.path(&["spec", "parameters"]).filter(|it| !it.is_null()).cloned();
    let given = given.unwrap_or_else(|| Node::map(Map::default(), Origin::source(constraint.place())));
    match schema {
        Some(schema) => with_defaults(given, schema),
        None => given,
    }
}

/// Fills in what the schema has a `default` for, as the API server does when it stores the object.
fn with_defaults(mut node: Node, schema: &Node) -> Node {
    let properties = schema.get("properties").and_then(Node::as_map).map_or(&[][..], Map::entries);
    if let Some(map) = node.as_map_mut() {
        for property in properties {
            let default = property.node.get("default");
            if let (None, Some(default)) = (map.get(&property.key), default) {
                map.insert(Entry { node: default.clone(), ..property.clone() });
            }
            if let Some(value) = map.get_mut(&property.key) {
                *value = with_defaults(value.clone(), &property.node);
            }
        }
        if let Some(schema) = schema.get("additionalProperties").filter(|it| it.as_map().is_some()) {
            map.entries_mut().iter_mut().for_each(|it| it.node = with_defaults(it.node.clone(), schema));
        }
    } else if let (Some(items), Some(schema)) = (node.as_seq_mut(), schema.get("items")) {
        items.iter_mut().for_each(|it| *it = with_defaults(it.clone(), schema));
    }
    node
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    fn parse(text: &str) -> Node {
        parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0)
    }

    fn json(text: &str) -> Rego {
        Rego::from_json_str(text).unwrap()
    }

    #[test]
    fn parameters_have_the_defaults_of_the_schema() {
        let schema = parse(
            "properties: {a: {default: 3}, b: {default: {}, properties: {c: {default: x}}}, d: {type: string}, \
             e: {items: {properties: {f: {default: true}}}}}",
        );
        let given = |text: &str| to_rego(&parameters(&Resource::new(parse(text)), Some(&schema)));
        assert_eq!(
            given("{spec: {parameters: {a: 1, e: [{g: 1}, {f: false}]}}}"),
            json(r#"{"a": 1, "b": {"c": "x"}, "e": [{"f": true, "g": 1}, {"f": false}]}"#)
        );
        assert_eq!(given("{}"), json(r#"{"a": 3, "b": {"c": "x"}}"#));
    }

    #[test]
    fn the_inventory_is_ordered_as_gatekeeper_does() {
        let all = [
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: n}}",
            "{apiVersion: v1, kind: Namespace, metadata: {name: n}}",
        ]
        .map(|it| Resource::new(parse(it)));
        let data = inventory(&all);
        assert_eq!(
            data["inventory"]["namespace"]["n"]["apps/v1"]["Deployment"]["a"]["kind"],
            Rego::from("Deployment")
        );
        assert_eq!(data["inventory"]["cluster"]["v1"]["Namespace"]["n"]["kind"], Rego::from("Namespace"));
        assert_eq!(inventory(&[]), json(r#"{"inventory": {}}"#));
    }

    #[test]
    fn a_deleted_object_is_shown_as_the_object() {
        let request = parse("{operation: DELETE, oldObject: {a: 1}}");
        let asked = Asked::request(request.as_map().unwrap(), request.origin.span);
        let review = asked.review();
        assert_eq!(review["object"], json(r#"{"a": 1}"#));
        assert_eq!(review["kind"]["kind"], Rego::from(""));
    }
}

//! What a template gets to see of an object: `input.review` and `data.inventory`.

use std::collections::BTreeMap;

use regorus::Value as Rego;

use crate::node::{Map, Node};
use crate::policy::value::to_rego;
use crate::resource::{Gvk, Resource};

/// `input.review` of an object that is about to be created.
pub(super) fn review(resource: &Resource, object: Rego) -> Rego {
    let id = &resource.id;
    let mut members = empty();
    members.insert("kind", kind(&id.gvk));
    members.insert("name", Rego::from(&*id.name));
    if !id.namespace.is_empty() {
        members.insert("namespace", Rego::from(&*id.namespace));
    }
    members.insert("operation", Rego::from("CREATE"));
    members.insert("object", object);
    into_object(members)
}

/// `input.review` out of the request of an AdmissionReview. What it does not say is empty.
pub(super) fn of_request(request: &Map) -> Rego {
    let mut members = empty();
    members.insert("kind", kind(&Gvk::default()));
    members.insert("operation", Rego::from(""));
    for entry in request.entries() {
        members.insert(&*entry.key, to_rego(&entry.node));
    }
    // Gatekeeper shows what is deleted as if it were sent.
    let is_nothing = |it: Option<&Rego>| it.is_none_or(|it| *it == Rego::Null);
    if members["operation"] == Rego::from("DELETE") && is_nothing(members.get("object")) {
        let old = members.get("oldObject").cloned().unwrap_or(Rego::Null);
        members.insert("object", old);
    }
    into_object(members)
}

/// What a request has, whoever sends it.
fn empty<'a>() -> BTreeMap<&'a str, Rego> {
    let resource = [("group", ""), ("version", ""), ("resource", "")];
    BTreeMap::from([
        ("uid", Rego::from("")),
        ("resource", into_object(resource.into_iter().map(|(key, text)| (key, Rego::from(text))).collect())),
        ("userInfo", Rego::new_object()),
        ("oldObject", Rego::Null),
        ("options", Rego::Null),
    ])
}

fn kind(gvk: &Gvk) -> Rego {
    let parts = [("group", &gvk.group), ("version", &gvk.version), ("kind", &gvk.kind)];
    into_object(parts.into_iter().map(|(key, text)| (key, Rego::from(&**text))).collect())
}

/// `input`: what is asked, and with which parameters.
pub(super) fn input(review: &Rego, parameters: &Rego) -> Rego {
    into_object(BTreeMap::from([("review", review.clone()), ("parameters", parameters.clone())]))
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

fn into_object(members: BTreeMap<&str, Rego>) -> Rego {
    members.into_iter().map(|(key, value)| (Rego::from(key), value)).collect::<BTreeMap<_, _>>().into()
}

/// The parameters of a constraint, an empty object if there are none, with the defaults of the schema.
pub(super) fn parameters(node: Option<&Node>, schema: Option<&Node>) -> Rego {
    let given = node.filter(|it| !it.is_null()).map_or_else(Rego::new_object, to_rego);
    match schema {
        Some(schema) => with_defaults(given, schema),
        None => given,
    }
}

/// Fills in what the schema has a `default` for, as the API server does when it stores the object.
fn with_defaults(mut value: Rego, schema: &Node) -> Rego {
    if let Ok(members) = value.as_object_mut() {
        for entry in schema.get("properties").and_then(Node::as_map).map_or(&[][..], Map::entries) {
            let key = Rego::from(&*entry.key);
            let known = members.get(&key).cloned();
            let default = || entry.node.get("default").map(to_rego);
            if let Some(it) = known.or_else(default) {
                members.insert(key, with_defaults(it, &entry.node));
            }
        }
        if let Some(schema) = schema.get("additionalProperties").filter(|it| it.as_map().is_some()) {
            let all: Vec<(Rego, Rego)> = members.iter().map(|(key, it)| (key.clone(), it.clone())).collect();
            for (key, it) in all {
                members.insert(key, with_defaults(it, schema));
            }
        }
    } else if let (Ok(items), Some(schema)) = (value.as_array(), schema.get("items")) {
        return items.iter().map(|it| with_defaults(it.clone(), schema)).collect::<Vec<_>>().into();
    }
    value
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
        assert_eq!(
            parameters(Some(&parse("{a: 1, e: [{g: 1}, {f: false}]}")), Some(&schema)),
            json(r#"{"a": 1, "b": {"c": "x"}, "e": [{"f": true, "g": 1}, {"f": false}]}"#)
        );
        assert_eq!(parameters(None, None), json("{}"));
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
        let review = of_request(request.as_map().unwrap());
        assert_eq!(review["object"], json(r#"{"a": 1}"#));
        assert_eq!(review["kind"]["kind"], Rego::from(""));
    }
}

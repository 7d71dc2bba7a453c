//! Which objects a constraint is about: its `match`, as Gatekeeper reads it.

use std::sync::Arc;

use crate::kube::requirement::Requirement;
use crate::node::{Map, Node};
use crate::resource::{Gvk, Resource};
use crate::source::Span;

/// Where an object comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// It is written down.
    Original,
    /// It will be made by one that is.
    Generated,
}

/// What a `match` looks at.
#[derive(Clone, Debug)]
pub(super) struct Subject<'a> {
    pub gvk: &'a Gvk,
    pub name: &'a str,
    pub generate_name: &'a str,
    pub namespace: &'a str,
    pub labels: Option<&'a Map>,
    /// Whether it lives in a namespace, be it named or not.
    pub is_namespaced: bool,
    pub source: Source,
}

/// What is known about the namespace of an object.
#[derive(Clone, Copy, Debug)]
pub(super) enum NamespaceOf<'a> {
    /// Its labels.
    Known(&'a Map),
    /// There is no such object at hand.
    Unknown,
}

/// Whether an object is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    /// The labels of its namespace would decide, and are not known.
    Undecided,
}

/// A `match`. What is not there matches everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Match {
    pub kinds: Vec<Kinds>,
    namespaces: Vec<Wildcard>,
    excluded: Vec<Wildcard>,
    labels: Option<Vec<Requirement>>,
    namespace_labels: Option<Vec<Requirement>>,
    scope: Option<Arc<str>>,
    name: Option<Wildcard>,
    source: Option<Source>,
}

/// An entry of `kinds`.
#[derive(Clone, Debug)]
pub(super) struct Kinds {
    pub groups: Vec<Arc<str>>,
    pub kinds: Vec<(Arc<str>, Span)>,
}

/// A name that may begin or end with `*`.
#[derive(Clone, Debug)]
struct Wildcard(Arc<str>);

/// The label that the API server sets on every namespace.
pub(super) const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

impl Wildcard {
    fn matches(&self, text: &str) -> bool {
        match (self.0.strip_prefix('*'), self.0.strip_suffix('*')) {
            (Some(rest), Some(_)) => text.contains(rest.strip_suffix('*').unwrap_or_default()),
            (Some(end), None) => text.ends_with(end),
            (None, Some(start)) => text.starts_with(start),
            (None, None) => *self.0 == *text,
        }
    }

    /// Whether names that begin with this may match. Nobody knows how they will end.
    fn matches_start(&self, text: &str) -> bool {
        self.0.ends_with('*') && !text.is_empty() && self.matches(text)
    }
}

impl<'a> Subject<'a> {
    /// A subject out of a rendered object, which lives in a namespace if it names one, or if it is of
    /// a kind of Kubernetes' own that does.
    pub fn of(resource: &'a Resource, source: Source) -> Subject<'a> {
        let gvk = &resource.id.gvk;
        let is_native_namespaced =
            crate::kube::native::is_native(gvk) && !crate::kube::native::is_cluster_scoped(gvk);
        let generate_name = resource.node.path(&["metadata", "generateName"]).and_then(Node::as_str);
        Subject {
            gvk,
            name: &resource.id.name,
            generate_name: generate_name.unwrap_or_default(),
            namespace: &resource.id.namespace,
            labels: resource.labels(),
            is_namespaced: !resource.id.namespace.is_empty() || is_native_namespaced,
            source,
        }
    }

    fn is_namespace(&self) -> bool {
        self.gvk.group.is_empty() && &*self.gvk.kind == "Namespace"
    }

    /// The namespace that counts: of a Namespace this is itself; empty for other objects outside of
    /// namespaces.
    pub fn effective_namespace(&self) -> &'a str {
        if self.is_namespace() { self.name } else { self.namespace }
    }
}

impl Match {
    /// Reads `spec.match`.
    pub fn read(node: Option<&Node>) -> Match {
        let Some(node) = node else { return Match::default() };
        let texts = |key: &str| texts(node.get(key)).map(|(it, _)| it).collect::<Vec<_>>();
        let wildcards = |key: &str| texts(key).into_iter().map(Wildcard).collect();
        let text = |key: &str| texts_of(node.get(key)).filter(|it| !it.is_empty());
        Match {
            kinds: node.get("kinds").and_then(Node::as_seq).unwrap_or_default().iter().map(kinds).collect(),
            namespaces: wildcards("namespaces"),
            excluded: wildcards("excludedNamespaces"),
            labels: node.get("labelSelector").map(selector),
            namespace_labels: node.get("namespaceSelector").map(selector),
            scope: text("scope"),
            name: text("name").map(Wildcard),
            source: match text("source").as_deref() {
                Some("Original") => Some(Source::Original),
                Some("Generated") => Some(Source::Generated),
                _ => None,
            },
        }
    }

    /// Whether the labels of namespaces matter.
    pub fn asks_for_namespace(&self) -> bool {
        self.namespace_labels.is_some()
    }

    /// Whether an object is matched. Objects outside of namespaces are not excluded by anything that
    /// is said about namespaces.
    pub fn verdict(&self, subject: &Subject<'_>, namespace: NamespaceOf<'_>) -> Verdict {
        let is_matched = self.matches_kind(subject.gvk)
            && self.matches_scope(subject)
            && self.matches_namespace(subject)
            && self.labels.iter().flatten().all(|it| it.holds(subject.labels))
            && self.matches_name(subject)
            && self.source.is_none_or(|it| it == subject.source);
        if !is_matched {
            return Verdict::No;
        }
        match &self.namespace_labels {
            Some(wanted) => namespace_verdict(wanted, subject, namespace),
            None => Verdict::Yes,
        }
    }

    /// Whether objects of this kind may be matched.
    pub fn matches_kind(&self, gvk: &Gvk) -> bool {
        let fits = |wanted: &str, is: &str| wanted == "*" || wanted == is;
        self.kinds.is_empty()
            || self.kinds.iter().any(|it| {
                (it.kinds.is_empty() || it.kinds.iter().any(|(kind, _)| fits(kind, &gvk.kind)))
                    && (it.groups.is_empty() || it.groups.iter().any(|group| fits(group, &gvk.group)))
            })
    }

    /// The kinds by name, or `None` if any kind may be matched.
    pub fn kind_names(&self) -> Option<Vec<&Arc<str>>> {
        let is_any = |it: &Kinds| it.kinds.is_empty() || it.kinds.iter().any(|(kind, _)| &**kind == "*");
        if self.kinds.is_empty() || self.kinds.iter().any(is_any) {
            return None;
        }
        Some(self.kinds.iter().flat_map(|it| it.kinds.iter().map(|(kind, _)| kind)).collect())
    }

    fn matches_scope(&self, subject: &Subject<'_>) -> bool {
        let is_cluster = subject.is_namespace() || !subject.is_namespaced;
        match self.scope.as_deref() {
            Some("Cluster") => is_cluster,
            Some("Namespaced") => !is_cluster,
            _ => true,
        }
    }

    fn matches_namespace(&self, subject: &Subject<'_>) -> bool {
        let namespace = subject.effective_namespace();
        namespace.is_empty()
            || (self.namespaces.is_empty() || self.namespaces.iter().any(|it| it.matches(namespace)))
                && !self.excluded.iter().any(|it| it.matches(namespace))
    }

    fn matches_name(&self, subject: &Subject<'_>) -> bool {
        let fits = |it: &Wildcard| it.matches(subject.name) || it.matches_start(subject.generate_name);
        self.name.as_ref().is_none_or(fits)
    }
}

/// Whether the namespace of an object has the labels that are wanted. The labels of a Namespace are its
/// own; what lives in no namespace is never excluded.
pub(super) fn namespace_verdict(
    wanted: &[Requirement],
    subject: &Subject<'_>,
    namespace: NamespaceOf<'_>,
) -> Verdict {
    let labels = match namespace {
        _ if subject.is_namespace() => subject.labels,
        _ if subject.namespace.is_empty() => return Verdict::Yes,
        NamespaceOf::Known(labels) => Some(labels),
        NamespaceOf::Unknown => return without_labels(wanted, subject.namespace),
    };
    if wanted.iter().all(|it| it.holds(labels)) { Verdict::Yes } else { Verdict::No }
}

/// What can be said about a namespace of which only the name is known.
fn without_labels(wanted: &[Requirement], name: &str) -> Verdict {
    let mut verdict = Verdict::Yes;
    for requirement in wanted {
        let holds = match requirement {
            Requirement::In(key, names) if key == NAMESPACE_NAME => names.iter().any(|it| it == name),
            Requirement::NotIn(key, names) if key == NAMESPACE_NAME => names.iter().all(|it| it != name),
            Requirement::Exists(key) if key == NAMESPACE_NAME => true,
            Requirement::Missing(key) if key == NAMESPACE_NAME => false,
            _ => {
                verdict = Verdict::Undecided;
                continue;
            }
        };
        if !holds {
            return Verdict::No;
        }
    }
    verdict
}

fn kinds(entry: &Node) -> Kinds {
    Kinds {
        groups: texts(entry.get("apiGroups")).map(|(it, _)| it).collect(),
        kinds: texts(entry.get("kinds")).collect(),
    }
}

/// The requirements of a label selector.
pub(super) fn selector(node: &Node) -> Vec<Requirement> {
    let labels = node.get("matchLabels").and_then(Node::as_map).map_or(&[][..], Map::entries);
    let equal = labels.iter().filter_map(|it| {
        Some(Requirement::In(it.key.to_string(), vec![it.node.as_scalar()?.text.to_string()]))
    });
    let expressions = node.get("matchExpressions").and_then(Node::as_seq).unwrap_or_default();
    equal.chain(expressions.iter().filter_map(expression)).collect()
}

fn expression(node: &Node) -> Option<Requirement> {
    let key = node.get("key")?.as_scalar()?.text.to_string();
    let values = || texts(node.get("values")).map(|(it, _)| it.to_string()).collect();
    Some(match node.get("operator")?.as_str()? {
        "In" => Requirement::In(key, values()),
        "NotIn" => Requirement::NotIn(key, values()),
        "Exists" => Requirement::Exists(key),
        "DoesNotExist" => Requirement::Missing(key),
        _ => return None,
    })
}

/// The items of a list that are single values.
pub(super) fn texts(node: Option<&Node>) -> impl Iterator<Item = (Arc<str>, Span)> + '_ {
    let items = node.and_then(Node::as_seq).unwrap_or_default().iter();
    items.filter_map(|it| Some((Arc::clone(&it.as_scalar()?.text), it.origin.span)))
}

fn texts_of(node: Option<&Node>) -> Option<Arc<str>> {
    node.and_then(Node::as_scalar).map(|it| Arc::clone(&it.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    fn parse(text: &str) -> Node {
        parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0)
    }

    fn verdict(wanted: &str, object: &str, namespace: Option<&str>) -> Verdict {
        let (wanted, namespace) = (parse(wanted), namespace.map(parse));
        let resource = Resource::new(parse(object));
        let labels = namespace.as_ref().and_then(Node::as_map);
        let namespace = labels.map_or(NamespaceOf::Unknown, NamespaceOf::Known);
        Match::read(Some(&wanted)).verdict(&Subject::of(&resource, Source::Original), namespace)
    }

    const POD: &str =
        "{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: prod-eu, labels: {a: b}}}";
    const BARE: &str = "{apiVersion: v1, kind: Pod, metadata: {generateName: web-}}";
    const ROLE: &str = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}";
    const SPACE: &str = "{apiVersion: v1, kind: Namespace, metadata: {name: prod-eu, labels: {team: x}}}";

    #[test]
    fn every_part_of_a_match_is_as_gatekeeper_has_it() {
        for (wanted, object, matched) in [
            ("{}", POD, true),
            ("{kinds: [{apiGroups: [''], kinds: [Pod]}]}", POD, true),
            ("{kinds: [{apiGroups: [apps], kinds: [Pod]}]}", POD, false),
            ("{kinds: [{apiGroups: ['*'], kinds: ['*']}]}", ROLE, true),
            ("{kinds: [{kinds: [Job]}, {apiGroups: ['']}]}", POD, true),
            ("{namespaces: [prod-*]}", POD, true),
            ("{namespaces: ['*-eu']}", POD, true),
            ("{namespaces: ['*od-*']}", POD, true),
            ("{namespaces: [prod]}", POD, false),
            ("{namespaces: [prod]}", ROLE, true),
            ("{namespaces: [prod-*]}", SPACE, true),
            ("{excludedNamespaces: ['*-eu']}", POD, false),
            ("{excludedNamespaces: [prod-eu]}", SPACE, false),
            ("{excludedNamespaces: ['*']}", ROLE, true),
            ("{labelSelector: {matchLabels: {a: b}}}", POD, true),
            ("{labelSelector: {matchExpressions: [{key: a, operator: NotIn, values: [b]}]}}", POD, false),
            ("{labelSelector: {matchExpressions: [{key: c, operator: DoesNotExist}]}}", POD, true),
            ("{scope: Cluster}", POD, false),
            ("{scope: Cluster}", SPACE, true),
            ("{scope: Namespaced}", POD, true),
            ("{scope: Namespaced}", BARE, true),
            ("{scope: Namespaced}", ROLE, false),
            ("{scope: '*'}", ROLE, true),
            ("{name: web-*}", POD, true),
            ("{name: web-*}", BARE, true),
            ("{name: '*-1'}", BARE, false),
            ("{name: web}", POD, false),
            ("{source: Generated}", POD, false),
            ("{source: All}", POD, true),
            ("{namespaceSelector: {matchLabels: {team: x}}}", SPACE, true),
            ("{namespaceSelector: {matchLabels: {team: y}}}", SPACE, false),
            ("{namespaceSelector: {matchLabels: {team: y}}}", ROLE, true),
        ] {
            assert_eq!(verdict(wanted, object, None) == Verdict::Yes, matched, "{wanted} {object}");
        }
    }

    #[test]
    fn labels_of_a_namespace_decide_if_they_are_known() {
        let team = "{namespaceSelector: {matchLabels: {team: x}}}";
        assert_eq!(verdict(team, POD, Some("{team: x}")), Verdict::Yes);
        assert_eq!(verdict(team, POD, Some("{team: y}")), Verdict::No);
        assert_eq!(verdict(team, POD, None), Verdict::Undecided);
        let name = |it: &str| {
            format!(
                "{{namespaceSelector: {{matchExpressions: [{{key: kubernetes.io/metadata.name, {it}}}]}}}}"
            )
        };
        assert_eq!(verdict(&name("operator: In, values: [prod-eu]"), POD, None), Verdict::Yes);
        assert_eq!(verdict(&name("operator: NotIn, values: [prod-eu]"), POD, None), Verdict::No);
    }
}

//! ValidatingAdmissionPolicies and their bindings: what Kubernetes itself has for the same purpose.
//!
//! They name resources where Gatekeeper names kinds.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Severity;
use crate::kube::requirement::Requirement;
use crate::node::Node;
use crate::policy::gatekeeper::matching::{
    NamespaceOf, Subject, Verdict, namespace_verdict, selector, texts,
};
use crate::resource::{Gvk, Resource};

const GROUP: &str = "admissionregistration.k8s.io";

/// Whether `resource` is a ValidatingAdmissionPolicy.
pub(super) fn is_policy(resource: &Resource) -> bool {
    &*resource.id.gvk.group == GROUP && &*resource.id.gvk.kind == "ValidatingAdmissionPolicy"
}

/// Whether `resource` is a ValidatingAdmissionPolicyBinding.
pub(super) fn is_binding(resource: &Resource) -> bool {
    &*resource.id.gvk.group == GROUP && &*resource.id.gvk.kind == "ValidatingAdmissionPolicyBinding"
}

/// The plural names of the custom resources of a repository, by group and kind.
pub(super) type Plurals = HashMap<(Arc<str>, Arc<str>), Arc<str>>;

/// What a policy and one of its bindings select together.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    policy: MatchResources,
    binding: MatchResources,
    plurals: Arc<Plurals>,
}

/// `matchConstraints` of a policy, `matchResources` of a binding.
#[derive(Clone, Debug, Default)]
struct MatchResources {
    /// `None` if all resources are meant.
    rules: Option<Vec<ResourceRule>>,
    excluded: Vec<ResourceRule>,
    namespace_labels: Option<Vec<Requirement>>,
    labels: Option<Vec<Requirement>>,
    /// Whether a resource is another one in another version.
    is_exact: bool,
}

#[derive(Clone, Debug)]
struct ResourceRule {
    groups: Vec<Arc<str>>,
    versions: Vec<Arc<str>>,
    operations: Vec<Arc<str>>,
    resources: Vec<Arc<str>>,
    names: Vec<Arc<str>>,
    scope: Option<Arc<str>>,
}

impl Selected {
    /// Reads what is selected.
    pub fn read(policy: &Resource, binding: &Resource, plurals: &Arc<Plurals>) -> Selected {
        let read = |resource: &Resource, key: &str, needs_rules: bool| {
            let nothing =
                || MatchResources { rules: needs_rules.then(Vec::new), ..MatchResources::default() };
            let node = resource.node.path(&["spec", key]);
            node.map_or_else(nothing, |it| MatchResources::read(it, needs_rules))
        };
        Selected {
            policy: read(policy, "matchConstraints", true),
            binding: read(binding, "matchResources", false),
            plurals: Arc::clone(plurals),
        }
    }

    pub fn asks_for_namespace(&self) -> bool {
        self.policy.namespace_labels.is_some() || self.binding.namespace_labels.is_some()
    }

    /// Whether objects of a kind may be selected.
    pub fn matches_kind(&self, gvk: &Gvk) -> bool {
        let plural = plural(gvk, &self.plurals);
        [&self.policy, &self.binding].iter().all(|it| {
            it.rules.iter().all(|rules| rules.iter().any(|rule| rule.matches(gvk, &plural, it.is_exact)))
        })
    }

    /// Whether an object is selected when it is created.
    pub fn verdict(&self, subject: &Subject<'_>, namespace: NamespaceOf<'_>) -> Verdict {
        let plural = plural(subject.gvk, &self.plurals);
        let verdicts = [&self.policy, &self.binding].map(|it| it.verdict(subject, &plural, namespace));
        match verdicts {
            [Verdict::No, _] | [_, Verdict::No] => Verdict::No,
            [Verdict::Yes, Verdict::Yes] => Verdict::Yes,
            _ => Verdict::Undecided,
        }
    }

    /// What is selected, in words.
    pub fn describe(&self) -> String {
        let rules = self.policy.rules.iter().flatten();
        let names: Vec<String> =
            rules.flat_map(|it| it.resources.iter().map(|it| format!("`{it}`"))).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    }
}

impl MatchResources {
    fn read(node: &Node, needs_rules: bool) -> MatchResources {
        let rules = |key: &str| -> Option<Vec<ResourceRule>> {
            Some(node.get(key)?.as_seq()?.iter().map(ResourceRule::read).collect())
        };
        MatchResources {
            rules: rules("resourceRules").or_else(|| needs_rules.then(Vec::new)),
            excluded: rules("excludeResourceRules").unwrap_or_default(),
            namespace_labels: node.get("namespaceSelector").map(selector).filter(|it| !it.is_empty()),
            labels: node.get("objectSelector").map(selector),
            is_exact: node.get("matchPolicy").and_then(Node::as_str) == Some("Exact"),
        }
    }

    fn verdict(&self, subject: &Subject<'_>, plural: &str, namespace: NamespaceOf<'_>) -> Verdict {
        let fits =
            |it: &ResourceRule| it.matches(subject.gvk, plural, self.is_exact) && it.matches_object(subject);
        let is_matched = self.rules.as_ref().is_none_or(|it| it.iter().any(fits))
            && !self.excluded.iter().any(fits)
            && self.labels.iter().flatten().all(|it| it.holds(subject.labels));
        match &self.namespace_labels {
            _ if !is_matched => Verdict::No,
            None => Verdict::Yes,
            Some(wanted) => namespace_verdict(wanted, subject, namespace),
        }
    }
}

impl ResourceRule {
    fn read(node: &Node) -> ResourceRule {
        let list = |key: &str| texts(node.get(key)).map(|(it, _)| it).collect();
        ResourceRule {
            groups: list("apiGroups"),
            versions: list("apiVersions"),
            operations: list("operations"),
            resources: list("resources"),
            names: list("resourceNames"),
            scope: node.get("scope").and_then(Node::as_scalar).map(|it| Arc::clone(&it.text)),
        }
    }

    fn matches(&self, gvk: &Gvk, plural: &str, is_exact: bool) -> bool {
        let has = |list: &[Arc<str>], it: &str| list.iter().any(|one| **one == *it || &**one == "*");
        has(&self.groups, &gvk.group)
            && (!is_exact || has(&self.versions, &gvk.version))
            && has(&self.operations, "CREATE")
            && (has(&self.resources, plural) || self.resources.iter().any(|it| &**it == "*/*"))
    }

    fn matches_object(&self, subject: &Subject<'_>) -> bool {
        let is_named = self.names.is_empty() || self.names.iter().any(|it| **it == *subject.name);
        is_named
            && match self.scope.as_deref() {
                Some("Cluster") => !subject.is_namespaced,
                Some("Namespaced") => subject.is_namespaced,
                _ => true,
            }
    }
}

/// How bad it is if a bound policy is not kept: the strongest of the binding's actions.
pub(super) fn severity(binding: &Resource) -> Severity {
    let actions = texts(binding.node.path(&["spec", "validationActions"]));
    let severities = actions.map(|(it, _)| match &*it {
        "Warn" => Severity::Warning,
        "Audit" => Severity::Info,
        _ => Severity::Error,
    });
    severities.max().unwrap_or(Severity::Error)
}

/// Takes the plural of a custom resource in.
pub(super) fn add_plural(resource: &Resource, plurals: &mut Plurals) {
    let gvk = &resource.id.gvk;
    if (&*gvk.group, &*gvk.kind) != ("apiextensions.k8s.io", "CustomResourceDefinition") {
        return;
    }
    let text = |keys: &[&str]| {
        let node = resource.node.path(&["spec"]).and_then(|it| it.path(keys));
        node.and_then(Node::as_scalar).map(|it| Arc::clone(&it.text))
    };
    if let (Some(group), Some(kind), Some(plural)) =
        (text(&["group"]), text(&["names", "kind"]), text(&["names", "plural"]))
    {
        plurals.insert((group, kind), plural);
    }
}

/// The name of the resource: what a definition says, or a guess.
fn plural(gvk: &Gvk, known: &Plurals) -> Arc<str> {
    let known = known.get(&(Arc::clone(&gvk.group), Arc::clone(&gvk.kind)));
    known.cloned().unwrap_or_else(|| guessed_plural(&gvk.kind).into())
}

/// The plural of a kind, as kubectl guesses it.
pub(super) fn guessed_plural(kind: &str) -> String {
    let name = kind.to_lowercase();
    if name == "endpoints" {
        return name;
    }
    match name.strip_suffix('y') {
        Some(start) if !start.ends_with(['a', 'e', 'o', 'u']) => format!("{start}ies"),
        _ if name.ends_with('s') || name.ends_with('x') || name.ends_with("ch") => format!("{name}es"),
        _ => format!("{name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::gatekeeper::matching::Source;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    fn resource(text: &str) -> Resource {
        Resource::new(parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0))
    }

    fn verdict(constraints: &str, binding: &str, object: &str) -> Verdict {
        let policy = resource(&format!("{{spec: {{matchConstraints: {constraints}}}}}"));
        let binding = resource(&format!("{{spec: {{matchResources: {binding}}}}}"));
        let object = resource(object);
        let selected = Selected::read(&policy, &binding, &Arc::new(Plurals::new()));
        selected.verdict(&Subject::of(&object, Source::Original), NamespaceOf::Unknown)
    }

    #[test]
    fn resources_are_matched_as_the_api_server_does() {
        let rule = |rest: &str| {
            format!(
                "{{resourceRules: [{{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], {rest}}}]}}"
            )
        };
        let web =
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: n, labels: {a: b}}}";
        let old = "{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web}}";
        let all = rule("resources: [deployments]");
        for (constraints, binding, object, expected) in [
            (&*all, "{}", web, Verdict::Yes),
            (&*all, "{}", old, Verdict::Yes),
            ("{}", "{}", web, Verdict::No),
            (&rule("resources: ['*']"), "{}", web, Verdict::Yes),
            (&rule("resources: [deployments/scale, pods]"), "{}", web, Verdict::No),
            (&rule("resources: [deployments], resourceNames: [api]"), "{}", web, Verdict::No),
            (&rule("resources: [deployments], scope: Cluster"), "{}", web, Verdict::No),
            (&*all, "{objectSelector: {matchLabels: {a: c}}}", web, Verdict::No),
            (&*all, "{namespaceSelector: {matchLabels: {a: c}}}", web, Verdict::Undecided),
            (
                &*all,
                "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: n}}}",
                web,
                Verdict::Yes,
            ),
            (&*all, &rule("resources: [statefulsets]"), web, Verdict::No),
        ] {
            assert_eq!(verdict(constraints, binding, object), expected, "{constraints} {binding}");
        }
        let exact = all.replacen('{', "{matchPolicy: Exact, ", 1);
        assert_eq!(verdict(&exact, "{}", old), Verdict::No);
    }

    #[test]
    fn kinds_have_plurals() {
        let kinds = ["Pod", "Ingress", "NetworkPolicy", "Gateway", "Endpoints", "StorageClass"];
        assert_eq!(
            kinds.map(guessed_plural),
            ["pods", "ingresses", "networkpolicies", "gateways", "endpoints", "storageclasses"]
        );
        let definition = resource(
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: a, names: {kind: Ox, plural: oxen}}}",
        );
        let mut plurals = Plurals::new();
        add_plural(&definition, &mut plurals);
        assert_eq!(&*plural(&Gvk::new("a/v1", "Ox"), &plurals), "oxen");
    }
}

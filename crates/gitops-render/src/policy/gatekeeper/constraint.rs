//! Constraints: which objects a template is asked about, with which parameters, and how bad it is.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use regorus::Value as Rego;

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::{Entry, Node, ScalarKind};
use crate::policy::gatekeeper::admission::{self, Selected};
use crate::policy::gatekeeper::expand::is_workload;
use crate::policy::gatekeeper::matching::{Match, NamespaceOf, Subject, Verdict};
use crate::policy::gatekeeper::template::{Engine, Template};
use crate::policy::gatekeeper::{Schemas, review};
use crate::policy::value::to_rego;
use crate::resource::{Gvk, Resource};
use crate::rules::pol::{invalid_constraint, kinds_do_not_fit};
use crate::source::Span;

/// Which objects are meant.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// What the `match` of a constraint says.
    Match(Match),
    /// What a ValidatingAdmissionPolicy and its binding say.
    Selected(Selected),
}

/// What expressions call `params`.
#[derive(Clone, Debug)]
pub(super) enum Params {
    /// Nothing: it is null.
    Nothing,
    /// Each of these objects.
    All(Vec<Node>),
    /// Those of them that lie in the namespace of the object.
    InNamespace(Vec<Node>),
}

/// A constraint, or the binding of a ValidatingAdmissionPolicy.
#[derive(Debug)]
pub(super) struct Constraint {
    /// `K8sAllowedRepos/prod`.
    pub name: String,
    /// Where it tells its name.
    pub at: Span,
    /// The number of its template.
    pub template: usize,
    pub wanted: Wanted,
    pub severity: Severity,
    /// `input.parameters`.
    pub parameters: Rego,
    /// What expressions call `params`.
    pub params: Params,
    /// Whether what it says depends on more than the object.
    pub needs_world: bool,
    /// Whether it was about an object at all.
    pub has_matched: AtomicBool,
}

impl Wanted {
    /// Whether the labels of namespaces matter.
    pub fn asks_for_namespace(&self) -> bool {
        match self {
            Wanted::Match(it) => it.asks_for_namespace(),
            Wanted::Selected(it) => it.asks_for_namespace(),
        }
    }

    pub fn verdict(&self, subject: &Subject<'_>, namespace: NamespaceOf<'_>) -> Verdict {
        match self {
            Wanted::Match(it) => it.verdict(subject, namespace),
            Wanted::Selected(it) => it.verdict(subject, namespace),
        }
    }

    /// Whether objects of a kind may be meant.
    pub fn matches_kind(&self, gvk: &Gvk) -> bool {
        match self {
            Wanted::Match(it) => it.matches_kind(gvk),
            Wanted::Selected(it) => it.matches_kind(gvk),
        }
    }

    /// The kinds by name; `None` if that is not how they are told.
    pub fn kind_names(&self) -> Option<Vec<&Arc<str>>> {
        match self {
            Wanted::Match(it) => it.kind_names(),
            Wanted::Selected(_) => None,
        }
    }

    /// What is meant, in words.
    pub fn describe(&self) -> String {
        if let Wanted::Selected(it) = self {
            return format!(
                "{}, with the groups, operations and selectors of its `matchConstraints`",
                it.describe()
            );
        }
        let kinds = self.kind_names().unwrap_or_default();
        let kinds: Vec<String> = kinds.iter().map(|it| format!("`{it}`")).collect();
        let kinds = if kinds.is_empty() { "any kind".to_owned() } else { kinds.join(", ") };
        format!("{kinds}, with the groups, namespaces and labels of its `match`")
    }
}

impl Params {
    /// The objects that count for an object in this namespace. An expression is asked for each.
    pub fn here(&self, namespace: &str) -> Vec<Option<&Node>> {
        match self {
            Params::Nothing => vec![None],
            Params::All(all) => all.iter().map(Some).collect(),
            Params::InNamespace(all) => {
                let is_here = |it: &&Node| {
                    it.path(&["metadata", "namespace"]).and_then(Node::as_str).unwrap_or_default()
                        == namespace
                };
                all.iter().filter(is_here).map(Some).collect()
            }
        }
    }
}

impl Constraint {
    /// Whether `resource` is a constraint.
    pub fn is_one(resource: &Resource) -> bool {
        &*resource.id.gvk.group == "constraints.gatekeeper.sh"
    }

    /// Reads a constraint for the template of its kind.
    pub fn read(resource: &Resource, number: usize, template: &Template) -> Constraint {
        let wanted = Wanted::Match(Match::read(resource.node.path(&["spec", "match"])));
        let parameters = review::parameters(resource, template.schema.as_ref());
        let mut whole = resource.node.clone();
        if let Some(spec) = whole.get_mut("spec").and_then(Node::as_map_mut) {
            let key_span = spec.entry("parameters").map_or(parameters.origin.span, |it| it.key_span);
            let key = "parameters".into();
            spec.insert(Entry { key, key_span, key_kind: ScalarKind::Str, node: parameters.clone() });
        }
        Constraint {
            name: format!("{}/{}", resource.id.gvk.kind, resource.id.name),
            at: resource.place(),
            template: number,
            severity: severity_of(resource),
            parameters: to_rego(&parameters),
            params: Params::All(vec![whole]),
            needs_world: wanted.asks_for_namespace() || template.looks_around(),
            wanted,
            has_matched: AtomicBool::new(false),
        }
    }
}

impl Constraint {
    /// A binding, as if it were a constraint.
    pub fn of_binding(
        binding: &Resource,
        number: usize,
        policy: &Template,
        wanted: Selected,
        params: Params,
    ) -> Constraint {
        let wanted = Wanted::Selected(wanted);
        Constraint {
            name: format!("{}/{}", policy.kind, binding.id.name),
            at: binding.place(),
            template: number,
            severity: admission::severity(binding),
            parameters: Rego::Null,
            params,
            needs_world: wanted.asks_for_namespace() || policy.looks_around(),
            wanted,
            has_matched: AtomicBool::new(false),
        }
    }
}

/// What is wrong with a constraint, seen from its template.
pub(super) fn check(schemas: &dyn Schemas, resource: &Resource, template: &Template) -> Vec<Diagnostic> {
    let mut found = parameters(resource, template);
    let action = resource.node.path(&["spec", "enforcementAction"]);
    if let Some(action) = action.and_then(Node::as_str).filter(|it| severity(it).is_none()) {
        let at =
            resource.node.path(&["spec", "enforcementAction"]).map_or(resource.place(), |it| it.origin.span);
        let said = invalid_constraint::unknown_action(at, action);
        found.push(said.object(&resource.object_name(), "/spec/enforcementAction"));
    }
    found.extend(kinds(schemas, resource, template));
    found
}

/// Whether the API server refuses a constraint for its parameters. Fields that the schema does not have
/// are only dropped.
pub(super) fn is_refused(resource: &Resource, template: &Template) -> bool {
    template.shape.iter().any(|it| it.check(resource).iter().any(|it| it.rule.code != "SCH002"))
}

/// What the template's schema says about the parameters.
fn parameters(resource: &Resource, template: &Template) -> Vec<Diagnostic> {
    let (Some(shape), Some(schema)) = (&template.shape, &template.schema) else { return vec![] };
    let said = shape.check(resource).into_iter();
    let is_about_them = |it: &Diagnostic| it.pointer.as_deref().is_some_and(|it| it.starts_with("/spec"));
    said.filter(is_about_them)
        .map(|it| {
            let at = schema.origin.span;
            invalid_constraint::parameters(it, Span { end: at.start, ..at })
        })
        .collect()
}

/// The kinds whose objects have nothing of what the template reads.
fn kinds(schemas: &dyn Schemas, resource: &Resource, template: &Template) -> Vec<Diagnostic> {
    let Some(Engine::Rego(rego)) = &template.engine else { return vec![] };
    let reads = &rego.reads;
    // What every object has says nothing about kinds.
    let is_common = |it: &Vec<String>| ["metadata", "kind", "apiVersion", "status"].contains(&it[0].as_str());
    let reads_common = reads.fields.iter().any(|it| it[0] == "metadata");
    let own: Vec<&Vec<String>> = reads.fields.iter().filter(|it| !is_common(it)).collect();
    let Some(first) = own.first().filter(|_| !reads.is_opaque) else { return vec![] };
    let wanted = Match::read(resource.node.path(&["spec", "match"]));
    let all = || wanted.kinds.iter().flat_map(|it| it.groups.iter().map(move |group| (group, &it.kinds)));
    let asks_for_pods = wanted.kind_names().is_none_or(|it| it.iter().any(|it| &***it == "Pod"));
    let mut found = vec![];
    for (group, names) in all() {
        for (kind, at) in names {
            let makes_pods = is_workload(group, kind);
            let lacks = |it: &&Vec<String>| schemas.has_field(group, kind, it) == Some(false);
            if (if makes_pods { asks_for_pods } else { reads_common }) || !own.iter().all(lacks) {
                continue;
            }
            let field: Vec<&str> = first.iter().map(String::as_str).take_while(|it| *it != "*").collect();
            found.push(kinds_do_not_fit::reads_nothing(*at, kind, &field.join("."), makes_pods));
        }
    }
    let name = resource.object_name();
    found.into_iter().map(|it| it.object(&name, "/spec/match/kinds")).collect()
}

/// How bad it is if a constraint is not kept: the strongest of its actions.
fn severity_of(resource: &Resource) -> Severity {
    let text = |node: Option<&Node>| node.and_then(Node::as_str).unwrap_or_default().to_owned();
    let action = text(resource.node.path(&["spec", "enforcementAction"]));
    if action != "scoped" {
        return severity(&action).unwrap_or(Severity::Info);
    }
    let scoped = resource.node.path(&["spec", "scopedEnforcementActions"]).and_then(Node::as_seq);
    let actions = scoped.unwrap_or_default().iter().map(|it| text(it.get("action")));
    actions.filter_map(|it| severity(&it)).max().unwrap_or(Severity::Info)
}

/// What an action means here; `None` if Gatekeeper does not know it.
pub(super) fn severity(action: &str) -> Option<Severity> {
    match action {
        "" | "deny" => Some(Severity::Error),
        "warn" => Some(Severity::Warning),
        "dryrun" | "scoped" => Some(Severity::Info),
        _ => None,
    }
}

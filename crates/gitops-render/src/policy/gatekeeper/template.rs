//! ConstraintTemplates: what a kind of constraint asks for, compiled.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::diagnostic::{Diagnostic, Severity};
use crate::node::Node;
use crate::policy::data::Data;
use crate::policy::evaluate::{Entry, EntryDefinition, Evaluator};
use crate::policy::gatekeeper::constraint::Constraint;
use crate::policy::gatekeeper::expressions::Expressions;
use crate::policy::gatekeeper::reads::Reads;
use crate::policy::gatekeeper::review::{self, Asked};
use crate::policy::gatekeeper::{Context, Shape, World};
use crate::policy::link::{self, Linked};
use crate::policy::module::{DefinitionKind, Dialect, Module};
use crate::policy::outcome::Said;
use crate::policy::text::ModuleText;
use crate::resource::Resource;
use crate::rules::pol::{does_not_compile, invalid_constraint, inventory_missing};
use crate::source::Span;

/// A template.
#[derive(Debug)]
pub(super) struct Template {
    /// The kind of its constraints, or the name of the policy.
    pub kind: Arc<str>,
    /// Whether it is a ValidatingAdmissionPolicy.
    pub is_policy: bool,
    /// What is asked; `None` if that cannot be used, for which there is a finding.
    pub engine: Option<Engine>,
    /// The schema of the parameters, as it is written.
    pub schema: Option<Node>,
    /// The same, compiled.
    pub shape: Option<Shape>,
}

impl Template {
    /// Whether it looks further than one object.
    pub fn looks_around(&self) -> bool {
        match &self.engine {
            Some(Engine::Rego(it)) => it.reads.inventory,
            Some(Engine::Cel(it)) => it.asks_for_namespace,
            None => false,
        }
    }
}

/// How a template decides.
#[derive(Debug)]
pub(super) enum Engine {
    Rego(Box<RegoTemplate>),
    Cel(Expressions),
}

/// A template in Rego.
#[derive(Debug)]
pub(super) struct RegoTemplate {
    pub evaluator: Evaluator,
    /// The rule `violation`, alone.
    pub entries: Vec<Entry>,
    pub reads: Reads,
}

/// What a rule says, and where it stands.
pub(super) type Told = (Said, Span);

impl Engine {
    /// What is said about an object; and what failed, unless the engine keeps that for itself.
    pub fn ask(
        &self,
        constraint: &Constraint,
        asked: &Asked,
        world: Option<&World<'_>>,
    ) -> (Vec<Told>, Vec<Diagnostic>) {
        match self {
            Engine::Rego(rego) => {
                let input = review::input(asked.review(), &constraint.parameters);
                let said = match world.filter(|_| rego.reads.inventory) {
                    Some(world) => {
                        let pool = world.pool(constraint.template, rego);
                        rego.evaluator.ask_in(pool, &rego.entries, &input, None)
                    }
                    None => rego.evaluator.ask(&rego.entries, &input, None),
                };
                (said.into_iter().map(|it| (it.said, it.definition.head)).collect(), vec![])
            }
            Engine::Cel(cel) => {
                let name = &asked.namespace;
                let namespace = world.and_then(|it| it.namespace(name));
                if cel.asks_for_namespace && namespace.is_none() && !name.is_empty() {
                    let missing = inventory_missing::no_namespace_object(constraint.at, name);
                    return (vec![], vec![missing]);
                }
                let (mut told, mut failures) = (vec![], vec![]);
                for params in constraint.params.here(name) {
                    let (more, failed) = cel.ask(asked, params, namespace);
                    told.extend(more);
                    failures.extend(failed);
                }
                (told, failures)
            }
        }
    }

    /// What failed so far, if the engine keeps that for itself.
    pub fn failures(&self) -> Vec<Diagnostic> {
        match self {
            Engine::Rego(rego) => rego.evaluator.failures(),
            Engine::Cel(_) => vec![],
        }
    }
}

/// The only target that Gatekeeper has.
const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// Rego as a template has it.
struct Rego<'a> {
    main: &'a Node,
    libs: &'a [Node],
    dialect: Dialect,
}

impl Template {
    /// Whether `resource` is a ConstraintTemplate.
    pub fn is_one(resource: &Resource) -> bool {
        &*resource.id.gvk.group == "templates.gatekeeper.sh" && &*resource.id.gvk.kind == "ConstraintTemplate"
    }

    /// Reads and compiles a template. What is wrong with it is in `diagnostics`.
    pub fn read(
        context: &Context<'_, '_>,
        resource: &Resource,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Template> {
        let definition = resource.node.path(&["spec", "crd", "spec"]);
        let Some(kind) = definition.and_then(|it| it.path(&["names", "kind"])).and_then(Node::as_str) else {
            diagnostics.push(invalid_constraint::no_kind(resource.place()));
            return None;
        };
        if *resource.id.name != kind.to_lowercase() {
            let found = invalid_constraint::wrong_name(resource.place(), &resource.id.name, kind);
            diagnostics.push(about(found, resource, "/metadata/name"));
        }
        let validation = definition.and_then(|it| it.get("validation"));
        let schema = validation.and_then(|it| it.get("openAPIV3Schema"));
        if let Some(it) = validation.filter(|it| schema.is_none() && it.as_map().is_some_and(says_something))
        {
            let pointer = "/spec/crd/spec/validation";
            let at = resource.node.nearest(pointer).1.map_or(it.origin.span, |it| it.key_span);
            diagnostics.push(about(invalid_constraint::legacy_schema(at), resource, pointer));
        }
        // In v1beta1 the schema need not be structural, and then nothing is unknown.
        let flag = validation.and_then(|it| it.get("legacySchema")).and_then(Node::as_scalar);
        let is_legacy = flag.and_then(|it| it.bool()).unwrap_or(&*resource.id.gvk.version != "v1");
        Some(Template {
            kind: kind.into(),
            is_policy: false,
            engine: engine(context, resource, diagnostics),
            shape: schema.map(|it| context.schemas.parameters(it, is_legacy)),
            schema: schema.cloned(),
        })
    }

    /// A ValidatingAdmissionPolicy, as if it were a template.
    pub fn of_policy(
        context: &Context<'_, '_>,
        resource: &Resource,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Template {
        let spec = resource.node.get("spec");
        let read = |it: &Node| Expressions::read(context, it, false, diagnostics).map(Engine::Cel);
        Template {
            kind: Arc::clone(&resource.id.name),
            is_policy: true,
            engine: spec.and_then(read),
            schema: None,
            shape: None,
        }
    }
}

fn about(found: Diagnostic, resource: &Resource, pointer: &str) -> Diagnostic {
    found.object(&resource.object_name(), pointer)
}

fn says_something(validation: &crate::node::Map) -> bool {
    validation.entries().iter().any(|it| &*it.key != "legacySchema")
}

/// What a template asks.
fn engine(
    context: &Context<'_, '_>,
    resource: &Resource,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Engine> {
    let targets = resource.node.path(&["spec", "targets"]).and_then(Node::as_seq).unwrap_or_default();
    let mut fail = |found: Diagnostic, pointer: &str| diagnostics.push(about(found, resource, pointer));
    let Some(target) = targets.first() else {
        fail(invalid_constraint::no_target(resource.place()), "/spec/targets");
        return None;
    };
    let name = target.get("target");
    if name.and_then(Node::as_str) != Some(TARGET) {
        let at = name.map_or(target.origin.span, |it| it.origin.span);
        let text = name.and_then(Node::as_str).unwrap_or_default();
        fail(invalid_constraint::unknown_target(at, text, TARGET), "/spec/targets/0/target");
        return None;
    }
    match rego(target) {
        Some(it) if it.main.as_str().is_some_and(|it| !it.trim().is_empty()) => {
            compile(context, &it, diagnostics).map(|it| Engine::Rego(Box::new(it)))
        }
        Some(it) => {
            let at = it.main.origin.span;
            fail(invalid_constraint::no_code(at, "the template's Rego is empty"), "/spec/targets/0");
            None
        }
        None if native(target).is_some() => {
            let source = native(target)?;
            Expressions::read(context, source, true, diagnostics).map(Engine::Cel)
        }
        None => {
            let at = name.map_or(target.origin.span, |it| it.origin.span);
            fail(invalid_constraint::no_code(at, "the template has neither Rego nor CEL"), "/spec/targets/0");
            None
        }
    }
}

/// The Rego of a target: an entry of `code`, or else the older `rego`.
fn rego(target: &Node) -> Option<Rego<'_>> {
    let code = target.get("code").and_then(Node::as_seq).unwrap_or_default();
    let of_rego = code.iter().find(|it| it.get("engine").and_then(Node::as_str) == Some("Rego"));
    if let Some(source) = of_rego.and_then(|it| it.get("source")) {
        let version = source.get("version").and_then(Node::as_str);
        return Some(Rego {
            main: source.get("rego")?,
            libs: source.get("libs").and_then(Node::as_seq).unwrap_or_default(),
            dialect: if version == Some("v1") { Dialect::V1 } else { Dialect::V0 },
        });
    }
    Some(Rego {
        main: target.get("rego")?,
        libs: target.get("libs").and_then(Node::as_seq).unwrap_or_default(),
        dialect: Dialect::V0,
    })
}

/// The CEL of a target.
fn native(target: &Node) -> Option<&Node> {
    let code = target.get("code").and_then(Node::as_seq).unwrap_or_default();
    let is_native = |it: &&Node| it.get("engine").and_then(Node::as_str) == Some("K8sNativeValidation");
    code.iter().find(is_native)?.get("source")
}

fn compile(
    context: &Context<'_, '_>,
    rego: &Rego<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<RegoTemplate> {
    let (mut modules, mut broken) = (vec![], vec![]);
    for node in std::iter::once(rego.main).chain(rego.libs) {
        let file = context.sources.file(node.origin.span.file);
        let Some(text) = ModuleText::of_scalar(&file, node) else { continue };
        match Module::parse(text, rego.dialect) {
            Ok(module) => modules.push(module),
            Err(found) => broken.push(*found),
        }
    }
    if broken.is_empty() {
        let reads = Reads::of(&modules);
        if let Some(at) = reads.external_data {
            diagnostics.push(inventory_missing::external_data(at));
            return None;
        }
        diagnostics.extend(outside_lib(&modules));
        let package = modules.first()?.package.clone();
        let linked = link::link(modules, &mut broken);
        diagnostics.extend(linked.unsupported.iter().cloned());
        if broken.is_empty() {
            if linked.tainted.contains(&[&package[..], &["violation".to_owned()]].concat()) {
                return None;
            }
            let entry = entry(&linked, &package);
            if entry.is_none() {
                let at = rego.main.origin.span;
                diagnostics.push(invalid_constraint::no_violation(Span { end: at.start + 1, ..at }));
            }
            let entries = vec![entry?];
            return Some(RegoTemplate {
                evaluator: Evaluator::new(linked, &entries, Data::default(), context.limits()),
                entries,
                reads,
            });
        }
    }
    diagnostics.extend(broken.into_iter().map(|it| it.diagnostic));
    None
}

/// Gatekeeper takes libraries in packages below `lib` only.
fn outside_lib(modules: &[Module]) -> Vec<Diagnostic> {
    let libs = modules.iter().skip(1).filter(|it| it.package.first().is_none_or(|it| it != "lib"));
    let at = |it: &Module| it.source.span(0, it.source.text.trim_end().find('\n').unwrap_or(0).max(1));
    libs.map(|it| does_not_compile::refused(at(it), "a library's package is `lib`, or begins with `lib.`"))
        .collect()
}

/// The rule `violation` of the main module.
fn entry(linked: &Linked, package: &[String]) -> Option<Entry> {
    let mut engine = linked.engine.clone();
    let mut definitions = vec![];
    for (module, ast) in linked.modules.iter().zip(engine.get_modules()) {
        if module.package != package {
            continue;
        }
        for (definition, rule) in module.rules.iter().zip(&ast.policy) {
            if definition.path == ["violation"] && definition.kind != DefinitionKind::Function {
                definitions.push(EntryDefinition {
                    head: definition.head,
                    module: ast.clone(),
                    rule: rule.clone(),
                    is_default: definition.kind == DefinitionKind::Default,
                    metadata: Default::default(),
                    reads: None,
                    wants_items: false,
                });
            }
        }
    }
    let path = [package, &["violation".to_owned()]].concat();
    (!definitions.is_empty()).then(|| Entry {
        name: path.join("."),
        query: crate::policy::entries::query(&path),
        path,
        severity: Severity::Error,
        definitions,
        exception: None,
        kinds: None,
        is_given_up: AtomicBool::new(false),
    })
}

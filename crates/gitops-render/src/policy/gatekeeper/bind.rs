//! Puts templates and constraints together: finds them among the objects, and says what does not fit.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::policy::gatekeeper::admission::{self, Plurals, Selected};
use crate::policy::gatekeeper::constraint::{self, Constraint, Params};
use crate::policy::gatekeeper::expand::Expansions;
use crate::policy::gatekeeper::template::Template;
use crate::policy::gatekeeper::{Context, Gatekeeper, matching, world};
use crate::resource::{Gvk, Resource};
use crate::rules::pol::{invalid_constraint, unmatched};
use crate::source::Span;
use crate::suggest;

/// Fills `gatekeeper` with what is among the objects of the roots. Returns what is wrong.
pub(super) fn fill(
    gatekeeper: &mut Gatekeeper,
    context: &Context<'_, '_>,
    sets: &[&[Resource]],
) -> Vec<Diagnostic> {
    let mut plurals = Plurals::new();
    sets.iter().copied().flatten().for_each(|it| admission::add_plural(it, &mut plurals));
    let plurals = Arc::new(plurals);
    let mut builder = Builder { context, sets, gatekeeper, plurals, templates: vec![], diagnostics: vec![] };
    let goes_on = || !context.sources.cancel().is_cancelled();
    for resource in sets.iter().copied().flatten().take_while(|_| goes_on()) {
        builder.take(resource);
    }
    builder.bind();
    let unbound = builder.unbound();
    let Builder { gatekeeper, diagnostics, .. } = builder;
    gatekeeper.unbound = unbound;
    diagnostics
}

/// Takes templates and constraints in.
struct Builder<'b, 'c, 't> {
    context: &'b Context<'c, 't>,
    sets: &'b [&'b [Resource]],
    gatekeeper: &'b mut Gatekeeper,
    plurals: Arc<Plurals>,
    /// The objects of the templates, by number, and the place in `diagnostics` of what is wrong with each.
    templates: Vec<(Resource, std::ops::Range<usize>)>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder<'_, '_, '_> {
    fn take(&mut self, resource: &Resource) {
        if Expansions::is_template(resource) {
            self.gatekeeper.expansions.add(resource);
        } else if resource.id.gvk == Gvk::new("v1", "Namespace") {
            let labels = world::labelled(resource);
            self.gatekeeper.namespaces.entry(Arc::clone(&resource.id.name)).or_insert(labels);
        } else if admission::is_policy(resource) && self.is_new(resource) {
            let before = self.diagnostics.len();
            let template = Template::of_policy(self.context, resource, &mut self.diagnostics);
            self.gatekeeper.templates.push(template);
            self.templates.push((resource.clone(), before..self.diagnostics.len()));
        } else if Template::is_one(resource) && self.is_new(resource) {
            let before = self.diagnostics.len();
            let read = Template::read(self.context, resource, &mut self.diagnostics);
            if let Some(template) = read {
                self.gatekeeper.templates.push(template);
                self.templates.push((resource.clone(), before..self.diagnostics.len()));
            }
        }
    }

    fn is_new(&self, resource: &Resource) -> bool {
        !self.templates.iter().any(|(it, _)| it.node.has_same_value(&resource.node))
    }

    /// Gives every constraint its template, and every binding its policy.
    fn bind(&mut self) {
        let mut known: Vec<(Resource, usize)> = vec![];
        for set in self.sets {
            for resource in set.iter().filter(|it| Constraint::is_one(it) || admission::is_binding(it)) {
                let Some(number) = self.template_for(resource, set) else {
                    self.without_template(resource);
                    continue;
                };
                let is_known = |(it, template): &(Resource, usize)| {
                    *template == number && it.node.has_same_value(&resource.node)
                };
                if !known.iter().any(is_known) {
                    known.push((resource.clone(), number));
                    self.add(resource, number);
                }
            }
        }
        // Those of one name stay in the order of their roots.
        self.gatekeeper.constraints.sort_by(|a, b| a.name.cmp(&b.name));
    }

    fn template_for(&self, resource: &Resource, set: &[Resource]) -> Option<usize> {
        let (is_policy, wanted) = wanted(resource);
        let of_kind = |number: &usize| {
            let template = &self.gatekeeper.templates[*number];
            template.is_policy == is_policy && *template.kind == *wanted
        };
        let all = || (0..self.templates.len()).filter(of_kind);
        let is_here = |number: &usize| {
            let node = &self.templates[*number].0.node;
            set.iter().any(|it| {
                it.id.gvk.kind == self.templates[*number].0.id.gvk.kind && it.node.has_same_value(node)
            })
        };
        all().find(is_here).or_else(|| all().next())
    }

    fn without_template(&mut self, resource: &Resource) {
        let (is_policy, wanted) = wanted(resource);
        let names = self.gatekeeper.templates.iter().filter(|it| it.is_policy == is_policy);
        let nearest = suggest::nearest(&wanted, names.map(|it| &*it.kind));
        let pointer = if is_policy { "/spec/policyName" } else { "/kind" };
        let at = resource.node.nearest(pointer).0.origin.span;
        let found = if is_policy {
            invalid_constraint::no_policy(at, &wanted, nearest)
        } else {
            invalid_constraint::no_template(at, &wanted, nearest)
        };
        let found = found.object(&resource.object_name(), pointer);
        if self.diagnostics.iter().all(|it| (it.span(), &it.message) != (found.span(), &found.message)) {
            self.diagnostics.push(found);
        }
    }

    fn add(&mut self, resource: &Resource, number: usize) {
        let template = &self.gatekeeper.templates[number];
        if template.engine.is_none() {
            // What is wrong with the template is said there.
            let errors = &mut self.diagnostics[self.templates[number].1.clone()];
            if let Some(found) = errors.iter_mut().max_by_key(|it| it.severity) {
                *found = found.clone().label(resource.place(), "so this constraint is not applied");
            }
            return;
        }
        if template.is_policy {
            self.add_binding(resource, number);
            return;
        }
        self.diagnostics.extend(constraint::check(self.context.schemas, resource, template));
        if constraint::is_refused(resource, template) {
            return;
        }
        let constraint = Constraint::read(resource, number, template);
        self.gatekeeper.constraints.push(constraint);
    }

    fn add_binding(&mut self, binding: &Resource, number: usize) {
        let policy = &self.templates[number].0;
        let params = match params(policy, binding, self.sets) {
            Ok(params) => params,
            Err(found) => return self.diagnostics.push(found),
        };
        let wanted = Selected::read(policy, binding, &self.plurals);
        let template = &self.gatekeeper.templates[number];
        let constraint = Constraint::of_binding(binding, number, template, wanted, params);
        self.gatekeeper.constraints.push(constraint);
    }

    /// Policies that are sound, and that no binding names.
    fn unbound(&self) -> Vec<Diagnostic> {
        let bindings = || self.sets.iter().copied().flatten().filter(|it| admission::is_binding(it));
        let is_bound = |name: &str| bindings().any(|it| &*wanted(it).1 == name);
        let all = self.gatekeeper.templates.iter().zip(&self.templates);
        let policies = all.filter(|(it, _)| it.is_policy && it.engine.is_some() && !is_bound(&it.kind));
        policies.map(|(it, (resource, _))| unmatched::unbound(resource.place(), &it.kind)).collect()
    }
}

/// Whether a policy is wanted, and the kind of the template or the name of the policy.
fn wanted(resource: &Resource) -> (bool, Arc<str>) {
    if !admission::is_binding(resource) {
        return (false, Arc::clone(&resource.id.gvk.kind));
    }
    let name = resource.node.path(&["spec", "policyName"]).and_then(Node::as_scalar);
    (true, name.map(|it| Arc::clone(&it.text)).unwrap_or_default())
}

/// The parameters that a binding gives to its policy.
pub(super) fn params(
    policy: &Resource,
    binding: &Resource,
    sets: &[&[Resource]],
) -> Result<Params, Diagnostic> {
    let (Some(kind), Some(reference)) =
        (policy.node.path(&["spec", "paramKind"]), binding.node.path(&["spec", "paramRef"]))
    else {
        return Ok(Params::Nothing);
    };
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let gvk = Gvk::new(&text(kind, "apiVersion"), &text(kind, "kind"));
    let (name, namespace) = (text(reference, "name"), text(reference, "namespace"));
    let labels = reference.get("selector").map(matching::selector);
    let is_meant = |it: &&Resource| {
        it.id.gvk == gvk
            && (name.is_empty() || *it.id.name == *name)
            && (namespace.is_empty() || *it.id.namespace == *namespace)
            && labels.iter().flatten().all(|one| one.holds(it.labels()))
    };
    let mut found: Vec<Node> = vec![];
    for it in sets.iter().copied().flatten().filter(is_meant) {
        if !found.iter().any(|known| known.has_same_value(&it.node)) {
            found.push(it.node.clone());
        }
    }
    if found.is_empty() {
        let at = reference.get("name").unwrap_or(reference).origin.span;
        let what = if name.is_empty() { gvk.kind.to_string() } else { format!("{} `{name}`", gvk.kind) };
        let missing = invalid_constraint::no_params(Span { end: at.end.min(at.start + 100), ..at }, &what);
        return Err(missing.object(&binding.object_name(), "/spec/paramRef"));
    }
    let has_namespace = |it: &Node| it.path(&["metadata", "namespace"]).is_some();
    let is_by_namespace = namespace.is_empty() && found.iter().all(has_namespace);
    Ok(if is_by_namespace { Params::InNamespace(found) } else { Params::All(found) })
}

//! A case: one object, what stands around it, and what the constraint is to say about it.

use std::collections::HashMap;

use super::prepare::Prepared;
use super::{Test, assertion, list};
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::policy::gatekeeper::matching::{Source, Subject, Verdict};
use crate::policy::gatekeeper::review::Asked;
use crate::policy::gatekeeper::world::World;
use crate::resource::Resource;
use crate::rules::pol::suite_case_failed;

/// What a case asks about.
struct Review {
    asked: Asked,
    /// What the `match` looks at: the object, and the one that it replaces.
    objects: Vec<Resource>,
}

impl Test<'_, '_> {
    /// The assertions that do not hold.
    pub(super) fn run_case(
        &self,
        case: &Node,
        prepared: &Prepared,
    ) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let path =
            case.get("object").ok_or_else(|| vec![suite_case_failed::no_field(self.at(case), "object")])?;
        let assertions = list(case, "assertions");
        if assertions.is_empty() {
            return Err(vec![suite_case_failed::no_field(self.at(case), "assertions")]);
        }
        let mut documents = self.documents(path).map_err(|it| vec![it])?;
        if documents.len() != 1 {
            return Err(vec![suite_case_failed::not_one_object(path.origin.span, documents.len())]);
        }
        let document = documents.remove(0);
        let review = review(&document).map_err(|it| vec![it])?;
        let mut inventory = vec![];
        for path in list(case, "inventory") {
            inventory.extend(self.documents(path).map_err(|it| vec![it])?.into_iter().map(Resource::new));
        }
        let messages = violations(prepared, &review, &inventory)?;
        let mut failed = vec![];
        for node in assertions {
            failed.extend(assertion::check(node, &messages, document.origin.span).map_err(|it| vec![it])?);
        }
        Ok(failed)
    }
}

/// What a document asks about: itself, or the request that it holds.
fn review(document: &Node) -> Result<Review, Diagnostic> {
    let resource = Resource::new(document.clone());
    let gvk = &resource.id.gvk;
    if (&*gvk.group, &*gvk.kind) != ("admission.k8s.io", "AdmissionReview") {
        let asked = Asked::creation(&resource, document.clone());
        return Ok(Review { asked, objects: vec![resource] });
    }
    let at = document.get("kind").map_or(document.origin.span, |it| it.origin.span);
    let request = document.get("request").and_then(Node::as_map);
    let asked = Asked::request(request.ok_or_else(|| suite_case_failed::no_request(at))?, at);
    let both = asked.object.iter().chain(&asked.old).filter(|it| it.as_map().is_some());
    let objects: Vec<Resource> = both.cloned().map(Resource::new).collect();
    if objects.is_empty() {
        return Err(suite_case_failed::no_request(at));
    }
    Ok(Review { asked, objects })
}

/// What the constraint says, a message for each violation.
fn violations(
    prepared: &Prepared,
    review: &Review,
    inventory: &[Resource],
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let elsewhere = HashMap::new();
    let world = World::new(inventory, &elsewhere, 1);
    let mut messages = ask(prepared, &review.asked, &review.objects, Source::Original, &world)?;
    for maker in review.objects.iter().take(1) {
        for expanded in prepared.expansions.expand(maker) {
            let asked = Asked::creation(&expanded.resource, expanded.with_owner(maker));
            let objects = [expanded.resource.clone()];
            let said = ask(prepared, &asked, &objects, Source::Generated, &world)?;
            let template = expanded.template.as_deref().unwrap_or_default();
            messages.extend(said.into_iter().map(|it| format!("[Implied by {template}] {it}")));
        }
    }
    Ok(messages)
}

fn ask(
    prepared: &Prepared,
    asked: &Asked,
    objects: &[Resource],
    source: Source,
    world: &World<'_>,
) -> Result<Vec<String>, Vec<Diagnostic>> {
    let verdict = |resource: &Resource| {
        // gator knows no kinds: what names no namespace is in none.
        let is_namespaced = !resource.id.namespace.is_empty();
        let subject = Subject { is_namespaced, ..Subject::of(resource, source) };
        prepared.constraint.wanted.verdict(&subject, world.labels(subject.namespace))
    };
    let verdicts: Vec<Verdict> = objects.iter().map(verdict).collect();
    if !verdicts.contains(&Verdict::Yes) {
        // gator refuses what it cannot decide.
        let is_undecided = verdicts.contains(&Verdict::Undecided);
        let undecided = "unable to match constraints: the labels of the namespace are not known";
        return Ok(if is_undecided { vec![undecided.to_owned()] } else { vec![] });
    }
    let Some(engine) = &prepared.template.engine else { return Ok(vec![]) };
    let before = engine.failures().len();
    let (said, mut failures) = engine.ask(&prepared.constraint, asked, Some(world));
    let kept = engine.failures();
    if kept.len() > before {
        failures.extend(kept);
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    Ok(said.into_iter().map(|(it, _)| it.message.unwrap_or_default()).collect())
}

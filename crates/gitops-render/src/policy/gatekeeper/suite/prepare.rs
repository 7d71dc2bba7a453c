//! The template and the constraint of a test, ready to be asked.

use std::sync::Arc;

use super::Test;
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::policy::gatekeeper::admission::{self, Selected};
use crate::policy::gatekeeper::constraint::Constraint;
use crate::policy::gatekeeper::expand::Expansions;
use crate::policy::gatekeeper::template::Template;
use crate::policy::gatekeeper::{Context, GatekeeperOptions, Schemas, bind};
use crate::resource::Resource;
use crate::rules::pol::suite_case_failed;

/// What the cases of a test ask.
pub(super) struct Prepared {
    pub template: Template,
    pub constraint: Constraint,
    pub expansions: Expansions,
}

/// Why there is nothing to ask.
pub(super) struct Problem {
    pub findings: Vec<Diagnostic>,
    /// Whether the constraint does not fit the schema of its template.
    pub is_about_schema: bool,
}

impl From<Diagnostic> for Problem {
    fn from(found: Diagnostic) -> Problem {
        Problem { findings: vec![found], is_about_schema: false }
    }
}

impl Test<'_, '_> {
    pub(super) fn prepare(&self, schemas: &dyn Schemas) -> Result<Prepared, Problem> {
        let time_limit = GatekeeperOptions::default().time_limit;
        let context = Context { sources: self.sources, schemas, time_limit };
        let mut findings = vec![];
        let (_, made) = self.object("template", |it| Template::is_one(it) || admission::is_policy(it))?;
        let template = if admission::is_policy(&made) {
            Some(Template::of_policy(&context, &made, &mut findings))
        } else {
            Template::read(&context, &made, &mut findings)
        };
        let Some(template) = template.filter(|it| it.engine.is_some()) else {
            return Err(Problem { findings, is_about_schema: false });
        };
        let constraint =
            if template.is_policy { self.binding(&made, &template) } else { self.constraint(&template) };
        let mut expansions = Expansions::default();
        if let Some(path) = self.node.get("expansion") {
            self.documents(path)?.into_iter().map(Resource::new).for_each(|it| expansions.add(&it));
        }
        Ok(Prepared { constraint: constraint?, template, expansions })
    }

    /// The constraint of a test, if it fits its template.
    fn constraint(&self, template: &Template) -> Result<Constraint, Problem> {
        let (_, constraint) = self.object("constraint", Constraint::is_one)?;
        let kind = &constraint.id.gvk.kind;
        if **kind != *template.kind {
            let at = self.node.get("constraint").map_or(self.at(&self.node), |it| it.origin.span);
            return Err(suite_case_failed::another_kind(at, kind, &template.kind).into());
        }
        // The API server drops fields that the schema does not have, and gator does so too.
        let said = template.shape.iter().flat_map(|it| it.check(&constraint));
        let findings: Vec<Diagnostic> = said.filter(|it| it.rule.code != "SCH002").collect();
        if !findings.is_empty() {
            return Err(Problem { findings, is_about_schema: true });
        }
        Ok(Constraint::read(&constraint, 0, template))
    }

    /// The binding of a ValidatingAdmissionPolicy. Its parameters may lie in the same file.
    fn binding(&self, policy: &Resource, template: &Template) -> Result<Constraint, Problem> {
        let (others, binding) = self.object("constraint", admission::is_binding)?;
        let params = bind::params(policy, &binding, &[&others])?;
        let wanted = Selected::read(policy, &binding, &Arc::default());
        Ok(Constraint::of_binding(&binding, 0, template, wanted, params))
    }

    /// The object in the file that a field of the test names, and all objects in that file.
    fn object(
        &self,
        field: &'static str,
        is_it: fn(&Resource) -> bool,
    ) -> Result<(Vec<Resource>, Resource), Diagnostic> {
        let path: Option<&Node> = self.node.get(field);
        let path = path.ok_or_else(|| suite_case_failed::no_field(self.at(&self.node), field))?;
        let all: Vec<Resource> = self.documents(path)?.into_iter().map(Resource::new).collect();
        let found = all.iter().find(|it| is_it(it)).cloned();
        Ok((all, found.ok_or_else(|| suite_case_failed::no_such_object(path.origin.span, field))?))
    }
}

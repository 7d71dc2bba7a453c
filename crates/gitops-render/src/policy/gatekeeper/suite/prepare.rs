//! The template and the constraint of a test, ready to be asked.

use super::Test;
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::policy::gatekeeper::constraint::Constraint;
use crate::policy::gatekeeper::expand::Expansions;
use crate::policy::gatekeeper::template::Template;
use crate::policy::gatekeeper::{Context, GatekeeperOptions, Schemas};
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
        let template = self.object("template", Template::is_one)?;
        let mut findings = vec![];
        let time_limit = GatekeeperOptions::default().time_limit;
        let context = Context { sources: self.sources, schemas, time_limit };
        let read = Template::read(&context, &template, &mut findings);
        let Some(template) = read.filter(|it| it.engine.is_some()) else {
            return Err(Problem { findings, is_about_schema: false });
        };
        let constraint = self.object("constraint", Constraint::is_one)?;
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
        let mut expansions = Expansions::default();
        if let Some(path) = self.node.get("expansion") {
            self.documents(path)?.into_iter().map(Resource::new).for_each(|it| expansions.add(&it));
        }
        Ok(Prepared { constraint: Constraint::read(&constraint, 0, &template), template, expansions })
    }

    /// The object in the file that a field of the test names.
    fn object(&self, field: &'static str, is_it: fn(&Resource) -> bool) -> Result<Resource, Diagnostic> {
        let path: Option<&Node> = self.node.get(field);
        let path = path.ok_or_else(|| suite_case_failed::no_field(self.at(&self.node), field))?;
        let found = self.documents(path)?.into_iter().map(Resource::new).find(is_it);
        found.ok_or_else(|| suite_case_failed::no_such_object(path.origin.span, field))
    }
}

//! What the rules of a definition (`x-kubernetes-validations`) say about an object.

use jsonschema::error::ValidationErrorKind as Error;

use super::kind::Kind;
use crate::cel::rules::{Level, Outcome, Violation};
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::resource::Resource;
use crate::rules::Spot;
use crate::rules::sch::rule_violated;

/// The rules that an object does not keep. `object` is what they see of it.
pub(super) fn findings(resource: &Resource, kind: &Kind, rules: &Level, object: &Node) -> Vec<Diagnostic> {
    let wrong = wrong_places(resource, kind);
    // A rule reads what is below its value.
    let is_senseless = |at: &str| wrong.iter().any(|it| it.strip_prefix(at).is_some_and(is_below));
    let name = resource.object_name();
    let told = |it: Violation<'_>| {
        let spot = Spot::new(resource, &name, &it.pointer);
        let place = it.rule.text.origin.span;
        match &it.what {
            Outcome::Broken(detail) => rule_violated::broken(&spot, it.rule.reason.as_deref(), detail, place),
            Outcome::Failed(why) => rule_violated::failed(&spot, why, place),
            Outcome::GivenUp(why) => rule_violated::given_up(&spot, why, place),
        }
    };
    rules.violations(object, &is_senseless).into_iter().map(told).collect()
}

fn is_below(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// The places at which a value is so wrong that no rule makes sense of it: the API server runs no rules
/// then.
fn wrong_places(resource: &Resource, kind: &Kind) -> Vec<String> {
    let is_blocking = |it: &Error| {
        matches!(
            it,
            Error::Type { .. }
                | Error::Required { .. }
                | Error::Enum { .. }
                | Error::MaxLength { .. }
                | Error::MaxItems { .. }
        )
    };
    let errors = kind.errors(&resource.node);
    let blocking = errors.iter().filter(|it| is_blocking(it.kind()));
    blocking.map(|it| it.instance_path().as_str().to_owned()).collect()
}

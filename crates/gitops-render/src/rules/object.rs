//! The rules that look at one object and need nothing but the object.
//!
//! A rule of this sort is a file with a function `check`, and a line here.

use crate::diagnostic::{Diagnostic, Rule};
use crate::kube::views::At;
use crate::resource::Resource;
use crate::rules::{Spot, sch, yml};

/// What looks at every object, in the order of the codes.
const OBJECT_CHECKS: &[fn(&Resource, &mut Vec<Diagnostic>)] = &[
    sch::invalid_name::check,
    sch::invalid_label::check,
    sch::invalid_value::check,
    sch::duplicate_in_list::check,
    sch::exclusive_fields::check,
    sch::selector_mismatch::check,
    sch::cluster_scoped::check,
    sch::invalid_definition::check,
    sch::missing_volume::check,
    yml::ambiguous_scalar::check,
];

/// What the rules about single objects find in one, in the order of the files.
///
/// Says nothing about what is no object: that is YML006's work.
pub fn check_object(resource: &Resource) -> Vec<Diagnostic> {
    let gvk = &resource.id.gvk;
    let mut found = vec![];
    if gvk.kind.is_empty() || gvk.version.is_empty() {
        return found;
    }
    OBJECT_CHECKS.iter().for_each(|check| check(resource, &mut found));
    found.sort_by(|a, b| (a.span(), a.rule.code, &a.message).cmp(&(b.span(), b.rule.code, &b.message)));
    found
}

impl At<'_> {
    /// A finding about what stands here.
    pub(crate) fn find(&self, rule: &'static Rule, message: impl Into<String>) -> Diagnostic {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer).find(rule, message)
    }

    /// A finding about the key of a member of the mapping here.
    pub(crate) fn find_key(&self, rule: &'static Rule, key: &str, message: impl Into<String>) -> Diagnostic {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer).find_key(rule, key, message)
    }

    /// What stands here, for a message.
    pub(crate) fn shown(&self) -> String {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer).shown()
    }

    /// The last part of the place, for a message.
    pub(crate) fn field(&self) -> String {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer).field()
    }

    /// The whole place, for a message.
    pub(crate) fn place(&self) -> String {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer).path()
    }
}

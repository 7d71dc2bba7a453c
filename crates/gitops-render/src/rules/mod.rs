//! The rules: one file each, in a folder for each group.
//!
//! A rule's file holds what the rule means (code, name, severity, page of documentation) and the
//! functions that make its findings out of what a caller has at hand. Rules know nodes, spans and
//! diagnostics, never the engines that find things.

pub mod dep;
pub mod kus;
pub(crate) mod mend;
mod object;
pub mod pol;
pub mod sch;
mod spot;
pub mod sup;
pub mod yml;

use crate::diagnostic::{Diagnostic, Rule};
use crate::suggest;

/// Declares the rule of a file as `RULE`, its doc comment as its page.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $code:ident $name:literal $severity:ident $scope:ident) => {
        $crate::rules::rule! { @ true, false, $(#[doc = $doc])+ $code $name $severity $scope }
    };
    // A rule that does not run unless it is asked for.
    ($(#[doc = $doc:literal])+ $code:ident $name:literal $severity:ident $scope:ident off) => {
        $crate::rules::rule! { @ false, false, $(#[doc = $doc])+ $code $name $severity $scope }
    };
    // A rule that mends some of what it finds.
    ($(#[doc = $doc:literal])+ $code:ident $name:literal $severity:ident $scope:ident fix) => {
        $crate::rules::rule! { @ true, true, $(#[doc = $doc])+ $code $name $severity $scope }
    };
    (@ $is_default:literal, $has_fix:literal, $(#[doc = $doc:literal])+ $code:ident $name:literal $severity:ident $scope:ident) => {
        $(#[doc = $doc])+
        pub static RULE: $crate::diagnostic::Rule = $crate::diagnostic::Rule {
            code: stringify!($code),
            name: $name,
            severity: $crate::diagnostic::Severity::$severity,
            scope: $crate::diagnostic::Scope::$scope,
            is_default: $is_default,
            has_fix: $has_fix,
            docs: concat!($($doc, "\n"),+),
        };
    };
}
pub use object::check_object;
pub(crate) use rule;
pub(crate) use spot::Spot;

/// Every rule, in the order of their codes.
pub static RULES: &[&Rule] = &[
    &dep::removed::RULE,
    &dep::deprecated::RULE,
    &dep::custom_version::RULE,
    &dep::deprecated_api_field::RULE,
    &kus::build_failed::RULE,
    &kus::unknown_field::RULE,
    &kus::deprecated_field::RULE,
    &kus::patch_target_missing::RULE,
    &kus::no_effect::RULE,
    &kus::unreferenced_file::RULE,
    &kus::path_missing::RULE,
    &kus::duplicate_object::RULE,
    &kus::remote_unpinned::RULE,
    &kus::path_outside::RULE,
    &kus::list_replaced::RULE,
    &kus::selector_changed::RULE,
    &kus::hashed_name_stale::RULE,
    &kus::namespace_collapsed::RULE,
    &kus::subject_stale::RULE,
    &kus::cycle::RULE,
    &kus::replacement_unresolved::RULE,
    &kus::hash_disabled::RULE,
    &kus::chart_unversioned::RULE,
    &kus::patch_unconstrained::RULE,
    &pol::violation::RULE,
    &pol::does_not_compile::RULE,
    &pol::unmatched::RULE,
    &pol::kinds_do_not_fit::RULE,
    &pol::invalid_constraint::RULE,
    &pol::unsupported_builtin::RULE,
    &pol::inventory_missing::RULE,
    &pol::untested::RULE,
    &pol::test_failed::RULE,
    &pol::suite_case_failed::RULE,
    &sch::violation::RULE,
    &sch::unknown_field::RULE,
    &sch::missing::RULE,
    &sch::invalid_name::RULE,
    &sch::invalid_label::RULE,
    &sch::invalid_value::RULE,
    &sch::rule_violated::RULE,
    &sch::duplicate_in_list::RULE,
    &sch::exclusive_fields::RULE,
    &sch::selector_mismatch::RULE,
    &sch::cluster_scoped::RULE,
    &sch::invalid_definition::RULE,
    &sch::missing_volume::RULE,
    &sch::unusable_schema::RULE,
    &sup::unused::RULE,
    &sup::without_reason::RULE,
    &sup::expired::RULE,
    &sup::stale::RULE,
    &sup::invalid::RULE,
    &yml::invalid_yaml::RULE,
    &yml::duplicate_key::RULE,
    &yml::ambiguous_scalar::RULE,
    &yml::non_string::RULE,
    &yml::marker_left_in::RULE,
    &yml::not_an_object::RULE,
];

/// Whether a finding says that a `target`, or the name of an image, selects nothing. That proves nothing if it
/// selects something in another root: a component may be for objects that not all of those who include it have.
pub fn is_miss(found: &Diagnostic) -> bool {
    [kus::patch_target_missing::RULE.code, kus::no_effect::RULE.code].contains(&found.rule.code)
}

/// The rule with this code or this name.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|it| it.code.eq_ignore_ascii_case(code_or_name) || it.name == code_or_name)
}

/// The code or the name of a rule that `text` is most likely a slip of.
pub fn nearest(text: &str) -> Option<&'static str> {
    let code = text.to_ascii_uppercase();
    suggest::nearest(&code, RULES.iter().map(|it| it.code))
        .or_else(|| suggest::nearest(text, RULES.iter().map(|it| it.name)))
}

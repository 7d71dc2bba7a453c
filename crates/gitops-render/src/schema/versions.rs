//! What holds for which versions of Kubernetes.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::kube::minor::{Minor, Minors};
use crate::source::Span;

/// One finding for what is found in several versions, which it names unless it holds for `all`.
///
/// A value of which newer versions take more is told once, as the newest of them wants it.
pub(super) fn merged(found: Vec<(Minor, Vec<Diagnostic>)>, all: &Minors) -> Vec<Diagnostic> {
    let mut merged: Vec<(Diagnostic, Vec<Minor>)> = vec![];
    // Those at each place, because there may be very many places.
    let mut at: HashMap<Span, Vec<usize>> = HashMap::new();
    for (minor, diagnostics) in found {
        for it in diagnostics {
            let here = at.entry(it.span()).or_default();
            let is_other = |index: &&usize| {
                let (other, holds) = &merged[**index];
                !holds.contains(&minor) && is_same(other, &it)
            };
            if let Some(index) = here.iter().find(is_other) {
                let (other, holds) = &mut merged[*index];
                holds.push(minor);
                *other = it;
            } else {
                here.push(merged.len());
                merged.push((it, vec![minor]));
            }
        }
    }
    merged.into_iter().map(|(it, holds)| limited(it, &Minors::new(holds), all)).collect()
}

fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    a.rule.code == b.rule.code && a.labels == b.labels && a.pointer == b.pointer && subject(a) == subject(b)
}

/// What a message says about a value, without what is wanted instead.
fn subject(found: &Diagnostic) -> &str {
    let parts = [", but ", ", which is none of "].into_iter().filter_map(|it| found.message.split_once(it));
    parts.map(|it| it.0).next().unwrap_or(&found.message)
}

/// The finding, with the versions that it holds for unless it holds for `all`.
pub(super) fn limited(mut found: Diagnostic, holds: &Minors, all: &Minors) -> Diagnostic {
    if holds != all {
        found.message.push_str(&format!(" (in Kubernetes {holds})"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sch::violation::RULE;
    use crate::source::FileId;

    #[test]
    fn a_value_of_which_newer_versions_take_more_is_told_once() {
        let minor = |text: &str| text.parse::<Minor>().unwrap();
        let found = |message: &str| RULE.at(Span { file: FileId(0), start: 1, end: 2 }, message);
        let (a, b) = (minor("1.30"), minor("1.31"));
        let all = Minors::new(vec![a, b]);
        let messages = |old: &[&str], new: &[&str]| {
            let of = |it: &[&str]| it.iter().map(|it| found(it)).collect::<Vec<_>>();
            let merged = merged(vec![(a, of(old)), (b, of(new))], &all);
            merged.into_iter().map(|it| it.message).collect::<Vec<_>>()
        };
        let grown = messages(&["`a` is 1, but `b` is wanted"], &["`a` is 1, but `b` or `c` is wanted"]);
        assert_eq!(grown, ["`a` is 1, but `b` or `c` is wanted"]);
        let grown =
            messages(&["`a` is 1, but `b` is wanted"], &["`a` is 1, which is none of the 9 values allowed"]);
        assert_eq!(grown, ["`a` is 1, which is none of the 9 values allowed"]);
        let missing = messages(&["`a` is missing in `x`"], &["`b` is missing in `x`"]);
        let [old, new] =
            ["`a` is missing in `x` (in Kubernetes 1.30)", "`b` is missing in `x` (in Kubernetes 1.31)"];
        assert_eq!(missing, [old, new]);
    }
}

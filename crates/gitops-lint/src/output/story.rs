//! What a finding has to say beside its message, in words: the object, how the value came there, and
//! where else it is seen.

use gitops_render::{Diagnostic, ObjectName, Span};

use crate::findings::{Finding, counted};
use crate::output::{Report, one_line};

/// How many roots or places are named before the rest is counted.
const NAMED: usize = 4;

/// What is said of a place that has to do with the finding, if nothing better is known.
pub const ELSEWHERE: &str = "see here";

/// Message, story and help, one line each, for reports that are plain text.
pub fn plain(report: &Report<'_>, finding: &Finding) -> String {
    let found = &finding.diagnostic;
    let mut lines = vec![one_line(&found.message).into_owned()];
    lines.extend(lines_of(report, finding));
    lines.extend(found.help.as_deref().map(|it| format!("help: {}", one_line(it))));
    lines.join("\n")
}

/// How the value came there and where else it is seen, one line for each place.
pub fn lines_of(report: &Report<'_>, finding: &Finding) -> Vec<String> {
    let labels = &finding.diagnostic.labels;
    let remark = labels.iter().take(1).filter(|it| !it.text.is_empty());
    let remark = remark.map(|it| one_line(&it.text).into_owned());
    let places = labels.iter().skip(1).map(|it| {
        let text = if it.text.is_empty() { ELSEWHERE } else { &it.text };
        format!("{}: {}", one_line(text), report.region(it.span).shown())
    });
    remark.chain(places).chain(around(report, finding)).collect()
}

/// Whom it reaches. Where a finding has many places, they say enough about that.
pub fn around(report: &Report<'_>, finding: &Finding) -> Option<String> {
    repeats(report, finding).or_else(|| reach(report, finding))
}

/// The object that a finding is about, and the place in it.
pub fn subject(found: &Diagnostic) -> Option<String> {
    let ObjectName { kind, namespace, name, .. } = found.object.as_deref()?;
    let place = found.pointer.as_deref().filter(|it| !it.is_empty());
    let namespace = namespace.as_ref().map(|it| format!(" in {it}")).unwrap_or_default();
    let place = place.map(|it| format!(" at {it}")).unwrap_or_default();
    let gap = if name.is_empty() { "" } else { " " };
    Some(one_line(&format!("{kind}{gap}{name}{namespace}{place}")).into_owned())
}

/// Which roots show the finding, if that is not plain from the places.
fn reach(report: &Report<'_>, finding: &Finding) -> Option<String> {
    let (first, others) = finding.roots.split_first()?;
    let is_plain = finding.diagnostic.labels.iter().any(|it| {
        let path = &report.sources.file(it.span.file).path;
        path.is_within(first)
    });
    let name = |it| one_line(&(report.name)(it)).into_owned();
    if others.is_empty() {
        return (!is_plain).then(|| format!("seen in {}", name(first)));
    }
    let (count, named) = (counted(others.len(), "overlay"), listed(others.iter().map(name)));
    Some(format!("seen in {}, also in {count}: {named}", name(first)))
}

/// Where else the same is found.
fn repeats(report: &Report<'_>, finding: &Finding) -> Option<String> {
    let place = |it: &Span| {
        let (path, start, _) = report.sources.place(*it);
        format!("{}:{}", one_line(&(report.name)(&path)), start.line)
    };
    let count = finding.repeats.len();
    (count > 0).then(|| {
        format!("the same in {}: {}", counted(count, "more place"), listed(finding.repeats.iter().map(place)))
    })
}

/// The first few, and how many more there are.
fn listed(all: impl ExactSizeIterator<Item = String>) -> String {
    let rest = all.len().saturating_sub(NAMED);
    let named = all.take(NAMED).collect::<Vec<_>>().join(", ");
    if rest == 0 { named } else { format!("{named} and {rest} more") }
}

//! A changed field as lines of text, for people.

use gitops_render::diff::{ChangeKind, FieldChange};
use gitops_render::yaml::emit_document;
use gitops_render::{Node, Sources, Value};

use super::Shown;
use crate::fix::unified;
use crate::output::{Style, one_line, visible};

/// What does not fit into so many characters goes on a line of its own.
const WIDTH: usize = 120;

/// A value that is longer is cut, and it is said by how much.
const LONGEST: usize = 1_000;

/// A line, and what it is about: `+`, `-`, `~` or nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) sign: char,
    pub(super) text: String,
    /// Where the value comes from, if the line says so.
    pub(super) place: String,
}

impl Line {
    fn new(sign: char, text: impl Into<String>) -> Line {
        Line { sign, text: text.into(), place: String::new() }
    }
}

/// The lines about a field. The first one names it, and the place to edit.
pub(super) fn of(shown: &Shown<'_>, it: &FieldChange) -> Vec<Line> {
    let sign = match it.kind {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Changed | ChangeKind::Reordered => '~',
    };
    let name = if it.field.is_empty() { String::new() } else { one_line(&it.field).into_owned() };
    let place = place(shown, it);
    match (&it.old, &it.new) {
        (Some(old), Some(new)) if it.kind == ChangeKind::Reordered => {
            let text = format!("{name}: the order is {}, was {}", listed(new), listed(old));
            vec![Line { sign, text, place }]
        }
        (Some(old), Some(new)) => match (texts(old), texts(new)) {
            (Some(before), Some(now)) if before.contains('\n') || now.contains('\n') => {
                let first = Line { sign, text: format!("{name}:"), place };
                std::iter::once(first).chain(hunks(before, now)).collect()
            }
            _ if is_scalar(old) && is_scalar(new) => {
                let differs = if it.is_secret { ", which differs" } else { "" };
                let text = format!("{name}: {} → {}{differs}", scalar(old), scalar(new));
                vec![Line { sign, text, place }]
            }
            _ => {
                let first = Line { sign, text: format!("{name}:"), place };
                std::iter::once(first).chain(block('-', old)).chain(block('+', new)).collect()
            }
        },
        (Some(node), None) | (None, Some(node)) => match is_scalar(node) && !is_long(node) {
            true => vec![Line { sign, text: format!("{name}: {}", scalar(node)), place }],
            false => {
                let first = (!name.is_empty()).then(|| Line { sign, text: format!("{name}:"), place });
                first.into_iter().chain(block(sign, node)).collect()
            }
        },
        (None, None) => vec![],
    }
}

/// The place of the new value, or of the old one if it is gone.
pub(super) fn place(shown: &Shown<'_>, it: &FieldChange) -> String {
    let told = |sources: &Sources<'_>, node: &Node| {
        let place = shown.place(sources, node.origin.span);
        let step = node.origin.steps().next().map(|it| (it.step, shown.place(sources, it.directive)));
        match step {
            Some((step, directive)) if directive != place => {
                format!("{place} ({} in {directive})", step.keyword())
            }
            _ => place,
        }
    };
    match (&it.old, &it.new) {
        (_, Some(node)) => told(shown.new, node),
        (Some(node), None) => format!("was {}", told(shown.old, node)),
        (None, None) => String::new(),
    }
}

/// The line as it is written, its place behind it or, if there is no room, below it.
pub(super) fn joined(line: &Line, indent: &str) -> Vec<String> {
    let text = format!("{indent}{} {}", line.sign, line.text).trim_end().to_owned();
    match line.place.is_empty() {
        true => vec![text],
        false if text.chars().count() + line.place.chars().count() + 2 <= WIDTH => {
            vec![format!("{text}  {}", line.place)]
        }
        false => vec![text, format!("{indent}    {}", line.place)],
    }
}

fn is_scalar(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => true,
        Value::Seq(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
    }
}

fn is_long(node: &Node) -> bool {
    texts(node).is_some_and(|it| it.contains('\n'))
}

/// The text of a string.
fn texts(node: &Node) -> Option<&str> {
    node.as_str()
}

/// A single value in one line.
fn scalar(node: &Node) -> String {
    let mut out = String::new();
    // What kustomize cannot print is shown as it is written.
    if emit_document(node, &mut out).is_err() {
        out = node.as_scalar().map(|it| it.text.to_string()).unwrap_or_default();
    }
    let text = one_line(out.trim_end());
    let count = text.chars().count();
    if count <= LONGEST {
        return text.into_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}… ({} characters more)", count - LONGEST)
}

fn listed(node: &Node) -> String {
    node.as_seq().unwrap_or_default().iter().map(scalar).collect::<Vec<_>>().join(", ")
}

/// A value as YAML.
fn block(sign: char, node: &Node) -> Vec<Line> {
    let mut out = String::new();
    if emit_document(node, &mut out).is_err() {
        out = "(kustomize cannot print this value)".to_owned();
    }
    out.lines().map(|it| Line::new(sign, format!("  {}", tame(it)))).collect()
}

/// The lines of a text that come and go, with some around them.
fn hunks(before: &str, now: &str) -> Vec<Line> {
    let mut out = vec![];
    unified::hunks(&mut out, before.as_bytes(), now.as_bytes(), Style::default())
        .expect("a vector takes everything");
    let out = String::from_utf8_lossy(&out).into_owned();
    let line = |it: &str| {
        let sign = it.chars().next().filter(|it| matches!(it, '+' | '-')).unwrap_or(' ');
        let text = it.strip_prefix(['+', '-', ' ']).unwrap_or(it);
        Line::new(sign, format!("  {}", tame(text)))
    };
    out.lines().map(line).collect()
}

fn tame(line: &str) -> String {
    line.chars().map(|it| visible(it).unwrap_or(it)).collect()
}

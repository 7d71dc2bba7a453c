//! YML005: text that a tool should have replaced or a person resolved.
//!
//! Such text breaks the YAML around it in ways that explain nothing, so the finding takes the
//! place of the syntax errors that follow from it.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::rules::yml::{duplicate_key, invalid_yaml};
use crate::source::{FileId, Span};

rule! {
    /// ## What it finds
    /// A merge-conflict marker (`<<<<<<<`, `=======`, `>>>>>>>`) or a template expression (`{{ … }}`)
    /// in a file that is to be applied as it is.
    ///
    /// ## Why it matters
    /// With a conflict marker the file is no YAML, or worse, it is, with both sides in it. A template
    /// expression in a place that nobody renders reaches the cluster as text.
    ///
    /// ## How to fix it
    /// Resolve the conflict. Move templates to where a tool renders them (a chart's `templates/`), or
    /// quote the braces if they are meant for the program that reads the value.
    YML005 "marker-left-in" Error File
}

/// Puts markers in the place of the syntax errors that they cause.
///
/// Every conflict is reported, and of a file's template expressions the first that breaks it.
pub(crate) fn explain(file: FileId, bytes: &[u8], found: &mut Vec<Diagnostic>) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let conflicts = conflicts(text);
    if !conflicts.is_empty() {
        let is_within = |at: u32| conflicts.iter().any(|it| (it.start..it.end).contains(&(at as usize)));
        found.retain(|it| {
            let is_twice = it.rule.code == duplicate_key::RULE.code && is_within(it.span().start);
            it.rule.code != invalid_yaml::RULE.code && !is_twice
        });
        found.extend(conflicts.iter().map(|it| it.report(file, text)));
    }
    let syntax_errors = found.iter().filter(|it| it.rule.code == invalid_yaml::RULE.code);
    let Some(at) = syntax_errors.filter_map(|it| breaking_template(text, it)).min() else { return };
    found.retain(|it| it.rule.code != invalid_yaml::RULE.code);
    found.push(template(Span { file, start: at as u32, end: template_end(text, at) as u32 }));
}

/// A conflict that Git left, from its first marker to the end of its last.
struct Conflict {
    start: usize,
    last_marker: usize,
    end: usize,
}

impl Conflict {
    fn report(&self, file: FileId, text: &str) -> Diagnostic {
        let line = |at: usize| {
            let length = text[at..].lines().next().unwrap_or_default().trim_end().len();
            Span { file, start: at as u32, end: (at + length) as u32 }
        };
        conflict(line(self.start), "<<<<<<<").label(line(self.last_marker), "it ends here")
    }
}

/// The conflicts in a text: the three markers in their order, each at the start of a line.
fn conflicts(text: &str) -> Vec<Conflict> {
    let mut conflicts = vec![];
    if !text.contains("<<<<<<< ") {
        return conflicts;
    }
    let (mut start, mut middle, mut at) = (None, false, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") {
            (start, middle) = (Some(at), false);
        } else if line.trim_end() == "=======" {
            middle = start.is_some();
        } else if line.starts_with(">>>>>>> ") && middle {
            let end = at + line.len();
            conflicts.extend(start.take().map(|start| Conflict { start, last_marker: at, end }));
            middle = false;
        }
        at += line.len();
    }
    conflicts
}

/// The template expression that a syntax error follows from: one that begins a value, on a line
/// that the error names or on the line before it. In quotes or in a block of text the same braces
/// do no harm, and are no explanation.
fn breaking_template(text: &str, error: &Diagnostic) -> Option<usize> {
    let of_label = error.labels.iter().filter_map(|it| {
        let at = (it.span.start as usize).min(text.len());
        let start = line_start(text, at);
        let before = text[..start].trim_end();
        first_in_line(text, start).or_else(|| first_in_line(text, line_start(text, before.len())))
    });
    of_label.min()
}

fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1)
}

/// The first `{{` or `{%` of a line that stands where a value begins.
fn first_in_line(text: &str, start: usize) -> Option<usize> {
    let line = text[start..].lines().next().unwrap_or_default();
    let openings = line.match_indices('{').filter(|(at, _)| line[at + 1..].starts_with(['{', '%']));
    let begins_value = |at: usize| {
        let before = line[..at].trim_end();
        before.is_empty() || before.ends_with([':', '-', '[', ',', '{', '}']) && !before.contains('#')
    };
    openings.map(|(at, _)| at).find(|at| begins_value(*at)).map(|at| start + at)
}

/// The end of the expression, or of its line.
fn template_end(text: &str, at: usize) -> usize {
    let line = text[at..].lines().next().unwrap_or_default();
    let close = [line.find("}}"), line.find("%}")].into_iter().flatten().min();
    at + close.map_or(line.trim_end().len(), |it| it + 2)
}

/// Whether this is about a template expression, not about a conflict.
pub(crate) fn is_template(found: &Diagnostic) -> bool {
    found.rule.code == RULE.code && found.message == TEMPLATE
}

const TEMPLATE: &str = "a template expression is left in a file that nobody renders";

fn conflict(at: Span, marker: &str) -> Diagnostic {
    RULE.at(at, format!("a merge conflict is not resolved: `{marker}`"))
        .help("keep one side and delete the markers")
}

fn template(at: Span) -> Diagnostic {
    RULE.at(at, TEMPLATE)
        .help("render it, move it to a chart's `templates/`, or quote it if it is meant as text")
}

#[cfg(test)]
mod tests {
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    /// Code and line of what is found in a text.
    fn findings(text: &str) -> Vec<(String, u32)> {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", text);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        let line = |at: u32| file.position(at).line;
        file.yaml().diagnostics.iter().map(|it| (it.rule.code.to_owned(), line(it.span().start))).collect()
    }

    #[track_caller]
    fn finds(text: &str, expected: &[(&str, u32)]) {
        let expected: Vec<_> = expected.iter().map(|(code, line)| ((*code).to_owned(), *line)).collect();
        assert_eq!(findings(text), expected, "in {text:?}");
    }

    #[test]
    fn a_conflict_takes_the_place_of_the_errors_that_follow_from_it() {
        finds("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> main\nc: 4\n", &[("YML005", 2)]);
        let twice = "<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> main\n".repeat(2);
        finds(&twice, &[("YML005", 1), ("YML005", 6)]);
    }

    #[test]
    fn an_underline_of_equal_signs_is_no_conflict() {
        finds("a: |\n  Title\n  =======\n", &[]);
    }

    #[test]
    fn one_template_expression_stands_for_all_that_it_breaks() {
        finds("a: {{ .Values.a }}\nb: {{ .Values.b }}\n", &[("YML005", 1)]);
        finds("a:\n{{- if .Values.b }}\n  b: 1\n{{- end }}\n", &[("YML005", 2)]);
        finds("a: 1\n{% if b %}\nb: 1\n{% endif %}\n", &[("YML005", 2)]);
        finds("a: 1\n---\n- {{ item }}: {{ other }}\n", &[("YML005", 3)]);
    }

    #[test]
    fn braces_that_do_no_harm_explain_no_error() {
        finds("a: '{{ .Values.a }}'\nb: x-{{ .Values.b }}\nc: |\n  {{ define }}\n", &[]);
        finds("a: '{{ .Values.a }}'\nb: [1\nc: 2\n", &[("YML001", 2)]);
    }
}

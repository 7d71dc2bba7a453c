//! One cause, one finding: what several overlays show of the same defect collapses here, and here
//! the order is fixed.

use std::collections::{HashMap, HashSet};

use gitops_render::{Diagnostic, Edit, Fix, RepoPath, Safety, Severity, Sources, Span, rules};

use crate::options::Selection;

/// A diagnostic, and the entry points that show it.
#[derive(Debug)]
pub struct Finding {
    /// As the first of the roots has it.
    pub diagnostic: Diagnostic,
    /// In order of path. Empty for findings about a file as such.
    pub roots: Vec<RepoPath>,
    /// Further places with the same cause, in order.
    pub repeats: Vec<Span>,
}

/// A kind that nobody has a schema for is one cause, however many objects of it there are.
pub fn is_same_everywhere(found: &Diagnostic) -> bool {
    found.rule.code == rules::sch::missing::RULE.code && found.severity == Severity::Warning
}

/// Collapses findings with the same rule, primary place and message, and sorts by path and place.
///
/// Rules that are off are left out, and the severities are those of `selection`. `found` comes in an order that does not depend on threads.
pub fn merge(
    sources: &Sources<'_>,
    selection: &Selection,
    found: impl IntoIterator<Item = (Diagnostic, Vec<RepoPath>)>,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = vec![];
    let mut known: HashMap<(&str, Span, String), usize> = HashMap::new();
    let mut of_file = selection.by_file(sources);
    for (diagnostic, roots) in found.into_iter().filter(|(it, _)| of_file.verdict(it).is_on) {
        let key = (diagnostic.rule.code, diagnostic.span(), diagnostic.message.clone());
        let index = *known.entry(key).or_insert(findings.len());
        match findings.get_mut(index) {
            Some(finding) => {
                finding.roots.extend(roots);
                let fix = more_careful(finding.diagnostic.fix.take(), diagnostic.fix.clone());
                // Two constraints may say the same, and mean it more and less.
                if diagnostic.severity > finding.diagnostic.severity {
                    finding.diagnostic = diagnostic;
                }
                finding.diagnostic.fix = fix;
            }
            None => findings.push(Finding { diagnostic, roots, repeats: vec![] }),
        }
    }
    findings.sort_by_cached_key(|it| order(sources, it));
    let mut findings = collapse(findings);
    for finding in &mut findings {
        let severity = of_file.verdict(&finding.diagnostic).severity;
        finding.diagnostic.severity = severity.unwrap_or(finding.diagnostic.severity);
        finding.roots.sort();
        finding.roots.dedup();
        finding.diagnostic.fix =
            finding.diagnostic.fix.take().and_then(|it| as_far_as_it_reaches(sources, it));
    }
    findings
}

/// How many places there are of which findings say that they cannot be read or built.
pub fn broken<'f>(found: impl Iterator<Item = &'f Diagnostic>) -> usize {
    let rules =
        [&rules::yml::invalid_yaml::RULE, &rules::yml::duplicate_key::RULE, &rules::kus::build_failed::RULE];
    let is_broken = |it: &&Diagnostic| rules.iter().any(|rule| rule.code == it.rule.code);
    found.filter(is_broken).map(|it| (it.rule.code, it.span(), &*it.message)).collect::<HashSet<_>>().len()
}

/// What findings are put in order by: path and place.
pub fn order(sources: &Sources<'_>, finding: &Finding) -> (RepoPath, u32, u32, &'static str, String) {
    let (found, span) = (&finding.diagnostic, finding.diagnostic.span());
    (sources.file(span.file).path.clone(), span.start, span.end, found.rule.code, found.message.clone())
}

/// The fix, with what only its file tells: a rule sees one of the places that a text stands for.
fn as_far_as_it_reaches(sources: &Sources<'_>, mut fix: Box<Fix>) -> Option<Box<Fix>> {
    let is_shared =
        |it: &Edit| sources.file(it.span.file).yaml().shared.iter().any(|shared| shared.holds(it.span));
    // SOPS keeps a sum over the values of a file: whoever edits one without it cannot decrypt the others.
    let is_sealed =
        |it: &Edit| sources.file(it.span.file).yaml().documents.iter().any(|it| it.get("sops").is_some());
    if fix.edits.iter().any(is_sealed) {
        return None;
    }
    if fix.safety == Safety::Safe && fix.edits.iter().any(is_shared) {
        fix.safety = Safety::Unsafe;
        fix.message.push_str(", which aliases stand for, too");
    }
    Some(fix)
}

/// What mends a finding everywhere: an edit may be safe for one overlay and not for another.
fn more_careful(a: Option<Box<Fix>>, b: Option<Box<Fix>>) -> Option<Box<Fix>> {
    let (a, b) = (a?, b?);
    (a.edits == b.edits).then(|| if a.safety < b.safety { b } else { a })
}

/// Leaves the first of those findings that are the same everywhere.
fn collapse(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = vec![];
    let mut known: HashMap<String, usize> = HashMap::new();
    for mut finding in findings {
        if is_same_everywhere(&finding.diagnostic) {
            let index = *known.entry(finding.diagnostic.message.clone()).or_insert(kept.len());
            if let Some(first) = kept.get_mut(index) {
                first.repeats.push(finding.diagnostic.span());
                first.roots.append(&mut finding.roots);
                continue;
            }
        }
        kept.push(finding);
    }
    kept
}

/// What was looked at, and how much was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are notes.
    pub infos: usize,
    /// Findings that somebody has silenced; they count neither as errors nor as anything else.
    pub suppressed: usize,
    /// With a base, how many findings are about what the change affects and were there before.
    pub before: Option<usize>,
    /// YAML files that were read.
    pub files: usize,
    /// Kustomizations and manifest files that were rendered.
    pub roots: usize,
    /// Objects that they rendered.
    pub objects: usize,
}

impl Summary {
    /// Counts the findings.
    #[must_use]
    pub fn count(mut self, findings: &[Finding]) -> Summary {
        let of = |severity| findings.iter().filter(|it| it.diagnostic.severity == severity).count();
        self.errors = of(Severity::Error);
        self.warnings = of(Severity::Warning);
        self.infos = of(Severity::Info);
        self
    }
}

/// A number with its noun: `1 file`, `2 files`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::MemoryTree;

    #[test]
    fn the_same_defect_in_two_overlays_is_one_finding() {
        let mut tree = MemoryTree::new();
        tree.insert("b.yaml", "a: 1\nb: 2\n").insert("a.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let start = |name: &str| sources.open(&path(name)).unwrap().start();
        // Read in another order than that of their paths.
        let (b, a) = (start("b.yaml"), start("a.yaml"));
        let rule = rules::find("KUS001").unwrap();
        let found = [
            (rule.at(Span { start: 5, end: 6, ..b }, "x"), vec![path("prod")]),
            (rule.at(b, "x"), vec![path("prod")]),
            (rule.at(b, "y"), vec![path("prod")]),
            (rule.at(b, "x"), vec![path("dev"), path("prod")]),
            (rule.at(a, "x"), vec![]),
        ];
        let findings = merge(&sources, &Selection::default(), found);
        let told: Vec<_> = findings
            .iter()
            .map(|it| {
                let span = it.diagnostic.span();
                let path = sources.file(span.file).path.to_string();
                (path, span.start, &*it.diagnostic.message, it.roots.len())
            })
            .collect();
        let expected =
            [("a.yaml", 0, "x", 0), ("b.yaml", 0, "x", 2), ("b.yaml", 0, "y", 1), ("b.yaml", 5, "x", 1)];
        assert_eq!(told, expected.map(|(path, at, message, roots)| (path.to_owned(), at, message, roots)));
        assert_eq!(findings[1].roots, [path("dev"), path("prod")]);
        assert_eq!(Summary::default().count(&findings).errors, 4);
    }

    #[test]
    fn an_edit_is_as_safe_as_it_is_for_all_roots() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let start = sources.open(&path("a.yaml")).unwrap().start();
        let fix = |text: &str, safety| Fix {
            message: String::new(),
            edits: vec![Edit { span: start, text: text.to_owned() }],
            safety,
        };
        let (safe, careful) = (fix("x", Safety::Safe), fix("x", Safety::Unsafe));
        for (first, second, expected) in [
            (Some(&safe), Some(&careful), Some(&careful)),
            (Some(&careful), Some(&safe), Some(&careful)),
            (Some(&safe), Some(&safe), Some(&safe)),
            (Some(&safe), Some(&fix("y", Safety::Safe)), None),
            (Some(&safe), None, None),
        ] {
            let found =
                |fix: Option<&Fix>| (rules::find("DEP001").unwrap().at(start, "x").fix(fix.cloned()), vec![]);
            let findings = merge(&sources, &Selection::default(), [found(first), found(second)]);
            assert_eq!(findings[0].diagnostic.fix.as_deref(), expected);
        }
    }

    #[test]
    fn a_kind_without_a_schema_is_one_finding() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1\nb: 2\n").insert("b.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let (a, b) = (sources.open(&path("a.yaml")).unwrap(), sources.open(&path("b.yaml")).unwrap());
        let rule = rules::find("SCH003").unwrap();
        let later = Span { start: 5, end: 6, ..a.start() };
        let found = [
            (rule.at(b.start(), "no schema for X"), vec![path("y")]),
            (rule.at(later, "no schema for X"), vec![path("x")]),
            (rule.at(a.start(), "no schema for X"), vec![path("y")]),
            (rule.at(a.start(), "no schema for Z"), vec![path("y")]),
        ];
        let findings = merge(&sources, &Selection::default(), found);
        assert_eq!(findings.len(), 2);
        assert_eq!(findings[0].diagnostic.span(), a.start());
        assert_eq!(findings[0].repeats, [later, b.start()]);
        assert_eq!(findings[0].roots, [path("x"), path("y")]);
    }
}

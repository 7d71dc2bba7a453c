//! SARIF 2.1.0: what code scanning and editors read.
//!
//! Lines and columns are those of all our reports, which SARIF calls `unicodeCodePoints`.

mod log;

use std::collections::BTreeMap;
use std::io;

use gitops_render::{Diagnostic, Edit, ObjectName, Rule, Severity, Span};

use self::log::{
    Artifact, ArtifactChange, ArtifactLocation, Configuration, Description, Descriptor, Driver, Fix,
    Invocation, Location, Log, LogicalLocation, Message, Notification, PhysicalLocation, Properties,
    Replacement, SarifRegion, SarifResult, Suppression, Tool,
};
use crate::findings::Finding;
use crate::mute::{Mute, MutedBy};
use crate::output::story::{ELSEWHERE, around};
use crate::output::{Region, Report, Run, one_line, word, write_json};
use crate::packs::PREFIX;
use crate::rule_page;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of the place that paths begin at: the top of the repository.
const ROOT: &str = "%SRCROOT%";
/// The name of our fingerprints; another way to make them gets another number.
const FINGERPRINT: &str = "gitopsLint/v1";
/// What is said about a further place with the same cause.
const REPEAT: &str = "the same here";

/// Writes the log.
pub fn write(out: &mut dyn io::Write, report: &Report<'_>, run: &Run<'_>) -> io::Result<()> {
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: vec![run_of(report, run)] };
    write_json(out, &log)
}

fn run_of(report: &Report<'_>, run: &Run<'_>) -> log::Run {
    let findings = report.with_muted();
    let mut rules: Vec<&'static Rule> = findings.iter().map(|it| it.0.diagnostic.rule).collect();
    rules.sort_by_key(|it| it.code);
    rules.dedup_by_key(|it| it.code);
    // Where one result says whether it is suppressed, all have to.
    let has_muted = !report.checked.muted.is_empty();
    let mut writer = Writer { report, rules: &rules, artifacts: vec![], known: BTreeMap::new() };
    let fingerprints = report.fingerprints(&findings);
    let result = |((finding, mute), id): (&(&Finding, Option<&Mute>), String)| {
        let suppressions = has_muted.then(|| mute.iter().map(|it| writer.suppression(it)).collect());
        let baseline_state = report.checked.is_compared.then(|| baseline_state(*mute));
        SarifResult { suppressions, baseline_state, ..writer.result(finding, id) }
    };
    let results = findings.iter().zip(fingerprints).map(result).collect();
    let driver = Driver {
        name: "gitops-lint",
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules.iter().map(|it| descriptor(it)).collect(),
    };
    let root = Description { text: "The top of the repository." };
    let root = ArtifactLocation { description: Some(root), ..ArtifactLocation::default() };
    log::Run {
        tool: Tool { driver },
        invocations: vec![invocation(run)],
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BTreeMap::from([(ROOT, root)]),
        artifacts: writer.artifacts,
        results,
    }
}

fn invocation(run: &Run<'_>) -> Invocation {
    let notification = |level, text: &String| Notification { level, message: message(text) };
    let errors = run.errors.iter().map(|it| notification("error", it));
    let warnings = run.warnings.iter().map(|it| notification("warning", it));
    Invocation {
        execution_successful: run.errors.is_empty(),
        tool_execution_notifications: errors.chain(warnings).collect(),
    }
}

fn descriptor(rule: &'static Rule) -> Descriptor {
    Descriptor {
        id: rule.code,
        name: rule.name,
        short_description: plain(rule_page::first_sentence(rule)),
        full_description: plain(rule_page::what(rule)),
        help: Message { text: rule_page::text(rule), markdown: Some(rule_page::markdown(rule)) },
        help_uri: rule_page::url(rule),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties { tags: rule_page::tags(rule).to_vec() },
    }
}

/// Whether the finding was there when the baseline was written. What a comment silences may be either.
fn baseline_state(mute: Option<&Mute>) -> &'static str {
    if mute.is_some_and(|it| it.by == MutedBy::Baseline) { "unchanged" } else { "new" }
}

fn level(severity: Severity) -> &'static str {
    word(severity, "error", "warning", "note")
}

/// What grows while results are written.
struct Writer<'a> {
    report: &'a Report<'a>,
    rules: &'a [&'static Rule],
    artifacts: Vec<Artifact>,
    /// The index of each path in `artifacts`.
    known: BTreeMap<String, usize>,
}

impl Writer<'_> {
    fn result(&mut self, finding: &Finding, fingerprint: String) -> SarifResult {
        let found = &finding.diagnostic;
        let rule_index = self.rules.binary_search_by_key(&found.rule.code, |it| it.code);
        let mut text = one_line(&found.message).into_owned();
        let around = around(self.report, finding).map(|it| format!("\n{it}"));
        let help = found.help.as_deref().map(|it| format!("\nhelp: {}", one_line(it)));
        text.extend(around.into_iter().chain(help));
        SarifResult {
            rule_id: found.rule.code,
            rule_index: rule_index.expect("the list was made of these rules"),
            level: level(found.severity),
            message: message(&text),
            locations: vec![self.primary(found)],
            related_locations: self.related(finding),
            partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint)]),
            baseline_state: None,
            suppressions: None,
            fixes: found.fix.iter().map(|it| self.fix(it)).collect(),
        }
    }

    fn suppression(&mut self, mute: &Mute) -> Suppression {
        let kind = match mute.by {
            MutedBy::Comment | MutedBy::Annotation => "inSource",
            MutedBy::Options | MutedBy::Baseline => "external",
        };
        let location = mute.place.map(|it| Location {
            id: None,
            physical_location: self.physical(it),
            logical_locations: vec![],
            message: None,
        });
        let justification = mute.reason.as_deref().map(|it| one_line(it).into_owned());
        Suppression { kind, justification, location }
    }

    fn primary(&mut self, found: &Diagnostic) -> Location {
        let remark = found.labels.first().map(|it| &*it.text).filter(|it| !it.is_empty());
        Location {
            id: None,
            physical_location: self.physical(found.span()),
            logical_locations: logical(found),
            message: remark.map(message),
        }
    }

    /// How the value came there, the newest step first, and where else the same is.
    fn related(&mut self, finding: &Finding) -> Vec<Location> {
        let labels = finding.diagnostic.labels.iter().skip(1);
        let labels = labels.map(|it| (it.span, if it.text.is_empty() { ELSEWHERE } else { &it.text }));
        let repeats = finding.repeats.iter().map(|it| (*it, REPEAT));
        let places: Vec<(Span, &str)> = labels.chain(repeats).collect();
        let location = |(index, (span, text)): (usize, (Span, &str))| Location {
            id: Some(index + 1),
            physical_location: self.physical(span),
            logical_locations: vec![],
            message: Some(message(text)),
        };
        places.into_iter().enumerate().map(location).collect()
    }

    fn fix(&mut self, fix: &gitops_render::Fix) -> Fix {
        let mut changes: Vec<ArtifactChange> = vec![];
        for Edit { span, text } in &fix.edits {
            let region = self.report.region(*span);
            let replacement = Replacement {
                // Something may be put in at the start of a file, which is then a place.
                deleted_region: exact(&region),
                inserted_content: plain(text.clone()),
            };
            let artifact_location = self.artifact(&region.path);
            match changes.iter_mut().find(|it| it.artifact_location.uri == artifact_location.uri) {
                Some(change) => change.replacements.push(replacement),
                None => {
                    changes.push(ArtifactChange { artifact_location, replacements: vec![replacement] });
                }
            }
        }
        Fix { description: message(&fix.message), artifact_changes: changes }
    }

    fn physical(&mut self, span: Span) -> PhysicalLocation {
        let found = self.report.region(span);
        let whole = SarifRegion { start_line: 1, start_column: None, end_line: None, end_column: None };
        let region = if found.is_file { whole } else { exact(&found) };
        PhysicalLocation { artifact_location: self.artifact(&found.path), region }
    }

    /// The file, which is entered into the list when it is named first.
    fn artifact(&mut self, path: &str) -> ArtifactLocation {
        // What lies outside of the repository, or in the program, is not found from its top.
        let is_inside = !path.starts_with("../") && !path.starts_with(PREFIX);
        let location = |index| ArtifactLocation {
            uri: Some(uri(path)),
            uri_base_id: is_inside.then_some(ROOT),
            index,
            description: None,
        };
        let index = *self.known.entry(path.to_owned()).or_insert(self.artifacts.len());
        if index == self.artifacts.len() {
            self.artifacts.push(Artifact { location: location(None) });
        }
        location(Some(index))
    }
}

fn exact(region: &Region) -> SarifRegion {
    SarifRegion {
        start_line: region.start.line,
        start_column: Some(region.start.column),
        end_line: Some(region.end.line),
        end_column: Some(region.end.column),
    }
}

/// The object as it is rendered, and the place in it.
fn logical(found: &Diagnostic) -> Vec<LogicalLocation> {
    let Some(object) = found.object.as_deref() else { return vec![] };
    let ObjectName { api_version, kind, namespace, name } = object;
    let namespace = namespace.as_ref().map(|it| format!("{it}/")).unwrap_or_default();
    let full = one_line(&format!("{api_version}/{kind}/{namespace}{name}")).into_owned();
    let name = one_line(name).into_owned();
    let pointer = found.pointer.as_deref().filter(|it| !it.is_empty()).map(one_line);
    let place = pointer.map(|it| LogicalLocation {
        name: it.rsplit('/').next().unwrap_or_default().to_owned(),
        fully_qualified_name: format!("{full}#{it}"),
        kind: "property",
    });
    let object = LogicalLocation { name, fully_qualified_name: full, kind: "object" };
    std::iter::once(object).chain(place).collect()
}

fn plain(text: String) -> Message {
    Message { text, markdown: None }
}

/// A message, in which readers see neither links nor places for arguments.
fn message(text: &str) -> Message {
    let mut out = text.to_owned();
    if out.contains("](") {
        out = out.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    }
    let is_argument = |it: &str| it.split_once('}').is_some_and(|it| it.0.parse::<u32>().is_ok());
    if out.split('{').skip(1).any(is_argument) {
        out = out.replace('{', "{{").replace('}', "}}");
    }
    plain(out)
}

/// A path as a relative URI; the files of packs have a scheme of their own.
fn uri(path: &str) -> String {
    let (scheme, path) = path.strip_prefix(PREFIX).map_or(("", path), |it| (PREFIX, it));
    let mut out = String::from(scheme);
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte as char)
            }
            it => out.push_str(&format!("%{it:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("builtin:team-basics/a b.rego"), "builtin:team-basics/a%20b.rego");
        assert_eq!(uri("apps/my app/ä:#%.yaml"), "apps/my%20app/%C3%A4%3A%23%25.yaml");
    }

    #[test]
    fn messages_hold_no_links_and_no_arguments() {
        for (text, expected) in [
            ("`a[0]` is {x}", "`a[0]` is {x}"),
            ("[x](1) and [y]", "\\[x\\](1) and \\[y\\]"),
            ("{0} of {x}", "{{0}} of {{x}}"),
        ] {
            assert_eq!(message(text).text, expected);
        }
    }
}

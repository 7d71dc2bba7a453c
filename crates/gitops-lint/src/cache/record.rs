//! A result as it is kept: what was found, with places that outlive the run, and what it rests on.

use std::collections::HashMap;
use std::sync::Arc;

use gitops_render::secrets::{Hidden, KnownSecrets};
use gitops_render::{Edit, FileId, Fix, Label, ObjectName, RepoPath, Safety, Severity, Sources, Span, rules};
use serde::{Deserialize, Serialize};

use crate::cache::asked::{Asked, digest};
use crate::coverage::{Break, Extent};
use crate::findings::{Finding, Summary};
use crate::lint::Checked;
use crate::mute::{Mute, Muted, MutedBy};

/// Everything that is kept of a run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// As long as the disk answers so, the rest is true.
    pub asked: Asked,
    /// The files that findings point into, with the digests of what is in them.
    files: Vec<(String, String)>,
    /// Where something is secret in those of them that were looked through.
    secrets: Vec<(usize, Vec<(u32, u32)>)>,
    findings: Vec<KeptFinding>,
    muted: Vec<KeptMuted>,
    warnings: Vec<String>,
    extent: KeptExtent,
    /// Files, roots and objects.
    counts: [usize; 3],
}

/// How far the run came.
#[derive(Debug, Serialize, Deserialize)]
struct KeptExtent {
    incomplete: Vec<String>,
    /// The file and the roots of each.
    hidden: Vec<(String, Vec<String>)>,
    has_policies: bool,
}

/// A span: the number of the file in the record, start and end.
type Place = (usize, u32, u32);

#[derive(Debug, Serialize, Deserialize)]
struct KeptFinding {
    code: String,
    severity: u8,
    message: String,
    labels: Vec<(Place, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// apiVersion, kind, namespace, name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<(String, String, Option<String>, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fix: Option<KeptFix>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roots: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    repeats: Vec<Place>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptMuted {
    finding: KeptFinding,
    by: String,
    reason: Option<String>,
    place: Option<Place>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptFix {
    message: String,
    edits: Vec<(Place, String)>,
    is_safe: bool,
}

/// The ways to silence a finding.
const WAYS: [MutedBy; 4] = [MutedBy::Comment, MutedBy::Annotation, MutedBy::Options, MutedBy::Baseline];

const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

impl Record {
    /// Takes the result of a run down. `None` if it might be another one next time.
    pub fn of(checked: &Checked, sources: &Sources<'_>, asked: Asked) -> Option<Record> {
        let Checked {
            findings,
            muted,
            is_compared,
            summary,
            warnings,
            // Who compares with a base asks for them, and uses no record for its sides.
            definitions: _,
            judging: _,
            known,
            changed_lines: _,
            broken: _,
            extent,
            secrets,
        } = checked;
        let is_late = |it: &Finding| rules::pol::does_not_compile::is_about_time(&it.diagnostic);
        // What took too long on a busy machine may be fast enough next time.
        if *is_compared
            || !known.is_empty()
            || sources.cancel().is_cancelled()
            || findings.iter().any(is_late)
        {
            return None;
        }
        // The rest of the summary is counted again.
        let Summary { files, roots, objects, errors: _, warnings: _, infos: _, suppressed: _, before: _ } =
            *summary;
        let mut keeper = Keeper { sources, numbers: HashMap::new(), files: vec![] };
        Some(Record {
            asked,
            findings: findings.iter().map(|it| keeper.finding(it)).collect(),
            muted: muted.iter().map(|it| keeper.muted(it)).collect(),
            secrets: keeper.secrets(secrets),
            files: keeper.files,
            warnings: warnings.clone(),
            counts: [files, roots, objects],
            extent: KeptExtent::of(extent),
        })
    }

    /// The result, with places in files that are opened for it. `None` if a file is not what it was.
    pub fn checked(self, sources: &Sources<'_>) -> Option<Checked> {
        let mut ids = vec![];
        for (path, known) in &self.files {
            let path = RepoPath::root().join(path)?;
            // As it was in the run before, what cannot be read has no content.
            let file = sources.open(&path).unwrap_or_else(|_| sources.open_unreadable(&path));
            if digest(file.bytes()) != *known || file.path != path {
                return None;
            }
            ids.push(file.id);
        }
        let findings = self.findings.into_iter().map(|it| it.finding(&ids)).collect::<Option<Vec<_>>>()?;
        let muted = self.muted.into_iter().map(|it| it.muted(&ids)).collect::<Option<Vec<_>>>()?;
        let [files, roots, objects] = self.counts;
        let summary = Summary { files, roots, objects, suppressed: muted.len(), ..Summary::default() };
        let summary = summary.count(&findings);
        let extent = self.extent.extent()?;
        let secrets = self.secrets.into_iter().map(|it| known_secrets(&ids, it)).collect::<Option<_>>()?;
        let warnings = self.warnings;
        Some(Checked { findings, muted, summary, extent, secrets, warnings, ..Checked::default() })
    }
}

impl KeptExtent {
    fn of(extent: &Extent) -> KeptExtent {
        let Extent { incomplete, hidden, has_policies } = extent;
        let texts = |all: &[RepoPath]| all.iter().map(RepoPath::to_string).collect();
        let hidden = hidden.iter().map(|Break { file, roots }| (file.to_string(), texts(roots)));
        KeptExtent { incomplete: texts(incomplete), hidden: hidden.collect(), has_policies: *has_policies }
    }

    fn extent(self) -> Option<Extent> {
        let hidden = self
            .hidden
            .into_iter()
            .map(|(file, roots)| Some(Break { file: RepoPath::root().join(&file)?, roots: paths(&roots)? }));
        let hidden = hidden.collect::<Option<_>>()?;
        Some(Extent { incomplete: paths(&self.incomplete)?, hidden, has_policies: self.has_policies })
    }
}

fn paths(texts: &[String]) -> Option<Vec<RepoPath>> {
    texts.iter().map(|it| RepoPath::root().join(it)).collect()
}

/// Gives files numbers.
struct Keeper<'a> {
    sources: &'a Sources<'a>,
    numbers: HashMap<FileId, usize>,
    files: Vec<(String, String)>,
}

impl Keeper<'_> {
    /// What was known to be secret in the files that are kept, in their order.
    fn secrets(&self, known: &KnownSecrets) -> Vec<(usize, Vec<(u32, u32)>)> {
        let spans = |it: &Hidden| it.spans.iter().map(|it| (it.start, it.end)).collect();
        let kept = known.iter().filter_map(|(file, it)| Some((*self.numbers.get(file)?, spans(it))));
        let mut kept: Vec<_> = kept.collect();
        kept.sort();
        kept
    }

    fn place(&mut self, span: Span) -> Place {
        let Span { file, start, end } = span;
        let number = *self.numbers.entry(file).or_insert_with(|| {
            let file = self.sources.file(file);
            self.files.push((file.path.to_string(), digest(file.bytes())));
            self.files.len() - 1
        });
        (number, start, end)
    }

    fn finding(&mut self, finding: &Finding) -> KeptFinding {
        let kept = self.parts(finding);
        debug_assert!(self.is_whole(finding), "a finding has something that is not kept");
        kept
    }

    /// Whether what is kept of a finding is all of it, also when findings have got another field.
    fn is_whole(&mut self, finding: &Finding) -> bool {
        let kept = self.parts(finding);
        let mut files: Vec<(usize, FileId)> =
            self.numbers.iter().map(|(id, number)| (*number, *id)).collect();
        files.sort();
        let files: Vec<FileId> = files.into_iter().map(|it| it.1).collect();
        kept.finding(&files).is_some_and(|it| format!("{it:?}") == format!("{finding:?}"))
    }

    fn parts(&mut self, finding: &Finding) -> KeptFinding {
        let Finding { diagnostic: found, roots, repeats } = finding;
        let name = |it: &ObjectName| {
            let ObjectName { api_version, kind, namespace, name } = it.clone();
            (api_version, kind, namespace, name)
        };
        KeptFinding {
            code: found.rule.code.to_owned(),
            severity: found.severity as u8,
            message: found.message.clone(),
            labels: found
                .labels
                .iter()
                .map(|Label { span, text }| (self.place(*span), text.clone()))
                .collect(),
            help: found.help.clone(),
            object: found.object.as_deref().map(name),
            pointer: found.pointer.as_deref().map(str::to_owned),
            fix: found.fix.as_deref().map(|it| self.fix(it)),
            roots: roots.iter().map(RepoPath::to_string).collect(),
            repeats: repeats.iter().map(|it| self.place(*it)).collect(),
        }
    }

    fn muted(&mut self, muted: &Muted) -> KeptMuted {
        let Muted { finding, mute: Mute { by, reason, place } } = muted;
        KeptMuted {
            finding: self.finding(finding),
            by: by.as_str().to_owned(),
            reason: reason.clone(),
            place: place.map(|it| self.place(it)),
        }
    }

    fn fix(&mut self, fix: &Fix) -> KeptFix {
        let Fix { message, edits, safety } = fix;
        let edits = edits.iter().map(|Edit { span, text }| (self.place(*span), text.clone())).collect();
        KeptFix { message: message.clone(), edits, is_safe: *safety == Safety::Safe }
    }
}

/// What is secret in one of the files.
fn known_secrets(files: &[FileId], kept: (usize, Vec<(u32, u32)>)) -> Option<(FileId, Arc<Hidden>)> {
    let spans = kept.1.into_iter().map(|(start, end)| span(files, (kept.0, start, end)));
    Some((*files.get(kept.0)?, Arc::new(Hidden::at(spans.collect::<Option<_>>()?))))
}

fn span(files: &[FileId], (number, start, end): Place) -> Option<Span> {
    Some(Span { file: *files.get(number)?, start, end })
}

impl KeptFinding {
    fn finding(self, files: &[FileId]) -> Option<Finding> {
        let label = |(place, text)| Some(Label { span: span(files, place)?, text });
        let labels = self.labels.into_iter().map(label).collect::<Option<Vec<_>>>()?;
        // The first label is where it is.
        let mut found = rules::find(&self.code)?.at(labels.first()?.span, self.message);
        found.severity = *SEVERITIES.get(usize::from(self.severity))?;
        found.labels = labels;
        found.help = self.help;
        found.object = self.object.map(|(api_version, kind, namespace, name)| {
            Arc::new(ObjectName { api_version, kind, namespace, name })
        });
        found.pointer = self.pointer.map(String::into_boxed_str);
        if let Some(fix) = self.fix {
            found.fix = Some(Box::new(fix.fix(files)?));
        }
        let roots = paths(&self.roots)?;
        let repeats = self.repeats.into_iter().map(|it| span(files, it)).collect::<Option<_>>()?;
        Some(Finding { diagnostic: found, roots, repeats })
    }
}

impl KeptMuted {
    fn muted(self, files: &[FileId]) -> Option<Muted> {
        let by = WAYS.into_iter().find(|it| it.as_str() == self.by)?;
        let place = match self.place {
            Some(it) => Some(span(files, it)?),
            None => None,
        };
        let mute = Mute { by, reason: self.reason, place };
        Some(Muted { finding: self.finding.finding(files)?, mute })
    }
}

impl KeptFix {
    fn fix(self, files: &[FileId]) -> Option<Fix> {
        let edit = |(place, text)| Some(Edit { span: span(files, place)?, text });
        let edits = self.edits.into_iter().map(edit).collect::<Option<_>>()?;
        let safety = if self.is_safe { Safety::Safe } else { Safety::Unsafe };
        Some(Fix { message: self.message, edits, safety })
    }
}

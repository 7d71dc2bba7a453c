//! Findings and provenance as owned data, to be written as JSON and read back.
//!
//! [`Places`] makes these out of diagnostics and objects. The binary writes them: a [`Report`] is what
//! `--output-format json` prints, a [`Finding`] is a line of `--output-format json-lines`, and a list of
//! [`Object`]s is what `render --provenance=json` prints. Whoever reads them from there can use these types, too: a field that a later release adds is passed
//! over, and one that it leaves out is empty.

mod places;
mod provenance;

pub use places::Places;
pub use provenance::{Field, Link, Object, Start};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{ObjectName, Severity};
use crate::source::Position;

/// Changes when one of the fields here changes its meaning, or goes. A new one leaves it as it is.
pub const VERSION: u32 = 1;

/// What `--output-format json` prints: all that a run found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// In order of path and place.
    pub findings: Vec<Finding>,
    /// What would stand among them if nobody had silenced it, in the same order.
    #[serde(default)]
    pub suppressed: Vec<Suppressed>,
    /// What was looked at, and how much was found.
    pub summary: Summary,
}

impl Report {
    /// What was found, in the words of [`VERSION`].
    pub fn new(findings: Vec<Finding>, suppressed: Vec<Suppressed>, summary: Summary) -> Report {
        Report { version: VERSION, findings, suppressed, summary }
    }
}

/// A finding that somebody has silenced. Its fields stand beside what silenced it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppressed {
    /// What would have been reported.
    #[serde(flatten)]
    pub finding: Finding,
    /// What silences it.
    pub suppression: Suppression,
}

impl Suppressed {
    /// A finding with what silences it: see [`Suppression::by`].
    pub fn new(finding: Finding, by: &str, reason: Option<String>, location: Option<Location>) -> Suppressed {
        Suppressed { finding, suppression: Suppression { by: by.to_owned(), reason, location } }
    }
}

/// What silences a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppression {
    /// `comment`, `annotation`, `options` or `baseline`.
    pub by: String,
    /// The reason that is given.
    pub reason: Option<String>,
    /// The comment, the annotation or the entry.
    pub location: Option<Location>,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Summary {
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that are notes.
    pub infos: usize,
    /// Findings that somebody has silenced; they count neither as errors nor as anything else.
    pub suppressed: usize,
    /// If a run compares with an earlier commit: how many findings about what has changed were there before, and are
    /// not listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// YAML files that were read.
    pub files: usize,
    /// Kustomizations and manifest files that were rendered.
    pub roots: usize,
    /// Objects that they rendered.
    pub objects: usize,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The code of the rule: `KUS004`.
    pub code: String,
    /// The name of the rule: `patch-target-missing`.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is so, in one line that stands alone.
    pub message: String,
    /// The text to edit.
    pub location: Location,
    /// How it came to be, and where else it is.
    #[serde(default)]
    pub related: Vec<Related>,
    /// The object as it is rendered; `None` for findings about files.
    pub object: Option<ObjectName>,
    /// The place in the object, a JSON pointer.
    pub pointer: Option<String>,
    /// The next action.
    pub help: Option<String>,
    /// How the files can be mended without a person; `None` if they cannot.
    pub fix: Option<Change>,
    /// The kustomizations and manifests that show it; empty for findings about files.
    #[serde(default)]
    pub roots: Vec<String>,
}

/// A range of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub path: String,
    /// The first character.
    pub start: Position,
    /// The character behind the last one.
    pub end: Position,
}

/// A further place of a finding. Its fields stand beside those of its location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Related {
    /// The place.
    #[serde(flatten)]
    pub location: Location,
    /// What is to be said of it.
    pub message: String,
}

/// A change of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// What the change does, in one line.
    pub message: String,
    /// In order of place; no two overlap.
    pub edits: Vec<Replaced>,
    /// Whether what is rendered stays the same.
    pub safe: bool,
}

/// A text that takes the place of another. Its fields stand beside those of its location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Replaced {
    /// The text that goes; empty where something is put in.
    #[serde(flatten)]
    pub location: Location,
    /// The text that comes.
    pub text: String,
}

#[cfg(test)]
mod tests;

//! `[[ignore]]`: findings that a team has decided to live with, as the options file says it.
//!
//! An entry is read and checked here, and matched nowhere: what it silences is decided where findings
//! are suppressed.

use gitops_render::{RepoPath, Sources, Span};

use crate::options::globs::{Paths, Pattern};
use crate::options::select::Selector;

/// One `[[ignore]]`. What it says has to be true of a finding all together; what is `None` says nothing.
#[derive(Clone, Debug)]
pub struct IgnoreEntry {
    /// The rules; never empty, and one of them has to be the finding's. An entry that names none means all.
    pub rules: Vec<Selector>,
    /// The kind of the object.
    pub kind: Option<Pattern>,
    /// The namespace of the object, as it is rendered.
    pub namespace: Option<Pattern>,
    /// The name of the object, as it is rendered.
    pub name: Option<Pattern>,
    /// The name of the container (of any sort) that the finding is in.
    pub container: Option<Pattern>,
    /// The file that the finding points at.
    pub path: Option<Paths>,
    /// Why; `None` if it is not said, or nothing but blanks.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Expires>,
    /// Where the entry stands.
    pub place: Place,
}

/// The last day on which something counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expires {
    /// The year, from 1 to 9999.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1. There is such a day in the month.
    pub day: u8,
    /// As it is written in the file: `2026-12-31`.
    pub text: String,
    /// Where it is written.
    pub place: Place,
}

/// A piece of an options file. The file is part of the tree that is checked, so that a finding can point
/// there: open it in the sources, and the bytes are those of the span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: RepoPath,
    /// The first byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Place {
    /// The piece as a span; `None` if the file cannot be read any more.
    pub fn span(&self, sources: &Sources<'_>) -> Option<Span> {
        let file = sources.open(&self.file).ok()?;
        Some(Span { start: self.start, end: self.end, ..file.start() })
    }
}

//! What people have written down to be left alone: comments in files, and annotations of objects.
//!
//! ```yaml
//! replicas: "none"  # gitops-lint: ignore[SCH001] until 2027-01-31, the operator fills it in
//! ```
//!
//! This module reads them and tells which findings they mean. Whether a finding is silenced, and whether a
//! suppression silences anything at all, is decided by whoever has all findings.

mod annotation;
mod comments;
mod cover;
mod day;
mod directive;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Rule};
use crate::rules::{self, RULES, sup};
use crate::source::Span;
use crate::sources::SourceFile;

pub use annotation::{IGNORE, IGNORE_REASON, of_object};
use cover::Lines;
pub use cover::{Place, Places};
pub use day::Day;

/// The word that begins a suppression in a comment.
pub const MARK: &str = "gitops-lint";

/// The beginning of a code has at least the letters of its group.
const GROUP: usize = 3;

/// The rules that a suppression names in one word: one by its code or its name, or several by the
/// beginning of their codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where it stands.
    pub span: Span,
    /// What the codes of the rules begin with.
    prefix: &'static str,
}

impl Named {
    /// Reads a code, a name, or the beginning of codes (`KUS`); case does not matter in a code.
    fn read(text: &str, span: Span) -> Option<Named> {
        if let Some(rule) = rules::find(text) {
            return Some(Named { span, prefix: rule.code });
        }
        let wanted = text.to_ascii_uppercase();
        let first = RULES.iter().find(|it| wanted.len() >= GROUP && it.code.starts_with(&wanted))?;
        Some(Named { span, prefix: &first.code[..wanted.len()] })
    }

    /// Whether the rule is among them.
    pub fn names(&self, rule: &Rule) -> bool {
        rule.code.starts_with(self.prefix)
    }

    /// The code, or the beginning of codes.
    pub fn as_str(&self) -> &'static str {
        self.prefix
    }

    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().copied().filter(|it| self.names(it))
    }
}

/// A suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment, or the part of it that says so; of an annotation its value.
    pub span: Span,
    /// The rules; never empty.
    pub rules: Vec<Named>,
    /// Why; `None` if it does not say.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub until: Option<Day>,
    /// The lines that it is about, from 1; `None` if it is the whole file, or an object.
    pub lines: Option<Range<u32>>,
    /// The text to take out if it goes: more than `span` where nothing else stands beside it. `None` if it
    /// is not for a program to take it out.
    whole: Option<Span>,
    /// Whether it is text of something that is rendered, so that a program may see it go.
    is_data: bool,
}

impl Suppression {
    /// Whether it does not count any more.
    pub fn has_expired(&self, today: Day) -> bool {
        self.until.is_some_and(|it| it < today)
    }

    /// What there is to say about it without knowing what it silences: that it has expired (SUP003), and
    /// that it gives no reason (SUP002).
    pub fn review(&self, today: Day) -> Vec<Diagnostic> {
        let expired = self.until.filter(|it| *it < today).map(|it| sup::expired::since(self.span, it));
        let bare = self.reason.is_none().then(|| sup::without_reason::comment(self.span));
        expired.into_iter().chain(bare).collect()
    }
}

/// Whether a file speaks of us at all. A search through its bytes.
pub fn is_mentioned(file: &SourceFile) -> bool {
    file.text().is_ok_and(|it| it.contains(MARK))
}

/// The suppressions of a file.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    /// In order of place.
    pub list: Vec<Suppression>,
    /// What is meant to be one and is none (SUP005).
    pub mistakes: Vec<Diagnostic>,
    /// Those that are about lines, as indices into `list`, by the line behind their last one. Comments that end
    /// on other lines share none, because a comment is about nothing behind the next line that says something.
    by_end: BTreeMap<u32, Vec<usize>>,
    /// Those that are about the whole.
    of_all: Vec<usize>,
}

impl Suppressions {
    /// Reads the comments of a file. Costs one search if there are none of ours.
    ///
    /// Comments are those of YAML, of YAML and Rego inside of YAML, of Rego, and elsewhere lines that
    /// begin with `#`.
    pub fn of_file(file: &SourceFile) -> Suppressions {
        let mut found = Suppressions::default();
        let mut lines = Lines::new(file);
        for comment in comments::find(file) {
            directive::read(file, &comment, &mut lines, &mut found);
        }
        found
    }

    fn push(&mut self, it: Suppression) {
        let index = self.list.len();
        match &it.lines {
            Some(lines) => self.by_end.entry(lines.end).or_default().push(index),
            None => self.of_all.push(index),
        }
        self.list.push(it);
    }

    /// Those that are about a place and name the rule, as indices into `list` and into its rules: those for a
    /// line before those for the file.
    pub fn about(&self, place: &Place, rule: &Rule) -> Vec<(usize, usize)> {
        let names = |it: usize| self.list[it].rules.iter().position(|it| it.names(rule));
        let at = |line: u32| {
            let ending = self.by_end.range(line + 1..).next().map_or(&[][..], |it| it.1);
            let begins =
                move |it: &&usize| self.list[**it].lines.as_ref().is_some_and(|it| it.contains(&line));
            ending.iter().filter(begins)
        };
        let of_lines: BTreeSet<usize> = place.lines().iter().flat_map(|it| at(*it)).copied().collect();
        let all = of_lines.into_iter().chain(self.of_all.iter().copied());
        all.filter_map(|it| Some((it, names(it)?))).collect()
    }
}

/// The finding that some of the rules of a suppression silence nothing (SUP001), with the edit that takes
/// them out. `unused` are indices into its rules, in order, and not empty.
pub fn unused(file: &SourceFile, it: &Suppression, unused: &[usize]) -> Diagnostic {
    sup::unused::comment(file, it, it.whole, it.is_data, unused)
}

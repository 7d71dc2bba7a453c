//! Which lines of the files a change has touched.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use gitops_render::{RepoPath, SourceTree, Sources, Span};

use crate::fix::changed_lines;

/// The lines that are new or other than they were, for each changed file, from 1.
#[derive(Debug, Default)]
pub struct ChangedLines(HashMap<RepoPath, Vec<Range<u32>>>);

impl ChangedLines {
    /// Compares those of the `changed` files that were read.
    pub fn of(changed: &BTreeSet<RepoPath>, sources: &Sources<'_>, then: &dyn SourceTree) -> ChangedLines {
        let lines = |path: &RepoPath| {
            let file = sources.open(path).ok()?;
            let entry = then.entry(path).ok().flatten();
            let before = entry.and_then(|it| then.read(&it.real).ok()).unwrap_or_default();
            Some((file.path.clone(), changed_lines(&before, file.bytes())))
        };
        ChangedLines(changed.iter().filter_map(lines).collect())
    }

    /// Whether the change has touched a line of the span.
    pub fn touches(&self, span: Span, sources: &Sources<'_>) -> bool {
        let (path, start, end) = sources.place(span);
        let touches = |it: &Range<u32>| it.start <= end.line && start.line < it.end;
        self.0.get(&path).is_some_and(|it| it.iter().any(touches))
    }
}

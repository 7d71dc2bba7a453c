//! From spans to paths, lines and columns.

use std::fmt;

use super::{Change, Finding, Location, Related, Replaced};
use crate::diagnostic::{Diagnostic, Fix, Safety};
use crate::source::{RepoPath, Span};
use crate::sources::Sources;

/// What is said about a further place with the same cause.
const REPEAT: &str = "the same here";

/// Names places the way a reader knows them.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    pub(super) sources: &'a Sources<'a>,
    name: &'a dyn Fn(&RepoPath) -> String,
}

impl<'a> Places<'a> {
    /// Paths as they are in the tree.
    pub fn new(sources: &'a Sources<'a>) -> Places<'a> {
        Places { sources, name: &RepoPath::to_string }
    }

    /// Paths as `name` has them, for example as they lead from a working directory.
    #[must_use]
    pub fn named(self, name: &'a dyn Fn(&RepoPath) -> String) -> Places<'a> {
        Places { name, ..self }
    }

    /// A path.
    pub fn path(&self, path: &RepoPath) -> String {
        (self.name)(path)
    }

    /// A range of a file.
    pub fn location(&self, span: Span) -> Location {
        let (path, start, end) = self.sources.place(span);
        Location { path: self.path(&path), start, end }
    }

    /// A finding. `roots` are the entry points that show it, `repeats` further places with the same cause;
    /// both may be empty.
    pub fn finding(&self, found: &Diagnostic, roots: &[RepoPath], repeats: &[Span]) -> Finding {
        let labels = found.labels.iter().skip(1).map(|it| (it.span, &*it.text));
        let repeats = repeats.iter().map(|it| (*it, REPEAT));
        let related =
            |(span, text): (Span, &str)| Related { location: self.location(span), message: text.to_owned() };
        Finding {
            code: found.rule.code.to_owned(),
            name: found.rule.name.to_owned(),
            severity: found.severity,
            message: found.message.clone(),
            location: self.location(found.span()),
            related: labels.chain(repeats).map(related).collect(),
            object: found.object.as_deref().cloned(),
            pointer: found.pointer.as_deref().map(str::to_owned),
            help: found.help.clone(),
            fix: found.fix.as_deref().map(|it| self.change(it)),
            roots: roots.iter().map(|it| self.path(it)).collect(),
        }
    }

    /// A change of files.
    pub fn change(&self, fix: &Fix) -> Change {
        let edits = fix.edits.iter();
        let edits = edits.map(|it| Replaced { location: self.location(it.span), text: it.text.clone() });
        Change { message: fix.message.clone(), edits: edits.collect(), safe: fix.safety == Safety::Safe }
    }
}

impl fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("sources", self.sources).finish_non_exhaustive()
    }
}

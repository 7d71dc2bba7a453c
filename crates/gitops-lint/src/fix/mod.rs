//! Fixes: which ones are made, and what the files are like afterwards.
//!
//! Nothing is written before all is known: each pass checks the repository as it would be after the one
//! before, until nothing more can be fixed. Then the files are written, or their difference is shown.

mod select;
mod tree;
pub mod unified;
pub mod write;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use gitops_render::{RepoPath, Safety, Sources};

use crate::args::{CheckArgs, Color};
use crate::disk_tree::DiskTree;
use crate::findings::{Finding, counted};
use crate::lint::Checked;
use crate::output::{Style, printed};
use crate::{Failure, complain};

pub use tree::Changed;
pub use unified::changed_lines;

/// Each pass makes at least one fix for each file that has one. Nobody's file needs so many.
const MOST_PASSES: usize = 20;

/// Files with new content.
pub type Files = BTreeMap<RepoPath, Arc<[u8]>>;

/// The fixes of a run.
#[derive(Debug, Default)]
pub struct Fixes {
    /// The fixes that are made; `None` if none are to be made (any more).
    upto: Option<Safety>,
    /// Whether they are only shown.
    is_preview: bool,
    /// The files as they were when they were read first.
    originals: Files,
    /// The files as they would be.
    files: Files,
    /// How many findings are fixed in each of them.
    counts: BTreeMap<RepoPath, usize>,
    passes: usize,
    /// What there was before the last pass, and how much was broken then.
    before: Option<(Files, BTreeMap<RepoPath, usize>, usize)>,
    /// Whether something could not be fixed that should have been.
    has_failed: bool,
    is_quiet: bool,
    is_done: bool,
}

/// What is to be done after a look at the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look again.
    Again,
    /// Report what was found.
    Report,
    /// End: everything has been shown.
    End(u8),
}

impl Fixes {
    /// The fixes that the arguments ask for.
    pub fn new(args: &CheckArgs) -> Fixes {
        let level = if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe };
        Fixes {
            upto: (args.fix || args.diff).then_some(level),
            is_preview: args.diff,
            is_quiet: args.quiet,
            ..Fixes::default()
        }
    }

    /// The files as they would be.
    pub fn files(&self) -> Files {
        self.files.clone()
    }

    /// Whether something could not be fixed that should have been.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Decides what happens after the repository was checked as it would be.
    ///
    /// # Errors
    /// If the difference cannot be shown.
    pub fn after(
        &mut self,
        checked: &Checked,
        sources: &Sources<'_>,
        tree: &DiskTree,
        color: Color,
    ) -> Result<Next, Failure> {
        if self.is_done || self.upto.is_none() && !self.is_preview {
            return Ok(Next::Report);
        }
        if self.goes_on(checked, sources, tree) {
            return Ok(Next::Again);
        }
        self.is_done = true;
        if self.is_preview {
            return self.show(tree, color, &checked.findings);
        }
        Ok(if self.write(tree) { Next::Report } else { Next::Again })
    }

    /// Takes the fixes of another pass in; tells whether there were any.
    fn goes_on(&mut self, checked: &Checked, sources: &Sources<'_>, tree: &DiskTree) -> bool {
        let Some(upto) = self.upto else { return false };
        let broken = checked.broken;
        if let Some((files, counts, before)) = self.before.take()
            && upto == Safety::Safe
            && broken > before
        {
            // What is safe breaks nothing. That it did is our fault, and must not become the user's.
            complain("error", "some fixes would break the build, so they are not made");
            (self.files, self.counts, self.upto, self.has_failed) = (files, counts, None, true);
            return true;
        }
        let step = select::step(&checked.findings, sources, upto, &|it| tree.may_write(it));
        if step.is_empty() {
            return false;
        }
        if self.passes == MOST_PASSES {
            let words = format!("more could be fixed after {MOST_PASSES} passes; run the command again");
            complain("warning", &words);
            return false;
        }
        self.passes += 1;
        self.before = Some((self.files.clone(), self.counts.clone(), broken));
        for select::Mended { path, old, new, count } in step {
            *self.counts.entry(path.clone()).or_default() += count;
            self.originals.entry(path.clone()).or_insert(old);
            self.files.insert(path, new);
        }
        true
    }

    /// Writes the files; tells whether all of them could be written.
    fn write(&mut self, tree: &DiskTree) -> bool {
        let mut is_all = true;
        for (path, new) in std::mem::take(&mut self.files) {
            if let Err(reason) = write::write(&tree.on_disk(&path), &self.originals[&path], &new) {
                complain("error", &format!("cannot fix `{}`: {reason}", tree.shown(&path)));
                self.counts.remove(&path);
                (is_all, self.has_failed) = (false, true);
            }
        }
        if !self.counts.is_empty() {
            self.tell("fixed");
        }
        is_all
    }

    fn show(&self, tree: &DiskTree, color: Color, left: &[Finding]) -> Result<Next, Failure> {
        let style = Style::of(&io::stdout(), color);
        printed(|out| {
            for (path, new) in &self.files {
                unified::write(out, &tree.shown(path), &self.originals[path], new, style)?;
            }
            Ok(())
        })?;
        if self.counts.is_empty() {
            if !self.is_quiet {
                let more = hint(left).map_or_else(String::new, |it| format!("\n{it}"));
                // If nobody reads there, nobody is to be told.
                let _ = writeln!(io::stderr(), "nothing to fix{more}");
            }
            return Ok(Next::End(0));
        }
        self.tell("would fix");
        Ok(Next::End(1))
    }

    fn tell(&self, done: &str) {
        let (findings, files) = (self.counts.values().sum(), self.counts.len());
        if !self.is_quiet {
            // If nobody reads there, nobody is to be told.
            let _ = writeln!(
                io::stderr(),
                "{done} {} in {}",
                counted(findings, "finding"),
                counted(files, "file")
            );
        }
    }
}

/// The line that says how much can be fixed, if something can.
pub fn hint(findings: &[Finding]) -> Option<String> {
    let count = |safety: Safety| {
        findings.iter().filter(|it| it.diagnostic.fix.as_ref().is_some_and(|it| it.safety == safety)).count()
    };
    match (count(Safety::Safe), count(Safety::Unsafe)) {
        (0, 0) => None,
        (safe, 0) => Some(format!("[*] {safe} fixable with --fix")),
        (0, more) => Some(format!("[*] {more} fixable with --fix --unsafe-fixes")),
        (safe, more) => Some(format!("[*] {safe} fixable with --fix ({more} more with --unsafe-fixes)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::{Diagnostic, Edit, Fix, MemoryTree, Span, rules};

    fn checked(diagnostics: Vec<Diagnostic>) -> Checked {
        let finding = |diagnostic| Finding { diagnostic, roots: vec![], repeats: vec![] };
        Checked { findings: diagnostics.into_iter().map(finding).collect(), ..Checked::default() }
    }

    #[test]
    fn safe_fixes_that_break_something_after_all_are_taken_back() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: b\n");
        let sources = Sources::new(&tree);
        let path = RepoPath::root().join("a.yaml").unwrap();
        let start = sources.open(&path).unwrap().start();
        let here = std::env::current_dir().unwrap();
        let disk = DiskTree::whole_disk().unwrap().writable(&[here.ancestors().last().unwrap().to_owned()]);
        let edits = vec![Edit { span: Span { start: 3, end: 4, ..start }, text: "c".to_owned() }];
        let fix = |safety| Some(Fix { message: String::new(), edits: edits.clone(), safety });
        let fixable =
            |safety| checked(vec![rules::kus::deprecated_field::RULE.at(start, "x").fix(fix(safety))]);
        // Nobody has asked to see what is broken.
        let broken = || Checked { broken: 1, ..checked(vec![]) };

        for (upto, is_taken_back) in [(Safety::Safe, true), (Safety::Unsafe, false)] {
            let mut fixes = Fixes { upto: Some(upto), is_quiet: true, ..Fixes::default() };
            assert!(fixes.goes_on(&fixable(upto), &sources, &disk));
            assert_eq!((&*fixes.files()[&path], fixes.counts[&path]), (&b"a: c\n"[..], 1));
            // What a person should look at may bring to light what was wrong before.
            assert_eq!(fixes.goes_on(&broken(), &sources, &disk), is_taken_back);
            assert_eq!((fixes.files.is_empty(), fixes.has_failed()), (is_taken_back, is_taken_back));
            assert!(!fixes.goes_on(&fixable(upto), &sources, &disk) || !is_taken_back);
        }
    }
}

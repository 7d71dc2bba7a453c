//! Findings that somebody has silenced, and what silenced them.

use gitops_render::{Sources, Span};

use crate::findings::{self, Finding};
use crate::lint::Checked;

/// A finding that is not reported, does not fail the run and is not fixed.
#[derive(Debug)]
pub struct Muted {
    /// What would have been reported. Of several roots, those in which it is silenced.
    pub finding: Finding,
    /// What silences it.
    pub mute: Mute,
}

/// What silences a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mute {
    /// Of which kind it is.
    pub by: MutedBy,
    /// The reason that is given.
    pub reason: Option<String>,
    /// The comment, the annotation or the entry.
    pub place: Option<Span>,
}

/// The ways to silence a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MutedBy {
    /// `# gitops-lint: ignore[…]` in the file.
    Comment,
    /// `gitops-lint.dev/ignore` on the object.
    Annotation,
    /// An `[[ignore]]` of the options file.
    Options,
    /// An entry of the baseline.
    Baseline,
}

impl MutedBy {
    /// The word that stands in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            MutedBy::Comment => "comment",
            MutedBy::Annotation => "annotation",
            MutedBy::Options => "options",
            MutedBy::Baseline => "baseline",
        }
    }
}

impl Checked {
    /// Silences those findings for which `mute` has something, and counts again. The order of both
    /// lists stays that of [`findings::merge`].
    pub fn mute(&mut self, sources: &Sources<'_>, mut mute: impl FnMut(&Finding) -> Option<Mute>) {
        let (mut kept, before) = (vec![], self.muted.len());
        for finding in std::mem::take(&mut self.findings) {
            match mute(&finding) {
                Some(mute) => self.muted.push(Muted { finding, mute }),
                None => kept.push(finding),
            }
        }
        self.findings = kept;
        if self.muted.len() > before {
            self.muted.sort_by_cached_key(|it| findings::order(sources, &it.finding));
        }
        self.summary = self.summary.count(&self.findings);
        self.summary.suppressed = self.muted.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::{MemoryTree, RepoPath, rules};

    #[test]
    fn what_is_silenced_is_counted_apart_and_stays_in_order() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1\n").insert("b.yaml", "a: 1\n");
        let sources = Sources::new(&tree);
        let start = |name: &str| sources.open(&RepoPath::root().join(name).unwrap()).unwrap().start();
        let finding = |name: &str, text: &str| (rules::find("YML001").unwrap().at(start(name), text), vec![]);
        let found =
            ["x", "y", "z"].map(|it| finding("b.yaml", it)).into_iter().chain([finding("a.yaml", "y")]);
        let mut checked = Checked {
            findings: findings::merge(&sources, &crate::options::Selection::default(), found),
            ..Checked::default()
        };
        let mute = Mute { by: MutedBy::Baseline, reason: None, place: None };
        for silent in ["z", "y"] {
            checked.mute(&sources, |it| (it.diagnostic.message == silent).then(|| mute.clone()));
        }
        let of = |it: &Finding| format!("{}{}", sources.place(it.diagnostic.span()).0, it.diagnostic.message);
        assert_eq!(checked.findings.iter().map(of).collect::<Vec<_>>(), ["b.yamlx"]);
        let muted: Vec<String> = checked.muted.iter().map(|it| of(&it.finding)).collect();
        assert_eq!(muted, ["a.yamly", "b.yamly", "b.yamlz"]);
        assert_eq!((checked.summary.errors, checked.summary.suppressed), (1, 3));
    }
}

//! `gitops-lint diff`: what a change does to the rendered manifests.

mod json;
mod lines;
mod markdown;
mod side;
mod text;

use std::collections::BTreeSet;
use std::process;

use gitops_render::diff::{self, ChangeKind, Comparison, Group, RootChange, Side};
use gitops_render::{Diagnostic, RenderOptions, Renderer, RepoPath, Sources, Span};

use crate::args::{DiffArgs, DiffFormat};
use crate::disk_tree::DiskTree;
use crate::findings::counted;
use crate::git::{BaseTree, Commit, Git};
use crate::options::{Flags, Options, Settings};
use crate::output::{Style, one_line, printed};
use crate::walk::{self, Wanted};
use crate::{Failure, check, complain};

use side::Half;

/// What is shown, and how.
struct Shown<'a> {
    comparison: &'a Comparison<'a>,
    commit: &'a Commit,
    /// The files as they were.
    old: &'a Sources<'a>,
    /// The files as they are.
    new: &'a Sources<'a>,
    tree: &'a DiskTree,
}

/// Compares, writes, and tells the exit code.
///
/// # Errors
/// If there is nothing to compare with.
pub fn run(args: &DiffArgs) -> Result<process::ExitCode, Failure> {
    let paths = args.paths.iter().map(|it| check::existing(it)).collect::<Result<Vec<_>, _>>()?;
    let options = Options::new(Flags { color: args.color, ..Flags::new(&args.file)? }, &paths)?;
    let tree = DiskTree::around(&paths).map_err(Failure::NoWorkingDirectory)?;
    let tree = options.files().fold(tree, DiskTree::with_file);
    let excluded = Settings::new(&options, &tree).excluded;
    let git = Git::around_all(&paths)?;
    let commit = git.merge_base(&args.base)?;
    let base = BaseTree::new(&git, &tree, &commit)?;
    let threads = check::threads(args.jobs);
    let walked = walk::walk_but(&tree, &paths, Wanted::Yaml, threads, &excluded);
    let is_complete = check::tell_what_is_missing(&walked);
    for path in base.unknown_submodules() {
        let path = tree.shown(&path);
        complain(
            "warning",
            &format!("the submodule `{path}` has changed: what it was is not in this repository"),
        );
    }
    let changed = base.changed();
    let mut was = base.walk(&paths, Wanted::Yaml, &walked.files);
    let tops: Vec<RepoPath> = paths.iter().filter_map(|it| tree.path(it)).collect();
    was.files.retain(|it| !excluded.among(it, &tops));
    let options = RenderOptions { duplicate_keys: true, ..RenderOptions::default() };
    let (before, now) = (Renderer::new(&base, options), Renderer::new(&tree, options));
    let pool = check::pool(threads)?;
    let (old, new) = pool.install(|| sides(&before, &was.files, &now, &walked.files, &changed));
    let comparison = diff::compare(&old, &new);
    let (old, new) = (before.sources(), now.sources());
    let shown = Shown { comparison: &comparison, commit: &commit, old, new, tree: &tree };
    printed(|out| match args.output_format {
        DiffFormat::Text => text::write(out, &shown, Style::of(&std::io::stdout(), args.color)),
        DiffFormat::Markdown => markdown::write(out, &shown),
        DiffFormat::Json => json::write(out, &shown),
    })?;
    let is_broken = |it: &RootChange<'_>| matches!(it, RootChange::Unrendered { new: Some(_), .. });
    if !is_complete || comparison.roots.iter().any(|it| is_broken(&it.1)) {
        return Ok(process::ExitCode::from(2));
    }
    let differs = args.exit_code && !comparison.groups.is_empty();
    Ok(process::ExitCode::from(u8::from(differs)))
}

/// Both renderings of what the changed paths reach on one side or the other.
fn sides(
    before: &Renderer<'_>,
    was: &[RepoPath],
    now: &Renderer<'_>,
    is: &[RepoPath],
    changed: &BTreeSet<RepoPath>,
) -> (Side, Side) {
    if changed.is_empty() {
        return (Side::default(), Side::default());
    }
    let (old, new) = rayon::join(|| Half::new(before, was), || Half::new(now, is));
    let affected: BTreeSet<RepoPath> =
        [&old, &new].into_iter().flat_map(|it| it.graph.affected(changed)).collect();
    // A file that has not changed may be a manifest on one side only: a kustomization has come to name it.
    let manifests = old.manifests.symmetric_difference(&new.manifests);
    let affected: BTreeSet<RepoPath> = affected.iter().chain(manifests).cloned().collect();
    rayon::join(|| old.render(&affected, &new), || new.render(&affected, &old))
}

impl Shown<'_> {
    /// A path as the reader knows it.
    fn path(&self, path: &RepoPath) -> String {
        one_line(&self.tree.shown(path)).into_owned()
    }

    /// `path:line:column`
    fn place(&self, sources: &Sources<'_>, span: Span) -> String {
        let (path, start, _) = sources.place(span);
        format!("{}:{}:{}", self.path(&path), start.line, start.column)
    }

    /// How many objects of this kind of change there are.
    fn count(&self, kind: ChangeKind) -> usize {
        let groups = self.comparison.groups.iter().filter(|it| it.change.kind() == kind);
        groups.map(|it| it.seen.len()).sum()
    }

    /// How much differs, in words.
    fn summary(&self) -> String {
        let kinds = [ChangeKind::Added, ChangeKind::Removed, ChangeKind::Changed];
        let counts: Vec<String> = kinds
            .iter()
            .filter(|it| self.count(**it) > 0)
            .map(|it| format!("{} {}", counted(self.count(*it), "object"), it.keyword()))
            .collect();
        if counts.is_empty() { "no rendered object differs".to_owned() } else { counts.join(", ") }
    }

    /// What there is to say about roots as such, a line each.
    fn root_lines(&self) -> Vec<String> {
        self.comparison.roots.iter().map(|(root, change)| self.root_line(&self.path(root), change)).collect()
    }

    fn root_line(&self, root: &str, change: &RootChange<'_>) -> String {
        let why = |sources, it: &Diagnostic| {
            let place = self.place(sources, it.span());
            format!("{place}: {} {}", it.rule.code, one_line(&it.message))
        };
        match change {
            RootChange::Added(count) => format!("{root} is new, with {}", counted(*count, "object")),
            RootChange::Removed(count) => format!("{root} is gone, with {}", counted(*count, "object")),
            RootChange::Moved(from) => format!("{root} was {} before", self.path(from)),
            RootChange::InPart(it) => format!("{root} is compared in part: {}", why(self.new, it)),
            RootChange::Unrendered { old: None, new: Some(it) } => {
                format!("{root} cannot be rendered any more, and is not compared: {}", why(self.new, it))
            }
            RootChange::Unrendered { old: Some(it), new: None } => {
                format!("{root} could not be rendered before, and is not compared: {}", why(self.old, it))
            }
            RootChange::Unrendered { new, .. } => {
                let why = new.map(|it| format!(": {}", why(self.new, it))).unwrap_or_default();
                format!("{root} can be rendered neither before nor now, and is not compared{why}")
            }
        }
    }

    /// What happened to which object, and where it is seen.
    fn heading(&self, group: &Group<'_>) -> (String, String) {
        let first = group.change.resource();
        let kind = one_line(&first.id.gvk.kind).into_owned();
        let name = |it: &gitops_render::Resource| {
            let space = Some(&*it.id.namespace).filter(|it| !it.is_empty());
            one_line(&space.map_or(it.id.name.to_string(), |space| format!("{space}/{}", it.id.name)))
                .into_owned()
        };
        let names: Vec<String> = group.seen.iter().map(|it| name(it.resource)).collect();
        let roots: Vec<String> = group.seen.iter().map(|it| self.path(it.root)).collect();
        match names.iter().all(|it| *it == names[0]) {
            true if roots.len() == 1 => (format!("{kind} {}", names[0]), format!("in {}", roots[0])),
            true => {
                let all = format!("in {}: {}", counted(roots.len(), "root"), roots.join(", "));
                (format!("{kind} {}", names[0]), all)
            }
            false => {
                let each: Vec<String> =
                    names.iter().zip(&roots).map(|(name, root)| format!("{name} in {root}")).collect();
                (format!("{} of kind {kind}", counted(each.len(), "object")), each.join(", "))
            }
        }
    }
}

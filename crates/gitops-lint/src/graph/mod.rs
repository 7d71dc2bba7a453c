//! `gitops-lint graph`: what each root is made of, and which roots a file reaches.

mod draw;
mod json;
mod text;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use gitops_render::entries::{Entries, kustomizations};
use gitops_render::graph::{Graph, Item, ItemId, Link, Reach};
use gitops_render::{RenderOptions, Renderer, RepoPath, Sources, Span};

use crate::args::{GraphArgs, GraphFormat};
use crate::check;
use crate::disk_tree::DiskTree;
use crate::options::{Flags, Options, Settings};
use crate::output::{one_line, printed};
use crate::progress::Progress;
use crate::walk::{self, Wanted};
use crate::{Failure, did_you_mean, survey};

/// What is shown of a graph, and how.
struct Shown<'a> {
    graph: &'a Graph,
    sources: &'a Sources<'a>,
    tree: &'a DiskTree,
    /// How each of the files that were asked about reaches its roots; none if nobody asked.
    answers: Vec<Answer<'a>>,
}

/// A file, and how it reaches its roots.
struct Answer<'a> {
    path: RepoPath,
    reaches: Vec<Reach<'a>>,
}

/// Draws, writes, and tells the exit code.
///
/// # Errors
/// If there is nothing to draw, or a file that was asked about is nowhere.
pub fn run(args: &GraphArgs) -> Result<process::ExitCode, Failure> {
    let paths = args.paths.iter().map(|it| check::existing(it)).collect::<Result<Vec<_>, _>>()?;
    let options = Options::new(Flags::new(&args.file)?, &paths)?;
    let tree = DiskTree::around(&paths).map_err(Failure::NoWorkingDirectory)?;
    let tree = options.files().fold(tree, DiskTree::with_file);
    let excluded = Settings::new(&options, &tree).excluded;
    let walked = walk::walk_but(&tree, &paths, Wanted::Yaml, 0, &excluded);
    let is_complete = check::tell_what_is_missing(&walked);
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let (graph, _) = check::pool(0)?.install(|| of_files(&renderer, &walked.files));
    if graph.roots().is_empty() {
        return Err(Failure::NothingToCheck(check::shown_list(&args.paths)));
    }
    let sources = renderer.sources();
    let answer = |file: &PathBuf| answer(&graph, sources, &tree, file);
    let answers = args.why.iter().map(answer).collect::<Result<Vec<_>, _>>()?;
    let shown = Shown { graph: &graph, sources, tree: &tree, answers };
    printed(|out| match args.output_format {
        GraphFormat::Text if args.why.is_empty() => text::tree(out, &shown),
        GraphFormat::Text => text::why(out, &shown),
        GraphFormat::Dot => draw::dot(out, &shown),
        GraphFormat::Mermaid => draw::mermaid(out, &shown),
        GraphFormat::Json if args.why.is_empty() => json::graph(out, &shown),
        GraphFormat::Json => json::why(out, &shown),
    })?;
    Ok(process::ExitCode::from(if is_complete { 0 } else { 2 }))
}

/// The graph of what is in some files, and the plain manifests among them. They are read, to tell manifests from
/// other YAML.
pub fn of_files(renderer: &Renderer<'_>, files: &[RepoPath]) -> (Graph, Vec<RepoPath>) {
    let sources = renderer.sources();
    survey::read(sources, files, &Progress::hidden());
    let plan = renderer.plan(&kustomizations(files));
    let entries = Entries::find(sources, files, &plan.used_files());
    (Graph::new(sources, &plan, &entries.manifests), entries.manifests)
}

/// How a file, which is named from the working directory, reaches its roots.
fn answer<'a>(
    graph: &'a Graph,
    sources: &Sources<'_>,
    tree: &DiskTree,
    file: &Path,
) -> Result<Answer<'a>, Failure> {
    let here = env::current_dir().and_then(fs::canonicalize).map_err(Failure::NoWorkingDirectory)?;
    let here = tree.path(&here);
    let text = file.to_str().ok_or_else(|| Failure::NotUtf8(file.to_owned()))?;
    // A symbolic link is a file of its own: that one may be changed, too.
    let written = match file.is_absolute() {
        true => tree.path(file),
        false => here.as_ref().and_then(|it| it.join(text)),
    };
    let real = fs::canonicalize(file).ok().and_then(|it| tree.path(&it));
    let candidates: Vec<RepoPath> = written.into_iter().chain(real.clone()).collect();
    for path in &candidates {
        let reaches = graph.why(path);
        if !reaches.is_empty() {
            return Ok(Answer { path: path.clone(), reaches });
        }
    }
    if let Some(path) = candidates.into_iter().next().filter(|_| real.is_some()) {
        return Ok(Answer { path, reaches: vec![] });
    }
    if file.exists() {
        return Err(Failure::Elsewhere(file.to_owned()));
    }
    let nearest = here.and_then(|it| sources.nearest(&it, text));
    Err(Failure::NoSuchFile { path: file.to_owned(), advice: did_you_mean(nearest.as_deref()) })
}

impl Shown<'_> {
    /// A path as the reader knows it.
    fn path(&self, path: &RepoPath) -> String {
        one_line(&self.tree.shown(path)).into_owned()
    }

    /// What a thing is called: its path, or what is written where it is named.
    fn name(&self, item: &Item) -> String {
        match &item.path {
            Some(path) => self.path(path),
            None => one_line(&item.text).into_owned(),
        }
    }

    /// `path:line:column`
    fn place(&self, span: Span) -> String {
        let (path, start, _) = self.sources.place(span);
        format!("{}:{}:{}", self.path(&path), start.line, start.column)
    }

    /// The links that are shown: all of them, or those that answer a question.
    fn links(&self) -> Vec<&Link> {
        if self.answers.is_empty() {
            return self.graph.links().iter().collect();
        }
        let mut links: Vec<&Link> = vec![];
        for link in self.answers.iter().flat_map(|it| &it.reaches).flat_map(|it| &it.way) {
            if !links.iter().any(|it| std::ptr::eq(*it, *link)) {
                links.push(link);
            }
        }
        links
    }

    /// The things that are shown.
    fn items(&self) -> Vec<(ItemId, &Item)> {
        let links = self.links();
        let is_shown = |id: ItemId| {
            self.answers.is_empty()
                || links.iter().any(|it| it.from == id || it.to == id)
                || self.answers.iter().flat_map(|it| &it.reaches).any(|it| it.root == id)
        };
        self.graph.items().filter(|it| is_shown(it.0)).collect()
    }
}

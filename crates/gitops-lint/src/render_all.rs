//! `gitops-lint render --all`: every kustomization of a directory in one run.
//!
//! Each is rendered as if `kustomize build` were run on it, and written to
//! `OUT/<directory>/manifests.yaml`. Layers that several are made of are built once.

use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::{fs, process};

use gitops_render::entries::kustomizations;
use gitops_render::yaml::{EmitError, emit_document};
use gitops_render::{Diagnostic, Layers, Map, Node, Plan, Rendered, Renderer, RepoPath, Value};
use rayon::prelude::*;

use crate::args::RenderArgs;
use crate::disk_tree::DiskTree;
use crate::progress::Progress;
use crate::walk::{self, Wanted};
use crate::{Failure, building, check, complain, render};

/// What each directory's file is called.
const FILE_NAME: &str = "manifests.yaml";

/// What became of one directory.
struct Done {
    root: RepoPath,
    diagnostics: Vec<Diagnostic>,
    is_refused: bool,
}

/// Renders all that is in and below `dir`, writes it, and tells the exit code.
///
/// # Errors
/// If there is nothing to render, or a file cannot be written.
pub fn run(
    args: &RenderArgs,
    tree: &DiskTree,
    dir: &Path,
    out_dir: &Path,
) -> Result<process::ExitCode, Failure> {
    let threads = check::threads(args.jobs);
    let walked = walk::walk(tree, &[dir.to_owned()], Wanted::Yaml, threads);
    let is_complete = check::tell_what_is_missing(&walked);
    let roots = kustomizations(&walked.files);
    let top = tree.path(dir).filter(|_| !roots.is_empty());
    let top = top.ok_or_else(|| Failure::NothingToRender(args.dir.clone()))?;
    let file = |root: &RepoPath| out_dir.join(root.relative_to(&top)).join(FILE_NAME);

    // The process ends with this function, and needs no memory back before that.
    let renderer = ManuallyDrop::new(Renderer::new(tree, render::options(args)));
    let progress = Progress::new();
    let texts = Texts::default();
    let done = check::pool(threads)?.install(|| {
        let plan = ManuallyDrop::new(renderer.plan(&roots));
        let layers = ManuallyDrop::new(building::build(&renderer, &plan, &progress));
        progress.phase("rendering", roots.len());
        let one = |root: &RepoPath| {
            progress.step();
            let rendered = one_of(&renderer, &plan, &layers, root);
            finish(root, rendered, &texts, &file(root))
        };
        roots.par_iter().map(one).collect::<Result<Vec<Done>, Failure>>()
    })?;
    progress.finish();

    let refused: Vec<RepoPath> = done.iter().filter(|it| it.is_refused).map(|it| it.root.clone()).collect();
    let found = done.into_iter().flat_map(|it| {
        let root = it.root;
        it.diagnostics.into_iter().map(move |found| (found, vec![root.clone()]))
    });
    render::tell(tree, &renderer, found);
    for root in &refused {
        complain("error", &format!("`{}` is refused, and not written", tree.shown(root)));
    }
    let is_good = refused.is_empty() && is_complete;
    Ok(if is_good { process::ExitCode::SUCCESS } else { process::ExitCode::FAILURE })
}

/// What a directory renders to; `None` if its kustomization is gone by now.
fn one_of(renderer: &Renderer<'_>, plan: &Plan, layers: &Layers, root: &RepoPath) -> Option<Rendered> {
    match plan.layer(root).filter(|it| plan.is_built_alone(*it)) {
        Some(id) => Some(renderer.finish(plan, id, layers)),
        // What a component is on its own, no layer of the plan can tell.
        None => renderer.render(root),
    }
}

/// Writes what was rendered, unless it is refused.
fn finish(root: &RepoPath, rendered: Option<Rendered>, texts: &Texts, file: &Path) -> Result<Done, Failure> {
    let Some(rendered) = rendered else {
        return Ok(Done { root: root.clone(), diagnostics: vec![], is_refused: true });
    };
    let mut done = Done {
        root: root.clone(),
        is_refused: rendered.is_refused,
        diagnostics: rendered.diagnostics.clone(),
    };
    if !done.is_refused {
        match texts.all(&rendered) {
            Ok(text) => write(file, &text)?,
            Err(unprintable) => {
                done.is_refused = true;
                done.diagnostics.push(unprintable.diagnostic());
            }
        }
    }
    Ok(done)
}

/// The texts of objects that several overlays take over unchanged: those are one and the same map
/// in memory, and are printed once. The map is kept, so that no other takes its place.
#[derive(Default)]
struct Texts(RwLock<HashMap<usize, Printed>>);

/// An object and its text.
type Printed = (Arc<Map>, Arc<str>);

/// An object that nobody else takes over is held by its file, by its layer, and by what is
/// rendered.
const HELD_ALONE: usize = 3;

impl Texts {
    /// The objects as [`Rendered::to_yaml`] gives them.
    fn all(&self, rendered: &Rendered) -> Result<String, EmitError> {
        let mut out = String::new();
        for resource in &rendered.resources {
            if !out.is_empty() {
                out.push_str("---\n");
            }
            match &resource.node.value {
                Value::Map(map) if Arc::strong_count(map) > HELD_ALONE => {
                    out.push_str(&self.of(&resource.node, map)?);
                }
                _ => emit_document(&resource.node, &mut out)?,
            }
        }
        Ok(out)
    }

    fn of(&self, node: &Node, map: &Arc<Map>) -> Result<Arc<str>, EmitError> {
        let address = Arc::as_ptr(map) as usize;
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned();
        if let Some((_, text)) = known {
            return Ok(text);
        }
        let mut text = String::new();
        emit_document(node, &mut text)?;
        let text: Arc<str> = text.into();
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        texts.insert(address, (Arc::clone(map), Arc::clone(&text)));
        Ok(text)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let dir = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(path, text));
    written.map_err(|source| Failure::NotWritten { path: path.to_owned(), source })
}

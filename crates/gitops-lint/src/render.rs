//! `gitops-lint render`: what `kustomize build` prints.

use std::collections::BTreeSet;
use std::io::{self, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::{fs, process};

use gitops_render::kube::scope::is_cluster_scoped;
use gitops_render::yaml::{EmitError, emit_document};
use gitops_render::{Diagnostic, RenderOptions, Rendered, Renderer, Reorder, RepoPath, Resource, ResourceId};

use crate::Failure;
use crate::args::{Color, LoadRestrictor, RenderArgs, ReorderArg};
use crate::check::existing;
use crate::disk_tree::DiskTree;
use crate::findings::{self, Summary};
use crate::lint::Checked;
use crate::output::{self, Report, Style};

/// Renders, writes, and tells the exit code.
///
/// # Errors
/// If the directory is none, or the output cannot be written.
pub fn run(args: &RenderArgs) -> Result<process::ExitCode, Failure> {
    let dir = existing(&args.dir)?;
    if !dir.is_dir() {
        return Err(Failure::NoDirectory(args.dir.clone()));
    }
    let tree = DiskTree::whole_disk().map_err(Failure::NoWorkingDirectory)?;
    let root = tree.path(&dir).ok_or_else(|| Failure::NotUtf8(dir.clone()))?;
    let renderer = Renderer::new(&tree, options(args));
    let Some(rendered) = renderer.render(&root) else {
        return Err(Failure::NoKustomization(args.dir.clone()));
    };
    let pieces = if rendered.is_refused { Ok(vec![]) } else { pieces(args.output.as_deref(), &rendered) };
    let mut diagnostics = rendered.diagnostics;
    let is_refused = rendered.is_refused || pieces.is_err();
    match pieces {
        Ok(pieces) => pieces.iter().try_for_each(write)?,
        Err(unprintable) => diagnostics.push(unprintable.diagnostic()),
    }
    tell(&tree, &renderer, diagnostics);
    Ok(if is_refused { process::ExitCode::FAILURE } else { process::ExitCode::SUCCESS })
}

/// A text and the file that it goes to; none is stdout.
type Piece = (Option<PathBuf>, String);

/// Everything in one piece, or for an existing directory a piece for each object, under the names
/// that kustomize gives them.
fn pieces(output: Option<&Path>, rendered: &Rendered) -> Result<Vec<Piece>, EmitError> {
    let Some(dir) = output.filter(|it| it.is_dir()) else {
        return Ok(vec![(output.map(Path::to_owned), rendered.to_yaml()?)]);
    };
    let namespaces: BTreeSet<&str> = rendered.resources.iter().filter_map(namespace).collect();
    let piece = |resource: &Resource| {
        let mut text = String::new();
        emit_document(&resource.node, &mut text)?;
        let namespace = namespace(resource).filter(|_| namespaces.len() > 1);
        Ok((Some(dir.join(file_name(resource, namespace))), text))
    };
    rendered.resources.iter().map(piece).collect()
}

/// The namespace, as kustomize compares namespaces; `None` if objects of the kind have none.
fn namespace(resource: &Resource) -> Option<&str> {
    (!is_cluster_scoped(&resource.id.gvk)).then(|| resource.id.effective_namespace())
}

fn file_name(resource: &Resource, namespace: Option<&str>) -> String {
    let ResourceId { gvk, name, .. } = &resource.id;
    let parts = [namespace.unwrap_or_default(), &gvk.group, &gvk.version, &gvk.kind, name];
    let parts: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    // An object's name may hold a slash, and must not lead out of the directory.
    format!("{}.yaml", parts.join("_").to_lowercase().replace(['/', '\\'], "_"))
}

fn write((path, text): &Piece) -> Result<(), Failure> {
    let Some(path) = path else { return print(text) };
    fs::write(path, text).map_err(|source| Failure::NotWritten { path: path.clone(), source })
}

fn options(args: &RenderArgs) -> RenderOptions {
    RenderOptions {
        load_anywhere: args.load_restrictor == LoadRestrictor::LoadRestrictionsNone,
        managed_by_label: args.enable_managedby_label,
        reorder: args.reorder.map(|it| match it {
            ReorderArg::None => Reorder::None,
            ReorderArg::Legacy => Reorder::Legacy,
        }),
    }
}

/// Reports what is wrong to stderr.
fn tell(tree: &DiskTree, renderer: &Renderer<'_>, diagnostics: Vec<Diagnostic>) {
    let found = diagnostics.into_iter().map(|it| (it, vec![]));
    let findings = findings::merge(renderer.sources(), found);
    let name = |path: &RepoPath| tree.shown(path);
    let checked = Checked { summary: Summary::default().count(&findings), findings };
    let report = Report { checked: &checked, sources: renderer.sources(), name: &name };
    let style = Style::of(&stderr(), Color::Auto);
    // If nobody reads there, nobody is to be told.
    let _ = output::full::write_findings(&mut stderr().lock(), &report, style);
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Output),
    }
}

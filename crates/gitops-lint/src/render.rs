//! `gitops-lint render`: what `kustomize build` prints.

use std::collections::BTreeSet;
use std::io::{self, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::{fs, process};

use gitops_render::kube::scope::is_cluster_scoped;
use gitops_render::yaml::{EmitError, emit_document};
use gitops_render::{
    Diagnostic, Node, RenderOptions, Rendered, Renderer, Reorder, RepoPath, Resource, ResourceId,
};

use crate::Failure;
use crate::args::{Color, LoadRestrictor, Provenance, RenderArgs, ReorderArg};
use crate::check::existing;
use crate::disk_tree::DiskTree;
use crate::findings;
use crate::lint::Checked;
use crate::options::Selection;
use crate::output::{self, Report, Style};
use crate::provenance::Told;
use crate::render_all;

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
    if let Some(out_dir) = &args.out_dir {
        return render_all::run(args, &tree, &dir, out_dir);
    }
    let root = tree.path(&dir).ok_or_else(|| Failure::NotUtf8(dir.clone()))?;
    let renderer = Renderer::new(&tree, options(args));
    let Some(rendered) = renderer.render(&root) else {
        return Err(Failure::NoKustomization(args.dir.clone()));
    };
    let told = Told { sources: renderer.sources(), name: &|path| tree.shown(path) };
    let write_out = || match args.provenance {
        None => pieces(args.output.as_deref(), &rendered, &emit_document),
        Some(Provenance::Comments) => {
            pieces(args.output.as_deref(), &rendered, &|node, out| told.comments(node, out))
        }
        Some(Provenance::Json) => Ok(vec![(args.output.clone(), told.json(&rendered.resources))]),
    };
    let pieces = if rendered.is_refused { Ok(vec![]) } else { write_out() };
    let is_refused = rendered.is_refused || pieces.is_err();
    let mut diagnostics = rendered.diagnostics;
    match pieces {
        Ok(pieces) => pieces.iter().try_for_each(write)?,
        Err(unprintable) => diagnostics.push(unprintable.diagnostic()),
    }
    tell(&tree, &renderer, diagnostics.into_iter().map(|it| (it, vec![])));
    Ok(if is_refused { process::ExitCode::FAILURE } else { process::ExitCode::SUCCESS })
}

/// A text and the file that it goes to; none is stdout.
type Piece = (Option<PathBuf>, String);

/// Writes one object.
type Emit<'a> = dyn Fn(&Node, &mut String) -> Result<(), EmitError> + 'a;

/// Everything in one piece, or for an existing directory a piece for each object, under the names
/// that kustomize gives them.
fn pieces(output: Option<&Path>, rendered: &Rendered, emit: &Emit<'_>) -> Result<Vec<Piece>, EmitError> {
    let Some(dir) = output.filter(|it| it.is_dir()) else {
        let mut text = String::new();
        for resource in &rendered.resources {
            if !text.is_empty() {
                text.push_str("---\n");
            }
            emit(&resource.node, &mut text)?;
        }
        return Ok(vec![(output.map(Path::to_owned), text)]);
    };
    let namespaces: BTreeSet<&str> = rendered.resources.iter().filter_map(namespace).collect();
    let piece = |resource: &Resource| {
        let mut text = String::new();
        emit(&resource.node, &mut text)?;
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

/// What the flags ask of the build.
pub fn options(args: &RenderArgs) -> RenderOptions {
    RenderOptions {
        load_anywhere: args.load_restrictor == LoadRestrictor::LoadRestrictionsNone,
        managed_by_label: args.enable_managedby_label,
        reorder: args.reorder.map(|it| match it {
            ReorderArg::None => Reorder::None,
            ReorderArg::Legacy => Reorder::Legacy,
        }),
        ..RenderOptions::default()
    }
}

/// Reports what is wrong to stderr.
pub fn tell(
    tree: &DiskTree,
    renderer: &Renderer<'_>,
    found: impl IntoIterator<Item = (Diagnostic, Vec<RepoPath>)>,
) {
    let findings = findings::merge(renderer.sources(), &Selection::default(), found);
    let name = |path: &RepoPath| tree.shown(path);
    let checked = Checked { findings, ..Checked::default() };
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

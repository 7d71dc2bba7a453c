//! `gitops-lint render`: what `kustomize build` prints.

use std::io::{self, Write, stderr, stdout};
use std::path::Path;
use std::{fs, process};

use gitops_render::yaml::{EmitError, emit_document};
use gitops_render::{Diagnostic, RenderOptions, Rendered, Renderer, Reorder, RepoPath, Resource};

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
    let written = if rendered.is_refused { Ok(()) } else { write(args.output.as_deref(), &rendered) };
    let mut diagnostics = rendered.diagnostics;
    let is_refused = match written {
        Ok(()) => rendered.is_refused,
        Err(NotWritten::Refused(problem)) => {
            diagnostics.push(problem.diagnostic());
            true
        }
        Err(NotWritten::Failed(failure)) => return Err(failure),
    };
    tell(&tree, &renderer, diagnostics).map_err(Failure::Output)?;
    Ok(if is_refused { process::ExitCode::FAILURE } else { process::ExitCode::SUCCESS })
}

/// Why there is no output.
enum NotWritten {
    /// There is a value that kustomize would not print.
    Refused(EmitError),
    Failed(Failure),
}

impl From<EmitError> for NotWritten {
    fn from(it: EmitError) -> NotWritten {
        NotWritten::Refused(it)
    }
}

impl From<Failure> for NotWritten {
    fn from(it: Failure) -> NotWritten {
        NotWritten::Failed(it)
    }
}

fn write(output: Option<&Path>, rendered: &Rendered) -> Result<(), NotWritten> {
    match output {
        Some(path) if path.is_dir() => write_each(path, rendered)?,
        Some(path) => write_file(path, &rendered.to_yaml()?)?,
        None => print(&rendered.to_yaml()?)?,
    }
    Ok(())
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
fn tell(tree: &DiskTree, renderer: &Renderer<'_>, diagnostics: Vec<Diagnostic>) -> io::Result<()> {
    let found = diagnostics.into_iter().map(|it| (it, vec![]));
    let findings = findings::merge(renderer.sources(), found);
    let name = |path: &RepoPath| tree.shown(path);
    let checked = Checked { summary: Summary::default().count(&findings), findings };
    let report = Report { checked: &checked, sources: renderer.sources(), name: &name };
    let style = Style::of(&stderr(), Color::Auto);
    output::full::write_findings(&mut stderr().lock(), &report, style)
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Output),
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|source| Failure::NotWritten { path: path.to_owned(), source })
}

/// One file for each object, under the names that kustomize gives them.
fn write_each(dir: &Path, rendered: &Rendered) -> Result<(), NotWritten> {
    for resource in &rendered.resources {
        let mut text = String::new();
        emit_document(&resource.node, &mut text)?;
        write_file(&dir.join(file_name(resource)), &text)?;
    }
    Ok(())
}

fn file_name(resource: &Resource) -> String {
    let gvk = &resource.id.gvk;
    let parts = [&gvk.group, &gvk.version, &gvk.kind, &resource.id.name];
    let parts: Vec<&str> = parts.iter().map(|it| &***it).filter(|it| !it.is_empty()).collect();
    // An object's name may hold a slash, and must not lead out of the directory.
    format!("{}.yaml", parts.join("_").to_lowercase().replace(['/', '\\'], "_"))
}

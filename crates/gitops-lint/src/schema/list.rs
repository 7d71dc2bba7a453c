//! `gitops-lint schema list`: one line for each kind.

use std::io::{self, Write};
use std::process::ExitCode;

use gitops_render::{KnownKind, SchemaOrigin};
use serde::Serialize;

use super::{Repository, SchemaError, all_versions, flags, with_repository};
use crate::Failure;
use crate::args::{SchemaFormat, SchemaListArgs};
use crate::output::{one_line, printed};

/// Lists the kinds.
///
/// # Errors
/// If none is called like the pattern.
pub fn run(args: &SchemaListArgs) -> Result<ExitCode, Failure> {
    let flags = flags(args.kubernetes_version.as_ref(), &args.schemas, &args.options);
    with_repository(&args.paths, flags, None, |repository| {
        let store = repository.store(repository.versions.as_ref().unwrap_or(&all_versions()));
        let mut kinds = store.kinds(&repository.locations, repository.sources());
        if let Some(pattern) = &args.pattern {
            let pattern = pattern.to_lowercase();
            kinds.retain(|it| name(it).to_lowercase().contains(&pattern));
        }
        if kinds.is_empty() {
            let pattern = args.pattern.as_deref().unwrap_or_default();
            let reason = format!("no kind has `{pattern}` in its name");
            return Err(SchemaError::Unknown { reason, nearest: None }.into());
        }
        printed(|out| match args.output_format {
            SchemaFormat::Text => text(out, repository, &kinds),
            SchemaFormat::Json => json(out, repository, &kinds),
        })?;
        Ok(ExitCode::SUCCESS)
    })
}

/// `apps/v1/Deployment`, as `schema show` reads it.
fn name(kind: &KnownKind) -> String {
    format!("{}/{}", kind.gvk.api_version(), kind.gvk.kind)
}

fn text(out: &mut dyn Write, repository: &Repository<'_>, kinds: &[KnownKind]) -> io::Result<()> {
    let width = kinds.iter().map(|it| name(it).chars().count()).max().unwrap_or(0);
    for kind in kinds {
        let line = format!("{:width$}  {}", name(kind), repository.origin(kind));
        writeln!(out, "{}", one_line(&line))?;
    }
    Ok(())
}

/// A kind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    api_version: String,
    kind: &'a str,
    /// `kubernetes`, `built-in`, `definition` or `file`.
    origin: &'a str,
    /// The versions of Kubernetes that have it; null if it does not depend on them.
    versions: Option<Vec<String>>,
    path: Option<String>,
    line: Option<u32>,
}

fn json(out: &mut dyn Write, repository: &Repository<'_>, kinds: &[KnownKind]) -> io::Result<()> {
    let entries: Vec<Entry<'_>> = kinds.iter().map(|it| entry(repository, it)).collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

fn entry<'a>(repository: &Repository<'_>, kind: &'a KnownKind) -> Entry<'a> {
    let (mut versions, mut path, mut line) = (None, None, None);
    let origin = match &kind.origin {
        SchemaOrigin::Kubernetes(minors) => {
            versions = Some(minors.as_slice().iter().map(ToString::to_string).collect());
            "kubernetes"
        }
        SchemaOrigin::Custom => "built-in",
        SchemaOrigin::Definition(place) => {
            let (file, start, _) = repository.sources().place(*place);
            (path, line) = (Some(repository.tree.shown(&file)), Some(start.line));
            "definition"
        }
        SchemaOrigin::File(file) => {
            path = Some(repository.tree.shown(file));
            "file"
        }
    };
    Entry { api_version: kind.gvk.api_version(), kind: &kind.gvk.kind, origin, versions, path, line }
}

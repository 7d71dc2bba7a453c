//! `gitops-lint schema show`: the fields of a kind, as `kubectl explain` has them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gitops_render::kube::life_cycle;
use gitops_render::schema::describe::{Depth, Field, describe};
use gitops_render::schema::names;
use gitops_render::{Gvk, KnownKind, Location, Minors, SchemaOrigin};

use super::{Repository, SchemaError, all_versions, flags, with_repository};
use crate::Failure;
use crate::args::{SchemaFormat, SchemaShowArgs};
use crate::check::existing;
use crate::output::{one_line, printed};

/// The width of prose.
const WIDTH: usize = 92;

/// Shows the kind, or those in the file.
///
/// # Errors
/// If there is no such kind or field.
pub fn run(args: &SchemaShowArgs) -> Result<ExitCode, Failure> {
    let file = file(&args.kind)?;
    let flags = flags(args.kubernetes_version.as_ref(), &args.schemas, &args.options);
    with_repository(&args.paths, flags, file.as_ref(), |repository| {
        let shown = match &file {
            Some(file) => in_file(args, repository, file)?,
            None => vec![named(args, repository)?],
        };
        printed(|out| {
            for (index, it) in shown.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                write(out, args, repository, it)?;
            }
            Ok(())
        })?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The file that is meant, if it is a file and no kind.
fn file(kind: &str) -> Result<Option<PathBuf>, Failure> {
    let looks_so = [".json", ".yaml", ".yml"].iter().any(|it| kind.ends_with(it));
    if looks_so { existing(kind.as_ref()).map(Some) } else { Ok(None) }
}

/// What is shown.
struct Shown {
    kind: KnownKind,
    /// Other apiVersions that have a kind of the name.
    others: Vec<String>,
    path: Vec<String>,
    field: Field,
    schema: serde_json::Value,
}

/// The kind that a name means.
fn named(args: &SchemaShowArgs, repository: &Repository<'_>) -> Result<Shown, Failure> {
    let kinds = repository.store(&all_versions()).kinds(&repository.locations, repository.sources());
    let meant = names::find(&kinds, &args.kind)
        .map_err(|err| SchemaError::Unknown { reason: err.to_string(), nearest: err.nearest })?;
    let kind = meant.kinds[0];
    let others = meant.kinds[1..].iter().map(|it| it.gvk.api_version()).collect();
    shown(args, repository, &repository.locations, kind, others, meant.path)
}

/// The kinds that a file defines, or those of its objects.
fn in_file(args: &SchemaShowArgs, repository: &Repository<'_>, file: &Path) -> Result<Vec<Shown>, Failure> {
    let path = repository.tree.path(file).ok_or_else(|| Failure::NotUtf8(file.to_owned()))?;
    let mut locations = vec![Location::File(path.clone())];
    locations.extend(repository.locations.iter().cloned());
    let kinds = repository.store(&all_versions()).kinds(&locations, repository.sources());
    let is_here = |it: &&KnownKind| match &it.origin {
        SchemaOrigin::Definition(place) => repository.sources().place(*place).0 == path,
        SchemaOrigin::File(file) => *file == path,
        SchemaOrigin::Kubernetes(_) | SchemaOrigin::Custom => false,
    };
    let mut wanted: Vec<KnownKind> = kinds.iter().filter(is_here).cloned().collect();
    if wanted.is_empty() {
        let objects = repository.renderer.manifest(&path).resources;
        for gvk in objects.iter().map(|it| &it.id.gvk) {
            let is_new = !wanted.iter().any(|it| it.gvk == *gvk);
            wanted.extend(kinds.iter().find(|it| it.gvk == *gvk).filter(|_| is_new).cloned());
        }
        if objects.is_empty() {
            let stem = file.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
            let gvk = Gvk { group: "".into(), version: "".into(), kind: stem.into() };
            wanted.push(KnownKind { gvk, origin: SchemaOrigin::File(path) });
        }
    }
    if wanted.is_empty() {
        return Err(SchemaError::NothingInFile(file.display().to_string()).into());
    }
    wanted.iter().map(|it| shown(args, repository, &locations, it, vec![], vec![])).collect()
}

fn shown(
    args: &SchemaShowArgs,
    repository: &Repository<'_>,
    locations: &[Location],
    kind: &KnownKind,
    others: Vec<String>,
    path: Vec<String>,
) -> Result<Shown, Failure> {
    let versions = versions(args, repository, kind)?;
    let mut store = repository.store(&versions);
    let broken = store.add_locations(locations, repository.sources(), [&kind.gvk]);
    let Some(schema) = store.schema(&kind.gvk) else {
        let reason = broken.first().map_or_else(String::new, |it| {
            let (path, start, _) = repository.sources().place(it.span());
            format!("{}:{}:{}: {}", repository.tree.shown(&path), start.line, start.column, it.message)
        });
        return Err(SchemaError::Unusable { kind: kind.gvk.kind.to_string(), reason }.into());
    };
    let depth = if args.recursive { Depth::All } else { Depth::One };
    let field = describe(schema, &kind.gvk.kind, &path, depth)
        .map_err(|err| SchemaError::Unknown { reason: err.to_string(), nearest: err.nearest })?;
    Ok(Shown { kind: kind.clone(), others, path, field, schema: schema.clone() })
}

/// The versions to look into: those asked for, or the usual one, or the last one that has the kind.
fn versions(args: &SchemaShowArgs, repository: &Repository<'_>, kind: &KnownKind) -> Result<Minors, Failure> {
    let asked = repository.versions.clone().unwrap_or_default();
    let SchemaOrigin::Kubernetes(has) = &kind.origin else { return Ok(asked) };
    if asked.as_slice().iter().any(|it| has.as_slice().contains(it)) {
        return Ok(asked);
    }
    if args.kubernetes_version.is_some() {
        let kind = kind.gvk.to_string();
        return Err(SchemaError::OtherVersion { kind, asked, has: has.clone() }.into());
    }
    Ok(Minors::new(has.as_slice().last().copied().into_iter().collect()))
}

fn write(
    out: &mut dyn Write,
    args: &SchemaShowArgs,
    repository: &Repository<'_>,
    shown: &Shown,
) -> io::Result<()> {
    if args.raw || args.output_format == SchemaFormat::Json {
        serde_json::to_writer_pretty(&mut *out, &shown.schema)?;
        return writeln!(out);
    }
    let mut line = |name: &str, value: &str| writeln!(out, "{name:<9} {}", one_line(value));
    let gvk = &shown.kind.gvk;
    line("KIND:", &gvk.kind)?;
    if !gvk.version.is_empty() {
        line("VERSION:", &gvk.api_version())?;
    }
    line("SCHEMA:", &repository.origin(&shown.kind))?;
    if !shown.others.is_empty() {
        line("ALSO IN:", &shown.others.join(", "))?;
    }
    if let Some(told) = life(gvk) {
        line("LIFE:", &told)?;
    }
    if !shown.path.is_empty() {
        line("FIELD:", &format!("{} {}", shown.path.join("."), marks(&shown.field)))?;
    }
    if let Some(text) = &shown.field.description {
        writeln!(out)?;
        prose(out, text, 0)?;
    }
    if !shown.field.fields.is_empty() {
        writeln!(out, "\nFIELDS:")?;
        fields(out, &shown.field.fields, 2)?;
    }
    Ok(())
}

/// When a kind ends, if it does.
fn life(gvk: &Gvk) -> Option<String> {
    if let Some(life) = life_cycle::of(gvk) {
        let since =
            |what: &str, minor: Option<u32>| minor.map(|it| format!("{what} since Kubernetes 1.{it}"));
        let told = [since("deprecated", life.deprecated), since("gone", life.removed)];
        let instead = life.replacement.as_ref().map(|it| format!("use {it}"));
        return Some(told.into_iter().flatten().chain(instead).collect::<Vec<_>>().join(", "));
    }
    let life = life_cycle::of_custom(gvk)?;
    let since = |what: &str, release: Option<&str>| release.map(|it| format!("{what} since {it}"));
    let told = [since("deprecated", life.deprecated), since("gone", life.removed)];
    let instead = life.replacement.map(|it| format!("use {it}"));
    Some(told.into_iter().flatten().chain(instead).collect::<Vec<_>>().join(", "))
}

/// `<string>  required  one of: a, b`
fn marks(field: &Field) -> String {
    let mut marks = format!("<{}>", field.type_name);
    if field.is_required {
        marks.push_str("  required");
    }
    if !field.options.is_empty() {
        marks.push_str(&format!("  one of: {}", field.options.join(", ")));
    }
    if !field.merge_keys.is_empty() {
        marks.push_str(&format!("  merged by: {}", field.merge_keys.join(", ")));
    }
    if let Some(default) = &field.default {
        marks.push_str(&format!("  default: {default}"));
    }
    marks
}

fn fields(out: &mut dyn Write, fields: &[Field], indent: usize) -> io::Result<()> {
    let width = fields.iter().map(|it| it.name.chars().count()).max().unwrap_or(0);
    for field in fields {
        let line = format!("{:width$}  {}", field.name, marks(field));
        writeln!(out, "{:indent$}{}", "", one_line(&line))?;
        // With everything below, prose would bury the tree.
        if let Some(text) = field.description.as_ref().filter(|_| field.fields.is_empty() && indent == 2) {
            prose(out, text, indent + 2)?;
        }
        self::fields(out, &field.fields, indent + 2)?;
    }
    Ok(())
}

/// Text in lines of words.
fn prose(out: &mut dyn Write, text: &str, indent: usize) -> io::Result<()> {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + word.chars().count() >= WIDTH - indent {
            writeln!(out, "{:indent$}{}", "", one_line(&line))?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{:indent$}{}", "", one_line(&line)) }
}

//! `gitops-lint baseline`: writes down what is found, takes out what is mended, or tells what would change.

use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;

use gitops_render::Renderer;

use crate::args::{BaselineArgs, CheckArgs};
use crate::baseline::{Around, Compared, Entry, compare, file};
use crate::check::{self, Ready};
use crate::findings::counted;
use crate::output::{Report, concise, one_line, printed};
use crate::progress::Progress;
use crate::report_file::ReportFile;
use crate::{Failure, lint};

/// Checks, and brings the file up to date. Tells the exit code.
///
/// # Errors
/// If the check cannot be done, or the file cannot be read or written.
pub fn run(args: &BaselineArgs) -> Result<ExitCode, Failure> {
    let check = CheckArgs { scope: args.scope.clone(), ..CheckArgs::default() };
    check::around(&check, |ready| brought_up_to_date(args, ready).map(|code| (code, false)))
}

fn brought_up_to_date(args: &BaselineArgs, ready: &Ready<'_>) -> Result<u8, Failure> {
    let Ready { tree, work, baseline: place, .. } = *ready;
    let not_written = |source| Failure::NotWritten { path: place.on_disk.clone(), source };
    // Nobody should wait for a check that cannot be written down.
    let target = match args.locked {
        true => None,
        false => Some(ReportFile::prepare(&place.on_disk).map_err(not_written)?),
    };
    let progress = if args.scope.quiet { Progress::hidden() } else { Progress::new() };
    let renderer = Renderer::new(tree, check::render_options(work));
    let old = place.read(tree, renderer.sources())?;
    let mut checked = lint::lint(&renderer, work, &progress)?;
    let is_nothing = checked.summary.roots == 0 && checked.findings.is_empty() && checked.muted.is_empty();
    if is_nothing {
        return Err(check::nothing(ready.args));
    }
    let is_there = old.is_some();
    let around = Around { place, tree, renderer: &renderer, work, policies: ready.policies() };
    let mut compared = compare(around, old.unwrap_or_default(), &mut checked);
    if args.prune {
        compared.new.clear();
        checked.findings.clear();
    }
    let tell = |words: &str| {
        if !args.scope.quiet {
            // If nobody reads there, nobody is to be told.
            let _ = writeln!(io::stderr(), "{}", one_line(words));
        }
    };
    let shown =
        tree.path(&place.on_disk).map_or_else(|| place.on_disk.display().to_string(), |it| tree.shown(&it));
    let Some(target) = target else {
        let name = |path: &_| tree.shown(path);
        let report = Report { checked: &checked, sources: renderer.sources(), name: &name };
        return locked(args, &compared, &report, &shown, tell);
    };
    if !ready.is_complete {
        tell(&format!("`{shown}` stays as it is, because not everything could be read"));
        return Ok(2);
    }
    let counts = counts(&compared);
    let entries: Vec<Entry> = compared.kept.into_iter().chain(compared.new).collect();
    if entries.is_empty() && !is_there {
        tell("nothing found, so there is nothing to accept");
        return Ok(0);
    }
    let mut bytes = vec![];
    file::write(&mut bytes, &compared.asked, &entries).map_err(not_written)?;
    if fs::read(&place.on_disk).is_ok_and(|it| it == bytes) {
        tell(&format!("`{shown}` stays as it is: {}", counted(entries.len(), "accepted finding")));
        return Ok(0);
    }
    target.write(|out| out.write_all(&bytes)).map_err(not_written)?;
    tell(&format!("wrote `{shown}`: {}{counts}", counted(entries.len(), "accepted finding")));
    Ok(0)
}

/// What changes, in words.
fn counts(compared: &Compared) -> String {
    match (compared.new.len(), compared.gone.len()) {
        (0, 0) => String::new(),
        (new, 0) => format!(" ({new} new)"),
        (0, gone) => format!(" ({gone} gone)"),
        (new, gone) => format!(" ({new} new, {gone} gone)"),
    }
}

/// Shows what would change, and tells the exit code. The findings of the report are those that are new.
fn locked(
    args: &BaselineArgs,
    compared: &Compared,
    report: &Report<'_>,
    shown: &str,
    tell: impl Fn(&str),
) -> Result<u8, Failure> {
    if compared.new.is_empty() && compared.gone.is_empty() {
        tell(&format!("`{shown}` is up to date: {}", counted(compared.kept.len(), "accepted finding")));
        return Ok(0);
    }
    printed(|out| {
        let mut new = vec![];
        concise::write_findings(&mut new, report)?;
        for line in String::from_utf8_lossy(&new).lines() {
            writeln!(out, "new: {line}")?;
        }
        for Entry { identity, .. } in &compared.gone {
            let place = identity.path.as_deref().map(|it| format!("{it}: ")).unwrap_or_default();
            writeln!(out, "gone: {}", one_line(&format!("{place}{} {}", identity.code, identity.message)))?;
        }
        Ok(())
    })?;
    let command = if args.prune { "gitops-lint baseline --prune" } else { "gitops-lint baseline" };
    tell(&format!("`{shown}` is not up to date{}: run `{command}`", counts(compared)));
    Ok(1)
}

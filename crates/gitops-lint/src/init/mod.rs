//! `gitops-lint init`: options, a hook and a workflow for a repository, made out of what it looks like.
//!
//! Asks nothing, and replaces nothing that is there.

mod checkout;
mod ci;
mod detect;
mod hook;
mod options;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::args::{CiArg, InitArgs};
use crate::check::existing;
use crate::fix::write::{NotWritten, write as replace};
use crate::output::{one_line, printed};
use crate::{Failure, complain};

use checkout::Checkout;
use detect::Detected;

/// What is to be done about one file.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Nothing has this name: it is written.
    Write(String),
    /// It is extended: what it is now, and what it will be.
    Extend { old: String, new: String },
    /// It is left as it is, because of this.
    Keep(&'static str),
    /// It is left as it is, and a person adds this.
    Advise(String),
}

/// A file, from the top of the repository, and what is done about it.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    path: &'static str,
    step: Step,
}

impl Piece {
    /// The text as a new file, unless there is one.
    fn new(top: &Path, path: &'static str, text: String) -> Piece {
        let step = if is_there(&top.join(path)) { Step::Keep("it is there") } else { Step::Write(text) };
        Piece { path, step }
    }
}

/// Whether something has this name, be it a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Looks at the repository, and writes what it lacks.
///
/// # Errors
/// If the directory is not there or has no working tree, or something cannot be written.
pub fn run(args: &InitArgs) -> Result<ExitCode, Failure> {
    let dir = existing(&args.dir)?;
    if !dir.is_dir() {
        return Err(Failure::NoDirectory(args.dir.clone()));
    }
    let checkout = Checkout::around(&dir);
    if checkout.is_bare {
        return Err(Failure::Bare(args.dir.clone()));
    }
    let detected = Detected::find(&checkout.top)?;
    let found = ci::found(&checkout);
    let forge = args.ci.map_or(found, CiArg::forge);
    let mut pieces = vec![options::piece(&checkout.top, &detected)];
    if !args.no_hook && (args.hook || checkout.is_git) {
        pieces.push(hook::piece(&checkout.top));
    }
    pieces.extend(forge.map(|it| ci::piece(it, &checkout)));

    let (mut is_done, mut lines) = (true, vec![detected.told(found)]);
    lines.extend(ci::remark(args.ci, found, &checkout).map(|it| format!("CI: {it}")));
    for piece in &pieces {
        let outcome = if args.dry_run { Ok(()) } else { carry_out(&checkout.top, piece) };
        match outcome {
            Ok(()) => lines.push(told(piece, args.dry_run)),
            Err(err) => {
                is_done = false;
                complain("error", &format!("cannot write `{}`: {err}", piece.path));
            }
        }
    }
    if is_done && !args.dry_run {
        lines.push(next(&pieces, &dir, &checkout.top));
    }
    printed(|out| lines.iter().try_for_each(|it| writeln!(out, "{it}")))?;
    Ok(ExitCode::from(if is_done { 0 } else { 2 }))
}

fn carry_out(top: &Path, piece: &Piece) -> Result<(), NotWritten> {
    let path = top.join(piece.path);
    match &piece.step {
        Step::Keep(_) | Step::Advise(_) => Ok(()),
        Step::Extend { old, new } => replace(&path, old.as_bytes(), new.as_bytes()),
        Step::Write(text) => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            // Whoever was faster keeps his file.
            let mut file = fs::File::create_new(&path)?;
            Ok(file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?)
        }
    }
}

/// What was done, in a line, with the text where a person should read it.
fn told(piece: &Piece, is_dry: bool) -> String {
    let (path, would) = (piece.path, if is_dry { "would be " } else { "" });
    match &piece.step {
        Step::Write(text) if is_dry => format!("{path} would be written:\n{}", indented(text)),
        Step::Extend { new, .. } if is_dry => format!("{path} would become:\n{}", indented(new)),
        Step::Write(_) => format!("{path} is written"),
        Step::Extend { .. } => format!("{path} is extended"),
        Step::Keep(why) => format!("{path} {would}left alone: {why}"),
        Step::Advise(text) => {
            format!("{path} {would}left alone: it is there. Add to it:\n{}", indented(text))
        }
    }
}

fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().map(|it| format!("    {}", one_line_of(it)).trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// The line with its blanks, but without anything that a terminal would obey.
fn one_line_of(line: &str) -> String {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    format!("{}{}", &line[..blanks], one_line(&line[blanks..]))
}

/// The commands to go on with.
fn next(pieces: &[Piece], dir: &Path, top: &Path) -> String {
    let is_made = |it: &&Piece| matches!(it.step, Step::Write(_) | Step::Extend { .. });
    let has_hook = pieces.iter().filter(is_made).any(|it| it.path == hook::FILE);
    let place = if dir == top { "" } else { ", at the top of the repository" };
    let hook = if has_hook { ", and `pre-commit install`" } else { "" };
    format!("next: `gitops-lint check`{hook}{place}")
}

//! `--watch`: checks again whenever a file changes.
//!
//! Changes are found by looking: the times and sizes of a repository's files are read in some
//! milliseconds, on every file system and without a limit on the number of folders. What notifies
//! has neither.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::args::CheckArgs;
use crate::disk_tree::repository_of;
use crate::findings::counted;
use crate::mounts::Virtual;
use crate::{Failure, check, complain};

/// How long nothing is looked at between two looks, at least.
const PAUSE: Duration = Duration::from_millis(250);

/// Looking takes no more than this part of the time.
const SHARE: u32 = 20;

/// What files were like: when they were changed, and how long they were.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Clears a terminal, with what has scrolled away, and begins at its top.
const CLEAR: &[u8] = b"\x1b[2J\x1b[3J\x1b[H";

/// Checks, and checks again after every change, until somebody stops it.
///
/// # Errors
/// If there is nothing to begin with. What goes wrong later is told, and may be mended.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let mut watch = Watch::new(places(args)?);
    check::once(args)?;
    loop {
        complain("watching", "checks again when a file changes; Ctrl-C ends it");
        let (path, count) = watch.wait();
        if stdout().is_terminal() {
            // If nobody reads there, the report fails in a moment.
            let _ = stdout().lock().write_all(CLEAR);
        }
        let more =
            if count > 1 { format!(" and {} more", counted(count - 1, "file")) } else { String::new() };
        complain("changed", &format!("`{}`{more}", path.display()));
        if let Err(failure) = check::once(args) {
            failure.tell();
        }
    }
}

/// The repositories around what is checked, or what is checked, and what decides about it elsewhere.
fn places(args: &CheckArgs) -> Result<Vec<PathBuf>, Failure> {
    let mut places = vec![];
    for path in &args.paths {
        let path = check::existing(path)?;
        places.push(repository_of(&path).unwrap_or(path));
    }
    let locations = args.schemas.locations.iter().map(Path::new);
    let beside = args.policy.policies.iter().chain(&args.policy.data).map(PathBuf::as_path).chain(locations);
    places.extend(beside.filter_map(|it| check::existing(it).ok()));
    places.sort();
    // What lies in a place that is watched is watched with it.
    places.dedup_by(|below, above| below.starts_with(above));
    Ok(places)
}

/// Files that are looked at again and again.
#[derive(Debug)]
struct Watch {
    places: Vec<PathBuf>,
    seen: Seen,
}

impl Watch {
    /// Watches the files in and below `places`; ignored and hidden ones are left out, but for hidden
    /// files beside others, such as `.gitignore`.
    fn new(places: Vec<PathBuf>) -> Watch {
        let seen = look(&places);
        Watch { places, seen }
    }

    /// Waits until a file is there that was not, is gone, or is not what it was. Returns the first of
    /// them, in order of path, and how many there are.
    fn wait(&mut self) -> (PathBuf, usize) {
        loop {
            let started = Instant::now();
            let now = look(&self.places);
            let changed = changes(&self.seen, &now);
            if let Some(first) = changed.first() {
                let told = ((*first).clone(), changed.len());
                // Editors and `git checkout` write file after file: wait until they are done.
                thread::sleep(PAUSE);
                self.seen = look(&self.places);
                return told;
            }
            thread::sleep(PAUSE.max(started.elapsed() * SHARE));
        }
    }
}

/// The paths that differ, in order.
fn changes<'a>(before: &'a Seen, now: &'a Seen) -> Vec<&'a PathBuf> {
    let gone = before.keys().filter(|it| !now.contains_key(*it));
    let mut changed: Vec<&PathBuf> =
        now.iter().filter(|(path, state)| before.get(*path) != Some(state)).map(|it| it.0).collect();
    changed.extend(gone);
    changed.sort();
    changed
}

fn look(places: &[PathBuf]) -> Seen {
    let seen = Mutex::new(Seen::new());
    let Some((first, rest)) = places.split_first() else { return Seen::new() };
    let mut builder = WalkBuilder::new(first);
    rest.iter().for_each(|it| {
        builder.add(it);
    });
    let nowhere = Virtual::below(places, places.iter().all(|it| repository_of(it).is_some()));
    builder.hidden(false).filter_entry(move |it| !is_hidden_folder(it) && !nowhere.holds(it.path()));
    builder.build_parallel().run(|| {
        Box::new(|entry| {
            if let Ok(entry) = entry
                && let Some((path, state)) = state(&entry)
            {
                seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path, state);
            }
            WalkState::Continue
        })
    });
    seen.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn is_hidden_folder(entry: &DirEntry) -> bool {
    let is_hidden = Path::new(entry.file_name()).to_string_lossy().starts_with('.');
    entry.depth() > 0 && is_hidden && entry.file_type().is_some_and(|it| it.is_dir())
}

fn state(entry: &DirEntry) -> Option<(PathBuf, (Option<SystemTime>, u64))> {
    let metadata = std::fs::metadata(entry.path()).ok()?;
    metadata.is_file().then(|| (entry.path().to_owned(), (metadata.modified().ok(), metadata.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn whatever_is_checked_or_decides_about_it_is_seen_to_change() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let places = [dir.path().to_owned()];
        fs::create_dir_all(path("base/.cache")).unwrap();
        fs::create_dir(path(".git")).unwrap();
        let mut before = look(&places);
        let mut differ = || {
            let now = look(&places);
            let changed: Vec<PathBuf> = changes(&before, &now).into_iter().cloned().collect();
            before = now;
            changed
        };
        for name in ["base/a.yaml", "base/a.env", ".gitops-lint.toml", "policy.rego"] {
            fs::write(path(name), "a").unwrap();
            assert_eq!(differ(), [path(name)], "new");
            fs::write(path(name), "ab").unwrap();
            assert_eq!(differ(), [path(name)], "longer");
            assert!(differ().is_empty());
        }
        fs::remove_file(path("base/a.env")).unwrap();
        assert_eq!(differ(), [path("base/a.env")]);
        fs::write(path(".git/index"), "a").unwrap();
        fs::write(path("base/.cache/a.yaml"), "a").unwrap();
        assert!(differ().is_empty());
    }
}

//! The cache of results: a check of what was checked before tells what it told before.
//!
//! [`lint`](crate::lint::lint) is a function of three things: the work that it is given, the binary, and what
//! the disk answers to its questions. The first two make the name of a record ([`key`]); the third stands in
//! it, question by question ([`asked`]), and is asked again before the record is used. What files hold is
//! compared by its digest, and a file is not even read again where the system vouches for it ([`stamp`]).
//!
//! So nothing has to be known here about what a file is for. Whatever is wrong with the cache itself means
//! that there is no record.

mod asked;
mod directory;
mod key;
mod record;
mod stamp;
mod store;

use std::io;

use gitops_render::{RenderOptions, Renderer};

use crate::args::{CacheArgs, CheckArgs, CleanArgs};
use crate::disk_tree::DiskTree;
use crate::findings::counted;
use crate::lint::{Checked, Work};
use crate::output::printed;
use crate::{Failure, complain};

pub use asked::Seen;
pub use directory::VARIABLE;

use directory::Directory;
use key::Key;
use record::Record;
use store::Store;

/// Where results are kept, or that they are not.
#[derive(Debug)]
pub struct Cache {
    used: Option<(Store, Directory)>,
    is_quiet: bool,
    is_verbose: bool,
}

impl Cache {
    /// The cache that the arguments ask for. It knows nothing of files that are not what is on the disk.
    pub fn new(args: &CheckArgs) -> Cache {
        let is_other = args.stdin_filename.is_some() || args.changes.base.is_some();
        let is_off = args.cache.no_cache || args.fix || args.diff || is_other;
        let directory = if is_off { None } else { Directory::of(&args.cache) };
        let used = directory.map(|it| (Store::new(&it.path), it));
        Cache { used, is_quiet: args.quiet, is_verbose: args.verbose }
    }

    /// The disk, with a memory of what it is asked if that is of use.
    pub fn watch<'t>(&self, tree: &'t DiskTree) -> Seen<'t> {
        Seen::new(tree, self.used.is_some())
    }

    /// What is kept of this work if it is still true, or else what `lint` finds.
    ///
    /// The renderer reads from `seen`.
    ///
    /// # Errors
    /// Those of `lint`, which are not kept.
    pub fn checked(
        &self,
        seen: &Seen<'_>,
        renderer: &Renderer<'_>,
        (options, work): (&RenderOptions, &Work<'_>),
        lint: impl FnOnce(&Work<'_>) -> Result<Checked, Failure>,
    ) -> Result<Checked, Failure> {
        let Some((store, directory)) = &self.used else { return lint(work) };
        let key = Key::of(seen.tree(), options, work);
        if let Some(checked) = known(store, &key, (seen.tree(), work), renderer) {
            if self.is_verbose {
                complain("cache", "nothing has changed since an earlier check, so this is what it found");
            }
            return Ok(checked);
        }
        let find = |wanted| {
            let files = (work.repository)(wanted);
            seen.found(wanted, &files);
            files
        };
        let checked = lint(&Work { repository: &find, ..*work })?;
        let record = seen.asked().and_then(|it| Record::of(&checked, renderer.sources(), it));
        if let Some(record) = record
            && let Err(err) = store.save(&key, &record)
        {
            self.tell(directory, &err);
        }
        Ok(checked)
    }

    /// Whoever has named a directory wants to know that it is of no use. What nobody has named may be.
    fn tell(&self, directory: &Directory, err: &io::Error) {
        if (directory.is_named || self.is_verbose) && !self.is_quiet {
            let path = directory.path.display();
            complain(
                "warning",
                &format!("cannot keep results in `{path}`, so the next run finds none: {err}"),
            );
        }
    }
}

/// What is kept of this work, if it is still true.
fn known(
    store: &Store,
    key: &Key,
    (tree, work): (&DiskTree, &Work<'_>),
    renderer: &Renderer<'_>,
) -> Option<Checked> {
    let mut record = store.load(key)?;
    let (asked, has_changed) = record.asked.again(tree, work.repository)?;
    record.asked = asked;
    if has_changed {
        // Only the stamps have. Without them the next run reads the files once more.
        let _ = store.save(key, &record);
    }
    record.checked(renderer.sources())
}

/// `gitops-lint clean`: removes all results.
///
/// # Errors
/// If one cannot be removed.
pub fn clean(args: &CleanArgs) -> Result<std::process::ExitCode, Failure> {
    let args = CacheArgs { no_cache: false, cache_dir: args.cache_dir.clone() };
    let Some(directory) = Directory::of(&args) else { return Err(Failure::NoCache) };
    let failed = |source| Failure::NotCleaned { path: directory.path.clone(), source };
    let (records, bytes) = Store::new(&directory.path).clean().map_err(failed)?;
    let (records, size) = (counted(records, "result"), bytes.div_ceil(1024));
    printed(|out| {
        use io::Write as _;
        writeln!(out, "removed {records} ({size} KB) from {}", directory.path.display())
    })?;
    Ok(std::process::ExitCode::SUCCESS)
}

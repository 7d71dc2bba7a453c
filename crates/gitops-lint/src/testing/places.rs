//! Where `gitops-lint test` looks for policies and for their data.

use std::path::PathBuf;

use crate::Failure;
use crate::args::{PolicyArgs, TestArgs};
use crate::check::existing;
use crate::disk_tree::DiskTree;
use crate::options::{Flags, Options};
use crate::policies::{self, Found, Place};
use crate::walk::Wanted;

/// Where policies are looked for, and what is in force there, with the data that is named for them.
pub fn find(args: &TestArgs) -> Result<(Vec<Place>, Options), Failure> {
    if args.paths.is_empty() {
        return usual(args);
    }
    let places = policies::named(&args.paths)?;
    let paths: Vec<PathBuf> = policies::on_disk(&places).cloned().collect();
    let mut options = Options::new(flags(args), &paths)?;
    // Who names policies names their data.
    options.data = policies::named(&args.data)?;
    Ok((places, options))
}

/// The same if no paths are given.
fn usual(args: &TestArgs) -> Result<(Vec<Place>, Options), Failure> {
    let here = existing(".".as_ref())?;
    let options = Options::new(flags(args), std::slice::from_ref(&here))?;
    let mut named = options.policies.clone().unwrap_or_default();
    if named.iter().any(|it| matches!(it, Place::Disk(_))) {
        // Who has policies of his own wants to test those.
        named.retain(|it| matches!(it, Place::Disk(_)));
    }
    if named.is_empty() {
        named = policies::by_default(std::slice::from_ref(&here));
    }
    Ok((if named.is_empty() { vec![Place::Disk(here)] } else { named }, options))
}

fn flags(args: &TestArgs) -> Flags {
    let policy = PolicyArgs { data: args.data.clone(), ..PolicyArgs::default() };
    Flags { policy, color: args.color, ..Flags::of_options(&args.options) }
}

/// Whether no fewer tests are run than without any arguments, and with the same data.
pub fn are_all(args: &TestArgs, options: &Options, places: &[Place]) -> Result<bool, Failure> {
    if args.run.is_some() || !args.data.is_empty() {
        return Ok(false);
    }
    if args.paths.is_empty() {
        return Ok(true);
    }
    let (wanted, of_options) = usual(args)?;
    let is_named = |wanted: &PathBuf| policies::on_disk(places).any(|it| wanted.starts_with(it));
    let has_same_options = options.files().eq(of_options.files());
    Ok(has_same_options && of_options.data.is_empty() && policies::on_disk(&wanted).all(is_named))
}

/// The data that lies with the policies. In a whole repository, which has YAML of all kinds, these are
/// only files called `data`.
pub fn data_beside(args: &TestArgs, tree: &DiskTree, places: &[Place], threads: usize) -> Found {
    let mut found = policies::find(tree, places, Wanted::Data, threads);
    let here = existing(".".as_ref()).ok();
    let is_whole = |it: &Place| match it {
        Place::Disk(path) => {
            Some(path) == here.as_ref()
                && !path.file_name().is_some_and(|it| policies::FOLDERS.iter().any(|name| it == *name))
        }
        Place::Pack(_) => false,
    };
    if args.paths.is_empty() && places.iter().any(is_whole) {
        found.files.retain(|(it, _)| it.file_name().starts_with("data."));
    }
    found
}

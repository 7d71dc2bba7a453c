//! Where the baseline is, and what paths in it begin at.

use std::path::{Component, Path, PathBuf};
use std::{env, fs, io};

use gitops_render::{RepoPath, Sources};

use crate::Failure;
use crate::args::{BaselineFileArgs, Color};
use crate::baseline::FILE_NAME;
use crate::baseline::file::{self, Baseline};
use crate::disk_tree::{DiskTree, repository_of};
use crate::output::Style;
use crate::output::full::{Problem, drawn};

/// A baseline that is there, or could be.
#[derive(Clone, Debug)]
pub struct BaselinePlace {
    /// On the disk, absolute.
    pub on_disk: PathBuf,
    /// The folder that paths in it begin at: the top of its repository, or else its own.
    pub top: PathBuf,
    /// Whether it is not where it is looked for if nobody says where.
    is_given: bool,
    /// Whether somebody has asked for this very file, so that it has to be there.
    is_named: bool,
    /// The folders and files that are checked, absolute.
    checked: Vec<PathBuf>,
    color: Color,
}

impl BaselinePlace {
    /// The file that is named or, if none is, the one that the options file tells, or else the one at the top of
    /// the repository around `paths`, which are absolute; where there is no repository, in the working directory.
    ///
    /// # Errors
    /// If there is no working directory.
    pub fn find(
        args: &BaselineFileArgs,
        of_options: Option<&PathBuf>,
        paths: &[PathBuf],
        color: Color,
    ) -> Result<BaselinePlace, Failure> {
        let on_disk = match (&args.baseline, of_options) {
            (Some(path), _) => absolute(path)?,
            (None, Some(path)) => path.clone(),
            (None, None) => {
                let repository = paths.first().and_then(|it| repository_of(it));
                let here = || env::current_dir().and_then(fs::canonicalize);
                let folder = repository.map_or_else(here, Ok).map_err(Failure::NoWorkingDirectory)?;
                folder.join(FILE_NAME)
            }
        };
        let folder = on_disk.parent().unwrap_or(&on_disk);
        let top = repository_of(folder).unwrap_or_else(|| folder.to_owned());
        let is_named = args.baseline.is_some();
        let (is_given, checked) = (is_named || of_options.is_some(), paths.to_vec());
        Ok(BaselinePlace { top, on_disk, is_given, is_named, checked, color })
    }

    /// The file, if somebody has said where it is: it may lie elsewhere.
    pub fn given(&self) -> Option<&PathBuf> {
        self.is_given.then_some(&self.on_disk)
    }

    /// The name that the baseline gives a file of the tree, wherever the command is run.
    pub fn name(&self, tree: &DiskTree, path: &RepoPath) -> String {
        tree.relative(path, &self.top)
    }

    /// The path in the tree of a file that the baseline names; `None` if it lies elsewhere.
    pub fn path(&self, tree: &DiskTree, name: &str) -> Option<RepoPath> {
        tree.path(&self.top)?.join(name)
    }

    /// Whether a path on the disk is checked, or lies in what is.
    pub fn is_checked(&self, on_disk: &Path) -> bool {
        self.checked.iter().any(|it| on_disk.starts_with(it))
    }

    /// What it says; `None` if there is no such file and nobody has named it.
    ///
    /// # Errors
    /// If the file cannot be read, or is no baseline, or is not there though it was named.
    pub fn read_wanted(&self, tree: &DiskTree, sources: &Sources<'_>) -> Result<Option<Baseline>, Failure> {
        match self.read(tree, sources)? {
            None if self.is_named => Err(Failure::NoBaseline(self.on_disk.clone())),
            read => Ok(read),
        }
    }

    /// What it says; `None` if there is no such file.
    ///
    /// # Errors
    /// If the file cannot be read, or is no baseline.
    pub fn read(&self, tree: &DiskTree, sources: &Sources<'_>) -> Result<Option<Baseline>, Failure> {
        let Some(path) = tree.path(&self.on_disk) else { return Ok(None) };
        let unusable = |why: String| Failure::BadBaseline { frame: String::new(), why };
        if sources.entry(&path).map_err(|err| unusable(err.to_string()))?.is_none() {
            let name = tree.shown(&path);
            return match self.on_disk.exists() {
                true => {
                    Err(unusable(format!("the baseline `{name}` is a link that leads out of the repository")))
                }
                false => Ok(None),
            };
        }
        let file = sources.open(&path).map_err(|err| unusable(err.to_string()))?;
        file::read(&file).map(Some).map_err(|broken| {
            let name = tree.shown(&path);
            let why = format!("the baseline `{name}` cannot be used");
            let problem =
                Problem { name, title: broken.message, labels: broken.labels, help: Some(broken.help) };
            let frame = drawn(&file, problem, Style::of(&io::stderr(), self.color));
            Failure::BadBaseline { frame, why }
        })
    }
}

/// The path as the system would know it, if the file were there.
///
/// # Errors
/// If there is no working directory.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    if let Ok(real) = fs::canonicalize(path) {
        return Ok(real);
    }
    let full = std::path::absolute(path).map_err(Failure::NoWorkingDirectory)?;
    let mut plain = PathBuf::new();
    for part in full.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    let mut folders = plain.ancestors().skip(1);
    let known = folders.find_map(|it| Some(fs::canonicalize(it).ok()?.join(plain.strip_prefix(it).ok()?)));
    Ok(known.unwrap_or(plain))
}

//! What is in force: flags over the options file over what is so by default.
//!
//! `find` finds the file, `chain` reads it and those that it builds upon, [`Options`] puts the flags over
//! them, and [`Settings`] is what findings depend on, with places in the tree that is checked.

pub mod assume;
mod chain;
pub mod environments;
mod file;
mod find;
mod flags;
mod flat;
pub mod globs;
pub mod ignore;
pub mod look;
pub mod mistake;
mod narrowed;
mod places;
mod schema;
pub mod select;
mod settings;
mod show;
mod tables;
mod toml;

use std::env;
use std::path::{Path, PathBuf};

use gitops_render::Minors;

use crate::Failure;
use crate::args::FailOn;
use crate::check::existing;
use crate::disk_tree::relative_path;
use crate::locations::Found;
use crate::options::chain::Chain;
use crate::options::file::{OptionsFile, Preset};
use crate::options::look::{Disk, Look};
use crate::options::places::Places;
use crate::options::toml::Word;
use crate::policies::Place;
use crate::reports::ReportArg;

pub use flags::Flags;
pub use ignore::IgnoreEntry;
pub use narrowed::has_all;
pub use select::Selection;
pub use settings::{Excluded, Settings};
pub use show::config;

/// What is in force for a check.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether fields that a schema does not have, and keys that are there twice, are reported.
    pub strict: bool,
    /// From which severity on findings are a failure.
    pub fail_on: FailOn,
    /// The reports.
    pub reports: Vec<ReportArg>,
    /// The places of policies; `None` if nobody says which.
    pub policies: Option<Vec<Place>>,
    /// The packages whose rules are asked.
    pub namespaces: Vec<String>,
    /// Whether the rules of all packages are asked.
    pub all_namespaces: bool,
    /// Whether policies are asked about all objects of a root at once.
    pub combine: bool,
    /// The places of data for policies.
    pub data: Vec<Place>,
    /// The places of schemas.
    pub locations: Vec<Found>,
    /// Where accepted findings are written down, if the options file says it.
    pub baseline: Option<PathBuf>,
    /// The versions of Kubernetes; `None` if nobody says which.
    pub versions: Option<Minors>,
    flags: Flags,
    chain: Chain,
}

impl Options {
    /// What is in force when these paths are checked, which are absolute and without symbolic links.
    ///
    /// # Errors
    /// If there is something wrong in the options file, or a flag names what is not there.
    pub fn new(flags: Flags, paths: &[PathBuf]) -> Result<Options, Failure> {
        let chain = read_file(&flags, paths, &Disk)?;
        Options::over(chain, flags)
    }

    /// What the same flags put in force over the options file that lies somewhere else.
    ///
    /// # Errors
    /// As above.
    pub fn elsewhere(&self, paths: &[PathBuf], look: &dyn Look) -> Result<Options, Failure> {
        let chain = read_file(&self.flags, paths, look)?;
        Options::over(chain, self.flags.clone())
    }

    fn over(chain: Chain, flags: Flags) -> Result<Options, Failure> {
        let (policies, data, locations) = (flags.policies()?, flags.data()?, flags.locations()?);
        let words = |words: &Option<Vec<Word>>| {
            words.as_ref().map(|all| all.iter().map(|it| it.text.clone()).collect::<Vec<_>>())
        };
        let of_places =
            |get: &dyn Fn(&Places) -> Option<Vec<Place>>| chain.files.iter().rev().find_map(|it| get(&it.1));
        let fail_on = flags.fail_on.or_else(|| chain.last(|it| it.fail_on));
        let report = || chain.last(|it| it.output_format).map(|format| ReportArg { format, path: None });
        let names_packages = flags.all_namespaces == Some(true) || !flags.policy.namespaces.is_empty();
        Ok(Options {
            strict: flags.strict.or_else(|| chain.last(|it| it.strict)).unwrap_or(true),
            fail_on: fail_on.unwrap_or(FailOn::Warning),
            reports: match flags.reports.is_empty() {
                true => report().into_iter().collect(),
                false => flags.reports.clone(),
            },
            policies: policies.or_else(|| of_places(&|it| it.policies.clone())),
            namespaces: match names_packages {
                true => flags.policy.namespaces.clone(),
                false => {
                    chain.packages().map(|it| words(&it.namespaces).unwrap_or_default()).unwrap_or_default()
                }
            },
            all_namespaces: match flags.all_namespaces {
                Some(are_all) => are_all,
                None if names_packages => false,
                None => chain.packages().and_then(|it| it.all_namespaces).unwrap_or(false),
            },
            combine: flags.combine.or_else(|| chain.last(|it| it.combine)).unwrap_or(false),
            data: data.or_else(|| of_places(&|it| it.data.clone())).unwrap_or_default(),
            locations: locations
                .or_else(|| chain.files.iter().rev().find_map(|it| it.1.locations.clone()))
                .unwrap_or_default(),
            baseline: chain.files.iter().rev().find_map(|it| it.1.baseline.clone()),
            versions: flags.versions.clone().or_else(|| chain.last(|it| it.versions.clone())),
            flags,
            chain,
        })
    }

    /// The options file that was read, as people are shown it.
    pub fn file(&self) -> Option<&str> {
        Some(&self.chain.texts.first()?.name)
    }

    /// The options files that were read, absolute and without symbolic links.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.chain.texts.iter().map(|it| it.path.as_path())
    }

    /// Which rules are on before anybody says more.
    fn preset(&self) -> Preset {
        self.chain.last(|it| it.preset).unwrap_or_default()
    }
}

impl Chain {
    /// What the last file says that says something.
    fn last<T>(&self, get: impl Fn(&OptionsFile) -> Option<T>) -> Option<T> {
        self.files.iter().rev().find_map(|it| get(&it.0))
    }

    /// The versions of Kubernetes that count where nothing else is said.
    fn versions(&self) -> Option<&Minors> {
        self.files.iter().rev().find_map(|it| it.0.versions.as_ref())
    }

    /// The last file that says which packages are asked.
    fn packages(&self) -> Option<&OptionsFile> {
        let says = |it: &&OptionsFile| it.namespaces.is_some() || it.all_namespaces.is_some();
        self.files.iter().rev().map(|it| &it.0).find(says)
    }
}

fn read_file(flags: &Flags, paths: &[PathBuf], look: &dyn Look) -> Result<Chain, Failure> {
    let here = env::current_dir().ok().and_then(|it| existing(&it).ok());
    let name =
        |path: &Path| here.as_ref().map_or_else(|| path.display().to_string(), |it| relative_path(path, it));
    read_named(flags, paths, look, &name).map_err(|failure| {
        let shown = |path: PathBuf| if path.is_absolute() { name(&path).into() } else { path };
        match failure {
            Failure::NoSuchPath { path, source } => Failure::NoSuchPath { path: shown(path), source },
            Failure::TwoOptionsFiles(path) => Failure::TwoOptionsFiles(shown(path)),
            Failure::NoOptionsFile(path) => Failure::NoOptionsFile(shown(path)),
            Failure::OptionsOutside(path) => Failure::OptionsOutside(shown(path)),
            other => other,
        }
    })
}

fn read_named(
    flags: &Flags,
    paths: &[PathBuf],
    look: &dyn Look,
    name: &dyn Fn(&Path) -> String,
) -> Result<Chain, Failure> {
    let start = env::current_dir().unwrap_or_default();
    let real = |it: &Path| {
        let failed = |err| Failure::NoSuchPath { path: it.to_owned(), source: err };
        look.real(&start.join(it)).map(|it| it.path).map_err(failed)
    };
    let path = match &flags.config {
        Some(path) => Some(real(path)?),
        None if flags.isolated => None,
        None => find::find(paths, look)?,
    };
    let Some(path) = path else { return Ok(Chain::default()) };
    if !chain::may_name(&path, &real(&path)?) {
        return Err(Failure::OptionsOutside(path));
    }
    chain::read(&path, look, name, flags.color)
}

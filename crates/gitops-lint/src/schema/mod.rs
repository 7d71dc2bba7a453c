//! `gitops-lint schema`: which schemas there are, and what they say.

mod list;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use gitops_render::{
    KnownKind, Location, Minor, Minors, RenderOptions, Renderer, Resource, SchemaOptions, SchemaOrigin,
    SchemaStore, Sources,
};

use crate::Failure;
use crate::args::{OptionsArgs, SchemaArgs, SchemaCommand};
use crate::check::{existing, pool};
use crate::definitions;
use crate::disk_tree::DiskTree;
use crate::locations::Found;
use crate::options::{Flags, Options};
use crate::walk::{self, Wanted};

/// Why a schema cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The name is nobody's.
    #[error("{reason}{}", crate::did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// What there is not.
        reason: String,
        /// What was most likely meant.
        nearest: Option<String>,
    },
    /// The versions that were asked for do not have the kind.
    #[error("`{kind}` is not in Kubernetes {asked}, but in {has}")]
    OtherVersion {
        /// The kind.
        kind: String,
        /// The versions that were asked for.
        asked: Minors,
        /// The versions that have it.
        has: Minors,
    },
    /// There is a schema, and it is broken.
    #[error("the schema of `{kind}` cannot be used: {reason}")]
    Unusable {
        /// The kind.
        kind: String,
        /// The first finding, with its place.
        reason: String,
    },
    /// A file without schemas and objects.
    #[error("`{0}` holds no schema and no object")]
    NothingInFile(String),
}

/// Runs a command below `schema`.
///
/// # Errors
/// If there is nothing to tell.
pub fn run(command: &SchemaCommand) -> Result<ExitCode, Failure> {
    pool(0)?.install(|| match command {
        SchemaCommand::List(args) => list::run(args),
        SchemaCommand::Show(args) => show::run(args),
    })
}

/// The repository, as far as schemas go.
struct Repository<'t> {
    tree: &'t DiskTree,
    renderer: Renderer<'t>,
    /// The manifests with CustomResourceDefinitions.
    definitions: Vec<Resource>,
    locations: Vec<Location>,
    /// The versions of Kubernetes, if somebody says which.
    versions: Option<Minors>,
}

/// Opens the repository for a command. Files in `also` are readable, too.
fn with_repository<T>(
    paths: &[PathBuf],
    flags: Flags,
    also: Option<&PathBuf>,
    command: impl FnOnce(&Repository<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let paths = paths.iter().map(|it| existing(it)).collect::<Result<Vec<_>, _>>()?;
    let options = Options::new(flags, &paths)?;
    let found = &options.locations;
    let beside = found.iter().filter_map(Found::path).chain(also);
    let tree = DiskTree::around(&paths).map_err(Failure::NoWorkingDirectory)?.beside(beside);
    let locations = found.iter().map(|it| it.location(&tree)).collect::<Result<Vec<_>, _>>()?;
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let walked = walk::walk(&tree, &paths, Wanted::Yaml, 0);
    let definitions = definitions::all(&renderer, &walked.files);
    command(&Repository { tree: &tree, renderer, definitions, locations, versions: options.versions })
}

/// What a command of this group says itself.
fn flags(versions: Option<&Minors>, schemas: &SchemaArgs, options: &OptionsArgs) -> Flags {
    let versions = versions.cloned();
    Flags { versions, schemas: schemas.clone(), ..Flags::of_options(options) }
}

impl Repository<'_> {
    /// The schemas for these versions, definitions of the repository added.
    fn store(&self, versions: &Minors) -> SchemaStore {
        let versions = versions.as_slice().to_vec();
        let mut store = SchemaStore::new(SchemaOptions { versions, ..SchemaOptions::default() });
        store.add_definitions(&self.definitions);
        store
    }

    fn sources(&self) -> &Sources<'_> {
        self.renderer.sources()
    }

    /// Where a schema comes from, in words.
    fn origin(&self, kind: &KnownKind) -> String {
        match &kind.origin {
            SchemaOrigin::Kubernetes(versions) => format!("Kubernetes {versions}"),
            SchemaOrigin::Custom => "built in".to_owned(),
            SchemaOrigin::Definition(place) => {
                let (path, start, _) = self.sources().place(*place);
                format!("{}:{}", self.tree.shown(&path), start.line)
            }
            SchemaOrigin::File(path) => self.tree.shown(path),
        }
    }
}

/// All versions whose schemas are built in.
fn all_versions() -> Minors {
    Minors::new((Minor::FIRST.number()..=Minor::LAST.number()).filter_map(Minor::new).collect())
}

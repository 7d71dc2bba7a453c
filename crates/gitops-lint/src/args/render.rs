//! The flags of `gitops-lint render`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

const RENDER_NOTES: &str = "\
Examples:
  gitops-lint render overlays/prod
  gitops-lint render overlays/prod -o prod.yaml
  gitops-lint render --all --out-dir rendered
  gitops-lint render overlays/prod | kubectl diff -f -";

/// `gitops-lint render`.
#[derive(Args, Debug)]
#[command(after_help = RENDER_NOTES)]
pub struct RenderArgs {
    /// The directory of the kustomization; with --all, where to look for kustomizations.
    #[arg(default_value = ".")]
    pub dir: PathBuf,

    /// Render every kustomization in and below the directory, each as if it were built alone.
    #[arg(long, requires = "out_dir")]
    pub all: bool,

    /// With --all: write `DIR/<directory>/manifests.yaml` for each of them.
    #[arg(long, value_name = "DIR", requires = "all", conflicts_with = "output")]
    pub out_dir: Option<PathBuf>,

    /// Write to this file; into an existing directory, one file for each object.
    #[arg(short, long, value_name = "FILE-OR-DIR")]
    pub output: Option<PathBuf>,

    /// Whether files may lie outside of the kustomization's directory.
    #[arg(long, value_enum, value_name = "RULE", default_value_t = LoadRestrictor::LoadRestrictionsRootOnly)]
    #[arg(alias = "load_restrictor")]
    pub load_restrictor: LoadRestrictor,

    /// Tell where each object and each changed field came from: as comments, or as JSON instead of
    /// the objects.
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "all")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "comments")]
    pub provenance: Option<Provenance>,

    /// The order of the objects; if not given, what the kustomization asks for.
    #[arg(long, value_enum, value_name = "ORDER")]
    pub reorder: Option<ReorderArg>,

    /// Label every object with app.kubernetes.io/managed-by.
    #[arg(long)]
    pub enable_managedby_label: bool,

    /// With --all: how many threads to use; all cores if not given.
    #[arg(short, long, value_name = "N", requires = "all")]
    pub jobs: Option<std::num::NonZeroUsize>,
}

/// How the origin of values is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Provenance {
    /// As comments above the values.
    Comments,
    /// As data.
    Json,
}

/// kustomize's names for where files may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum LoadRestrictor {
    /// Files must lie in or below the directory of the kustomization that names them.
    LoadRestrictionsRootOnly,
    /// Files may lie anywhere.
    LoadRestrictionsNone,
}

/// kustomize's names for the order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReorderArg {
    /// As the kustomizations list the objects.
    None,
    /// Namespaces and definitions first, webhooks last.
    Legacy,
}

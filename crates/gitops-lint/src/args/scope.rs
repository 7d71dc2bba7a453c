//! The flags that say what is checked, and by what.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use gitops_render::Minors;

use crate::args::{BaselineFileArgs, Color, FileArgs, PolicyArgs, RuleArgs, SchemaArgs};

/// What is checked, by what, and how much is said about that.
#[derive(Args, Clone, Debug, Default)]
pub struct ScopeArgs {
    /// Directories and files to check; .gitignore is respected, hidden folders are skipped.
    ///
    /// A file is checked through the overlays that it reaches, wherever in the repository they are; a
    /// policy or the options reach all of them.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// The versions of Kubernetes that the objects must fit, such as 1.30,1.33-1.35; 1.33 if not given.
    #[arg(long, value_name = "VERSIONS")]
    pub kubernetes_version: Option<Minors>,

    #[command(flatten)]
    pub schemas: SchemaArgs,

    /// Let fields that the schema does not have, and keys that are there twice, pass.
    ///
    /// kustomize refuses keys that are there twice, so what it reads is reported all the same. --strict undoes
    /// what the options file says.
    #[arg(long, overrides_with = "strict")]
    pub no_strict: bool,

    /// Report them, whatever the options file says.
    #[arg(long, overrides_with = "no_strict", hide = true)]
    pub strict: bool,

    /// Write findings and errors, and nothing else: no summary, no progress.
    #[arg(short, long)]
    pub quiet: bool,

    /// Say on stderr what is looked at, what decides about it, and how long each step takes.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Whether to use colours.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,

    /// How many threads to use; all cores if not given.
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Where options are.
    #[command(flatten)]
    pub file: FileArgs,

    /// Which rules are on.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// What is accepted.
    #[command(flatten)]
    pub baseline: BaselineFileArgs,

    /// Which policies are asked.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

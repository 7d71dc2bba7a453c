//! The flags that say what is checked, and by what.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{Resettable, Str};
use gitops_render::Minors;

use crate::args::{BaselineFileArgs, Color, FileArgs, PolicyArgs, RuleArgs, SchemaArgs};

/// What is checked, by what, and how much is said about that.
#[derive(Args, Clone, Debug, Default)]
pub struct ScopeArgs {
    /// Directories and files to check; .gitignore is respected, hidden folders are skipped.
    ///
    /// A file is checked through the overlays that it reaches, wherever in the repository they are; a
    /// policy or the options reach all of them.
    #[arg(default_value = ".", help_heading = NO_HEADING)]
    pub paths: Vec<PathBuf>,

    /// Which rules are on.
    #[command(flatten)]
    pub rules: RuleArgs,

    /// Where options are, and what is left out.
    #[command(flatten)]
    pub file: FileArgs,

    /// What is accepted.
    #[command(flatten)]
    pub baseline: BaselineFileArgs,

    /// The versions of Kubernetes that the objects must fit, such as 1.30,1.33-1.35; 1.33 if not given.
    #[arg(long, value_name = "VERSIONS", help_heading = "Schemas")]
    pub kubernetes_version: Option<Minors>,

    #[command(flatten, next_help_heading = "Schemas")]
    pub schemas: SchemaArgs,

    /// Let fields that the schema does not have, and keys that are there twice, pass.
    ///
    /// kustomize refuses keys that are there twice, so what it reads is reported all the same. --strict undoes
    /// what the options file says.
    #[arg(long, overrides_with = "strict", help_heading = "Schemas")]
    pub no_strict: bool,

    /// Report them, whatever the options file says.
    #[arg(long, overrides_with = "no_strict", hide = true)]
    pub strict: bool,

    /// Which policies are asked.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// Write findings and errors, and nothing else: no summary, no progress.
    #[arg(short, long, help_heading = RUN)]
    pub quiet: bool,

    /// Say on stderr what is looked at, what decides about it, and how long each step takes.
    #[arg(short, long, conflicts_with = "quiet", help_heading = RUN)]
    pub verbose: bool,

    /// Whether to use colours.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto, help_heading = RUN)]
    pub color: Color,

    /// How many threads to use; all cores if not given.
    #[arg(short, long, value_name = "N", help_heading = RUN)]
    pub jobs: Option<NonZeroUsize>,
}

/// Of what has nothing to do with what is found.
const RUN: &str = "Miscellaneous";
/// A heading stays in force for the flags behind it: arguments go back to where clap puts them.
const NO_HEADING: Resettable<Str> = Resettable::Reset;

//! The flags of `gitops-lint init`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

const INIT_NOTES: &str = "\
Everything is written at the top of the repository. No file that is there is replaced: what belongs into it \
is printed.

Examples:
  gitops-lint init
  gitops-lint init --dry-run
  gitops-lint init --ci gitlab --no-hook";

/// `gitops-lint init`.
#[derive(Args, Debug)]
#[command(after_help = INIT_NOTES)]
pub struct InitArgs {
    /// A directory of the repository.
    #[arg(default_value = ".")]
    pub dir: PathBuf,

    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub dry_run: bool,

    /// Write a hook for pre-commit, even if this is no Git repository.
    #[arg(long, overrides_with = "no_hook")]
    pub hook: bool,

    /// Write no hook.
    #[arg(long, overrides_with = "hook")]
    pub no_hook: bool,

    /// For which CI to write a workflow; if not given, that of the forge that the repository is on.
    #[arg(long, value_enum, value_name = "CI")]
    pub ci: Option<CiArg>,
}

/// A CI that we know how to speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CiArg {
    /// GitHub Actions.
    Github,
    /// GitLab's pipelines.
    Gitlab,
    /// Write nothing for any.
    None,
}

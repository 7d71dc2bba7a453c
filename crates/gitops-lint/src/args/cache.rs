//! The flags about the cache of results.

use std::path::PathBuf;

use clap::Args;

/// Whether and where results are kept.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Cache")]
pub struct CacheArgs {
    /// Neither use nor keep results of earlier runs.
    #[arg(long)]
    pub no_cache: bool,

    /// Where results are kept; if not given, $GITOPS_LINT_CACHE_DIR, or else gitops-lint in the user's
    /// directory of caches.
    ///
    /// A check of what has not changed tells what it told before. Whoever can write there can make a check
    /// pass: do not share it with people whose changes you check.
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

const NOTES: &str = "\
Examples:
  gitops-lint clean
  gitops-lint clean --cache-dir .cache";

/// `gitops-lint clean`.
#[derive(Args, Debug)]
#[command(after_help = NOTES)]
pub struct CleanArgs {
    /// Where results are kept; if not given, $GITOPS_LINT_CACHE_DIR, or else gitops-lint in the user's
    /// directory of caches.
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

//! The flags about findings that are accepted.

use std::path::PathBuf;

use clap::Args;

use crate::args::ScopeArgs;

/// Where accepted findings are written down.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Baseline")]
pub struct BaselineFileArgs {
    /// The file with accepted findings; what the options file says, or else `gitops-lint.baseline.json` at the top of the repository, if not given.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

const BASELINE_NOTES: &str = "\
The file names each finding by rule, file, object and field, never by line, so that it stays when code moves. \
Commit it. `gitops-lint check` reports what is not in it, and says (SUP004) what in it is mended. What this run \
does not look at stays in the file: give the same flags as to `check`.

Exit codes:
  0  written, or nothing to change
  1  with --locked: the file would change
  2  could not run, could not read everything, or could not write

Examples:
  gitops-lint baseline            write it: new findings come in, and those that are mended go out
  gitops-lint baseline --prune    only take out what is mended
  gitops-lint baseline --locked   change nothing, and fail if there is something to change, for CI";

/// `gitops-lint baseline`.
#[derive(Args, Debug)]
#[command(after_help = BASELINE_NOTES)]
pub struct BaselineArgs {
    /// Only take out what is not found any more; add nothing.
    #[arg(long)]
    pub prune: bool,

    /// Change nothing, and exit with 1 if the file would change.
    #[arg(long)]
    pub locked: bool,

    #[command(flatten)]
    pub scope: ScopeArgs,
}

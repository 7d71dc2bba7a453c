//! The flags that ask for what a change brings in.

use clap::Args;

/// What is compared with.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Changes")]
pub struct ChangeArgs {
    /// Report only what has come since this branch, tag or commit: what a pull request into it brings in.
    ///
    /// The working tree, committed or not, is compared with the last commit that REF and the current branch
    /// have in common. Nothing is fetched and nothing is written.
    #[arg(long, value_name = "REF", conflicts_with_all = ["fix", "diff", "stdin_filename"])]
    pub base: Option<String>,

    /// With --base: report everything about what the change affects, what was there before included.
    #[arg(long, requires = "base")]
    pub all_affected: bool,
}

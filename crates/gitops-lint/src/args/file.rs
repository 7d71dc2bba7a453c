//! The flags about the options file, and what is left out.

use std::path::PathBuf;

use clap::Args;

/// Where options are.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options file")]
pub struct OptionsArgs {
    /// The options file; if not given, gitops-lint.toml or .gitops-lint.toml in the directory that is looked
    /// at or above it in the git repository.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub config: Option<PathBuf>,

    /// Read no options file.
    #[arg(long)]
    pub isolated: bool,
}

/// Where options are, and what is left out.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Files")]
pub struct FileArgs {
    /// Leave out these files and directories, as .gitignore would.
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    pub exclude: Vec<String>,

    /// Leave them out even if they are named on the command line, as pre-commit does; --no-force-exclude
    /// undoes what the options file says.
    #[arg(long, overrides_with = "no_force_exclude")]
    pub force_exclude: bool,

    /// Check them if they are named, whatever the options file says.
    #[arg(long, overrides_with = "force_exclude", hide = true)]
    pub no_force_exclude: bool,

    #[command(flatten)]
    pub options: OptionsArgs,
}

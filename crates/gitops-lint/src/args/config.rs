//! `gitops-lint config`.

use clap::{Args, ValueEnum};

use crate::args::{FailOn, ScopeArgs};

const NOTES: &str = "\
Examples:
  gitops-lint config
  gitops-lint config clusters/prod --select KUS
  gitops-lint config --output-format json
  gitops-lint config --schema > gitops-lint.schema.json";

/// `gitops-lint config`.
#[derive(Args, Debug)]
#[command(after_help = NOTES)]
pub struct ConfigArgs {
    /// From which severity on findings make the exit code of a check 1.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,

    /// How it is written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ConfigFormat::Toml)]
    pub output_format: ConfigFormat,

    /// Print the JSON Schema of the options file instead.
    #[arg(long)]
    pub schema: bool,

    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// How options are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// As an options file, with comments.
    Toml,
    /// For programs.
    Json,
}

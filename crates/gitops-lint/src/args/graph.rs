//! `gitops-lint graph` and `gitops-lint diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Color, FileArgs};

const GRAPH_NOTES: &str = "\
Exit codes:
  0  told, even if a file reaches nothing
  2  could not run, or a file of --why is neither there nor asked for

Examples:
  gitops-lint graph
  gitops-lint graph --why base/deployment.yaml
  gitops-lint graph clusters/prod --output-format dot | dot -Tsvg > graph.svg";

/// `gitops-lint graph`.
#[derive(Args, Debug)]
#[command(after_help = GRAPH_NOTES)]
pub struct GraphArgs {
    /// Directories and files to look for kustomizations and manifests in.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Tell which roots this file reaches, and through which entries; may be given several times.
    ///
    /// A file that is gone, and a directory, may be named, too.
    #[arg(long, value_name = "FILE")]
    pub why: Vec<PathBuf>,

    /// How it is written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = GraphFormat::Text)]
    pub output_format: GraphFormat,

    /// What is left out.
    #[command(flatten)]
    pub file: FileArgs,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A tree for each root.
    Text,
    /// For Graphviz.
    Dot,
    /// For Mermaid, which forges show in Markdown.
    Mermaid,
    /// One JSON document, for programs.
    Json,
}

const DIFF_NOTES: &str = "\
Exit codes:
  0  compared, whether or not something differs
  1  with --exit-code: something differs
  2  could not run, or could not render everything

Examples:
  gitops-lint diff --base origin/main
  gitops-lint diff --base HEAD apps/web
  gitops-lint diff --base origin/main --output-format markdown > comment.md";

/// `gitops-lint diff`.
#[derive(Args, Debug)]
#[command(after_help = DIFF_NOTES)]
pub struct DiffArgs {
    /// Directories and files to look for kustomizations and manifests in.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// What to compare the working tree with: the commit where the current branch and this one parted.
    #[arg(long, value_name = "REF")]
    pub base: String,

    /// Exit with 1 if something differs, as `git diff --exit-code` does.
    #[arg(long)]
    pub exit_code: bool,

    /// How it is written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = DiffFormat::Text)]
    pub output_format: DiffFormat,

    /// Whether to use colours.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,

    /// How many threads to use; all cores if not given.
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,

    /// What is left out.
    #[command(flatten)]
    pub file: FileArgs,
}

/// How a difference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Text,
    /// For a step summary, or a comment on a pull request.
    Markdown,
    /// One JSON document, for programs.
    Json,
}

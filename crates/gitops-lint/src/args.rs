//! The command line. What each flag means to the library is decided by the commands.

mod baseline;
mod cache;
mod changes;
mod config;
mod explain;
mod file;
mod graph;
mod init;
mod policy;
mod render;
mod rules;
mod schema;
mod scope;
mod test;

pub use baseline::{BaselineArgs, BaselineFileArgs};
pub use cache::{CacheArgs, CleanArgs};
pub use changes::ChangeArgs;
pub use config::{ConfigArgs, ConfigFormat};
pub use explain::{CompletionsArgs, ExplainArgs, ManArgs, RulesArgs, RulesFormat};
pub use file::{FileArgs, OptionsArgs};
pub use graph::{DiffArgs, DiffFormat, GraphArgs, GraphFormat};
pub use init::{CiArg, InitArgs};
pub use policy::PolicyArgs;
pub use render::{LoadRestrictor, Provenance, RenderArgs, ReorderArg};
pub use rules::RuleArgs;
pub use schema::{
    SchemaArgs, SchemaCommand, SchemaCommandArgs, SchemaFormat, SchemaListArgs, SchemaShowArgs,
};
pub use scope::ScopeArgs;
pub use test::{TestArgs, TestFormat};

use std::ops::Deref;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::reports::{ReportArg, ReportArgParser};

/// Finds what is wrong in a GitOps repository, and the line to edit.
///
/// Every overlay is rendered in process, every object is checked against its schema and your
/// policies, and every finding points at the source: the base, the patch, or the generator's file.
#[derive(Debug, Parser)]
#[command(name = "gitops-lint", version, about, long_about, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  gitops-lint check                          check the whole repository
  gitops-lint check apps/web -p policies     check a part of it, with your own policies
  gitops-lint check --output-format concise  one line for each finding
  gitops-lint check --fix                    fix what can be fixed without a person
  gitops-lint baseline                       accept what is found now, to report only what is new
  gitops-lint test policies                  run the tests of your policies
  gitops-lint render overlays/prod           print what `kustomize build` prints
  gitops-lint diff --base origin/main        show what a change does to what is rendered
  gitops-lint graph --why base/web.yaml      tell which overlays a file reaches
  gitops-lint schema show Deployment.spec    tell what fields there are
  gitops-lint explain KUS003                 tell what a rule means";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every overlay and manifest, and report what is wrong.
    Check(Box<CheckArgs>),
    /// Accept what is found now, so that only what is new is reported.
    Baseline(Box<BaselineArgs>),
    /// Print the objects of one overlay, as `kustomize build` does.
    Render(RenderArgs),
    /// Show what a change does to the rendered objects, field by field.
    Diff(DiffArgs),
    /// Show what each overlay is made of, and which overlays a file reaches.
    Graph(GraphArgs),
    /// Run the tests of policies, as `opa test` does.
    Test(TestArgs),
    /// Tell which schemas there are, and what they say.
    Schema(SchemaCommandArgs),
    /// Tell which options are in force, and where that is said.
    Config(Box<ConfigArgs>),
    /// Write options, a hook and a workflow that fit the repository.
    Init(InitArgs),
    /// Tell what a rule finds, why it matters, and how to fix it.
    #[command(visible_alias = "rule")]
    Explain(ExplainArgs),
    /// List all rules.
    Rules(RulesArgs),
    /// Remove the results that earlier checks have kept.
    Clean(CleanArgs),
    /// Print what a shell needs to complete commands and options.
    Completions(CompletionsArgs),
    /// Print the manual page.
    Man(ManArgs),
}

const CHECK_NOTES: &str = "\
Exit codes:
  0  nothing found, or nothing worse than a note (see --fail-on)
  1  errors or warnings found
  2  could not run, could not read or fix everything, or found nothing to check
With --fix it is what remains that counts; with --diff, 1 says that something would change.

Examples:
  gitops-lint check
  gitops-lint check overlays/prod clusters/prod
  gitops-lint check --kubernetes-version 1.30,1.33-1.35
  gitops-lint check -p policies --output-format json > findings.json
  gitops-lint check --base origin/main
  gitops-lint check --output-format full --output-format sarif=lint.sarif";

/// `gitops-lint check`.
#[derive(Args, Debug, Default)]
#[command(after_help = CHECK_NOTES)]
pub struct CheckArgs {
    /// Fix what can be fixed without a person, in the files, and report what remains.
    ///
    /// Comments and layout stay. What is rendered stays the same, but for what the API server refuses.
    #[arg(long)]
    pub fix: bool,

    /// With --fix or --diff: make those fixes, too, that may change what is rendered.
    #[arg(long)]
    pub unsafe_fixes: bool,

    /// Show what --fix would change, and change nothing.
    #[arg(long)]
    pub diff: bool,

    /// Check again whenever a file changes, until Ctrl-C.
    #[arg(short, long, conflicts_with = "diff")]
    pub watch: bool,

    /// Check what comes on stdin as if this file held it; all other files are as they are on the disk.
    ///
    /// For editors, and for hooks that see what is staged.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["paths", "fix", "diff", "watch"])]
    pub stdin_filename: Option<PathBuf>,

    /// How findings are written, and to which file if not to stdout; may be given several times.
    ///
    /// `--output-format sarif=out/lint.sarif --output-format full` writes a report for a forge and one for
    /// people. Folders of a file are made, and a file is replaced as a whole. Without this flag: full.
    #[arg(long = "output-format", value_parser = ReportArgParser, value_name = "FORMAT[=PATH]")]
    pub output_formats: Vec<ReportArg>,

    /// Count the findings of each rule instead of showing them; with --output-format json as JSON.
    #[arg(long)]
    pub statistics: bool,

    /// From which severity on findings make the exit code 1; warning if not given.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on: Option<FailOn>,

    /// Exit with 0 whatever is found; the same as --fail-on never.
    #[arg(short, long, conflicts_with = "fail_on")]
    pub exit_zero: bool,

    /// What is compared with.
    #[command(flatten)]
    pub changes: ChangeArgs,

    #[command(flatten)]
    pub scope: ScopeArgs,

    /// Report what the baseline accepts, too.
    #[arg(long, conflicts_with = "baseline", help_heading = "Baseline")]
    pub no_baseline: bool,

    /// Whether and where results are kept.
    #[command(flatten)]
    pub cache: CacheArgs,
}

impl Deref for CheckArgs {
    type Target = ScopeArgs;

    fn deref(&self) -> &ScopeArgs {
        &self.scope
    }
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// With the source around each finding, and how the value came there.
    Full,
    /// One line each: `path:line:column: CODE name: message`.
    Concise,
    /// One JSON document, for programs.
    Json,
    /// One JSON document for each finding, one to a line.
    JsonLines,
    /// Workflow commands, which GitHub Actions shows beside the lines of a pull request.
    Github,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// JUnit XML: a test suite for each file.
    Junit,
    /// GitLab's code quality report.
    Gitlab,
    /// Tables for a step summary, or a comment on a pull request.
    Markdown,
    /// The diagnostic format of reviewdog.
    Rdjson,
}

/// From which severity on findings are a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors only.
    Error,
    /// Warnings and errors.
    Warning,
    /// Notes, too.
    Info,
    /// Nothing that is found.
    Never,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    #[default]
    /// On a terminal, unless `NO_COLOR` is set; anywhere if `CLICOLOR_FORCE` is.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn the_flags_of_kustomize_are_spelled_as_kustomize_spells_them() {
        let words = "gitops-lint render a --load-restrictor LoadRestrictionsNone --reorder legacy -o b";
        let Command::Render(args) = Cli::try_parse_from(words.split(' ')).unwrap().command else {
            panic!("`render` is parsed as another command")
        };
        assert_eq!(args.load_restrictor, LoadRestrictor::LoadRestrictionsNone);
        assert_eq!(args.reorder, Some(ReorderArg::Legacy));
        assert_eq!(args.output, Some(PathBuf::from("b")));
    }
}

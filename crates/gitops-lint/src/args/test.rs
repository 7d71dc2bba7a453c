//! The flags of `gitops-lint test`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{Color, OptionsArgs};

const TEST_NOTES: &str = "\
Exit codes:
  0  every test passes
  1  a test fails, a policy does not compile, or a suppression of a failing test is not needed any more
  2  could not run, or there is no test

Tests are about policies: they see what `with input as …` gives them, and never the manifests of the \
repository. `gitops-lint check` asks the policies about those.

What fails and is silenced, by a comment `# gitops-lint: ignore[POL009] reason` on the line or above it or by \
the options file, counts as skipped.

Examples:
  gitops-lint test
  gitops-lint test policies --run labels -v
  gitops-lint test policies --coverage --threshold 100
  gitops-lint test builtin:team-basics";

/// `gitops-lint test`.
#[derive(Args, Debug)]
#[command(after_help = TEST_NOTES)]
pub struct TestArgs {
    /// Directories and files with policies and their tests, or `builtin:NAME`; if not given, the policies
    /// of the options file, with its data, or else `policy` and `policies`, or the working directory.
    pub paths: Vec<PathBuf>,

    /// Run those tests only whose name, such as `data.main.test_labels`, matches.
    #[arg(short, long, value_name = "REGEX")]
    pub run: Option<String>,

    /// Name the tests that pass, too, and show what they print.
    #[arg(short, long)]
    pub verbose: bool,

    /// Tell which lines of the policies were evaluated.
    #[arg(short, long)]
    pub coverage: bool,

    /// With --coverage: fail if less than so many per cent of the lines were evaluated.
    #[arg(short, long, value_name = "PERCENT", requires = "coverage")]
    pub threshold: Option<f64>,

    /// A file or directory with JSON or YAML that policies read under `data`, besides that which
    /// lies with the policies; may be given several times.
    #[arg(short, long, value_name = "PATH")]
    pub data: Vec<PathBuf>,

    /// How results are written.
    #[arg(long, visible_alias = "format", value_enum, value_name = "FORMAT", default_value_t = TestFormat::Pretty)]
    pub output_format: TestFormat,

    /// Whether to use colours.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,

    /// How many threads to use; all cores if not given.
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,

    /// Where options are.
    #[command(flatten)]
    pub options: OptionsArgs,
}

/// How results of tests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people: what fails, with the source around the expression to blame.
    Pretty,
    /// One line for each finding: `path:line:column: CODE name: message`.
    Concise,
    /// The JSON of `opa test`, with the findings; with --coverage, the JSON of its coverage.
    Json,
    /// JUnit's XML.
    Junit,
}

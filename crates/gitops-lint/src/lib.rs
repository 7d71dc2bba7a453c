//! gitops-lint: arguments, the disk, threads and output around the library that does the work.
//!
//! This is a library only so that more than one binary can be made of it: the program, and the one that
//! pre-commit builds at the top of the repository. Whoever wants to use gitops-lint from Rust uses
//! `gitops-render`.

mod args;
mod base;
mod baseline;
mod building;
mod cache;
mod check;
mod checking;
mod constraints;
mod coverage;
mod definitions;
mod diff;
mod disk_tree;
mod elsewhere;
mod explain;
mod findings;
mod fingerprint;
mod fix;
mod git;
mod graph;
mod init;
mod lint;
mod locations;
mod mounts;
mod mute;
mod options;
mod output;
mod packs;
mod policies;
mod prepare;
mod progress;
mod provenance;
mod real_paths;
mod render;
mod render_all;
mod report_file;
mod reports;
mod rule_page;
mod schema;
mod scope;
mod shell;
mod stdin;
mod suppress;
mod survey;
mod testing;
mod verbose;
mod walk;
mod watch;

use std::error::Error;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gitops_render::PolicyOptions;

use crate::args::{Cli, Command};

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("cannot read `{path}`", path = path.display())]
    NoSuchPath {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("`{}` has no kustomization.yaml, kustomization.yml or Kustomization", .0.display())]
    NoKustomization(PathBuf),
    #[error("nothing to render in `{}`: looked for kustomizations, hidden and ignored ones left out", .0.display())]
    NothingToRender(PathBuf),
    #[error("there is no `{}`, and no kustomization asks for it{advice}", path.display())]
    NoSuchFile { path: PathBuf, advice: String },
    #[error("`{}` lies outside of what is looked at", .0.display())]
    Elsewhere(PathBuf),
    #[error("`{}` is not a directory", .0.display())]
    NoDirectory(PathBuf),
    #[error("`{}` belongs to a Git repository without a working tree: run it in a clone", .0.display())]
    Bare(PathBuf),
    #[error("the path {0:?} is not UTF-8")]
    NotUtf8(PathBuf),
    #[error(
        "nothing to check in {0}: looked for kustomizations and for `*.yaml` and `*.yml` files with Kubernetes \
         objects, hidden and ignored files left out"
    )]
    NothingToCheck(String),
    #[error(
        "no policies in {0}: looked for `*.rego` files, and for `*.yaml` and `*.yml` files with templates, constraints and \
         admission policies, hidden ones left out"
    )]
    NoPolicies(String),
    #[error("there is no rule `{wanted}`{}", did_you_mean(*nearest))]
    NoSuchRule { wanted: String, nearest: Option<&'static str> },
    #[error("no data in {0}: looked for `*.json`, `*.yaml` and `*.yml` files, hidden ones left out")]
    NoData(String),
    #[error(
        "no rules to ask in {asked}: looked for rules called `deny`, `violation` or `warn`, with or without `_` and a \
         word{others}"
    )]
    NoRules { asked: String, others: String },
    #[error("there is no pack `{name}`: {advice}")]
    NoPack { name: String, advice: String },
    #[error(
        "no tests in {place}: {count} `*.rego` {files} there, without a rule called `test_…`; manifests are checked by \
         `gitops-lint check`",
        count = .files, files = if *.files == 1 { "file is" } else { "files are" }
    )]
    NoTests { place: String, files: usize },
    #[error("no test matches `{pattern}`: there are {count} tests, named like `data.main_test.test_labels`")]
    NoTestMatches { pattern: String, count: usize },
    #[error("the pattern of --run cannot be used: {0}")]
    NoPattern(String),
    #[error(transparent)]
    Options(Box<options::mistake::Mistakes>),
    #[error("`{}` has both `gitops-lint.toml` and `.gitops-lint.toml`: keep one of them", .0.display())]
    TwoOptionsFiles(PathBuf),
    #[error("`{}` is no file: options are in a file of this name, or in one that --config names", .0.display())]
    NoOptionsFile(PathBuf),
    #[error("`{}` is a link out of the repository: name the file itself by --config", .0.display())]
    OptionsOutside(PathBuf),
    #[error("`{pattern}` of --exclude is no pattern of paths: {reason}")]
    NoPathPattern { pattern: String, reason: String },
    #[error(transparent)]
    Schema(#[from] schema::SchemaError),
    #[error(transparent)]
    Location(#[from] locations::LocationError),
    #[error(transparent)]
    Git(#[from] git::GitError),
    #[error(transparent)]
    Reports(#[from] reports::ReportsError),
    #[error("cannot read stdin")]
    Stdin(#[source] io::Error),
    #[error("there is no baseline `{}`: `gitops-lint baseline` writes one", .0.display())]
    NoBaseline(PathBuf),
    #[error("{why}")]
    BadBaseline {
        /// What is wrong with it, as it is shown to people.
        frame: String,
        why: String,
    },
    #[error("there is no working directory")]
    NoWorkingDirectory(#[source] io::Error),
    #[error("cannot start threads: {0}")]
    NoThreads(String),
    #[error("cannot write `{path}`", path = path.display())]
    NotWritten {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("there is no cache: neither HOME nor {variable} is set", variable = cache::VARIABLE)]
    NoCache,
    #[error("cannot remove the results in `{path}`", path = path.display())]
    NotCleaned {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// The end of a message about a name that there is not.
fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|it| format!(": did you mean `{it}`?")).unwrap_or_default()
}

impl Failure {
    /// What happened and why, in one line.
    fn in_full(&self) -> String {
        let mut words = self.to_string();
        let mut cause = self.source();
        while let Some(it) = cause {
            words.push_str(&format!(": {it}"));
            cause = it.source();
        }
        words
    }

    /// Tells it to whoever reads along.
    fn tell(&self) {
        match self {
            // If nobody reads there, nobody is to be told.
            Failure::BadBaseline { frame, .. } => drop(write!(io::stderr(), "{frame}")),
            Failure::Options(mistakes) => mistakes.print(),
            _ => {}
        }
        complain("error", &self.in_full());
    }

    /// Policies with nothing to ask in the packages that are asked for. `packages` have something.
    fn no_rules(options: &PolicyOptions, unanswered: &[String], packages: &[&str]) -> Failure {
        let list = |it: &mut dyn Iterator<Item = &str>| {
            it.map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
        };
        let asked = match unanswered {
            _ if options.all_namespaces => "any package".to_owned(),
            [one] => format!("the package `{one}`"),
            more => format!("the packages {}", list(&mut more.iter().map(String::as_str))),
        };
        let others = match packages {
            [] => String::new(),
            packages => format!(
                "; there are some in {}: ask for them with `--namespace` or `--all-namespaces`",
                list(&mut packages.iter().copied())
            ),
        };
        Failure::NoRules { asked, others }
    }
}

/// Runs the program: arguments from the environment, reports to stdout, everything else to stderr.
pub fn main() -> ExitCode {
    let (result, code) = match Cli::parse().command {
        Command::Check(args) => (check::run(&args), 2),
        Command::Config(args) => (options::config(&args), 2),
        Command::Baseline(args) => (baseline::run(&args), 2),
        Command::Test(args) => (testing::run(&args), 2),
        Command::Diff(args) => (diff::run(&args), 2),
        Command::Graph(args) => (graph::run(&args), 2),
        Command::Schema(args) => (schema::run(&args.command), 2),
        Command::Init(args) => (init::run(&args), 2),
        Command::Explain(args) => (explain::explain(&args), 2),
        Command::Rules(args) => (explain::list_all(&args), 2),
        Command::Clean(args) => (cache::clean(&args), 2),
        Command::Completions(args) => (shell::completions(&args), 2),
        Command::Man(args) => (shell::man(&args), 2),
        // As kustomize has it.
        Command::Render(args) => (render::run(&args), 1),
    };
    result.unwrap_or_else(|failure| {
        failure.tell();
        ExitCode::from(code)
    })
}

/// Writes a line to stderr. If nobody reads there, nobody is to be told.
fn complain(level: &str, message: &str) {
    let _ = writeln!(io::stderr(), "{level}: {}", output::one_line(message));
}

//! gitops-lint: arguments, the disk, threads and output around the library that does the work.

mod args;
mod check;
mod disk_tree;
mod explain;
mod findings;
mod fix;
mod lint;
mod locations;
mod output;
mod progress;
mod provenance;
mod render;
mod render_all;
mod schema;
mod shell;
mod walk;

use std::error::Error;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

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
    #[error("`{}` is not a directory", .0.display())]
    NoDirectory(PathBuf),
    #[error("the path {0:?} is not UTF-8")]
    NotUtf8(PathBuf),
    #[error(
        "nothing to check in {0}: looked for kustomizations and for `*.yaml` and `*.yml` files with Kubernetes \
         objects, hidden and ignored files left out"
    )]
    NothingToCheck(String),
    #[error("no policies in {0}: looked for `*.rego` files, hidden ones left out")]
    NoPolicies(String),
    #[error("there is no rule `{wanted}`{}", did_you_mean(*nearest))]
    NoSuchRule { wanted: String, nearest: Option<&'static str> },
    #[error(transparent)]
    Schema(#[from] schema::SchemaError),
    #[error(transparent)]
    Location(#[from] locations::LocationError),
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
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// The end of a message about a name that there is not.
fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|it| format!(": did you mean `{it}`?")).unwrap_or_default()
}

fn main() -> ExitCode {
    let (result, code) = match Cli::parse().command {
        Command::Check(args) => (check::run(&args), 2),
        Command::Schema(args) => (schema::run(&args.command), 2),
        Command::Explain(args) => (explain::explain(&args), 2),
        Command::Rules(args) => (explain::list_all(&args), 2),
        Command::Completions(args) => (shell::completions(&args), 2),
        Command::Man(args) => (shell::man(&args), 2),
        // As kustomize has it.
        Command::Render(args) => (render::run(&args), 1),
    };
    result.unwrap_or_else(|failure| {
        let mut words = failure.to_string();
        let mut cause = failure.source();
        while let Some(it) = cause {
            words.push_str(&format!(": {it}"));
            cause = it.source();
        }
        complain("error", &words);
        ExitCode::from(code)
    })
}

/// Writes a line to stderr. If nobody reads there, nobody is to be told.
fn complain(level: &str, message: &str) {
    let _ = writeln!(io::stderr(), "{level}: {message}");
}

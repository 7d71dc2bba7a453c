//! The flags that say which policies are asked.

use std::path::PathBuf;

use clap::Args;

/// Which policies are asked, and what they know. The flags are conftest's.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Policies")]
pub struct PolicyArgs {
    /// A directory or file with Rego, or with templates and constraints, or `builtin:NAME`; may be given several times. If not given,
    /// `policy` and `policies` in the checked directories, and in the working directory above them.
    #[arg(short, long = "policy", value_name = "PATH")]
    pub policies: Vec<PathBuf>,

    /// A package whose rules are asked, `main` if not given; may be given several times.
    #[arg(short, long = "namespace", value_name = "PACKAGE")]
    pub namespaces: Vec<String>,

    /// Ask the rules of every package; --no-all-namespaces undoes what the options file says.
    #[arg(long, conflicts_with = "namespaces", overrides_with = "no_all_namespaces")]
    pub all_namespaces: bool,

    /// Ask the rules of some packages only, whatever the options file says.
    #[arg(long, overrides_with = "all_namespaces", hide = true)]
    pub no_all_namespaces: bool,

    /// A file or directory with JSON or YAML that policies read under `data`; may be given several
    /// times. In a directory, the path of a file's folder is its key.
    #[arg(short, long, value_name = "PATH")]
    pub data: Vec<PathBuf>,

    /// Ask once for each overlay, with all of its objects: `input` is a list of `path` and `contents`;
    /// --no-combine undoes what the options file says.
    #[arg(long, overrides_with = "no_combine")]
    pub combine: bool,

    /// Ask about each object by itself, whatever the options file says.
    #[arg(long, overrides_with = "combine", hide = true)]
    pub no_combine: bool,

    /// Ask Gatekeeper constraints about pods only where an ExpansionTemplate makes them, and not
    /// about the pods of every workload.
    #[arg(long)]
    pub no_expand: bool,
}

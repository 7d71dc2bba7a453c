//! The flags of `gitops-lint schema`, and those that say which schemas there are.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use gitops_render::Minors;

use crate::args::OptionsArgs;

/// Which schemas there are.
#[derive(Args, Clone, Debug, Default)]
pub struct SchemaArgs {
    /// A folder, a file or a template, as kubeconform has them, to look for schemas in; may be given several
    /// times.
    ///
    /// A folder may hold JSON Schema with the names of kubeconform's catalogue or of the CRDs catalogue,
    /// and YAML files with CustomResourceDefinitions. A file holds CustomResourceDefinitions, or the JSON
    /// Schema of one kind. A template is a path with fields such as {{ .Group }}, {{ .ResourceKind }} and
    /// {{ .ResourceAPIVersion }}. Everything is local, nothing is downloaded.
    ///
    /// Definitions of the repository come first, then the locations in their order, and then what is
    /// built in; `default` stands for what is built in, to put it before a location.
    #[arg(long = "schema-location", value_name = "LOCATION", value_hint = ValueHint::AnyPath)]
    pub locations: Vec<String>,
}

/// `gitops-lint schema`.
#[derive(Args, Debug)]
pub struct SchemaCommandArgs {
    /// What to tell.
    #[command(subcommand)]
    pub command: SchemaCommand,
}

/// The commands about schemas.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// List the kinds that there are schemas for, and where each comes from.
    List(SchemaListArgs),
    /// Show the fields of a kind, as `kubectl explain` does.
    Show(SchemaShowArgs),
}

const LIST_NOTES: &str = "\
Examples:
  gitops-lint schema list
  gitops-lint schema list ingress
  gitops-lint schema list --kubernetes-version 1.25 --output-format json
  gitops-lint schema list widget clusters/prod --schema-location ../schemas";

/// `gitops-lint schema list`.
#[derive(Args, Debug)]
#[command(after_help = LIST_NOTES)]
pub struct SchemaListArgs {
    /// A part of apiVersion/Kind, in any case; everything if not given.
    pub pattern: Option<String>,

    /// Directories and files with CustomResourceDefinitions.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Only what these versions of Kubernetes have; if not given, those of the options file, or else all.
    #[arg(long, value_name = "VERSIONS")]
    pub kubernetes_version: Option<Minors>,

    /// How it is written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = SchemaFormat::Text)]
    pub output_format: SchemaFormat,

    #[command(flatten)]
    pub schemas: SchemaArgs,

    /// Where options are.
    #[command(flatten)]
    pub options: OptionsArgs,
}

const SHOW_NOTES: &str = "\
Examples:
  gitops-lint schema show Deployment
  gitops-lint schema show deploy.spec.template.spec.containers
  gitops-lint schema show policy/v1beta1/PodDisruptionBudget
  gitops-lint schema show certificates.cert-manager.io --recursive
  gitops-lint schema show crds/widget.yaml
  gitops-lint schema show Service --raw > service.json";

/// `gitops-lint schema show`.
#[derive(Args, Debug)]
#[command(after_help = SHOW_NOTES)]
pub struct SchemaShowArgs {
    /// A kind, with a group or apiVersion and the path of a field if you like; or a file (.yaml, .json)
    /// with definitions, a schema, or objects.
    pub kind: String,

    /// Directories and files with CustomResourceDefinitions.
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// The version of Kubernetes, the newest if there are several; if not given, that of the options file,
    /// or else 1.33, or the last that has the kind.
    #[arg(long, value_name = "VERSIONS")]
    pub kubernetes_version: Option<Minors>,

    /// Show the fields of fields, too.
    #[arg(long)]
    pub recursive: bool,

    /// Print the JSON Schema that objects of the kind are held against.
    #[arg(long)]
    pub raw: bool,

    /// How it is written; JSON is the same as --raw.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = SchemaFormat::Text)]
    pub output_format: SchemaFormat,

    #[command(flatten)]
    pub schemas: SchemaArgs,

    /// Where options are.
    #[command(flatten)]
    pub options: OptionsArgs,
}

/// How schemas are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

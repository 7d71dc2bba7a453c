//! The flags of the commands that tell about rules and about the program itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::rules;

const EXPLAIN_NOTES: &str = "\
Examples:
  gitops-lint explain KUS003
  gitops-lint explain patch-target-missing SCH001
  gitops-lint explain KUS";

/// `gitops-lint explain`.
#[derive(Args, Debug)]
#[command(after_help = EXPLAIN_NOTES)]
pub struct ExplainArgs {
    /// Codes or names of rules; the beginning of a code lists those that begin so.
    #[arg(required = true, value_name = "RULE", hide_possible_values = true)]
    #[arg(value_parser = rules::RuleParser(|it| Ok(it.to_owned())))]
    pub rules: Vec<String>,

    /// How it is written.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = RulesFormat::Text)]
    pub output_format: RulesFormat,
}

/// `gitops-lint rules`.
#[derive(Args, Debug)]
pub struct RulesArgs {
    /// How it is written; JSON and Markdown have the whole page of each rule.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = RulesFormat::Text)]
    pub output_format: RulesFormat,
}

/// How rules are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For a site.
    Markdown,
}

const COMPLETIONS_NOTES: &str = "\
Examples:
  gitops-lint completions bash > ~/.local/share/bash-completion/completions/gitops-lint
  gitops-lint completions zsh > ~/.zfunc/_gitops-lint
  gitops-lint completions fish > ~/.config/fish/completions/gitops-lint.fish";

/// `gitops-lint completions`.
#[derive(Args, Debug)]
#[command(after_help = COMPLETIONS_NOTES)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `gitops-lint man`.
#[derive(Args, Debug)]
pub struct ManArgs {
    /// Write a page for each command into this directory.
    #[arg(long, value_name = "DIR")]
    pub out_dir: Option<PathBuf>,
}

//! What is in force: flags over the options file over what is so by default.

// Until the reader of the file has landed, nobody makes some of it.
#![allow(dead_code)]

pub mod globs;
pub mod ignore;
pub mod select;

use gitops_render::Minors;

use crate::args::{CheckArgs, FailOn};
use crate::disk_tree::DiskTree;

pub use ignore::IgnoreEntry;
pub use select::{Layer, Selection};

/// What is in force for a check.
#[derive(Clone, Debug)]
pub struct Options {
    /// The versions of Kubernetes that objects must fit.
    pub versions: Minors,
    /// Whether fields that a schema does not have, and keys that are there twice, are reported.
    pub strict: bool,
    /// From which severity on findings are a failure.
    pub fail_on: FailOn,
    selection: Selection,
    ignores: Vec<IgnoreEntry>,
}

/// The part of it that findings depend on, with places in the tree that is checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The versions of Kubernetes that objects must fit.
    pub versions: Minors,
    /// Whether fields that a schema does not have, and keys that are there twice, are reported.
    pub strict: bool,
    /// From which severity on findings are a failure.
    pub fail_on: FailOn,
    /// Which rules are on, and how bad their findings are.
    pub selection: Selection,
    /// What the options file ignores, in its order.
    pub ignores: Vec<IgnoreEntry>,
}

impl Options {
    /// What the flags say, over what is so by default.
    pub fn new(args: &CheckArgs) -> Options {
        let rules = &args.rules;
        let layer = Layer {
            select: rules.select.clone(),
            extend_select: rules.extend_select.clone(),
            ignore: rules.ignore.clone(),
            severity: vec![],
        };
        Options {
            versions: args.kubernetes_version.clone().unwrap_or_default(),
            strict: !args.no_strict,
            fail_on: match args.fail_on {
                _ if args.exit_zero => FailOn::Never,
                level => level.unwrap_or(FailOn::Warning),
            },
            selection: Selection::new(|it| it.is_default, &[layer], vec![]),
            ignores: vec![],
        }
    }

    /// The settings for a tree.
    pub fn settings(&self, _tree: &DiskTree) -> Settings {
        Settings {
            versions: self.versions.clone(),
            strict: self.strict,
            fail_on: self.fail_on,
            selection: self.selection.clone(),
            ignores: self.ignores.clone(),
        }
    }
}

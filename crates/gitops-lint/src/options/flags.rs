//! The flags of the command line that an options file has words for, too.

use std::path::PathBuf;

use gitops_render::Minors;

use crate::Failure;
use crate::args::{
    CheckArgs, Color, FailOn, FileArgs, OptionsArgs, PolicyArgs, RuleArgs, SchemaArgs, ScopeArgs,
};
use crate::locations::{self, Found};
use crate::options::globs::Paths;
use crate::options::select::Layer;
use crate::policies::{self, Place};
use crate::reports::ReportArg;

/// What the flags say; `None` and empty where they say nothing.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The options file.
    pub config: Option<PathBuf>,
    /// Whether there shall be none.
    pub isolated: bool,
    /// What is left out.
    pub exclude: Option<Paths>,
    /// The same as it is written.
    pub exclude_words: Vec<String>,
    /// Whether that is so for files that are named, too.
    pub force_exclude: Option<bool>,
    /// Which rules are on.
    pub rules: RuleArgs,
    /// The versions of Kubernetes.
    pub versions: Option<Minors>,
    /// The places of schemas.
    pub schemas: SchemaArgs,
    /// Which policies are asked.
    pub policy: PolicyArgs,
    /// Whether the rules of all packages are asked.
    pub all_namespaces: Option<bool>,
    /// Whether policies are asked about all objects of a root at once.
    pub combine: Option<bool>,
    /// Whether fields that are not known are reported.
    pub strict: Option<bool>,
    /// Where accepted findings are written down.
    pub baseline: Option<PathBuf>,
    /// How bad findings have to be.
    pub fail_on: Option<FailOn>,
    /// The reports.
    pub reports: Vec<ReportArg>,
    /// Whether mistakes are shown in colours.
    pub color: Color,
}

impl Flags {
    /// The flags about the options file itself, and nothing else.
    pub fn of_options(args: &OptionsArgs) -> Flags {
        Flags { config: args.config.clone(), isolated: args.isolated, ..Flags::default() }
    }

    /// The same, and what is left out.
    ///
    /// # Errors
    /// If what is to be left out is no pattern of paths.
    pub fn new(args: &FileArgs) -> Result<Flags, Failure> {
        let exclude = match args.exclude.as_slice() {
            [] => None,
            words => Some(Paths::new(words).map_err(|wrong| {
                let (index, reason) = wrong.into_iter().next().unwrap_or_default();
                let pattern = words.get(index).cloned().unwrap_or_default();
                Failure::NoPathPattern { pattern, reason }
            })?),
        };
        Ok(Flags {
            exclude,
            exclude_words: args.exclude.clone(),
            force_exclude: said(args.force_exclude, args.no_force_exclude),
            ..Flags::of_options(&args.options)
        })
    }

    /// The flags that say what is checked, and by what.
    ///
    /// # Errors
    /// See [`Flags::new`].
    pub fn of_scope(args: &ScopeArgs) -> Result<Flags, Failure> {
        Ok(Flags {
            rules: args.rules.clone(),
            versions: args.kubernetes_version.clone(),
            schemas: args.schemas.clone(),
            policy: args.policy.clone(),
            baseline: args.baseline.baseline.clone(),
            all_namespaces: said(args.policy.all_namespaces, args.policy.no_all_namespaces),
            combine: said(args.policy.combine, args.policy.no_combine),
            strict: said(args.strict, args.no_strict),
            color: args.color,
            ..Flags::new(&args.file)?
        })
    }

    /// The flags of a check.
    ///
    /// # Errors
    /// See [`Flags::new`].
    pub fn of_check(args: &CheckArgs) -> Result<Flags, Failure> {
        Ok(Flags {
            fail_on: if args.exit_zero { Some(FailOn::Never) } else { args.fail_on },
            reports: args.output_formats.clone(),
            ..Flags::of_scope(&args.scope)?
        })
    }

    /// What they say about rules.
    pub fn layer(&self) -> Layer {
        let RuleArgs { select, extend_select, ignore } = self.rules.clone();
        Layer { select, extend_select, ignore, severity: vec![] }
    }

    /// The places of policies, if any are named.
    ///
    /// # Errors
    /// If one is not there.
    pub fn policies(&self) -> Result<Option<Vec<Place>>, Failure> {
        some(&self.policy.policies).map(policies::named).transpose()
    }

    /// The places of data, likewise.
    ///
    /// # Errors
    /// If one is not there.
    pub fn data(&self) -> Result<Option<Vec<Place>>, Failure> {
        some(&self.policy.data).map(policies::named).transpose()
    }

    /// The places of schemas, likewise.
    ///
    /// # Errors
    /// If one is not there.
    pub fn locations(&self) -> Result<Option<Vec<Found>>, Failure> {
        some(&self.schemas.locations).map(locations::find).transpose()
    }
}

/// What two flags say together that exclude each other.
fn said(yes: bool, no: bool) -> Option<bool> {
    (yes || no).then_some(yes)
}

fn some<T>(all: &[T]) -> Option<&[T]> {
    (!all.is_empty()).then_some(all)
}

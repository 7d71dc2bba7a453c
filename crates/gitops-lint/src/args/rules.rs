//! The flags that say which rules are on.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command};
use gitops_render::rules::RULES;

use crate::options::select::{NoSelector, Selector};

/// Which rules are on. The flags are ruff's.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Report the findings of these rules and of no others: codes, names, beginnings of codes such as
    /// SCH, or ALL.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    #[arg(value_parser = RuleParser(Selector::from_str), hide_possible_values = true)]
    pub select: Option<Vec<Selector>>,

    /// Report these, too.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    #[arg(value_parser = RuleParser(Selector::from_str), hide_possible_values = true)]
    pub extend_select: Vec<Selector>,

    /// Do not report these.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    #[arg(value_parser = RuleParser(Selector::from_str), hide_possible_values = true)]
    pub ignore: Vec<Selector>,
}

/// Reads what names rules, and tells shells the codes, so that they can complete them.
#[derive(Clone, Debug)]
pub struct RuleParser<T>(pub fn(&str) -> Result<T, NoSelector>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for RuleParser<T> {
    type Value = T;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        self.0.parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|it| PossibleValue::new(it.code).help(it.name))))
    }
}

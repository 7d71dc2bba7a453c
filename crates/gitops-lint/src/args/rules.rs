//! The flags that say which rules are on.

use clap::Args;

use crate::options::select::Selector;

/// Which rules are on. The flags are ruff's.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Report the findings of these rules and of no others: codes, names, beginnings of codes such as
    /// SCH, or ALL.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub select: Option<Vec<Selector>>,

    /// Report these, too.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub extend_select: Vec<Selector>,

    /// Do not report these.
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<Selector>,
}

//! How much the builtins may make in one evaluation, all calls together.
//!
//! Each call has a limit of its own, and time has one; but a fast machine fills many gigabytes within
//! the seconds that a policy has.

use std::cell::Cell;

use regorus::Value as Rego;

use crate::policy::builtins::Stop;

/// About how many bytes it may be.
const MOST: usize = 512 << 20;
/// What an item of a collection takes at least: itself, and what it points to.
const ITEM: usize = 64;

thread_local! {
    /// What has been made since the evaluation began. An evaluation stays on its thread.
    static SPENT: Cell<usize> = const { Cell::new(0) };
}

/// Begins an evaluation.
pub(in crate::policy) fn begin() {
    SPENT.set(0);
}

/// Counts what a builtin has made. What it took over from its arguments is counted again, because only
/// the collection itself is looked at.
pub(super) fn spend(value: &Rego) -> Result<(), Stop> {
    let size = match value {
        Rego::String(text) => text.len(),
        Rego::Array(items) => items.len() * ITEM,
        Rego::Set(items) => items.len() * ITEM,
        Rego::Object(fields) => fields.len() * ITEM,
        _ => 0,
    };
    let spent = SPENT.get().saturating_add(size);
    SPENT.set(spent);
    if spent <= MOST { Ok(()) } else { Err(Stop(format!("its builtins make more than {} MiB", MOST >> 20))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_calls_make_is_limited_until_the_next_evaluation() {
        let half: Rego = "x".repeat(MOST / 2).into();
        begin();
        assert!(spend(&half).is_ok() && spend(&half).is_ok());
        assert_eq!(spend(&"x".into()).unwrap_err().to_string(), "its builtins make more than 512 MiB");
        begin();
        assert!(spend(&half).is_ok());
    }
}

//! Work that nobody waits for any more comes to its end.
//!
//! Whoever works looks at a [`Cancel`] between one piece and the next, and stops there. What it returns
//! then is cut short, and says so where it can; so whoever asked for it looks once more behind the work
//! ([`Cancel::check`]), and throws away what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The work was cancelled before it was done. What came of it is not whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("it was cancelled")]
pub struct Cancelled;

/// Tells those who work that nobody waits for them any more. Clones are one and the same.
///
/// The default is never cancelled, and costs nothing. Once cancelled, it stays so: work that was done before
/// [`Cancel::check`] says `Ok` is whole.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Option<Arc<Flag>>);

#[derive(Debug)]
struct Flag {
    is_set: AtomicBool,
    deadline: Option<Instant>,
    /// So many looks are let pass.
    #[cfg(test)]
    looks: Option<std::sync::atomic::AtomicUsize>,
}

impl Cancel {
    /// For work that [`Cancel::cancel`] ends.
    pub fn new() -> Cancel {
        Cancel::with(None)
    }

    /// For work that ends after this time too, if it is not done before.
    pub fn after(time: Duration) -> Cancel {
        // What lies too far ahead for the clock never comes.
        Cancel::with(Instant::now().checked_add(time))
    }

    fn with(deadline: Option<Instant>) -> Cancel {
        Cancel(Some(Arc::new(Flag {
            is_set: AtomicBool::new(false),
            deadline,
            #[cfg(test)]
            looks: None,
        })))
    }

    /// For tests: is cancelled when somebody looks for the time behind the first `looks`.
    #[cfg(test)]
    pub(crate) fn at_look(looks: usize) -> Cancel {
        let looks = Some(looks.into());
        Cancel(Some(Arc::new(Flag { is_set: AtomicBool::new(false), deadline: None, looks })))
    }

    /// Ends the work: from any thread, and as often as one likes. Does nothing to the default.
    pub fn cancel(&self) {
        if let Some(flag) = &self.0 {
            flag.is_set.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the work is to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.as_ref().is_some_and(|it| it.is_up())
    }

    /// Whether the work may go on, or, behind it, whether it is whole.
    ///
    /// # Errors
    /// If it was cancelled.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

impl Flag {
    fn is_up(&self) -> bool {
        if self.is_set.load(Ordering::Relaxed) {
            return true;
        }
        let is_late = self.deadline.is_some_and(|it| Instant::now() >= it);
        #[cfg(test)]
        let is_late = is_late
            || self.looks.as_ref().is_some_and(|it| {
                let next = |left: usize| left.checked_sub(1);
                it.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_err()
            });
        if is_late {
            self.is_set.store(true, Ordering::Relaxed);
        }
        is_late
    }
}

/// Whether both are cancelled together.
impl PartialEq for Cancel {
    fn eq(&self, other: &Cancel) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Eq for Cancel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_cancelled_together_and_stay_so() {
        let cancel = Cancel::new();
        let clone = cancel.clone();
        assert_eq!(cancel.check(), Ok(()));
        std::thread::spawn(move || clone.cancel()).join().unwrap();
        assert_eq!((cancel.check(), cancel.check()), (Err(Cancelled), Err(Cancelled)));
        assert_ne!(cancel, Cancel::new());
    }

    #[test]
    fn the_default_never_ends() {
        let never = Cancel::default();
        never.cancel();
        assert!(!never.is_cancelled());
    }

    #[test]
    fn a_deadline_passes() {
        assert!(Cancel::after(Duration::ZERO).is_cancelled());
        assert!(!Cancel::after(Duration::MAX).is_cancelled());
    }

    #[test]
    fn so_many_looks_are_let_pass() {
        let cancel = Cancel::at_look(2);
        let looks: Vec<bool> = (0..4).map(|_| cancel.is_cancelled()).collect();
        assert_eq!(looks, [false, false, true, true]);
    }
}

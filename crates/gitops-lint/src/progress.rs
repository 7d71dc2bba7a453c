//! Says on stderr how far things are, if it takes long and somebody watches.

use std::io::{IsTerminal, Write as _, stderr};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::complain;

/// What ends before this needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// A progress bar that appears late, or never.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    is_watched: bool,
    shown: OnceLock<()>,
    /// With `--verbose` what is going on.
    told: Option<Mutex<Option<Phase>>>,
}

/// What is being done, how much of it there is, and since when.
type Phase = (&'static str, usize, Instant);

impl Progress {
    /// Nothing to see yet.
    pub fn new() -> Progress {
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style);
        let is_watched = stderr().is_terminal();
        Progress { bar, started: Instant::now(), is_watched, shown: OnceLock::new(), told: None }
    }

    /// A line for each phase once it is over, with the time that it took.
    pub fn verbose() -> Progress {
        Progress { is_watched: false, told: Some(Mutex::default()), ..Progress::new() }
    }

    /// Nothing to see ever.
    pub fn hidden() -> Progress {
        Progress { is_watched: false, ..Progress::new() }
    }

    /// Begins a phase with so many steps.
    pub fn phase(&self, name: &'static str, steps: usize) {
        self.bar.set_position(0);
        self.bar.set_length(steps as u64);
        self.bar.set_message(name);
        self.tell(Some((name, steps, Instant::now())));
    }

    /// Tells what is over.
    fn tell(&self, next: Option<(&'static str, usize, Instant)>) {
        let Some(told) = &self.told else { return };
        let before = std::mem::replace(&mut *told.lock().unwrap_or_else(PoisonError::into_inner), next);
        if let Some((name, steps, since)) = before {
            // If nobody reads there, nobody is to be told.
            let _ = writeln!(stderr(), "{name} {steps}: {} ms", since.elapsed().as_millis());
        }
    }

    /// With `--verbose`, a line about what is going on.
    pub fn note(&self, text: impl FnOnce() -> String) {
        if self.told.is_some() {
            complain("info", &text());
        }
    }

    /// One step is done.
    pub fn step(&self) {
        if self.is_watched && self.started.elapsed() > PATIENCE {
            self.shown.get_or_init(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
        self.bar.inc(1);
    }

    /// Wipes the bar away.
    pub fn finish(&self) {
        self.tell(None);
        self.bar.finish_and_clear();
    }
}

//! Says on stderr how far things are, if it takes long and somebody watches.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What ends before this needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);

/// A progress bar that appears late, or never.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    is_watched: bool,
    shown: OnceLock<()>,
}

impl Progress {
    /// Nothing to see yet.
    pub fn new() -> Progress {
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style);
        let is_watched = stderr().is_terminal();
        Progress { bar, started: Instant::now(), is_watched, shown: OnceLock::new() }
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
        self.bar.finish_and_clear();
    }
}

//! How findings are written.

pub mod concise;
pub mod full;
pub mod json;
mod snippet;
pub mod statistics;

use std::borrow::Cow;
use std::env;
use std::io::{self, IsTerminal, Write};

use gitops_render::{RepoPath, Sources};

use crate::Failure;
use crate::args::Color;
use crate::findings::{Summary, counted};
use crate::lint::Checked;

/// What is written, and how paths are shown.
pub struct Report<'a> {
    /// The findings.
    pub checked: &'a Checked,
    /// The files that they point into.
    pub sources: &'a Sources<'a>,
    /// A path as the reader knows it.
    pub name: &'a dyn Fn(&RepoPath) -> String,
}

/// What is known about the stream that is written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours.
    pub is_colored: bool,
    /// Whether somebody reads along, in a window of some width.
    pub is_terminal: bool,
}

impl Style {
    /// The style for a stream.
    pub fn of(stream: &impl IsTerminal, color: Color) -> Style {
        let is_terminal = stream.is_terminal();
        Style { is_colored: is_colored(color, is_terminal), is_terminal }
    }
}

fn is_colored(color: Color, is_terminal: bool) -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|it| !it.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if is_set("NO_COLOR") => false,
        Color::Auto if is_set("CLICOLOR_FORCE") => env::var_os("CLICOLOR_FORCE").is_none_or(|it| it != "0"),
        Color::Auto => is_terminal && env::var_os("TERM").is_none_or(|it| it != "dumb"),
    }
}

/// Stdout, with a buffer.
pub type Stdout = io::BufWriter<io::StdoutLock<'static>>;

/// Writes to stdout; whoever reads there may stop when he has seen enough.
///
/// # Errors
/// If nothing can be written there.
pub fn printed(write: impl FnOnce(&mut Stdout) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Output),
    }
}

/// The line at the end.
fn summary_line(summary: &Summary) -> String {
    let counts = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.infos, "note")];
    let counts: Vec<String> =
        counts.iter().filter(|it| it.0 > 0).map(|(number, noun)| counted(*number, noun)).collect();
    let found = match &*counts {
        [] => "nothing found".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    };
    let (roots, objects, files) =
        (counted(summary.roots, "root"), counted(summary.objects, "object"), counted(summary.files, "file"));
    format!("{found} in {roots} ({objects}, {files})")
}

/// A character that may stand in the output for one that a terminal would obey, or that would hide
/// what a text says.
pub fn visible(character: char) -> Option<char> {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + character as u32),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' => Some('\u{fffd}'),
        // Marks that turn the direction of writing around.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// The text in one line, without anything that a terminal would obey.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().all(|it| visible(it).is_none()) {
        return text.into();
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().map(|it| visible(it).unwrap_or(it)).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_what_there_is() {
        let summary = Summary { errors: 3, warnings: 1, infos: 0, files: 92, roots: 12, objects: 184 };
        assert_eq!(summary_line(&summary), "3 errors and 1 warning in 12 roots (184 objects, 92 files)");
        let summary = Summary { roots: 1, objects: 1, files: 1, ..Summary::default() };
        assert_eq!(summary_line(&summary), "nothing found in 1 root (1 object, 1 file)");
    }

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\nb\u{1b}[31m"), "a b\u{241b}[31m");
    }
}

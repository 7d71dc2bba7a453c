//! What is wrong in an options file, and how it is shown.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use gitops_render::{Label, MemoryTree, RepoPath, SourceFile, Sources, Span};

use crate::args::Color;
use crate::findings::counted;
use crate::output::{Style, full};

/// More than these are counted and not shown.
const MOST_SHOWN: usize = 20;

/// A piece of one of the files that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The number of the file.
    pub file: usize,
    /// The first byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl At {
    /// A range of a file, which is never so long that numbers of 32 bits do not suffice.
    pub fn new(file: usize, range: Range<usize>) -> At {
        At { file, start: range.start as u32, end: range.end as u32 }
    }
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Text {
    /// Absolute and without symbolic links.
    pub path: PathBuf,
    /// As people are shown it.
    pub name: String,
    /// The content.
    pub bytes: Arc<[u8]>,
}

impl Text {
    /// The line of a byte, from 1.
    pub fn line(&self, offset: u32) -> usize {
        let before = self.bytes.get(..offset as usize).unwrap_or(&self.bytes);
        before.iter().filter(|it| **it == b'\n').count() + 1
    }
}

/// Something that is wrong in an options file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The places, all in one file, with remarks, which are often empty. The first is the text to edit.
    pub labels: Vec<(At, String)>,
    /// What is so, in one line.
    pub message: String,
    /// The next action.
    pub help: Option<String>,
}

impl Mistake {
    /// Something wrong at a place.
    pub fn new(at: At, message: impl Into<String>) -> Mistake {
        Mistake { labels: vec![(at, String::new())], message: message.into(), help: None }
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// Says what was most likely meant, if that is known.
    #[must_use]
    pub fn meant(mut self, nearest: Option<&str>) -> Mistake {
        self.help = nearest.map(|it| format!("did you mean `{it}`?")).or(self.help);
        self
    }

    /// Points at another place, too.
    #[must_use]
    pub fn label(mut self, at: At, text: impl Into<String>) -> Mistake {
        self.labels.push((at, text.into()));
        self
    }
}

/// All that is wrong in the options files, which were given up for that.
#[derive(Debug)]
pub struct Mistakes {
    /// In order of place; not empty.
    pub all: Vec<Mistake>,
    /// The files.
    pub texts: Vec<Text>,
    /// Whether to use colours.
    pub color: Color,
}

impl Mistakes {
    /// Writes the mistakes with the lines that they are in, to stderr. If nobody reads there, nobody is to
    /// be told.
    pub fn print(&self) {
        use io::Write as _;
        let mut out = io::BufWriter::new(io::stderr().lock());
        let style = Style::of(&io::stderr(), self.color);
        let _ = self.write(&mut out, style).and_then(|()| out.flush());
    }

    fn write(&self, out: &mut impl io::Write, style: Style) -> io::Result<()> {
        let mut tree = MemoryTree::new();
        let name = |index: usize| index.to_string();
        for (index, text) in self.texts.iter().enumerate() {
            tree.insert(&name(index), &*text.bytes);
        }
        let sources = Sources::new(&tree);
        let open = |index: usize| -> Arc<SourceFile> {
            let path = RepoPath::root().join(&name(index)).unwrap_or_default();
            sources.open(&path).unwrap_or_else(|_| sources.open_unreadable(&path))
        };
        let files: Vec<(Arc<SourceFile>, &str)> =
            self.texts.iter().enumerate().map(|(index, text)| (open(index), &*text.name)).collect();
        for mistake in self.all.iter().take(MOST_SHOWN) {
            let Some((file, name)) = mistake.labels.first().and_then(|it| files.get(it.0.file)) else {
                continue;
            };
            let span = |at: &At| Span { start: at.start, end: at.end, ..file.start() };
            let labels = mistake.labels.iter().map(|(at, text)| Label { span: span(at), text: text.clone() });
            let (name, title, help) = ((*name).to_owned(), mistake.message.clone(), mistake.help.clone());
            let problem = full::Problem { name, title, labels: labels.collect(), help };
            writeln!(out, "{}", full::drawn(file, problem, style))?;
        }
        match self.all.len().saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => writeln!(out, "and {}", counted(more, "more mistake")),
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.all.first().and_then(|it| self.texts.get(it.labels.first()?.0.file));
        let name = first.map_or("", |it| &it.name);
        write!(f, "`{name}` has {}: nothing is checked", counted(self.all.len(), "mistake"))
    }
}

impl std::error::Error for Mistakes {}

//! The lines of a file that a report shows, fit to be shown.
//!
//! miette would look for them from the file's first byte on, count columns in bytes, fail on spans
//! past the end, and write to the terminal whatever stands in the file. So it gets a text of its
//! own that has just these lines, escaped and cut, with the places moved along.

use gitops_render::secrets::HIDDEN;
use gitops_render::{Label, Position, SourceFile, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::output::{one_line, visible};

/// More characters of a line than this are not shown.
const MAX_WIDTH: usize = 140;
/// So many of them stand in front of what is marked, if the line has to be cut.
const BEFORE_MARK: usize = 40;

/// The lines around the places of one file.
#[derive(Debug)]
pub struct Snippet {
    name: String,
    text: String,
    lines: Vec<Line>,
    marks: Vec<Mark>,
}

/// A line of the file; `start..end` is where it is in the snippet's text, its newline included.
#[derive(Debug)]
struct Line {
    number: usize,
    start: usize,
    end: usize,
}

/// A place in the snippet's text, and where it is in the file.
#[derive(Debug)]
struct Mark {
    start: usize,
    end: usize,
    at: Position,
    text: Option<String>,
}

/// A place in the file, kept to one line of it.
struct Wanted<'a> {
    line: usize,
    start: usize,
    end: usize,
    label: &'a Label,
}

impl Snippet {
    /// The lines that `labels`, all of this file, mark, each with a line before and behind.
    ///
    /// The first label is the primary one. Its text is left out if it `is_titled` by it. What is `hidden` of
    /// the file is not shown; these places come in order.
    pub fn new(
        file: &SourceFile,
        name: String,
        labels: &[&Label],
        is_titled: bool,
        hidden: &[Span],
    ) -> Snippet {
        let wanted: Vec<Wanted<'_>> = labels.iter().map(|it| wanted(file, it)).collect();
        // What follows the last newline is a line only if something points there.
        let count = file.line_starts().len() - usize::from(file.bytes().ends_with(b"\n"));
        let around = |it: &Wanted<'_>| it.line.saturating_sub(1)..(it.line + 2).min(count).max(it.line + 1);
        let mut numbers: Vec<usize> = wanted.iter().flat_map(around).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut snippet = Snippet { name, text: String::new(), lines: vec![], marks: vec![] };
        let mut places = vec![];
        for number in numbers {
            snippet.add_line(file, number, (&wanted, hidden), &mut places);
        }
        snippet.marks = wanted
            .iter()
            .enumerate()
            .map(|(index, it)| {
                let (start, end) = places.iter().find(|it| it.0 == index).map_or((0, 0), |it| (it.1, it.2));
                let is_title = is_titled && index == 0;
                let text = Some(&it.label.text).filter(|it| !is_title && !it.is_empty());
                let text = text.map(|it| one_line(it).into_owned());
                Mark { start, end, at: file.position(it.label.span.start), text }
            })
            .collect();
        snippet
    }

    /// The places as miette wants them.
    pub fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.marks.iter().enumerate().map(|(index, it)| {
            let span = SourceSpan::from((it.start, it.end - it.start));
            match index {
                0 => LabeledSpan::new_primary_with_span(it.text.clone(), span),
                _ => LabeledSpan::new_with_span(it.text.clone(), span),
            }
        })
    }

    /// Adds a line, and to `places` where the wanted ones of this line are now.
    fn add_line(
        &mut self,
        file: &SourceFile,
        number: usize,
        (wanted, hidden): (&[Wanted<'_>], &[Span]),
        places: &mut Vec<(usize, usize, usize)>,
    ) {
        let here = || wanted.iter().enumerate().filter(|(_, it)| it.line == number);
        let range = line_range(file, number);
        let first = here().map(|(_, it)| it.start).min().unwrap_or(range.0);
        let mut characters = characters(&file.bytes()[range.0..range.1]);
        hidden.iter().for_each(|it| hide(&mut characters, *it, range.0));
        let drawn = draw(&characters, range.1 - range.0, first - range.0);
        let start = self.text.len();
        for (index, it) in here() {
            let from = start + drawn.place(it.start - range.0);
            let to = start + drawn.place(it.end - range.0);
            places.push((index, from, to.max(from)));
        }
        self.text.push_str(&drawn.text);
        self.text.push('\n');
        self.lines.push(Line { number, start, end: self.text.len() });
    }

    /// The index of the line that holds a place.
    fn line_at(&self, offset: usize) -> Option<usize> {
        let index = self.lines.partition_point(|it| it.end <= offset);
        (index < self.lines.len()).then_some(index)
    }

    fn follows(&self, index: usize) -> bool {
        index > 0 && self.lines[index - 1].number + 1 == self.lines[index].number
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (first, last) = (self.line_at(span.offset()), self.line_at(span.offset() + span.len()));
        let (Some(mut first), Some(mut last)) = (first, last) else { return Err(MietteError::OutOfBounds) };
        if before > 0 && self.follows(first) {
            first -= 1;
        }
        if after > 0 && last + 1 < self.lines.len() && self.follows(last + 1) {
            last += 1;
        }
        let (start, end) = (self.lines[first].start, self.lines[last].end);
        // Without context only line and column are asked for: those of the file.
        let mark = self.marks.iter().find(|it| before == 0 && it.start == span.offset());
        let column = mark.map_or(0, |it| it.at.column as usize - 1);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[start..end],
            (start, end - start).into(),
            self.lines[first].number,
            column,
            last - first + 1,
        )))
    }
}

/// The bytes of a line, without its break.
fn line_range(file: &SourceFile, number: usize) -> (usize, usize) {
    let bytes = file.bytes();
    let start = file.line_starts()[number] as usize;
    let next = file.line_starts().get(number + 1).map_or(bytes.len(), |it| *it as usize);
    let line = &bytes[start..next];
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    (start, start + line.strip_suffix(b"\r").unwrap_or(line).len())
}

/// Clamps a label to the file, and to the first line that it has text on.
fn wanted<'a>(file: &SourceFile, label: &'a Label) -> Wanted<'a> {
    let start = (label.span.start as usize).min(file.bytes().len());
    let line = file.line_starts().partition_point(|it| *it as usize <= start) - 1;
    let range = line_range(file, line);
    let start = start.clamp(range.0, range.1);
    let end = (label.span.end as usize).clamp(start, range.1);
    let text = file.bytes()[start..end].trim_ascii_end();
    Wanted { line, start, end: start + text.len(), label }
}

/// A line as it is shown.
struct DrawnLine {
    text: String,
    /// For each character of the source its byte there and its byte in `text`, and one for the end.
    places: Vec<(usize, usize)>,
}

impl DrawnLine {
    /// Where a byte of the source is now. What was cut off is where the cut is.
    fn place(&self, byte: usize) -> usize {
        let index = self.places.partition_point(|it| it.0 < byte);
        self.places.get(index).map_or(self.text.len(), |it| it.1)
    }
}

/// Cuts a line of so many bytes if it is long, so that what begins at the byte `mark` stays in.
fn draw(characters: &[(usize, char)], length: usize, mark: usize) -> DrawnLine {
    let marked = characters.partition_point(|it| it.0 < mark);
    let from = if characters.len() > MAX_WIDTH { marked.saturating_sub(BEFORE_MARK) } else { 0 };
    let to = (from + MAX_WIDTH).min(characters.len());
    let mut drawn = DrawnLine { text: String::new(), places: vec![] };
    if from > 0 {
        drawn.text.push('…');
    }
    for (byte, character) in &characters[from..to] {
        drawn.places.push((*byte, drawn.text.len()));
        drawn.text.push(*character);
    }
    drawn.places.push((characters.get(to).map_or(length, |it| it.0), drawn.text.len()));
    if to < characters.len() {
        drawn.text.push('…');
    }
    drawn
}

/// Puts a word in the place of what is hidden of a line, which begins at the byte `line` of its file.
fn hide(characters: &mut Vec<(usize, char)>, hidden: Span, line: usize) {
    let place = |it: &(usize, char)| it.0 + line;
    let from = characters.partition_point(|it| place(it) < hidden.start as usize);
    let to = characters.partition_point(|it| place(it) < hidden.end as usize);
    let blanks = characters[from..to].iter().take_while(|it| it.1.is_whitespace()).count();
    let Some(&(start, _)) = characters[from..to].get(blanks) else { return };
    characters.splice(from + blanks..to, HIDDEN.chars().map(|it| (start, it)));
}

/// The characters of a line with their bytes, made visible.
fn characters(bytes: &[u8]) -> Vec<(usize, char)> {
    let mut characters = vec![];
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        let shown = |it: char| if it == '\t' { it } else { visible(it).unwrap_or(it) };
        characters.extend(chunk.valid().char_indices().map(|(index, it)| (at + index, shown(it))));
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            characters.push((at, '\u{fffd}'));
        }
        at += chunk.invalid().len();
    }
    characters.retain(|it| it.1 != '\u{feff}');
    characters
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::{MemoryTree, RepoPath, Sources};

    /// What is shown for one label, and the text that is marked in it.
    fn shown(content: impl AsRef<[u8]>, start: u32, end: u32) -> (String, String, Position) {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", content);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        let label = Label { span: Span { start, end, ..file.start() }, text: String::new() };
        let snippet = Snippet::new(&file, "a.yaml".to_owned(), &[&label], false, &[]);
        let mark = &snippet.marks[0];
        let contents = snippet.read_span(&(mark.start, mark.end - mark.start).into(), 1, 1).unwrap();
        let text = String::from_utf8(contents.data().to_vec()).unwrap();
        (text, snippet.text[mark.start..mark.end].to_owned(), mark.at)
    }

    #[test]
    fn the_lines_around_a_place_are_shown() {
        let (text, marked, at) = shown("a: 1\nb: 2\nc: 3\nd: 4\n", 8, 9);
        assert_eq!((&*text, &*marked), ("a: 1\nb: 2\nc: 3\n", "2"));
        assert_eq!(at, Position { line: 2, column: 4 });
    }

    #[test]
    fn a_place_of_many_lines_is_marked_on_the_first() {
        assert_eq!(shown("a:\n  b: 1  \n  c: 2\n", 5, 17).1, "b: 1");
    }

    #[test]
    fn spans_past_the_end_and_empty_files_do_no_harm() {
        assert_eq!(shown("", 0, 0), ("\n".to_owned(), String::new(), Position { line: 1, column: 1 }));
        assert_eq!(shown("a: 1", 100, 200).1, "");
        assert_eq!(shown("a: 1\n", 3, 200).1, "1");
    }

    #[test]
    fn control_characters_and_bytes_that_are_no_text_are_made_visible() {
        let (text, marked, _) = shown(b"a: \x1b[31mred\xff\r\n", 3, 12);
        assert_eq!((&*text, &*marked), ("a: \u{241b}[31mred\u{fffd}\n", "\u{241b}[31mred\u{fffd}"));
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() {
        let line = format!("{}é: here{}", "x".repeat(20_000), "y".repeat(20_000));
        let (text, marked, at) = shown(&line, 20_004, 20_008);
        assert_eq!(marked, "here");
        assert!(text.starts_with("…x") && text.ends_with("y…\n") && text.chars().count() < 150, "{text}");
        assert_eq!(at.column, 20_004);
    }
}

//! Changes to a text, gathered in any order from the inside out, and the way back from the new
//! text to the old.

use std::collections::BTreeMap;

/// Changes to `text` that do not overlap. A later one may swallow earlier ones.
#[derive(Debug)]
pub(super) struct Edits<'t> {
    text: &'t str,
    /// By where they begin; an insertion is before a replacement at the same place.
    edits: BTreeMap<(usize, usize), String>,
}

/// A text that was made of another one.
#[derive(Clone, Debug, Default)]
pub(super) struct Rewritten {
    pub text: String,
    /// Where pieces begin in the new text and in the old, and whether they are the same in both.
    pieces: Vec<(usize, usize, bool)>,
}

impl<'t> Edits<'t> {
    pub fn of(text: &'t str) -> Edits<'t> {
        Edits { text, edits: BTreeMap::new() }
    }

    /// Puts `new` before what stands at `at`, behind what was put there earlier.
    pub fn insert(&mut self, at: usize, new: &str) {
        self.edits.entry((at, at)).or_default().push_str(new);
    }

    /// Writes `new` for a range. Changes inside of it are forgotten.
    pub fn replace(&mut self, start: usize, end: usize, new: String) {
        self.edits.retain(|&(from, to), _| !is_inside((from, to), (start, end)));
        self.edits.insert((start, end), new);
    }

    /// A range as it is after the changes inside of it.
    pub fn slice(&self, start: usize, end: usize) -> String {
        let mut out = String::new();
        let mut copied = start;
        for (&(from, to), new) in self.edits.range((start, start)..=(end, end)) {
            if is_inside((from, to), (start, end)) && from >= copied {
                out.push_str(&self.text[copied..from]);
                out.push_str(new);
                copied = to;
            }
        }
        out.push_str(&self.text[copied..end]);
        out
    }

    /// The new text. Where a change takes line ends away they are put behind it, so that what
    /// follows stays in its line.
    pub fn apply(self) -> Rewritten {
        let mut out = Rewritten::default();
        let mut copied = 0;
        for ((from, to), new) in self.edits {
            if from < copied {
                continue;
            }
            out.pieces.push((out.text.len(), copied, true));
            out.text.push_str(&self.text[copied..from]);
            out.pieces.push((out.text.len(), from, false));
            out.text.push_str(&new);
            copied = to;
        }
        out.pieces.push((out.text.len(), copied, true));
        out.text.push_str(&self.text[copied..]);
        out
    }
}

/// Whether a change belongs to a range. An insertion at the range's end does not.
fn is_inside((from, to): (usize, usize), (start, end): (usize, usize)) -> bool {
    start <= from && to <= end && (from < end || start == end)
}

impl Rewritten {
    /// A text in which nothing was changed.
    pub fn unchanged(text: &str) -> Rewritten {
        Rewritten { text: text.to_owned(), pieces: vec![(0, 0, true)] }
    }

    /// The place in the old text that an offset of the new one comes from.
    pub fn original(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|&(new, ..)| new <= offset).saturating_sub(1);
        match self.pieces.get(index) {
            Some(&(new, old, true)) => old + (offset - new),
            Some(&(_, old, false)) => old,
            None => offset,
        }
    }

    /// The offset of a line and a column as the engine counts them: from 1, in bytes, and a tab is
    /// four.
    pub fn offset(&self, (line, column): (usize, usize)) -> usize {
        let starts = std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1));
        let start = starts.take(line.max(1)).last().unwrap_or_default();
        let widths = self.text[start..].bytes().map(|it| if it == b'\t' { 4 } else { 1 });
        let before = widths.scan(1, |at, width| {
            let here = *at;
            *at += width;
            (here < column).then_some(())
        });
        start + before.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_made_from_the_inside_out_and_places_lead_back() {
        let mut edits = Edits::of("not f(a + b, c)\nx");
        edits.replace(6, 11, "plus(a, b)".to_owned());
        assert_eq!(edits.slice(4, 15), "f(plus(a, b), c)");
        let inner = edits.slice(6, 11);
        edits.replace(6, 11, "n".to_owned());
        edits.insert(0, &format!("n := {inner}; "));
        let rewritten = edits.apply();
        assert_eq!(rewritten.text, "n := plus(a, b); not f(n, c)\nx");
        assert_eq!(rewritten.original(rewritten.offset((2, 1))), 16);
        assert_eq!(rewritten.original(rewritten.text.find(", c").unwrap()), 11);
        assert_eq!(rewritten.original(3), 0);
        assert_eq!(Rewritten::unchanged("a\n\t\tb c").offset((2, 9)), 4);
        assert_eq!(Rewritten::unchanged("a").offset((9, 9)), 1);
    }

    #[test]
    fn an_insertion_at_the_end_of_a_range_is_not_in_it() {
        let mut edits = Edits::of("ab");
        edits.insert(1, "-");
        assert_eq!(edits.slice(0, 1), "a");
        assert_eq!(edits.slice(1, 2), "-b");
    }
}

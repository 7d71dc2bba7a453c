//! Edits of a kustomization.yaml that keep its comments and its layout.
//!
//! Everything here gives up, with `None`, where the text is written in a way that it does not know:
//! a finding without a fix is better than a file that is broken.

use crate::diagnostic::Edit;
use crate::node::{Entry, Map, Node, Value};
use crate::source::Span;
use crate::sources::SourceFile;

/// A file whose top-level fields stand at the beginning of lines.
pub(super) struct Page<'a> {
    text: &'a str,
    start: Span,
    pub map: &'a Map,
}

impl<'a> Page<'a> {
    pub fn new(source: &'a SourceFile, map: &'a Map) -> Option<Page<'a>> {
        let text = source.text().ok().filter(|it| !it.contains('\r') && !it.contains('\t'))?;
        Some(Page { text, start: source.start(), map })
    }

    /// The field of a name. kustomize does not mind its case.
    pub fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.map.entries().iter().find(|it| it.key.eq_ignore_ascii_case(name))
    }

    pub fn edit(&self, start: usize, end: usize, text: impl Into<String>) -> Edit {
        Edit { span: Span { start: start as u32, end: end as u32, ..self.start }, text: text.into() }
    }

    pub fn insert(&self, at: usize, text: impl Into<String>) -> Edit {
        self.edit(at, at, text)
    }

    /// Another name for a field.
    pub fn rename(&self, entry: &Entry, name: impl Into<String>) -> Option<Edit> {
        let (start, end) = (entry.key_span.start as usize, entry.key_span.end as usize);
        Some(self.edit(start, end, name)).filter(|_| self.column(start) == Some(0))
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |it| it + 1)
    }

    /// The beginning of the next line, or the end of the text.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |it| at + it + 1)
    }

    /// How many spaces stand before a place; `None` if anything else does.
    fn column(&self, at: usize) -> Option<usize> {
        let before = &self.text[self.line_start(at)..at];
        before.chars().all(|it| it == ' ').then_some(before.len())
    }

    pub fn is_flow(&self, node: &Node) -> bool {
        self.text[node.origin.span.start as usize..].starts_with(['[', '{'])
    }

    /// The beginning of the line behind a value.
    pub fn end_of(&self, node: &Node) -> Option<usize> {
        let end = last(node)? as usize;
        Some(if self.text[..end].ends_with('\n') { end } else { self.line_end(end) })
    }

    /// The column of the dashes of a list that is written with dashes.
    fn dashes(&self, items: &[Node]) -> Option<usize> {
        let columns: Option<Vec<usize>> = items.iter().map(|it| self.dash(it)).collect();
        let columns = columns?;
        columns.first().copied().filter(|first| columns.iter().all(|it| it == first))
    }

    /// The column of the dash before an item, on the same line.
    fn dash(&self, item: &Node) -> Option<usize> {
        let start = item.origin.span.start as usize;
        let before = self.text[self.line_start(start)..start].trim_end();
        let indent = before.strip_suffix('-')?;
        indent.chars().all(|it| it == ' ').then_some(indent.len())
    }

    /// Moves what is in the list `from` into the list of the field `to`, behind what is there or
    /// in front of it. Where there is no such field, the list only gets another name. `changes`
    /// are made to the items.
    pub fn move_list(
        &self,
        from: &Entry,
        to: &str,
        in_front: bool,
        mut changes: Vec<Edit>,
    ) -> Option<Vec<Edit>> {
        let Some(target) = self.entry(to).filter(|it| !it.node.is_null()) else {
            // A null of that name would be there twice.
            changes.push(self.rename(from, to).filter(|_| self.entry(to).is_none())?);
            return sorted(changes);
        };
        let items = from.node.as_seq().filter(|it| !it.is_empty())?;
        let body = match self.is_flow(&from.node) {
            true => self.flow_items(items)?,
            false => self.body(from, self.dashes(items)?, &changes)?,
        };
        sorted(vec![self.take_out(from)?, self.put_in(target, &body, in_front)?])
    }

    /// Puts items, each with a dash at the beginning of its line, into a list.
    pub fn put_in(&self, target: &Entry, body: &str, in_front: bool) -> Option<Edit> {
        let items = target.node.as_seq()?;
        if self.is_flow(&target.node) {
            // Only what fits on one line can go between brackets.
            let texts: Option<Vec<&str>> =
                body.lines().map(|it| it.strip_prefix("- ").filter(|it| is_simple(it))).collect();
            let span = target.node.origin.span;
            let inside = self.text.get(span.start as usize + 1..span.end as usize - 1)?;
            let texts = texts?.join(", ");
            let (before, behind) = match (items.is_empty(), in_front) {
                (true, _) => ("", ""),
                (false, true) => ("", ", "),
                (false, false) => (", ", ""),
            };
            let at = if in_front { span.start as usize + 1 } else { span.end as usize - 1 };
            let is_plain = !inside.contains('\n') && !inside.trim_end().ends_with(',');
            return is_plain.then(|| self.insert(at, format!("{before}{texts}{behind}")));
        }
        let body = shifted(body, self.dashes(items)? as isize)?;
        let first = items.first()?.origin.span.start as usize;
        let at = if in_front { self.line_start(first) } else { self.end_of(&target.node)? };
        // The last line of a file may lack its end.
        let lead = if at > 0 && !self.text[..at].ends_with('\n') { "\n" } else { "" };
        Some(self.insert(at, format!("{lead}{body}")))
    }

    /// Takes a field out, with its lines. Of two blank lines that would meet, one goes too.
    pub fn take_out(&self, entry: &Entry) -> Option<Edit> {
        let start = entry.key_span.start as usize;
        self.column(start)?;
        let (start, end) = (self.line_start(start), self.end_of(&entry.node)?);
        let meets_blank = end == self.text.len() || self.text[end..].starts_with('\n');
        let is_loose = self.text[..start].ends_with("\n\n") && meets_blank;
        Some(self.edit(start - usize::from(is_loose), end, ""))
    }

    /// The lines below a field's name, as if they began at the first column, with `changes` made.
    pub fn body(&self, entry: &Entry, column: usize, changes: &[Edit]) -> Option<String> {
        let key_end = entry.key_span.end as usize;
        let first = self.line_end(key_end);
        let beside = self.text[key_end..first].trim_start().strip_prefix(':')?.trim();
        let end = self.end_of(&entry.node)?;
        if !(beside.is_empty() || beside.starts_with('#')) || end <= first {
            return None;
        }
        let mut body = String::new();
        if !beside.is_empty() {
            body = format!("{beside}\n");
        }
        let lines = apply(&self.text[first..end], changes, first)?;
        body.push_str(&shifted(&lines, -(column as isize))?);
        if !body.ends_with('\n') {
            body.push('\n');
        }
        Some(body)
    }

    fn flow_items(&self, items: &[Node]) -> Option<String> {
        let texts = items.iter().map(|it| {
            let span = it.origin.span;
            let text = self.text.get(span.start as usize..span.end as usize)?;
            (it.as_scalar().is_some() && is_simple(text)).then(|| format!("- {text}\n"))
        });
        texts.collect()
    }

    /// Lets the lines of a value begin further to the right; `first` is in the first of them.
    pub fn indent(&self, first: usize, end: usize, by: usize) -> Vec<Edit> {
        let mut at = self.line_start(first);
        let mut edits = vec![];
        while at < end {
            let next = self.line_end(at);
            if !self.text[at..next].trim_end_matches('\n').is_empty() {
                edits.push(self.insert(at, " ".repeat(by)));
            }
            at = next;
        }
        edits
    }

    /// The beginning of the line below a field's name.
    pub fn end_of_key_line(&self, entry: &Entry) -> usize {
        self.line_end(entry.key_span.end as usize)
    }

    /// The column of a value's first character, if nothing but spaces stands before it.
    pub fn column_of(&self, node: &Node) -> Option<usize> {
        self.column(node.origin.span.start as usize)
    }

    /// The lines behind the one in which a value begins.
    pub fn further_lines(&self, node: &Node) -> Option<(usize, usize)> {
        let first = self.line_end(node.origin.span.start as usize);
        Some((first, self.end_of(node)?)).filter(|(first, end)| first < end)
    }

    /// The items of a list of texts, none of them by way of an anchor or with a tag.
    pub fn plain_items<'n>(&self, node: &'n Node) -> Option<&'n [Node]> {
        let items = node.as_seq()?;
        let is_plain =
            |it: &Node| it.origin.trail.is_none() && (self.is_flow(node) || self.dash(it).is_some());
        items.iter().all(is_plain).then_some(items)
    }

    /// The file as it would be. `None` if the edits overlap.
    pub fn edited(&self, edits: &[Edit]) -> Option<String> {
        apply(self.text, edits, 0)
    }
}

/// A scalar that reads the same between brackets.
fn is_simple(text: &str) -> bool {
    let is_quoted = text.len() > 1
        && ['"', '\''].iter().any(|it| {
            text.starts_with(*it) && text.ends_with(*it) && !text[1..text.len() - 1].contains([*it, '\\'])
        });
    let is_plain = !text.is_empty()
        && !text.starts_with(['"', '\'', '&', '*', '!', '|', '>', '#', '@', '`', '-'])
        && !text.contains([',', '[', ']', '{', '}', '\n'])
        && !text.contains(" #")
        && !text.contains(": ")
        && !text.ends_with(':');
    is_quoted || is_plain
}

/// Where the text of a value ends; `None` if an alias takes part in it, or a merge key.
fn last(node: &Node) -> Option<u32> {
    if node.origin.trail.is_some() {
        return None;
    }
    let mut end = node.origin.span.end;
    match &node.value {
        Value::Scalar(_) => {}
        Value::Seq(items) => {
            for item in items.iter() {
                end = end.max(last(item)?);
            }
        }
        Value::Map(map) => {
            for entry in map.entries() {
                end = end.max(entry.key_span.end).max(last(&entry.node)?);
            }
        }
    }
    Some(end)
}

fn sorted(mut edits: Vec<Edit>) -> Option<Vec<Edit>> {
    edits.sort_by_key(|it| (it.span.start, it.span.end));
    edits.windows(2).all(|it| it[0].span.end <= it[1].span.start).then_some(edits)
}

/// Makes those edits that lie in `text`, which begins at `offset` of its file.
fn apply(text: &str, edits: &[Edit], offset: usize) -> Option<String> {
    let edits = sorted(edits.to_vec())?;
    let (mut out, mut done) = (String::new(), 0);
    for edit in &edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if start < offset || end > offset + text.len() {
            continue;
        }
        out.push_str(text.get(done..start - offset)?);
        out.push_str(&edit.text);
        done = end - offset;
    }
    out.push_str(&text[done..]);
    Some(out)
}

/// The lines further to the right, or to the left where they have the room.
fn shifted(lines: &str, by: isize) -> Option<String> {
    let mut out = String::new();
    for line in lines.split_inclusive('\n') {
        let is_blank = line.trim().is_empty();
        match usize::try_from(by) {
            Ok(by) if !is_blank => {
                out.push_str(&" ".repeat(by));
                out.push_str(line);
            }
            Ok(_) => out.push_str(line),
            Err(_) => {
                let room = line.len() - line.trim_start_matches(' ').len();
                let is_comment = line.trim_start().starts_with('#');
                let less = by.unsigned_abs();
                if room < less && !is_blank && !is_comment {
                    return None;
                }
                out.push_str(&line[less.min(room)..]);
            }
        }
    }
    Some(out)
}

//! The same text with comments beside its values.

use super::{EmitError, Observe, emit, style};
use crate::node::Node;

/// Appends `node` to `out` as [`emit_document`](super::emit_document) does, with what `remark`
/// has to say of a value as a comment above the line where it begins. Nothing is asked of `node`
/// itself. Without those lines the text is the same, byte for byte.
///
/// # Errors
/// As `emit_document`.
pub fn emit_with_remarks(
    node: &Node,
    remark: &mut dyn FnMut(&Node) -> Option<String>,
    out: &mut String,
) -> Result<(), EmitError> {
    let mut plain = String::new();
    let mut remarks = Remarks { remark, found: vec![] };
    emit(node, &mut plain, &mut remarks)?;
    let mut copied = 0;
    for (at, remark) in remarks.found {
        let line = plain[..at].rfind('\n').map_or(0, |it| it + 1);
        out.push_str(&plain[copied..line]);
        let indent = plain[line..].len() - plain[line..].trim_start_matches(' ').len();
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str("# ");
        // The name of a file may hold anything.
        out.extend(remark.chars().map(|it| if is_harmless(it) { it } else { '?' }));
        out.push('\n');
        copied = line;
    }
    out.push_str(&plain[copied..]);
    Ok(())
}

fn is_harmless(it: char) -> bool {
    style::is_printable(it) && !style::is_break(it)
}

struct Remarks<'r> {
    remark: &'r mut dyn FnMut(&Node) -> Option<String>,
    /// In the order of the text: where a value begins, and what there is to say.
    found: Vec<(usize, String)>,
}

impl Observe for &mut Remarks<'_> {
    fn value(&mut self, at: usize, node: &Node) {
        if let Some(remark) = (self.remark)(node) {
            self.found.push((at, remark));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, emit_document, parse_bytes};

    #[test]
    fn comments_stand_above_their_values_and_change_nothing() {
        let source = "a: |2+\n   # no comment\n\nb:\n- - c: 1\n  - {}\nd:\n  e: long\n  f: \"#\"\ng: []\n";
        let yaml = parse_bytes(FileId::default(), source.as_bytes(), Dialect::Resource);
        let node = &yaml.documents[0];
        let (mut text, mut plain, mut count) = (String::new(), String::new(), 0);
        let mut remark = |node: &Node| {
            count += 1;
            Some(format!("{count}\r\n\u{2028}{}", node.describe()))
        };
        emit_with_remarks(node, &mut remark, &mut text).unwrap();
        emit_document(node, &mut plain).unwrap();
        let mut expected = plain.lines().peekable();
        let mut indents = vec![];
        for line in text.lines() {
            if expected.next_if_eq(&line).is_none() {
                assert!(line.trim_start().starts_with("# "), "{line:?}");
                indents.push(line.len() - line.trim_start().len());
            }
        }
        assert!(expected.next().is_none() && count == 10, "{text}");
        assert_eq!(indents, [0, 0, 0, 0, 0, 2, 0, 2, 2, 0], "{text}");
        let read = parse_bytes(FileId::default(), text.as_bytes(), Dialect::Resource);
        let mut again = String::new();
        emit_document(&read.documents[0], &mut again).unwrap();
        assert_eq!(again, plain);
    }
}

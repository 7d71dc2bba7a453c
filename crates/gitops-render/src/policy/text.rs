//! The text of a module and where it stands: a file of its own, or a scalar of a YAML file.

use std::sync::Arc;

use crate::node::Node;
use crate::source::Span;
use crate::sources::SourceFile;
use crate::yaml::embedded::Offsets;

/// Rego, with the way back to its file.
#[derive(Debug)]
pub(super) struct ModuleText {
    pub file: Arc<SourceFile>,
    /// The text, without a byte-order mark.
    pub text: String,
    offsets: Offsets,
    /// What of the file it is. No place lies outside.
    whole: Span,
}

impl ModuleText {
    /// The whole of a file.
    ///
    /// # Errors
    /// The first byte that is not UTF-8.
    pub fn of_file(file: &Arc<SourceFile>) -> Result<ModuleText, Span> {
        let text = file.text().map_err(|at| Span { file: file.id, start: at as u32, end: at as u32 + 1 })?;
        let stripped = text.strip_prefix('\u{feff}').unwrap_or(text);
        Ok(ModuleText {
            text: stripped.to_owned(),
            offsets: Offsets::shifted(text.len() - stripped.len()),
            whole: file.span(),
            file: Arc::clone(file),
        })
    }

    /// The text of a scalar in `file`, which is the file that the scalar's origin names; `None` if it
    /// is no text.
    pub fn of_scalar(file: &Arc<SourceFile>, node: &Node) -> Option<ModuleText> {
        let text = node.as_str()?;
        let whole = node.origin.span;
        let source = file.text().ok().and_then(|it| it.get(whole.start as usize..whole.end as usize));
        Some(ModuleText {
            text: text.to_owned(),
            offsets: Offsets::of_scalar(text, source.unwrap_or_default(), whole.start),
            whole,
            file: Arc::clone(file),
        })
    }

    /// A range of the text as a place in the file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let found = self.offsets.span(self.file.id, start, end);
        let start = found.start.clamp(self.whole.start, self.whole.end);
        Span { start, end: found.end.clamp(start, self.whole.end), ..found }
    }

    /// The word at an offset, or the one character that is there; behind the end the last one.
    pub fn word(&self, at: usize) -> Span {
        let text = &self.text;
        let start = at.min(text.trim_end().len());
        let start = (0..=start).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
        let rest = &text[start..];
        let word = rest.bytes().take_while(|it| it.is_ascii_alphanumeric() || *it == b'_').count();
        let one = rest.chars().next().filter(|it| *it != '\n').map_or(0, char::len_utf8);
        self.span(start, start + word.max(one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    fn marked(text: &str, keys: &[&str], place: (usize, usize)) -> String {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", text);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        let text = ModuleText::of_scalar(&file, file.yaml().documents[0].path(keys).unwrap()).unwrap();
        let before: usize = text.text.split_inclusive('\n').take(place.0 - 1).map(str::len).sum();
        let span = text.word(before + place.1 - 1);
        let at = file.position(span.start);
        format!("{}:{} {}", at.line, at.column, sources.text_of(span))
    }

    #[test]
    fn a_place_in_a_scalar_is_a_place_in_its_file() {
        let block = "a:\n  rego: |\n    package a\n\n    deny[msg] {\n      msg := \"é\"; foo\n    }\n";
        assert_eq!(marked(block, &["a", "rego"], (1, 9)), "3:13 a");
        assert_eq!(marked(block, &["a", "rego"], (3, 1)), "5:5 deny");
        assert_eq!(marked(block, &["a", "rego"], (4, 16)), "6:19 foo");
        let quoted = "rego: \"package a\\n\\ndeny[msg] { foo }\"\n";
        assert_eq!(marked(quoted, &["rego"], (3, 13)), "1:33 foo");
        // What lies behind the end is the end.
        assert_eq!(marked("rego: 'package a'\n", &["rego"], (9, 9)), "1:17 ");
    }
}

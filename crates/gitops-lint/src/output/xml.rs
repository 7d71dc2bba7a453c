//! Text in XML.

use crate::output::{one_line, visible};

/// Text between tags, with its lines. What XML cannot hold, and what would hide what is said, is shown by
/// other characters.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            it => out.push(visible(it).unwrap_or(it)),
        }
    }
    out
}

/// The value of an attribute, in one line.
pub fn attribute(value: &str) -> String {
    text(&one_line(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_shown_by_something_else() {
        assert_eq!(
            text("<a & \"b\">\n\u{0}\u{1b}[31m\u{ffff}"),
            "&lt;a &amp; &quot;b&quot;&gt;\n␀␛[31m\u{fffd}"
        );
        assert_eq!(attribute("a\nb\t<"), "a b &lt;");
    }
}

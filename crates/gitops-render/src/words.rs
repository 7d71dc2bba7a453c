//! Whether a text may hold a word as a value, told without parsing it.
//!
//! Most files of a repository do not speak of what somebody looks for. To find that out takes a hundredth of
//! the time that it takes to parse them.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::sources::SourceFile;

/// Words to look for in texts.
#[derive(Debug)]
pub struct Words(Wanted);

#[derive(Debug)]
enum Wanted {
    Nothing,
    These(Regex),
    /// There is one that may be written in a way that cannot be looked for, or there are too many.
    Anything,
}

/// Ways to write what belongs to words otherwise, and to break a line in a word.
static ESCAPES: LazyLock<Regex> = LazyLock::new(|| {
    let part = "(?:2[dDeE]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9Aa])";
    let written = format!(r"(?-u)\\(?:(?:x|u00|U000000){part}|\r?\n)");
    Regex::new(&written).expect("the expression is right")
});

impl Words {
    /// Each is looked for; those that have other characters than letters, digits, dots, dashes and underscores may
    /// be anywhere.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Words {
        let mut words: Vec<&str> = words.into_iter().collect();
        if words.is_empty() {
            return Words(Wanted::Nothing);
        }
        let is_plain = |it: &&str| !it.is_empty() && it.bytes().all(is_part);
        if !words.iter().all(is_plain) {
            return Words(Wanted::Anything);
        }
        // The first that fits is found, and must not be a part of one behind it.
        words.sort_by_key(|it| std::cmp::Reverse(it.len()));
        words.dedup();
        let written: Vec<String> = words.into_iter().map(regex::escape).collect();
        let regex = RegexBuilder::new(&written.join("|")).unicode(false).build();
        Words(regex.map_or(Wanted::Anything, Wanted::These))
    }

    /// Whether one of the words may be a value in the file, or the part of one that stands between other
    /// characters than letters, digits, dots, dashes and underscores. If not, it is in no document of it.
    pub fn may_be_in(&self, file: &SourceFile) -> bool {
        let regex = match &self.0 {
            Wanted::Nothing => return false,
            Wanted::Anything => return true,
            Wanted::These(regex) => regex,
        };
        let text = file.bytes();
        let is_part_at = |at: Option<usize>| at.and_then(|it| text.get(it)).is_some_and(|it| is_part(*it));
        let stands_alone =
            |start: usize, end: usize| !is_part_at(start.checked_sub(1)) && !is_part_at(Some(end));
        regex.find_iter(text).any(|it| stands_alone(it.start(), it.end())) || ESCAPES.is_match(text)
    }
}

/// Whether a byte belongs to the words that can be looked for. Where such a word ends in what is meant, it ends
/// in what is written, too.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    fn may_be_in(words: &[&str], text: &str) -> bool {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", text);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        Words::new(words.iter().copied()).may_be_in(&file)
    }

    #[test]
    fn a_word_that_may_be_a_value_is_found_however_it_is_written() {
        for text in [
            "name: web",
            "web",
            "{name: web}",
            "{\"name\":\"web\"}",
            "name: 'web'",
            "name: |-\n  web",
            "- &a web\n- *a",
            "of web/v1",
            "name: web-app, web",
            "name: \"w\\x65b\"",
            "name: \"w\\u0065b\"",
            "name: \"w\\U00000065b\"",
            "name: \"we\\\n  b\"",
            "name: \"we\\\r\n  b\"",
        ] {
            assert!(may_be_in(&["web"], text), "{text}");
            assert!(may_be_in(&["web-app.example", "other", "web"], text), "{text}");
        }
        for text in
            ["name: webs", "name: web-app", "name: my.web", "name: Web", "", "\"\\n\\t\\x00\\x60\\u263a\""]
        {
            assert!(!may_be_in(&["web"], text), "{text}");
        }
    }

    #[test]
    fn every_byte_of_a_word_may_be_escaped_and_no_other_counts() {
        for byte in 0..=u8::MAX {
            for text in [format!("\\x{byte:02x}"), format!("\\u00{byte:02X}"), format!("\\U000000{byte:02x}")]
            {
                assert_eq!(may_be_in(&["web"], &text), is_part(byte), "{text}");
            }
        }
    }

    #[test]
    fn of_words_that_begin_alike_each_is_found() {
        for text in ["a", "a-b", "a-b-c"] {
            assert!(may_be_in(&["a", "a-b-c", "a-b"], text), "{text}");
        }
        assert!(!may_be_in(&["a", "a-b-c"], "a-b"));
    }

    #[test]
    fn what_cannot_be_looked_for_may_be_anywhere_and_nothing_nowhere() {
        for word in ["", "a b", "it's", "é", "a:b"] {
            assert!(may_be_in(&["web", word], "x"), "{word}");
        }
        assert!(!may_be_in(&[], "x"));
    }
}

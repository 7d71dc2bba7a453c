//! Names where kustomize wants regular expressions.
//!
//! Most who write `docker.io/library/nginx` or `widgets.example.com` mean just that. What such a text matches, its
//! dots included, is told here without compiling it, which costs more than all that is asked of it.

/// A text in which nothing but dots has a meaning in a regular expression.
#[derive(Clone, Debug)]
pub(super) struct NamePattern(String);

impl NamePattern {
    /// The pattern, if it is that simple.
    pub fn new(text: &str) -> Option<NamePattern> {
        let is_simple = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '/' | ':' | '.');
        text.chars().all(is_simple).then(|| NamePattern(text.to_owned()))
    }

    /// What follows in `text` behind the pattern, which has to match at its start.
    pub fn behind<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut rest = text.chars();
        for wanted in self.0.chars() {
            let found = rest.next()?;
            if found != wanted && (wanted != '.' || found == '\n') {
                return None;
            }
        }
        Some(rest.as_str())
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn a_name_matches_what_it_matches_as_a_regular_expression() {
        let patterns =
            ["a.b", "a", ".", "..", "", "docker.io/x-y_z:1", "ä", "a+", "a|b", "a\\.b", "(a)", "a b"];
        let texts = [
            "",
            "a",
            "a.b",
            "axb",
            "a.bc",
            "aäb",
            "a\nb",
            "ä",
            "\n",
            "docker.io/x-y_z:1",
            "dockerxio/x-y_z:1@",
        ];
        for pattern in patterns {
            let Some(name) = NamePattern::new(pattern) else { continue };
            let regex = Regex::new(&format!("^(?:{pattern})")).unwrap();
            for text in texts {
                let expected = regex.find(text).map(|it| &text[it.end()..]);
                assert_eq!(name.behind(text), expected, "{pattern:?} and {text:?}");
            }
        }
        assert!(NamePattern::new("a.b/c:d").is_some() && NamePattern::new("a+").is_none());
    }
}

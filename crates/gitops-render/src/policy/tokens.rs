//! A module's words: what can be told about Rego without a grammar.
//!
//! The dialect, the names that a module refers to, and what it calls are read off its tokens, so
//! they are known of modules that do not parse too. Comments and strings are no words.

use std::num::{NonZeroU32, NonZeroUsize};

use regorus::PolicyLengthConfig;
use regorus::unstable::{Lexer, Source, TokenKind};

/// What a module may measure: as much as a file may, instead of the engine's 1,024 columns.
pub(super) const LENGTHS: PolicyLengthConfig = PolicyLengthConfig {
    max_col: NonZeroU32::new(1 << 24).expect("is not zero"),
    max_file_bytes: NonZeroUsize::new(1 << 26).expect("is not zero"),
    max_lines: NonZeroUsize::new(1 << 24).expect("is not zero"),
};

/// A word, a number, a string or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub line: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// Without its quotes, as it is written.
    Text,
    Other,
}

/// Where a string with expressions in it begins, `$"…"`, if that is what ends the tokens.
pub(super) fn interpolation(text: &str, tokens: &[Token<'_>]) -> Option<usize> {
    let end = tokens.last().map_or(0, |it| it.end);
    let rest = text.get(end..)?;
    let at =
        rest.len() - rest.trim_start_matches(|it: char| matches!(it, '"' | '`') || it.is_whitespace()).len();
    let is_one = rest[at..].starts_with("$\"") || rest[at..].starts_with("$`");
    is_one.then_some(end + at)
}

/// A dotted name: `input.spec`, `data.lib["k8s"].f`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    pub path: Vec<&'a str>,
    /// Whether a `(` follows.
    pub is_called: bool,
    pub start: usize,
    pub end: usize,
}

impl Token<'_> {
    pub fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Other && self.text == sign
    }

    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

/// The tokens of a module, up to the first place that is none.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = vec![];
    let (bytes, lines) = (LENGTHS.max_file_bytes, LENGTHS.max_lines);
    let Ok(source) = Source::from_contents_with_limits(String::new(), text.to_owned(), bytes, lines) else {
        return found;
    };
    let mut lexer = Lexer::new(&source);
    lexer.set_max_col(LENGTHS.max_col);
    while let Ok(token) = lexer.next_token() {
        let kind = match token.0 {
            TokenKind::Eof => break,
            TokenKind::Ident => Kind::Word,
            TokenKind::String | TokenKind::RawString => Kind::Text,
            _ => Kind::Other,
        };
        let (start, end) = (token.1.start as usize, token.1.end as usize);
        let Some(text) = text.get(start..end) else { break };
        found.push(Token { text, kind, start, end, line: token.1.line });
    }
    found
}

/// The names in `tokens`, keywords left out.
pub(super) fn references<'a>(tokens: &[Token<'a>]) -> Vec<Reference<'a>> {
    let mut found = vec![];
    let mut at = 0;
    while at < tokens.len() {
        let first = tokens[at];
        at += 1;
        if first.kind != Kind::Word || is_keyword(first.text) {
            continue;
        }
        let mut path = vec![first.text];
        let mut end = first.end;
        loop {
            match &tokens[at..] {
                [dot, field, ..] if dot.is(".") && dot.start == end && field.kind == Kind::Word => {
                    path.push(field.text);
                    end = field.end;
                    at += 2;
                }
                [open, field, close, ..]
                    if open.is("[") && open.start == end && field.kind == Kind::Text && close.is("]") =>
                {
                    path.push(field.text);
                    end = close.end;
                    at += 3;
                }
                _ => break,
            }
        }
        let is_called = tokens.get(at).is_some_and(|it| it.is("(") && it.start == end);
        found.push(Reference { path, is_called, start: first.start, end });
    }
    found
}

/// Words that are no names. `contains` is one too, of a function.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "default"
            | "else"
            | "every"
            | "false"
            | "if"
            | "import"
            | "in"
            | "not"
            | "null"
            | "package"
            | "some"
            | "true"
            | "with"
    )
}

/// The path that follows the word `package`.
pub(super) fn package(tokens: &[Token<'_>]) -> Option<Vec<String>> {
    let at = tokens.iter().position(|it| it.is("package"))?;
    let first = references(&tokens[at + 1..]).into_iter().next()?;
    Some(first.path.iter().map(|&it| it.to_owned()).collect())
}

/// What the words say about the dialect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Looks {
    /// `import rego.v1`.
    pub imports_v1: bool,
    /// The first keyword that Rego v0 does not know, and that no `future.keywords` brings in.
    pub keyword: Option<(usize, usize)>,
}

/// Reads off what decides about the dialect.
pub(super) fn looks(tokens: &[Token<'_>]) -> Looks {
    let mut looks = Looks::default();
    let mut imported: Vec<&str> = vec![];
    for (at, _) in tokens.iter().enumerate().filter(|(_, it)| it.is("import")) {
        let import = references(&tokens[at + 1..tokens.len().min(at + 6)]).into_iter().next();
        match import.unwrap_or_default().path[..] {
            ["rego", "v1"] => looks.imports_v1 = true,
            ["future", "keywords"] => imported.extend(["if", "in", "contains", "every"]),
            ["future", "keywords", "every"] => imported.extend(["every", "in"]),
            ["future", "keywords", word] => imported.push(word),
            _ => {}
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        let after_dot = at > 0 && tokens[at - 1].is(".");
        let is_call = tokens.get(at + 1).is_some_and(|it| it.is("(") && it.start == token.end);
        let is_keyword = match token.text {
            "if" | "in" | "every" => true,
            "contains" => !is_call,
            _ => false,
        };
        let is_foreign = token.kind == Kind::Word && is_keyword && !after_dot;
        if is_foreign && looks.keyword.is_none() && !imported.contains(&token.text) {
            looks.keyword = Some((token.start, token.end));
        }
    }
    looks
}

/// How often the engine may have to look at a token before a module is refused.
const MOST_LOOKS: u64 = 4_000_000;

/// How deep expressions may stand in each other: brackets, and the operators before the last one.
/// The engine goes down as deep, on the stack of whoever asks it.
const DEEPEST: usize = 100;

/// How many fields may follow each other.
const MOST_FIELDS: usize = 200;

/// A bracket that is open.
#[derive(Default)]
struct Open {
    /// Whether its first item goes on, and is read twice.
    is_doubled: bool,
    /// How many operators the expression has so far.
    operators: usize,
}

/// Where a module is nested so deep that the engine would not come to an end, or run out of stack.
///
/// Its parser reads the first item behind `{` and `[` twice, once for a comprehension, so the
/// work doubles with every level. Manifests in tests are ten to fifteen levels deep.
pub(super) fn too_deep(tokens: &[Token<'_>]) -> Option<(usize, usize)> {
    let (mut looks, mut doubled): (u64, u32) = (0, 0);
    let mut open = vec![Open::default()];
    let (mut operators, mut fields) = (0usize, 0usize);
    let mut line = 0;
    for token in tokens {
        let top = open.len() - 1;
        let is_operator = token.kind == Kind::Other && is_operator(token.text);
        // A statement on a line of its own begins anew; so does what a comma separates.
        let is_new = token.line > line && !is_operator || matches!(token.text, "," | ";" | ":=" | "=" | ":");
        if is_new && token.kind != Kind::Text {
            operators -= std::mem::take(&mut open[top].operators);
        }
        line = token.line;
        fields = if token.is_sign(".") { fields + 1 } else { fields * usize::from(token.kind == Kind::Word) };
        if is_operator {
            open[top].operators += 1;
            operators += 1;
        }
        if token.kind == Kind::Other {
            match token.text {
                "{" | "[" => {
                    open.push(Open { is_doubled: true, operators: 0 });
                    doubled += 1;
                }
                "(" | "set(" => open.push(Open::default()),
                "," => doubled -= u32::from(std::mem::take(&mut open[top].is_doubled)),
                "}" | "]" | ")" if top > 0 => {
                    let closed = open.pop().unwrap_or_default();
                    doubled -= u32::from(closed.is_doubled);
                    operators -= closed.operators;
                }
                _ => {}
            }
            looks = looks.saturating_add(1 << doubled.min(60));
        }
        if looks > MOST_LOOKS || open.len() + operators > DEEPEST || fields > MOST_FIELDS {
            return Some((token.start, token.end));
        }
    }
    None
}

fn is_operator(sign: &str) -> bool {
    matches!(sign, "+" | "-" | "*" | "/" | "%" | "|" | "&" | "==" | "!=" | "<" | "<=" | ">" | ">=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks_of(text: &str) -> (bool, bool) {
        let looks = looks(&tokens(text));
        (looks.imports_v1, looks.keyword.is_some())
    }

    #[test]
    fn keywords_tell_the_dialect() {
        assert_eq!(looks_of("package a\nimport rego.v1\ndeny contains 1 if true"), (true, true));
        assert_eq!(looks_of("package a\ndeny[m] { contains(m, \"if\") # in }\n}"), (false, false));
        assert_eq!(looks_of("package a\ndeny[m] { some m in input.x }"), (false, true));
        assert_eq!(
            looks_of("package a\nimport future.keywords.in\ndeny[m] { some m in input.x.if }"),
            (false, false)
        );
        assert_eq!(
            looks_of("package a\nimport future.keywords\ndeny contains m if { m := 1 }"),
            (false, false)
        );
    }

    #[test]
    fn names_are_whole_paths() {
        let tokens = tokens(r#"x := data.lib["k8s"].name(input.a[i].b) + f (1)"#);
        let found: Vec<_> =
            references(&tokens).into_iter().map(|it| (it.path.join("/"), it.is_called)).collect();
        let found: Vec<_> = found.iter().map(|(path, called)| (path.as_str(), *called)).collect();
        assert_eq!(
            found,
            [
                ("x", false),
                ("data/lib/k8s/name", true),
                ("input/a", false),
                ("i", false),
                ("b", false),
                ("f", false)
            ]
        );
        assert_eq!(
            package(&super::tokens("# package x\npackage a[\"b.c\"].d\nfoo")),
            Some(vec!["a".to_owned(), "b.c".to_owned(), "d".to_owned()])
        );
    }

    #[test]
    fn deep_brackets_are_noticed_before_they_are_parsed() {
        let nested = |depth: usize| format!("package a\nx := {}1{}", "{1: ".repeat(depth), "}".repeat(depth));
        assert_eq!(too_deep(&tokens(&nested(16))), None);
        assert!(too_deep(&tokens(&nested(30))).is_some());
        let wide = format!("package a\nx := [{}1]", "[1, {}], ".repeat(100_000));
        assert_eq!(too_deep(&tokens(&wide)), None);
        assert_eq!(too_deep(&tokens("package a ]]},,")), None);
        let sum = |count: usize| format!("package a\nx := 1{}", " + 1".repeat(count));
        assert_eq!(too_deep(&tokens(&sum(90))), None);
        assert!(too_deep(&tokens(&sum(200))).is_some());
        let lines = format!("package a\nx {{\n{}}}", "y == 1 + 2\n".repeat(1000));
        assert_eq!(too_deep(&tokens(&lines)), None);
    }
}

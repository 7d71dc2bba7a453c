//! A module's text as the engine's parser has to see it to read what OPA reads.
//!
//! A line that begins with `(` is a statement of its own, not the arguments of a call. `import
//! input` says nothing, but the engine prints that to the terminal, so it goes. And a second body
//! behind a rule, `deny[x] { … } { … }`, gets the rule's head: it is a definition of its own, and
//! the engine takes it for an `else` or refuses it. What the tree has to tell is `bridge`'s work.

use crate::policy::edits::{Edits, Rewritten};
use crate::policy::tokens::{self, Kind, Token};

/// The text for the parser. No line moves.
pub(super) fn prepare(text: &str) -> Rewritten {
    let separated = separate_statements(text);
    let tokens = tokens::tokens(&separated);
    let chained = chained_bodies(&separated, &tokens);
    if chained.is_empty() {
        return Rewritten::unchanged(&separated);
    }
    let mut edits = Edits::of(&separated);
    for (at, head) in chained {
        edits.insert(at, &head);
    }
    edits.apply()
}

/// The text with a `;` before every line that begins with `(` inside of a rule's body, and without
/// `import input`.
///
/// What is written stands where a blank was, so no place in the text moves.
fn separate_statements(text: &str) -> String {
    let tokens = tokens::tokens(text);
    let mut out = text.as_bytes().to_vec();
    for pair in tokens.windows(2) {
        let [before, open] = pair else { continue };
        let blank = open.start.checked_sub(1).filter(|&it| matches!(out[it], b' ' | b'\t'));
        if let Some(blank) =
            blank.filter(|_| open.is_sign("(") && open.line > before.line && ends_value(before))
        {
            out[blank] = b';';
        }
    }
    for import in tokens.windows(3).filter(|it| it[0].is_word("import") && it[1].is_word("input")) {
        if import[2].line > import[1].line {
            out[import[0].start..import[1].end].fill(b' ');
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn ends_value(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Word => !tokens::is_keyword(token.text) || matches!(token.text, "true" | "false" | "null"),
        Kind::Text => true,
        Kind::Other => {
            matches!(token.text, "]" | ")") || token.text.ends_with(|it: char| it.is_ascii_digit())
        }
    }
}

/// Where the second and further bodies of rules begin, and the head that belongs before each.
fn chained_bodies(text: &str, tokens: &[Token<'_>]) -> Vec<(usize, String)> {
    let mut found = vec![];
    let (mut depth, mut rule, mut body) = (0usize, 0, None);
    // Whether the last group of braces was a body.
    let mut was_body = false;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|it| &tokens[it]);
        if depth == 0 {
            let is_first = before.is_none_or(|it| it.line < token.line || it.is_sign("}"));
            if is_first && token.kind == Kind::Word && !continues_rule(token) {
                (rule, body, was_body) = (at, None, false);
            }
            if token.is_sign("{") {
                let is_value =
                    before.is_some_and(|it| it.is_sign("=") || it.is_sign(":=") || it.is_sign("|"));
                if !is_value && was_body && before.is_some_and(|it| it.is_sign("}")) {
                    let head = one_line(text, &tokens[rule..body.unwrap_or(rule)]);
                    found.push((token.start, format!("{head} ")));
                }
                was_body = !is_value;
                body = body.or((!is_value).then_some(at));
            }
            // What follows an `else` are no bodies of the head.
            if token.is_word("else") {
                (body, was_body) = (None, false);
            }
        }
        match token.kind {
            Kind::Other if matches!(token.text, "{" | "[" | "(" | "set(") => depth += 1,
            Kind::Other if matches!(token.text, "}" | "]" | ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

/// Whether a word at the beginning of a line belongs to the rule of the line before.
fn continues_rule(token: &Token<'_>) -> bool {
    matches!(token.text, "if" | "else" | "contains" | "in" | "with" | "as")
}

/// What the tokens say, without comments and line ends.
fn one_line(text: &str, tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut copied = tokens.first().map_or(0, |it| it.start);
    for token in tokens {
        let mut is_comment = false;
        for sign in text[copied..token.start].chars() {
            is_comment = sign != '\n' && (is_comment || sign == '#');
            if !is_comment {
                out.push(if sign == '\n' { ' ' } else { sign });
            }
        }
        out.push_str(&text[token.start..token.end]);
        copied = token.end;
    }
    // The quote behind a string that comes last.
    if tokens.last().is_some_and(|it| it.kind == Kind::Text) {
        out.extend(text[copied..].chars().next());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_of_the_input_goes() {
        let text = "package a\nimport input\nimport input.x\nimport input as y\nz := 1";
        assert_eq!(separate_statements(text), text.replace("import input\n", "            \n"));
    }

    #[test]
    fn a_line_that_begins_with_a_parenthesis_is_a_statement() {
        assert_eq!(separate_statements("a := b\n  (c)\nd := f(\n  (g))"), "a := b\n ;(c)\nd := f(\n  (g))");
    }

    #[test]
    fn a_second_body_gets_the_head() {
        let head = "deny[{\"a\": x}] = {\"b\"} { x := 1 } ";
        let text = format!(
            "package a\n{head}\n{{ x := {{2}} }}\nother = {{1}} {{ true }}\nf(x) {{ x }} {{ not x }}"
        );
        let expected = "package a\ndeny[{\"a\": x}] = {\"b\"} { x := 1 } \ndeny[{\"a\": x}] = {\"b\"} { x := {2} }\nother = {1} { true }\nf(x) { x } f(x) { not x }";
        assert_eq!(prepare(&text).text, expected);
        for same in
            ["a { true } else = 1 { false }", "a = {1} { true }\nb { true }", "a := {\n1: 2}\nb := {3}"]
        {
            assert_eq!(prepare(same).text, same);
        }
    }
}

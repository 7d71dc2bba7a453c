//! A module's text as the engine needs it to come to OPA's verdict.
//!
//! Three things are written otherwise. A line that begins with `(` is a statement of its own, not
//! the arguments of a call. `import input` says nothing, but the engine prints that to the
//! terminal, so it goes. And `lib.name` becomes `data.a.lib.name` where `lib` is imported: for
//! an alias the engine evaluates the whole package, and if that has several modules, it takes the
//! imports of all but the first for undefined. No line moves, so a place is mapped by its column.

use crate::policy::tokens::{self, Kind, Token};

/// A text for the engine.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub text: String,
    edits: Vec<Edit>,
}

/// A word that was replaced by a longer one.
#[derive(Debug)]
struct Edit {
    line: usize,
    /// The column in the new text, from 1, in bytes.
    column: usize,
    old_length: usize,
    new_length: usize,
}

impl Rewritten {
    /// Line and column in the original text.
    pub fn original(&self, (line, column): (usize, usize)) -> (usize, usize) {
        let mut moved = 0;
        for edit in self.edits.iter().filter(|it| it.line == line && it.column <= column) {
            let end = edit.column + edit.new_length;
            // Inside of what was written anew, its first column stands for all of it.
            let beyond = if column < end { edit.column..column } else { edit.column + edit.old_length..end };
            moved += beyond.end as isize - beyond.start as isize;
        }
        (line, column.saturating_add_signed(-moved))
    }
}

/// The text with a `;` before every line that begins with `(` inside of a rule's body, and without
/// `import input`.
///
/// What is written stands where a blank was, so no place in the text moves.
pub(super) fn separate_statements(text: &str) -> String {
    let tokens = tokens::tokens(text);
    let mut out = text.as_bytes().to_vec();
    for pair in tokens.windows(2) {
        let [before, open] = pair else { continue };
        let ends_a_value = match before.kind {
            Kind::Word => !tokens::is_keyword(before.text),
            Kind::Text => true,
            Kind::Other => is_sign(before, "]") || is_sign(before, ")"),
        };
        let blank = open.start.checked_sub(1).filter(|&it| matches!(out[it], b' ' | b'\t'));
        if let Some(blank) = blank.filter(|_| is_sign(open, "(") && open.line > before.line && ends_a_value) {
            out[blank] = b';';
        }
    }
    for import in tokens.windows(3).filter(|it| is_word(&it[0], "import") && is_word(&it[1], "input")) {
        if import[2].line > import[1].line {
            out[import[0].start..import[1].end].fill(b' ');
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// Writes the names of imports out, where they are followed by a `.` and are no calls.
pub(super) fn write_out_imports(text: &str) -> Rewritten {
    let tokens = tokens::tokens(text);
    let mut imports = imports(&tokens);
    // A name that also stands alone may be a variable, which hides the import.
    let is_use = |it: &Name| is_followed_by_field(&tokens, it.token);
    let names = names(&tokens);
    imports.retain(|(alias, _)| names.iter().all(|it| tokens[it.token].text != *alias || is_use(it)));

    let mut out = Rewritten { text: String::with_capacity(text.len()), edits: vec![] };
    let (mut copied, mut line_start, mut line) = (0, 0, 1);
    for name in names.iter().filter(|it| !it.is_called && !it.is_replaced) {
        let token = &tokens[name.token];
        let Some((alias, path)) = imports.iter().find(|(alias, _)| *alias == token.text) else { continue };
        out.text.push_str(&text[copied..token.start]);
        copied = token.end;
        if token.line as usize != line {
            line = token.line as usize;
            line_start = out.text.rfind('\n').map_or(0, |it| it + 1);
        }
        let column = out.text.len() - line_start + 1;
        out.edits.push(Edit { line, column, old_length: alias.len(), new_length: path.len() });
        out.text.push_str(path);
    }
    out.text.push_str(&text[copied..]);
    out
}

/// A word that may be the name of an import.
struct Name {
    token: usize,
    is_called: bool,
    /// It follows `with`, where the engine wants the alias.
    is_replaced: bool,
}

/// The first words of all references, without those in imports.
fn names(tokens: &[Token<'_>]) -> Vec<Name> {
    let references = tokens::references(tokens);
    let mut found = vec![];
    for reference in references {
        let index = tokens.partition_point(|it| it.start < reference.start);
        let before = index.checked_sub(1).map(|it| &tokens[it]);
        let follows = |word: &str| before.is_some_and(|it| is_word(it, word));
        // `import a.b as c`: neither is a use.
        let mut line = tokens[..index].iter().rev().take_while(|it| it.line == tokens[index].line);
        let in_import = follows("import") || follows("as") && line.any(|it| is_word(it, "import"));
        let is_field = before.is_some_and(|it| is_sign(it, "."));
        if !in_import && !is_field {
            let is_replaced = follows("with") || follows("as");
            found.push(Name { token: index, is_called: reference.is_called, is_replaced });
        }
    }
    found
}

fn is_sign(token: &Token<'_>, sign: &str) -> bool {
    token.kind == Kind::Other && token.text == sign
}

fn is_word(token: &Token<'_>, word: &str) -> bool {
    token.kind == Kind::Word && token.text == word
}

fn is_followed_by_field(tokens: &[Token<'_>], index: usize) -> bool {
    tokens.get(index + 1).is_some_and(|it| is_sign(it, ".") && it.start == tokens[index].end)
}

/// The aliases of imported data, and what they stand for. Paths that need brackets are left out.
fn imports<'a>(tokens: &[Token<'a>]) -> Vec<(&'a str, String)> {
    let mut found = vec![];
    for (at, _) in tokens.iter().enumerate().filter(|(_, it)| is_word(it, "import")) {
        // The engine reads paths of 32 parts at most.
        let rest = &tokens[at + 1..tokens.len().min(at + 100)];
        let Some(import) = tokens::references(rest).into_iter().next() else { continue };
        let is_plain =
            import.path.iter().all(|it| it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_'));
        if import.path[0] != "data" || import.path.len() < 2 || !is_plain {
            continue;
        }
        let after = rest.partition_point(|it| it.start < import.end);
        let alias = match rest.get(after..after + 2) {
            Some([word, alias]) if is_word(word, "as") => alias.text,
            _ => import.path[import.path.len() - 1],
        };
        found.push((alias, import.path.join(".")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_written_out_where_they_are_no_calls() {
        let text = "package a\nimport data.b.lib\nimport data.c as d\nimport data.e\nx := lib.n + d.m; y := lib.f(1) with lib.f as d.g\nz := e + e.f";
        let rewritten = write_out_imports(text);
        assert_eq!(
            rewritten.text,
            "package a\nimport data.b.lib\nimport data.c as d\nimport data.e\nx := data.b.lib.n + data.c.m; y := lib.f(1) with lib.f as d.g\nz := e + e.f"
        );
        // The sign behind the first name, the second name, and one on a line without any.
        assert_eq!(rewritten.original((5, 16)), (5, 9));
        assert_eq!(rewritten.original((5, 22)), (5, 14));
        assert_eq!(rewritten.original((6, 6)), (6, 6));
        let shorter = write_out_imports("import data.c as a_long_name\nx := a_long_name.y + z");
        assert_eq!(shorter.text, "import data.c as a_long_name\nx := data.c.y + z");
        assert_eq!(shorter.original((2, 17)), (2, 22));
    }

    #[test]
    fn an_import_of_the_input_goes() {
        let text = "package a\nimport input\nimport input.x\nimport input as y\nz := 1";
        assert_eq!(separate_statements(text), text.replace("import input\n", "            \n"));
    }

    #[test]
    fn a_line_that_begins_with_a_parenthesis_is_a_statement() {
        assert_eq!(separate_statements("a := b\n  (c)\nd := f(\n  (g))"), "a := b\n ;(c)\nd := f(\n  (g))");
    }
}

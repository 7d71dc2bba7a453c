//! YML001, and the ways in which a text fails to be YAML.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A file, or a document in it, that cannot be read as YAML: a syntax error, bytes that are
    /// not UTF-8, an alias without an anchor, values nested deeper than anybody writes them, or
    /// aliases that multiply into millions of values. Also YAML that kustomize refuses to read:
    /// keys that are lists or mappings, a tag that does not fit its value, escapes that only JSON
    /// has.
    ///
    /// ## Why it matters
    /// No tool can apply the document, and kustomize refuses the whole directory. The rest of the
    /// file is still read and checked here: reading goes on at the next `---`.
    ///
    /// ## How to fix it
    /// Look at the marked character and at the line before it. The usual causes are a tab in the
    /// indentation, a missing space behind a colon, a quote that is not closed, and a value that
    /// begins with `*`, `&`, `@`, `%` or a backtick without quotes.
    YML001 "invalid-yaml" Error File
}

/// The parser does not accept the text, and we have no better words than its own.
pub(crate) fn syntax(at: Span, problem: &str, context: Option<(&str, Span)>) -> Diagnostic {
    let found = RULE.at(at, format!("this is not YAML: {problem}"));
    match context {
        Some((words, begins)) if begins.start != at.start => {
            found.label(begins, format!("{words} that begins here"))
        }
        _ => found,
    }
}

pub(crate) fn open_quote(opening: Span) -> Diagnostic {
    RULE.at(opening, "this quote is never closed")
        .help("close it, or quote the whole value if it is meant as text")
}

pub(crate) fn late_quote(opening: Span, closing: Span) -> Diagnostic {
    RULE.at(opening, "this quote is not closed on its line")
        .label(closing, "this closes it")
        .help("close it where its value ends")
}

pub(crate) fn open_bracket(opening: Span, bracket: char) -> Diagnostic {
    RULE.at(opening, format!("this `{bracket}` is never closed"))
        .help("close it, or quote the value if it is meant as text")
}

pub(crate) fn no_comma(at: Span, closing: char, opening: Span) -> Diagnostic {
    RULE.at(at, format!("a `,` or `{closing}` is missing here"))
        .label(opening, "opened here")
        .help("quote the value if the brackets are meant as text")
}

pub(crate) fn no_value(at: Span) -> Diagnostic {
    RULE.at(at, "a value is missing before this character")
        .help("delete the comma too many, or quote the text")
}

pub(crate) fn no_colon(line: Span) -> Diagnostic {
    RULE.at(line, "a key without a `:` behind it")
        .help("put `: ` behind the key, or indent the line if it goes on with the value above")
}

pub(crate) fn misfit(line: Span, what: &str, opening: Span) -> Diagnostic {
    RULE.at(line, format!("this does not fit into the {what} around it"))
        .label(opening, format!("the {what} begins here"))
        .help("indent it like its neighbours, and look for a quote or a bracket in the line before")
}

pub(crate) fn after_the_end(line: Span) -> Diagnostic {
    RULE.at(line, "text behind the end of the document")
        .help("indent it like what it belongs to, or begin a new document with `---`")
}

pub(crate) fn stray_colon(at: Span) -> Diagnostic {
    RULE.at(at, "a `:` cannot stand here")
        .help("quote the value if the colon belongs to it, or check the indentation of the line")
}

pub(crate) fn stray_dash(at: Span) -> Diagnostic {
    RULE.at(at, "a list cannot begin here").help("put the `- ` on the next line, or quote the text")
}

pub(crate) fn tab(at: Span) -> Diagnostic {
    RULE.at(at, "a tab cannot indent YAML").help("use spaces")
}

pub(crate) fn reserved(at: Span, first: char) -> Diagnostic {
    RULE.at(at, format!("no value can begin with `{first}`")).help("put the value in quotes")
}

pub(crate) fn nameless(at: Span, sign: &str, what: &str) -> Diagnostic {
    RULE.at(at, format!("`{sign}` begins {what}, and no name follows"))
        .help("put the value in quotes if it is text")
}

pub(crate) fn unknown_escape(at: Span) -> Diagnostic {
    RULE.at(at, "kustomize does not know this escape")
        .help("double the backslash if it is meant as one, or use single quotes")
}

pub(crate) fn no_character(at: Span) -> Diagnostic {
    RULE.at(at, "this escape stands for no character")
        .help("write the character itself, or `\\U` and eight digits")
}

pub(crate) fn control_character(at: Span, which: Option<char>) -> Diagnostic {
    let code = which.map_or(0, u32::from);
    RULE.at(at, format!("the control character U+{code:04X} is not allowed in YAML"))
        .help("delete it, or write it as an escape in double quotes")
}

pub(crate) fn text_in_header(at: Span) -> Diagnostic {
    RULE.at(at, "text on the line that opens a block").help("begin the text on the next line, indented")
}

pub(crate) fn not_utf8(at: Span) -> Diagnostic {
    RULE.at(at, "the file is not UTF-8")
        .help("save it as UTF-8; binary data belongs into `binaryData` or a generator")
}

pub(crate) fn utf16(at: Span) -> Diagnostic {
    RULE.at(at, "the file is UTF-16").help("save it as UTF-8")
}

pub(crate) fn yaml12(at: Span) -> Diagnostic {
    RULE.at(at, "kustomize refuses documents that say they are YAML 1.2").help("delete the `%YAML` line")
}

pub(crate) fn unreadable(at: Span, reason: &str) -> Diagnostic {
    RULE.at(at, format!("the file cannot be read: {reason}"))
}

pub(crate) fn unknown_alias(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("there is no anchor `&{name}` before this alias")).help(
        "anchors end with their document, and must stand before they are used; quote the value if it is text",
    )
}

pub(crate) fn alias_of_itself(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("the alias stands inside of what `&{name}` names")).help("write out what is meant")
}

pub(crate) fn too_deep(at: Span, most: usize) -> Diagnostic {
    RULE.at(at, format!("values are nested more than {most} levels deep"))
}

pub(crate) fn too_many_values(at: Span, most: u64) -> Diagnostic {
    RULE.at(at, format!("aliases make this document stand for more than {most} values"))
        .help("write out what is meant; this is how an alias bomb looks")
}

pub(crate) fn complex_key(at: Span) -> Diagnostic {
    RULE.at(at, "a list or a mapping cannot be a key")
        .help("quote it if it is text: `{{ … }}` is a mapping with a mapping as its key")
}

pub(crate) fn merge_of_no_map(at: Span) -> Diagnostic {
    RULE.at(at, "`<<` merges mappings only")
        .help("let it name an anchor of a mapping, or a list of such aliases")
}

pub(crate) fn tag_does_not_fit(at: Span, tag: &str) -> Diagnostic {
    let tag = tag.replace("tag:yaml.org,2002:", "!!");
    RULE.at(at, format!("this is no value for the tag `{tag}`")).help("drop the tag, or mend the value")
}

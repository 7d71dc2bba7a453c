//! YML001, and the ways in which a text fails to be YAML.

use crate::diagnostic::Diagnostic;
use crate::rules::rule;
use crate::source::Span;

rule! {
    /// ## What it finds
    /// A file, or a document in it, that cannot be read as YAML: a syntax error, bytes that are
    /// not UTF-8, an alias without an anchor, values nested deeper than anybody writes them, or
    /// aliases that multiply into millions of values.
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

/// The parser does not accept the text.
pub(crate) fn syntax(at: Span, problem: &str, context: Option<(String, Span)>) -> Diagnostic {
    let found = RULE.at(at, format!("this is not YAML: {problem}"));
    match context {
        Some((words, begins)) if begins.start != at.start => {
            found.label(begins, format!("{words} that begins here"))
        }
        _ => found,
    }
}

pub(crate) fn not_utf8(at: Span) -> Diagnostic {
    RULE.at(at, "the file is not UTF-8")
        .help("save it as UTF-8; binary data belongs into `binaryData` or a generator")
}

pub(crate) fn unreadable(at: Span, reason: &str) -> Diagnostic {
    RULE.at(at, format!("the file cannot be read: {reason}"))
}

pub(crate) fn unknown_alias(at: Span, name: &str) -> Diagnostic {
    RULE.at(at, format!("there is no anchor `&{name}` before this alias")).help(
        "anchors end with their document, and must stand before they are used; quote the value if it is text",
    )
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
}

pub(crate) fn merge_of_no_map(at: Span) -> Diagnostic {
    RULE.at(at, "`<<` merges mappings only")
        .help("let it name an anchor of a mapping, or a list of such aliases")
}

pub(crate) fn tag_does_not_fit(at: Span, tag: &str) -> Diagnostic {
    let tag = tag.replace("tag:yaml.org,2002:", "!!");
    RULE.at(at, format!("this is no value for the tag `{tag}`")).help("drop the tag, or mend the value")
}

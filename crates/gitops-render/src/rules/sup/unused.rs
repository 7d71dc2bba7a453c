//! SUP001: a suppression that silences nothing.

use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::rules::rule;
use crate::source::Span;
use crate::sources::SourceFile;
use crate::suppress::{Named, Suppression};

rule! {
    /// ## What it finds
    /// A comment, an annotation or an `[[ignore]]` of the options file that silences no finding. Only what
    /// could have been found is judged: a rule that is off, a file of which nothing was checked, or not all
    /// that uses it, and a kustomization that cannot be built prove nothing.
    ///
    /// ## Why it matters
    /// The mistake is mended, or the comment stands in the wrong place. If it stays, it hides the next one.
    ///
    /// ## How to fix it
    /// Remove it; `--fix` does so for comments. If the finding is reported nevertheless, move the comment
    /// to the line that the report names, or above it.
    SUP001 "unused-suppression" Warning File fix
}

/// Rules of a comment that silence nothing: `unused` are indices, in order. `whole` is what goes with the comment.
pub(crate) fn comment(
    file: &SourceFile,
    it: &Suppression,
    whole: Option<Span>,
    is_data: bool,
    unused: &[usize],
) -> Diagnostic {
    let names: Vec<&Named> = unused.iter().filter_map(|index| it.rules.get(*index)).collect();
    let is_all = names.len() == it.rules.len();
    let at = match (is_all, names.first(), names.last()) {
        (false, Some(first), Some(last)) => first.span.to(last.span),
        _ => it.span,
    };
    let safety = if is_data { Safety::Unsafe } else { Safety::Safe };
    let fix = whole.map(|whole| match is_all {
        true => without_comment(whole, safety),
        false => without(file, it, unused, safety),
    });
    silences_nothing(at, &names, if it.lines.is_some() { "here" } else { "in this file" }).fix(fix)
}

/// Rules that an annotation or an entry names, and that silence nothing.
pub fn silences_nothing(at: Span, names: &[&Named], place: &str) -> Diagnostic {
    let words: Vec<&str> = names.iter().map(|it| it.as_str()).collect();
    of_words(at, &words, place)
}

/// The same by what the rules are called.
pub fn of_words(at: Span, words: &[&str], place: &str) -> Diagnostic {
    let list: Vec<String> = words.iter().map(|it| format!("`{it}`")).collect();
    let message = match &*list {
        [one] => format!("there is no {one} to silence {place}"),
        more => format!("there are none of {} to silence {place}", more.join(", ")),
    };
    RULE.at(at, message).help("remove it, or move it to where the finding is")
}

fn without_comment(whole: Span, safety: Safety) -> Fix {
    let edits = vec![Edit { span: whole, text: String::new() }];
    Fix { message: "remove the comment".to_owned(), edits, safety }
}

/// Takes rules out of the list.
fn without(file: &SourceFile, it: &Suppression, unused: &[usize], safety: Safety) -> Fix {
    let text = |span: Span| {
        let bytes = file.bytes().get(span.start as usize..span.end as usize).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    };
    let kept = it.rules.iter().enumerate().filter(|(index, _)| !unused.contains(index));
    let kept: Vec<String> = kept.map(|(_, named)| text(named.span)).collect();
    let (first, last) = (it.rules.first(), it.rules.last());
    let span = first.zip(last).map_or(it.span, |(first, last)| first.span.to(last.span));
    let gone: Vec<String> =
        unused.iter().filter_map(|it_at| Some(format!("`{}`", it.rules.get(*it_at)?.as_str()))).collect();
    let message = format!("remove {} from the list", gone.join(", "));
    Fix { message, edits: vec![Edit { span, text: kept.join(", ") }], safety }
}

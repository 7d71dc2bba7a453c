//! An assertion: how many violations there are, maybe only those whose message is as wanted.

use regex::Regex;

use crate::diagnostic::Diagnostic;
use crate::kube::go_regex;
use crate::node::Node;
use crate::rules::pol::suite_case_failed;
use crate::source::Span;

/// How many violations are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Some,
    None,
    Exactly(usize),
}

/// What is wrong with an assertion about the violations of `object`; nothing if it holds.
///
/// # Errors
/// If it is no assertion.
pub(super) fn check(
    assertion: &Node,
    messages: &[String],
    object: Span,
) -> Result<Option<Diagnostic>, Diagnostic> {
    let first = assertion.as_map().and_then(|it| it.entries().first()).map(|it| it.key_span);
    let number = assertion.get("violations").filter(|it| !it.is_null());
    let at = number.map(|it| it.origin.span).or(first).unwrap_or(assertion.origin.span);
    let wanted =
        number.map_or(Ok(Wanted::Some), |it| wanted(it).ok_or_else(|| suite_case_failed::no_number(at)))?;
    let message = assertion.get("message").filter(|it| !it.is_null());
    let pattern = message.map(|it| {
        let text = it.as_scalar().map_or("", |it| &it.text);
        regex(text).ok_or_else(|| suite_case_failed::no_regex(it.origin.span))
    });
    let pattern = pattern.transpose()?;
    let matches = |it: &&String| pattern.as_ref().is_none_or(|pattern| pattern.is_match(it));
    let count = messages.iter().filter(matches).count();
    let holds = match wanted {
        Wanted::Some => count > 0,
        Wanted::None => count == 0,
        Wanted::Exactly(number) => count == number,
    };
    let words = match wanted {
        Wanted::Some => "a violation".to_owned(),
        Wanted::None => "no violation".to_owned(),
        Wanted::Exactly(1) => "1 violation".to_owned(),
        Wanted::Exactly(number) => format!("{number} violations"),
    };
    let of_pattern = message.and_then(Node::as_scalar).map(|it| &*it.text);
    Ok((!holds).then(|| suite_case_failed::differs((at, object), &words, of_pattern, count, messages)))
}

fn wanted(node: &Node) -> Option<Wanted> {
    match &*node.as_scalar()?.text {
        "yes" => Some(Wanted::Some),
        "no" => Some(Wanted::None),
        number => number.parse().ok().map(Wanted::Exactly),
    }
}

/// A pattern of Go.
fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(&go_regex::translated(pattern).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, text, matches) in [
            (r"container \<nginx\> has", "container <nginx> has", true),
            ("Allowed: {\"max\": 1}", "Allowed: {\"max\": 1}", true),
            ("a{2}b{1,}", "aab", true),
            (r"[[:alpha:]]+[\w&[]x", "ab&x", true),
            (r"\d+\.\d", "1x2", false),
            (r"^\p{L}\x{41}$", "äA", true),
        ] {
            let regex = regex(pattern).unwrap();
            assert_eq!(regex.is_match(text), matches, "{pattern}");
        }
        assert!(regex("(").is_none());
    }
}

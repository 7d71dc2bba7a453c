//! Suppressions that an object carries itself.

use crate::node::Node;
use crate::resource::Resource;
use crate::rules::sup;
use crate::source::Span;
use crate::suppress::{Named, Suppression, Suppressions};

/// The annotation: rules, with commas between them.
pub const IGNORE: &str = "gitops-lint.dev/ignore";

/// The annotation that says why.
pub const IGNORE_REASON: &str = "gitops-lint.dev/ignore-reason";

/// What an object says about itself, and where; nothing for almost all of them. There is one suppression at most.
///
/// The rules have no place of their own: kustomize may have written the text.
pub fn of_object(resource: &Resource) -> Option<(Span, Suppressions)> {
    let annotations = resource.annotations()?;
    let node = annotations.get(IGNORE)?;
    let span = node.origin.span;
    let mut found = Suppressions::default();
    let text = node.as_scalar().map_or("", |it| &*it.text);
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let mut rules = vec![];
    for word in &words {
        match Named::read(word, span) {
            Some(named) => rules.push(named),
            None => found.mistakes.push(sup::invalid::no_rule(span, word)),
        }
    }
    if words.is_empty() {
        let help = "write the codes of the rules, with commas between them";
        found.mistakes.push(sup::invalid::because(span, format!("`{IGNORE}` names no rule"), help));
    }
    let reason = annotations.get(IGNORE_REASON).and_then(Node::as_str).map(str::trim);
    let reason = reason.filter(|it| !it.is_empty()).map(str::to_owned);
    if !rules.is_empty() {
        let (until, lines, whole) = (None, None, None);
        found.push(Suppression { span, rules, reason, until, lines, whole, is_data: true });
    }
    Some((span, found))
}

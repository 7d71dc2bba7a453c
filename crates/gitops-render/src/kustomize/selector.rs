//! What a `target` selects.

use regex::Regex;

pub use crate::kube::requirement::Requirement;
use crate::kustomize::name_pattern::NamePattern;
use crate::resource::{Resource, ResourceId};
use crate::source::Span;

/// A `target`: every part is a regular expression that has to match the whole text, or empty for
/// anything. Labels and annotations are selected as Kubernetes' label selectors do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selector {
    group: Pattern,
    version: Pattern,
    kind: Pattern,
    name: Pattern,
    namespace: Pattern,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// A part of a selector, with its text for messages.
#[derive(Clone, Debug, Default)]
struct Pattern {
    text: String,
    rule: PatternRule,
}

#[derive(Clone, Debug, Default)]
enum PatternRule {
    #[default]
    Anything,
    Name(NamePattern),
    Regex(Regex),
}

// Two selectors are the same if they were written the same.
impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.text == other.text
    }
}

impl Pattern {
    fn new(text: String) -> Result<Pattern, String> {
        if text.is_empty() {
            return Ok(Pattern::default());
        }
        let rule = match NamePattern::new(&text) {
            Some(name) => PatternRule::Name(name),
            None => PatternRule::Regex(Regex::new(&format!("^(?:{text})$")).map_err(|err| reason(&err))?),
        };
        Ok(Pattern { text, rule })
    }

    fn matches(&self, text: &str) -> bool {
        match &self.rule {
            PatternRule::Anything => true,
            PatternRule::Name(name) => name.behind(text) == Some(""),
            PatternRule::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The last line of a regex error says what is wrong; those before it draw a picture.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    format!("this is no regular expression: {}", last.trim_start_matches("error: "))
}

impl Selector {
    /// A selector of group, version, kind, name, namespace, labels and annotations, in this order.
    ///
    /// # Errors
    /// The place and the reason, if one of them cannot be read.
    pub fn new(texts: [Option<(String, Span)>; 7]) -> Result<Selector, (Span, String)> {
        fn pattern(text: Option<(String, Span)>) -> Result<Pattern, (Span, String)> {
            let Some((text, span)) = text else { return Ok(Pattern::default()) };
            Pattern::new(text).map_err(|reason| (span, reason))
        }
        fn requirements(text: Option<(String, Span)>) -> Result<Vec<Requirement>, (Span, String)> {
            let Some((text, span)) = text else { return Ok(vec![]) };
            parse_requirements(&text).ok_or_else(|| (span, format!("`{text}` is no label selector")))
        }
        let [group, version, kind, name, namespace, labels, annotations] = texts;
        Ok(Selector {
            group: pattern(group)?,
            version: pattern(version)?,
            kind: pattern(kind)?,
            name: pattern(name)?,
            namespace: pattern(namespace)?,
            labels: requirements(labels)?,
            annotations: requirements(annotations)?,
        })
    }

    /// Whether an object is meant. Name and namespace may be those that it was read with.
    pub fn selects(&self, resource: &Resource) -> bool {
        let original = resource.original_id();
        let current = &resource.id;
        let either = |pattern: &Pattern, part: fn(&ResourceId) -> &str| {
            pattern.matches(part(original)) || pattern.matches(part(current))
        };
        self.kind.matches(&current.gvk.kind)
            && self.group.matches(&current.gvk.group)
            && self.version.matches(&current.gvk.version)
            && either(&self.name, |it| &it.name)
            && either(&self.namespace, ResourceId::effective_namespace)
            && self.labels.iter().all(|it| it.holds(resource.labels()))
            && self.annotations.iter().all(|it| it.holds(resource.annotations()))
    }

    /// Whether neither a name nor a label nor an annotation is asked for.
    pub fn is_unconstrained(&self) -> bool {
        self.name.text.is_empty() && self.labels.is_empty() && self.annotations.is_empty()
    }

    /// What is selected, in words for a message.
    pub fn describe(&self) -> String {
        let kind = if self.kind.text.is_empty() { "object" } else { &self.kind.text };
        let name = if self.name.text.is_empty() { String::new() } else { format!(" `{}`", self.name.text) };
        let namespace = if self.namespace.text.is_empty() {
            String::new()
        } else {
            format!(" in `{}`", self.namespace.text)
        };
        let labels = if self.labels.is_empty() { "" } else { " with these labels" };
        let annotations = if self.annotations.is_empty() { "" } else { " with these annotations" };
        format!("{kind}{name}{namespace}{labels}{annotations}")
    }

    /// The only name that objects can be selected by, if there is but one.
    pub fn one_name(&self) -> Option<&str> {
        // A dot may stand for anything.
        let is_one = matches!(self.name.rule, PatternRule::Name(_)) && !self.name.text.contains('.');
        is_one.then_some(&*self.name.text)
    }

    /// The plain name that is asked for, to look for one like it.
    pub fn name(&self) -> &str {
        &self.name.text
    }
}

/// Reads `a=b, c!=d, e, !f, g in (h, i)`.
pub(crate) fn parse_requirements(text: &str) -> Option<Vec<Requirement>> {
    split_outside_parentheses(text)
        .into_iter()
        .filter(|it| !it.trim().is_empty())
        .map(|it| requirement(it.trim()))
        .collect()
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (vec![], 0, 0);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn requirement(text: &str) -> Option<Requirement> {
    let own = |it: &str| it.trim().to_owned();
    if let Some((key, value)) = text.split_once("!=") {
        return Some(Requirement::NotIn(own(key), vec![own(value)]));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Some(Requirement::In(own(key), vec![own(value)]));
    }
    if let Some(list) = text.strip_suffix(')') {
        let (head, values) = list.split_once('(')?;
        let values = values.split(',').map(own).collect();
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace)?;
        return match operator {
            "in" => Some(Requirement::In(own(key), values)),
            "notin" => Some(Requirement::NotIn(own(key), values)),
            _ => None,
        };
    }
    let is_key = |it: &str| !it.is_empty() && !it.contains(|it: char| it.is_whitespace() || it == '!');
    match text.strip_prefix('!') {
        Some(key) => is_key(key.trim()).then(|| Requirement::Missing(own(key))),
        None => is_key(text).then(|| Requirement::Exists(own(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors_are_read() {
        use Requirement::*;
        let read = parse_requirements("a=b, c != d,e,!f, g in (h, i), j notin (k)").unwrap();
        let own = |it: &str| it.to_owned();
        assert_eq!(
            read,
            [
                In(own("a"), vec![own("b")]),
                NotIn(own("c"), vec![own("d")]),
                Exists(own("e")),
                Missing(own("f")),
                In(own("g"), vec![own("h"), own("i")]),
                NotIn(own("j"), vec![own("k")]),
            ]
        );
        assert_eq!(parse_requirements("a b"), None);
    }
}

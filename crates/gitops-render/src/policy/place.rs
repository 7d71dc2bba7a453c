//! Where in an object a result belongs: the place that it names, else the value that it quotes.

use crate::node::{Entry, Node, ScalarKind, Value, pointer_part};
use crate::policy::outcome::{Named, Said};
use crate::policy::reads::Read;
use crate::policy::speaks;
use crate::resource::Resource;
use crate::source::Span;

/// A place in an object.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub node: &'a Node,
    /// The entry of a mapping that holds the node.
    pub entry: Option<&'a Entry>,
    pub pointer: String,
}

/// How many values of an object are looked at for a quoted one.
const MOST_VALUES: usize = 20_000;

impl Place<'_> {
    /// The text to edit. Of a mapping or a list this is its key, or its name if it is an item.
    pub fn span(&self) -> Span {
        let own = self.node.origin.span;
        match (&self.node.value, self.entry) {
            (Value::Scalar(it), Some(entry)) if it.kind == ScalarKind::Null || own.start == own.end => {
                entry.key_span
            }
            (Value::Scalar(_), _) => own,
            (_, Some(entry)) => entry.key_span,
            (_, None) => self.node.get("name").map_or(own, |it| it.origin.span),
        }
    }
}

/// The place of a result: what it names, what it quotes, what its rule reads, or the object's name.
pub(super) fn find<'a>(resource: &'a Resource, said: &Said, read: Option<&Read>) -> Place<'a> {
    if let Some(named) = said.at.as_ref().and_then(|it| walk(&resource.node, it)) {
        return named;
    }
    let message = said.message.as_deref().unwrap_or_default();
    let quoted = quoted(resource, message);
    // Which container is less than what is wrong with it.
    let is_plain = quoted.as_ref().is_some_and(|it| !is_container_name(&it.pointer));
    let read = || {
        let place = speaks::find(resource, read?, &named_words(message))?;
        let container = quoted.as_ref().map(|it| it.pointer.trim_end_matches("name"));
        // The message knows better than the body.
        container
            .is_none_or(|it| place.pointer.starts_with(it) || it.trim_end_matches('/') == place.pointer)
            .then_some(place)
    };
    let read = if is_plain { None } else { read() };
    read.or(quoted).unwrap_or_else(|| name(resource))
}

/// `metadata.name`, or the nearest to it that the object has.
fn name(resource: &Resource) -> Place<'_> {
    let (node, entry) = resource.node.nearest("/metadata/name");
    match entry {
        Some(_) => Place { node, entry, pointer: "/metadata/name".to_owned() },
        None => Place { node, entry, pointer: String::new() },
    }
}

/// Follows the parts as far as they lead; `None` if not even the first is there.
fn walk<'a>(root: &'a Node, named: &Named) -> Option<Place<'a>> {
    let (parts, is_dotted) = match named {
        Named::Parts(parts) => (parts, false),
        Named::Dotted(parts) => (parts, true),
    };
    let mut place = Place { node: root, entry: None, pointer: String::new() };
    let mut rest = &parts[..];
    while !rest.is_empty() {
        let most = if is_dotted { rest.len() } else { 1 };
        let Some((used, key, node, entry)) = (1..=most).find_map(|it| step(place.node, &rest[..it])) else {
            break;
        };
        place.pointer = format!("{}/{}", place.pointer, pointer_part(&key));
        (place.node, place.entry) = (node, entry);
        rest = &rest[used..];
    }
    if place.pointer.is_empty() && !parts.is_empty() {
        return None;
    }
    // What is missing is still what the policy speaks of.
    place.pointer.extend(rest.iter().map(|it| format!("/{}", pointer_part(it))));
    Some(place)
}

/// One step: how many parts it takes, the key that they make, and where it leads.
fn step<'a>(node: &'a Node, parts: &[String]) -> Option<(usize, String, &'a Node, Option<&'a Entry>)> {
    let key = parts.join(".");
    match &node.value {
        Value::Map(map) => map.entry(&key).map(|it| (parts.len(), key, &it.node, Some(it))),
        Value::Seq(items) => {
            let item = items.get(key.parse::<usize>().ok()?)?;
            Some((parts.len(), key, item, None))
        }
        Value::Scalar(_) => None,
    }
}

/// The value that the message quotes, if the object has it once.
///
/// A container's name narrows the search to the container, and is itself the place if nothing
/// else is quoted. The words that name the object (its kind and name) say nothing about a place.
fn quoted<'a>(resource: &'a Resource, message: &str) -> Option<Place<'a>> {
    let words = words(message);
    if words.is_empty() {
        return None;
    }
    let mut values = vec![];
    let is_secret = &*resource.id.gvk.kind == "Secret";
    collect(&Place { node: &resource.node, entry: None, pointer: String::new() }, is_secret, &mut values);
    if values.len() >= MOST_VALUES {
        return None;
    }
    let id = &resource.id;
    let names_object = |word: &str| {
        [&*id.name, &*id.namespace, &*id.gvk.kind].contains(&word) || word == id.gvk.api_version()
    };
    let same = |place: &Place<'_>, word: &str| place.node.as_scalar().is_some_and(|it| &*it.text == word);
    let speaks_of_containers = message.to_ascii_lowercase().contains("container");

    let containers = words
        .iter()
        .filter(|it| speaks_of_containers || !names_object(it))
        .filter_map(|word| only(values.iter().filter(|it| is_container_name(&it.pointer) && same(it, word))));
    let container = only(containers);
    let within = container.map(|it| it.pointer.trim_end_matches("name"));
    let find = |word: &&&str| {
        let found = || values.iter().filter(|it| !is_container_name(&it.pointer) && same(it, word));
        let inside = within.and_then(|prefix| only(found().filter(|it| it.pointer.starts_with(prefix))));
        inside.or_else(|| only(found()))
    };
    // What names the container is no other value as well.
    let names_container = |word: &str| container.is_some_and(|it| same(it, word));
    let others = words.iter().filter(|it| !names_object(it) && !names_container(it));
    let found: Vec<_> = others.filter_map(|it| find(&it)).collect();
    match found[..] {
        [] => container.cloned(),
        [first, ..] => found.iter().all(|it| it.pointer == first.pointer).then(|| first.clone()),
    }
}

/// The only item, if there is exactly one.
fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

fn is_container_name(pointer: &str) -> bool {
    let mut parts = pointer.rsplit('/');
    let is_name = parts.next() == Some("name") && parts.next().is_some_and(|it| it.parse::<usize>().is_ok());
    is_name && matches!(parts.next(), Some("containers" | "initContainers" | "ephemeralContainers"))
}

/// Every scalar below `place`, without the object's own identity and a Secret's values.
fn collect<'a>(place: &Place<'a>, is_secret: bool, out: &mut Vec<Place<'a>>) {
    if out.len() >= MOST_VALUES
        || matches!(&*place.pointer, "/apiVersion" | "/kind" | "/metadata/name" | "/metadata/namespace")
        || is_secret && matches!(&*place.pointer, "/data" | "/stringData")
    {
        return;
    }
    let below = |part: &str| format!("{}/{part}", place.pointer);
    match &place.node.value {
        Value::Scalar(_) => out.push(place.clone()),
        Value::Seq(items) => {
            for (index, node) in items.iter().enumerate() {
                collect(&Place { node, entry: None, pointer: below(&index.to_string()) }, is_secret, out);
            }
        }
        Value::Map(map) => {
            for entry in map.entries() {
                let pointer = below(&pointer_part(&entry.key));
                collect(&Place { node: &entry.node, entry: Some(entry), pointer }, is_secret, out);
            }
        }
    }
}

/// The words of a message that may name something: those that it quotes, and all others.
pub(super) fn named_words(message: &str) -> Vec<&str> {
    let plain = message.split_whitespace().map(|it| it.trim_matches(|it: char| it.is_ascii_punctuation()));
    plain.chain(words(message)).filter(|it| !it.is_empty()).collect()
}

/// What a message quotes: texts between quotes or in angle brackets, as templates of Gatekeeper have it,
/// and words that no sentence has, like `nginx:1.2`.
fn words(message: &str) -> Vec<&str> {
    let mut words: Vec<&str> = ['`', '"', '\''].iter().flat_map(|&it| between(message, it)).collect();
    let in_brackets = message.split('<').skip(1).filter_map(|it| it.split_once('>'));
    words.extend(in_brackets.map(|it| it.0).filter(|it| !it.is_empty()));
    words.extend(message.split_whitespace().filter_map(|word| {
        let word = word.trim_matches(|it: char| it.is_ascii_punctuation() && it != '/');
        let is_value = word.contains(|it: char| "/:@._-".contains(it) || it.is_ascii_digit());
        (is_value && word.parse::<f64>().is_err()).then_some(word)
    }));
    words.sort_unstable();
    words.dedup();
    words
}

/// The texts between two quotes that are no apostrophes.
fn between(message: &str, quote: char) -> Vec<&str> {
    let is_word = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    let mut found = vec![];
    let mut rest = message;
    let mut before = None;
    while let Some(open) = rest.find(quote) {
        let inside = &rest[open + 1..];
        let opens = !is_word(rest[..open].chars().next_back().or(before));
        let close = inside.match_indices(quote).map(|(at, _)| at);
        let close = close.into_iter().find(|&at| !is_word(inside[at + 1..].chars().next())).filter(|_| opens);
        before = Some(quote);
        rest = match close {
            Some(close) => {
                found.extend(Some(&inside[..close]).filter(|it| !it.is_empty()));
                &inside[close + 1..]
            }
            None => inside,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app.kubernetes.io/name: web, tier: front}}
spec:
  replicas: 3
  containers:
  - {name: web, image: 'nginx:latest', env: [{name: A, value: x-1}]}
  - {name: side, image: 'nginx:latest', env: [{name: B, value: x-2}]}
";

    fn resource(text: &str) -> Resource {
        Resource::new(parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0))
    }

    fn place(text: &str, message: &str, at: Option<Named>) -> (String, String) {
        let resource = resource(text);
        let said = Said { message: Some(message.to_owned()), at, line: None };
        let found = find(&resource, &said, None);
        let span = found.span();
        (found.pointer.clone(), text[span.start as usize..span.end as usize].to_owned())
    }

    #[test]
    fn a_quoted_value_is_the_place_if_the_object_has_it_once() {
        for (message, pointer, marked) in [
            ("value 'x-1' is not allowed", "/spec/containers/0/env/0/value", "x-1"),
            ("x-2, it doesn't fit, can't be", "/spec/containers/1/env/0/value", "x-2"),
            ("the tier is `front`", "/metadata/labels/tier", "front"),
            ("replicas is \"3\"", "/spec/replicas", "3"),
            ("replicas is 3", "/metadata/name", "web"),
            ("image \"nginx:latest\" has no tag", "/metadata/name", "web"),
            ("container \"side\" uses nginx:latest", "/spec/containers/1/image", "'nginx:latest'"),
            ("container `side` has no limits", "/spec/containers/1/name", "side"),
            ("container 'web' has no limits", "/spec/containers/0/name", "web"),
            ("container <side> has no <limits>", "/spec/containers/1/name", "side"),
            ("container 'front' is missing", "/metadata/labels/tier", "front"),
            ("Pod 'web' has no limits", "/metadata/name", "web"),
            ("x-1 and x-2 differ", "/metadata/name", "web"),
            ("it's the pods' way", "/metadata/name", "web"),
        ] {
            assert_eq!(place(POD, message, None), (pointer.to_owned(), marked.to_owned()), "{message}");
        }
    }

    #[test]
    fn a_named_place_wins() {
        let parts = |it: &[&str]| it.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        for (at, pointer, marked) in [
            (
                Named::Parts(parts(&["spec", "containers", "1", "image"])),
                "/spec/containers/1/image",
                "'nginx:latest'",
            ),
            (Named::Parts(parts(&["spec", "containers", "0"])), "/spec/containers/0", "web"),
            (Named::Parts(parts(&["spec", "containers"])), "/spec/containers", "containers"),
            (Named::Parts(parts(&["spec", "template", "a/b"])), "/spec/template/a~1b", "spec"),
            (
                Named::Dotted(parts(&["metadata", "labels", "app", "kubernetes", "io/name"])),
                "/metadata/labels/app.kubernetes.io~1name",
                "web",
            ),
            (Named::Parts(parts(&["etc", "passwd"])), "/metadata/name", "web"),
        ] {
            assert_eq!(place(POD, "no", Some(at)), (pointer.to_owned(), marked.to_owned()));
        }
    }

    #[test]
    fn the_values_of_a_secret_are_not_searched() {
        let secret = "kind: Secret\nmetadata: {name: s}\nstringData: {key: 'hunter-2'}\n";
        assert_eq!(
            place(secret, "the key is 'hunter-2'", None),
            ("/metadata/name".to_owned(), "s".to_owned())
        );
    }

    #[test]
    fn an_object_without_a_name_is_its_own_place() {
        assert_eq!(place("kind: A\nmetadata: {}\n", "no", None).1, "metadata");
    }
}

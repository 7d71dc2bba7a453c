//! `images:` changes names, tags and digests of container images.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

use regex::Regex;

use crate::diagnostic::Diagnostic;
use crate::kustomize::field_spec::FieldSpec;
use crate::kustomize::file::{Image, Kustomization, Text};
use crate::kustomize::layer::Build;
use crate::kustomize::name_pattern::NamePattern;
use crate::node::{Node, ScalarKind, Value};
use crate::origin::Step;
use crate::resource::{Gvk, Resource};
use crate::rules::kus;
use crate::source::Span;
use crate::suggest;

/// An entry of `images`, ready to be applied.
struct Change<'k> {
    image: &'k Image,
    pattern: Pattern,
    /// Whether any image was found.
    is_used: Cell<bool>,
}

/// Which images an entry is about.
enum Pattern {
    /// Those of a name, with any tag and digest.
    Name(NamePattern),
    Regex(Regex),
}

impl Pattern {
    /// kustomize takes the name for a regular expression, and so do people who write one.
    fn new(name: &str) -> Result<Pattern, regex::Error> {
        const TAIL: &str = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$";
        match NamePattern::new(name) {
            Some(name) => Ok(Pattern::Name(name)),
            None => Ok(Pattern::Regex(Regex::new(&format!("^{name}{TAIL}"))?)),
        }
    }

    fn matches(&self, image: &str) -> bool {
        match self {
            Pattern::Name(name) => name.behind(image).is_some_and(is_tail),
            Pattern::Regex(regex) => regex.is_match(image),
        }
    }
}

/// Whether this is nothing but a tag and a digest, each of which may be missing.
fn is_tail(text: &str) -> bool {
    let is_word = |it: &str| {
        it.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '{' | '}' | '-'))
    };
    let (tag, digest) = match text.split_once('@') {
        Some((tag, digest)) => (tag, digest.strip_prefix("sha256:")),
        None => (text, Some("")),
    };
    let is_tag = tag.is_empty() || tag.strip_prefix(':').is_some_and(is_word);
    is_tag && digest.is_some_and(is_word)
}

pub(super) fn images(build: &mut Build<'_>, kustomization: &Kustomization) {
    let config = build.config.clone();
    set(build, &config.images, &kustomization.images);
}

/// Changes images in containers, and in the fields of `specs`.
pub(in crate::kustomize) fn set(build: &mut Build<'_>, specs: &[FieldSpec], images: &[Image]) {
    let mut changes = vec![];
    for image in images {
        match Pattern::new(&image.name.value) {
            Ok(pattern) => changes.push(Change { image, pattern, is_used: Cell::new(false) }),
            Err(_) => {
                let reason = format!("`{}` is no regular expression", image.name.value);
                build.refuse(kus::build_failed::because(image.name.span, reason));
            }
        }
    }
    if changes.is_empty() {
        return;
    }
    // kustomize never looks for images in definitions, even where a field spec names them.
    let is_meant = |it: &&mut Resource| &*it.id.gvk.kind != "CustomResourceDefinition";
    for resource in build.objects.list_mut().iter_mut().filter(is_meant) {
        let gvk = resource.id.gvk.clone();
        let walk = Walk { changes: &changes, specs, gvk: &gvk };
        if walk.has_work(&resource.node, &mut vec![]) {
            walk.change(&mut resource.node, &mut vec![]);
        }
        for spec in specs.iter().filter(|it| it.fits(&gvk)) {
            fill_null_lists(&mut resource.node, &spec.path, changes[0].image.name.span);
        }
    }
    report_unused(build, specs, &changes);
}

/// Reports the entries that have found no image, unless it may be in what we could not see.
fn report_unused(build: &mut Build<'_>, specs: &[FieldSpec], changes: &[Change<'_>]) {
    let (used, unused): (Vec<_>, Vec<_>) = changes.iter().partition(|it| it.is_used.get());
    build.hits.extend(used.iter().map(|it| it.image.name.span));
    if unused.is_empty() || build.is_incomplete || build.is_refused {
        return;
    }
    let objects = build.objects.list();
    let found = unused.into_iter().map(|change| {
        let (at, name) = (change.image.name.span, &*change.image.name.value);
        if let Some((place, kind)) = objects.iter().find_map(|it| Some((lookalike(&it.node, change)?, it))) {
            return kus::no_effect::unknown_field(at, name, place, &kind.id.gvk.kind);
        }
        let mut names = BTreeSet::new();
        for object in objects {
            let walk = Walk { changes, specs, gvk: &object.id.gvk };
            walk.names(&object.node, &mut vec![], &mut names);
        }
        kus::no_effect::no_image(at, name, suggest::nearest(name, names))
    });
    let found: Vec<Diagnostic> = found.collect();
    build.diagnostics.extend(found);
}

/// A field called `image` that has the image and has not been changed.
fn lookalike(node: &Node, change: &Change<'_>) -> Option<Span> {
    match &node.value {
        Value::Map(map) => map.entries().iter().find_map(|it| {
            let is_it = || it.node.as_str().is_some_and(|it| change.pattern.matches(it));
            match it.key.to_ascii_lowercase().ends_with("image") && is_it() {
                true => Some(it.node.origin.span),
                false => lookalike(&it.node, change),
            }
        }),
        Value::Seq(items) => items.iter().find_map(|it| lookalike(it, change)),
        Value::Scalar(_) => None,
    }
}

/// Makes an empty list of every null where a field spec wants a list (`containers[]`), as kustomize
/// does on its way to the images.
fn fill_null_lists(node: &mut Node, path: &[Arc<str>], directive: Span) {
    let Some((key, rest)) = path.split_first() else { return };
    let list = key.strip_suffix("[]");
    if !leads_to_null_list(node, path) {
        return;
    }
    match &mut node.value {
        Value::Seq(items) => {
            Arc::make_mut(items).iter_mut().for_each(|it| fill_null_lists(it, path, directive))
        }
        Value::Map(map) => {
            let Some(field) = Arc::make_mut(map).get_mut(list.unwrap_or(key)) else { return };
            if list.is_some() && field.is_null() {
                field.value = Value::Seq(Arc::default());
                field.origin = field.origin.touched(Step::Image, directive);
            }
            fill_null_lists(field, rest, directive);
        }
        Value::Scalar(_) => {}
    }
}

fn leads_to_null_list(node: &Node, path: &[Arc<str>]) -> bool {
    let Some((key, rest)) = path.split_first() else { return false };
    let list = key.strip_suffix("[]");
    match &node.value {
        Value::Seq(items) => items.iter().any(|it| leads_to_null_list(it, path)),
        Value::Map(map) => map
            .get(list.unwrap_or(key))
            .is_some_and(|it| list.is_some() && it.is_null() || leads_to_null_list(it, rest)),
        Value::Scalar(_) => false,
    }
}

/// Finds the images of one object.
struct Walk<'c> {
    changes: &'c [Change<'c>],
    specs: &'c [FieldSpec],
    gvk: &'c Gvk,
}

impl Walk<'_> {
    /// How often each entry is applied to the value at a path: once if it is the image of a
    /// container anywhere, once if a field spec names it, and so twice if both are so. That
    /// shows with `tagSuffix`.
    fn times(&self, path: &[&str]) -> usize {
        let in_container = matches!(path, [.., "containers" | "initContainers", "[]", "image"]);
        let keys = || path.iter().filter(|it| **it != "[]");
        let named =
            self.specs.iter().filter(|it| it.fits(self.gvk)).any(|spec| {
                spec.path.iter().map(|it| it.strip_suffix("[]").unwrap_or(it)).eq(keys().copied())
            });
        usize::from(in_container) + usize::from(named)
    }

    /// Whether there is anything to change: what need not be written stays shared.
    fn has_work<'n>(&self, node: &'n Node, path: &mut Vec<&'n str>) -> bool {
        let mut below = |key: &'n str, node: &'n Node| {
            path.push(key);
            let found = self.has_work(node, path);
            path.pop();
            found
        };
        match &node.value {
            Value::Map(map) => map.entries().iter().any(|it| below(&it.key, &it.node)),
            Value::Seq(items) => items.iter().any(|it| below("[]", it)),
            Value::Scalar(scalar) => {
                self.times(path) > 0 && self.changes.iter().any(|it| it.pattern.matches(&scalar.text))
            }
        }
    }

    /// The names of all images, without tags.
    fn names<'n>(&self, node: &'n Node, path: &mut Vec<&'n str>, out: &mut BTreeSet<&'n str>) {
        match &node.value {
            Value::Map(map) => {
                for entry in map.entries() {
                    path.push(&entry.key);
                    self.names(&entry.node, path, out);
                    path.pop();
                }
            }
            Value::Seq(items) => {
                path.push("[]");
                items.iter().for_each(|it| self.names(it, path, out));
                path.pop();
            }
            Value::Scalar(scalar) if path.last() == Some(&"image") && self.times(path) > 0 => {
                out.insert(split(&scalar.text).0);
            }
            Value::Scalar(_) => {}
        }
    }

    fn change(&self, node: &mut Node, path: &mut Vec<String>) {
        match &mut node.value {
            Value::Map(map) => {
                for entry in Arc::make_mut(map).entries_mut() {
                    path.push(entry.key.to_string());
                    self.change(&mut entry.node, path);
                    path.pop();
                }
            }
            Value::Seq(items) => {
                path.push("[]".to_owned());
                for item in Arc::make_mut(items) {
                    self.change(item, path);
                }
                path.pop();
            }
            Value::Scalar(_) => {
                let parts: Vec<&str> = path.iter().map(String::as_str).collect();
                let times = self.times(&parts);
                for change in self.changes {
                    for _ in 0..times {
                        apply(change, node);
                    }
                }
            }
        }
    }
}

fn apply(change: &Change<'_>, node: &mut Node) {
    let Value::Scalar(scalar) = &mut node.value else { return };
    if !change.pattern.matches(&scalar.text) {
        return;
    }
    change.is_used.set(true);
    let (text, from) = changed(change.image, &scalar.text);
    if *text == *scalar.text {
        return;
    }
    scalar.text = text.into();
    scalar.kind = ScalarKind::Str;
    node.origin = node.origin.changed(from, Step::Image, change.image.name.span);
}

/// The new image, and the place of the text to edit if it is wrong.
fn changed(image: &Image, old: &str) -> (String, Span) {
    let given = |it: &Option<Text>| it.clone().filter(|it| !it.value.is_empty());
    let (name, tag, digest) = split(old);
    let (mut name, mut tag, mut digest) = (name.to_owned(), tag.to_owned(), digest.to_owned());
    let mut from = image.name.span;
    if let Some(new) = given(&image.new_name) {
        name = new.value.to_string();
        from = new.span;
    }
    match (given(&image.new_tag), given(&image.digest), given(&image.tag_suffix)) {
        (Some(new), other, _) => {
            tag = new.value.to_string();
            digest = other.map_or_else(String::new, |it| it.value.to_string());
            from = new.span;
        }
        (None, Some(new), _) => {
            tag.clear();
            digest = new.value.to_string();
            from = new.span;
        }
        (None, None, Some(suffix)) => {
            tag.push_str(&suffix.value);
            digest.clear();
            from = suffix.span;
        }
        (None, None, None) => {}
    }
    if !tag.is_empty() {
        name = format!("{name}:{tag}");
    }
    if !digest.is_empty() {
        name = format!("{name}@{digest}");
    }
    (name, from)
}

/// Splits an image into name, tag and digest. A colon before the first slash belongs to the port
/// of the registry.
fn split(image: &str) -> (&str, &str, &str) {
    let path = image.find('/').filter(|it| *it > 0).unwrap_or(0);
    let (rest, digest) = match image[path..].find('@') {
        Some(at) => (&image[..path + at], &image[path + at + 1..]),
        None => (image, ""),
    };
    match rest.get(path..).and_then(|it| it.find(':')) {
        Some(at) => (&rest[..path + at], &rest[path + at + 1..], digest),
        None => (rest, "", digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_name_a_tag_and_a_digest() {
        for (image, parts) in [
            ("nginx", ("nginx", "", "")),
            ("nginx:1.27", ("nginx", "1.27", "")),
            ("host:5000/a/b", ("host:5000/a/b", "", "")),
            ("host:5000/a/b:1@sha256:abc", ("host:5000/a/b", "1", "sha256:abc")),
            ("a@sha256:abc", ("a", "", "sha256:abc")),
        ] {
            assert_eq!(split(image), parts);
        }
    }

    #[test]
    fn a_name_means_the_images_that_it_means_as_a_regular_expression() {
        let names = ["nginx", "a.b/c", "a:1", ""];
        let tails = [
            "",
            ":",
            ":1.2",
            ":{{x}}",
            "@sha256:",
            "@sha256:ab",
            ":1@sha256:ab",
            "@md5:ab",
            ":1:2",
            "/x",
            ":a b",
        ];
        for name in names {
            let regex = Pattern::new(&format!("(?:{name})")).unwrap_or_else(|err| panic!("{err}"));
            assert!(matches!(regex, Pattern::Regex(_)));
            let simple = Pattern::new(name).unwrap();
            for image in names.iter().flat_map(|name| tails.map(|it| format!("{name}{it}"))) {
                assert_eq!(simple.matches(&image), regex.matches(&image), "{name:?} and {image:?}");
            }
        }
    }
}

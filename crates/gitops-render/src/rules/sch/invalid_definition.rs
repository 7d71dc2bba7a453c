//! SCH012: a CustomResourceDefinition that Kubernetes refuses.

use std::collections::HashSet;

use crate::cel::rules::{self, Defect};
use crate::diagnostic::Diagnostic;
use crate::kube::go_regex;
use crate::kube::views::{At, is_filled_in_later};
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// A CustomResourceDefinition whose name is not `<plural>.<group>`, that stores no version or more
    /// than one, that has no schema for a version, or whose schema is not structural: a part without a
    /// type, with a keyword that Kubernetes does not allow there, or with a pattern that is no regular
    /// expression. Or a rule (`x-kubernetes-validations`) that does not compile: a slip in its syntax, a
    /// field that the schema does not have, a function or a comparison for other types, a result that is
    /// no boolean.
    ///
    /// ## Why it matters
    /// The API server refuses the definition, and with it every object of the kind.
    ///
    /// ## How to fix it
    /// Mend the definition, or generate it anew: controller-gen writes structural schemas.
    SCH012 "invalid-definition" Error Object
}

/// Keywords of JSON Schema that a definition may not have.
const FORBIDDEN: [&str; 6] =
    ["$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"];

const INT_OR_STRING: &str = "x-kubernetes-int-or-string";
const PRESERVE: &str = "x-kubernetes-preserve-unknown-fields";

/// Looks at a CustomResourceDefinition of version 1; the API server reads no other any more.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let gvk = &resource.id.gvk;
    let is_definition = (&*gvk.group, &*gvk.version, &*gvk.kind)
        == ("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    if !is_definition {
        return;
    }
    let root = At::root(resource);
    let Some(spec) = root.get("spec") else { return };
    found.extend(wrong_name(&root, &spec));
    if is_true(&spec, "preserveUnknownFields") {
        let message = "`preserveUnknownFields: true` is not allowed in version 1";
        let help = format!("put `{PRESERVE}: true` into the schema where it is needed");
        found.push(spec.find_key(&RULE, "preserveUnknownFields", message).help(help));
    }
    let Some(versions) = spec.get("versions").filter(|it| it.node.as_seq().is_some()) else { return };
    found.extend(wrong_storage(&versions));
    versions.items().for_each(|it| version(&it, found));
}

fn is_true(at: &At<'_>, key: &str) -> bool {
    at.node.get(key).and_then(|it| it.as_scalar()?.bool()) == Some(true)
}

fn wrong_name(root: &At<'_>, spec: &At<'_>) -> Option<Diagnostic> {
    let name = root.path(&["metadata", "name"])?;
    let plural = spec.path(&["names", "plural"])?;
    let expected = format!("{}.{}", plural.text()?, spec.text_of("group")?);
    let is = name.text()?;
    if is == expected || is_filled_in_later(is) || is_filled_in_later(&expected) {
        return None;
    }
    let found = name.find(&RULE, format!("the definition is called `{is}`, and not `<plural>.<group>`"));
    Some(found.label(plural.node.origin.span, "the plural is here").help(format!("write `{expected}`")))
}

fn wrong_storage(versions: &At<'_>) -> Option<Diagnostic> {
    let stored: Vec<At<'_>> = versions.items().filter(|it| is_true(it, "storage")).collect();
    // A version that does not say whether it is stored is the schema's to report.
    let all_say = versions.items().all(|it| it.has("storage"));
    match stored.as_slice() {
        [_] => None,
        [] if !all_say => None,
        [] => {
            let found = versions.find(&RULE, "no version is stored");
            Some(found.help("set `storage: true` in one of the versions"))
        }
        [first, .., last] => {
            let place = first.get("storage")?.node.origin.span;
            let found = last.find_key(&RULE, "storage", "more than one version is stored");
            Some(found.label(place, "another is here").help("keep `storage: true` in one of the versions"))
        }
    }
}

/// Why a pattern cannot be compiled; `None` if it can.
pub(crate) fn why_no_pattern(pattern: &str) -> Option<String> {
    let spelt = match go_regex::translated(pattern) {
        Ok(it) => it,
        Err(reason) => return Some(reason),
    };
    let reason = regex::Regex::new(&spelt).err()?.to_string();
    let last = reason.lines().last().unwrap_or_default();
    Some(last.strip_prefix("error: ").unwrap_or(last).to_owned())
}

fn version(version: &At<'_>, found: &mut Vec<Diagnostic>) {
    let Some(schema) = version.path(&["schema", "openAPIV3Schema"]).filter(|it| !it.node.is_null()) else {
        let name = version.text_of("name").unwrap_or("?");
        let at = version.get("name").unwrap_or_else(|| version.clone());
        let found_here = at.find(&RULE, format!("the version `{name}` has no schema"));
        let help = format!(
            "add `schema.openAPIV3Schema`; `type: object` and `{PRESERVE}: true` let anything through"
        );
        found.push(found_here.help(help));
        return;
    };
    match schema.text_of("type") {
        Some("object") => {}
        Some(_) => found
            .extend(schema.get("type").map(|it| it.find(&RULE, "an object's schema has the type `object`"))),
        None => found.push(schema.find(&RULE, "the schema has no `type`").help("add `type: object`")),
    }
    let mut check = Check { patterns: HashSet::new(), found };
    check.keywords(&schema);
    parts(&schema).for_each(|it| check.structural(&it));
    let mut defects = vec![];
    rules::compile(schema.node, &mut defects);
    found.extend(defects.iter().filter_map(|it| defect(&schema, it)));
}

/// A mistake in a rule: at its place in the expression, if the expression stands there letter by letter.
fn defect(schema: &At<'_>, defect: &Defect) -> Option<Diagnostic> {
    let at = schema.follow(&defect.pointer)?;
    let node = at.node;
    let what = if defect.pointer.ends_with("/rule") { "the rule" } else { "the expression" };
    let text = node.as_str().unwrap_or_default();
    let before = text.get(..defect.at as usize).unwrap_or_default();
    let mut place = node.origin.span;
    let quotes = (place.end - place.start) as usize - text.len().min((place.end - place.start) as usize);
    if node.as_scalar().is_some_and(|it| !it.text.contains('\n') && quotes == 2 * usize::from(it.quoted)) {
        place.start += u32::from(quotes == 2) + defect.at;
        place.end = place.start + text[before.len()..].chars().next().map_or(0, |it| it.len_utf8() as u32);
        let mut found = at.find(&RULE, format!("Kubernetes refuses {what}: {}", defect.message));
        found.labels[0].span = place;
        return Some(found);
    }
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
    let message = format!("Kubernetes refuses {what}: {} (line {line}, column {column})", defect.message);
    Some(at.find(&RULE, message))
}

/// The schemas in a schema that have to be structural, too.
fn parts<'a>(schema: &At<'a>) -> impl Iterator<Item = At<'a>> + use<'a> {
    let fields =
        schema.get("properties").into_iter().flat_map(|it| it.members().map(|it| it.1).collect::<Vec<_>>());
    let inner = ["items", "additionalProperties"].map(|it| schema.get(it)).into_iter().flatten();
    fields.chain(inner).filter(|it| it.node.as_map().is_some())
}

/// Looks through the schema of a version.
struct Check<'a, 'f> {
    /// Patterns that are fine: generated definitions repeat a few of them on every page.
    patterns: HashSet<&'a str>,
    found: &'f mut Vec<Diagnostic>,
}

impl<'a> Check<'a, '_> {
    /// What is not structural in a schema. Its depth is limited by the parser.
    fn structural(&mut self, schema: &At<'a>) {
        let is_typed = schema.has("type") || is_true(schema, INT_OR_STRING) || is_true(schema, PRESERVE);
        if !is_typed {
            let found = schema.find(&RULE, format!("`{}` has no `type`", schema.field()));
            self.found.push(found.help("add a `type`: definitions of version 1 need one everywhere"));
        }
        self.keywords(schema);
        parts(schema).for_each(|it| self.structural(&it));
    }

    /// Keywords that a definition may not have, and those that it lacks.
    fn keywords(&mut self, schema: &At<'a>) {
        for key in FORBIDDEN.iter().filter(|it| schema.has(it)) {
            let message = format!("`{key}` is not allowed in the schema of a definition");
            self.found.push(
                schema.find_key(&RULE, key, message).help("delete it, or write out what it stands for"),
            );
        }
        if let Some(pattern) = schema.get("pattern")
            && let Some(reason) = pattern.text().and_then(|it| self.why_no_pattern(it))
        {
            let message = format!("the pattern is no regular expression: {reason}");
            self.found
                .push(pattern.find(&RULE, message).help("Kubernetes has the regular expressions of Go"));
        }
        if is_true(schema, "uniqueItems") {
            let message = "`uniqueItems: true` is not allowed in the schema of a definition";
            self.found.push(
                schema.find_key(&RULE, "uniqueItems", message).help("use `x-kubernetes-list-type: set`"),
            );
        }
        if schema.has("properties")
            && schema.node.get("additionalProperties").is_some_and(|it| it.as_map().is_some())
        {
            let message = "`properties` and `additionalProperties` exclude each other";
            self.found.push(schema.find_key(&RULE, "additionalProperties", message).help("keep one of them"));
        }
        if schema.text_of("type") == Some("array") && !schema.has("items") {
            let found_here = schema.find(&RULE, format!("`{}` is an array without `items`", schema.field()));
            self.found.push(found_here.help("say under `items` what it holds"));
        }
    }

    fn why_no_pattern(&mut self, pattern: &'a str) -> Option<String> {
        if self.patterns.contains(pattern) {
            return None;
        }
        let reason = why_no_pattern(pattern);
        if reason.is_none() {
            self.patterns.insert(pattern);
        }
        reason
    }
}

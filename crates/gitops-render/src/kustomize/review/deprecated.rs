//! Fields that kustomize is going to drop, and the edits that replace them.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::kustomize::file::{self, Spanned};
use crate::kustomize::review::edit::Page;
use crate::node::{Entry, Map, Node, ScalarKind, Value};
use crate::rules::kus;
use crate::source::RepoPath;
use crate::sources::SourceFile;
use crate::yaml::{self, Dialect};

/// What stands in for each deprecated field.
const INSTEAD: &[(&str, &str)] = &[
    ("bases", "resources"),
    ("commonLabels", "labels"),
    ("imageTags", "images"),
    ("patchesJson6902", "patches"),
    ("patchesStrategicMerge", "patches"),
    ("vars", "replacements"),
];

/// Reports every deprecated field of a file.
pub(super) fn fields(dir: &RepoPath, source: &SourceFile, map: &Map) -> Vec<Diagnostic> {
    // Where a field stands twice, kustomize decides which one counts: nothing to edit by machine.
    let page = Page::new(source, map).filter(|_| source.yaml().diagnostics.is_empty());
    let mut found = vec![];
    let mut taken: Vec<&str> = vec![];
    for entry in map.entries().iter().filter(|it| !it.node.is_null()) {
        let known = INSTEAD.iter().find(|it| it.0.eq_ignore_ascii_case(&entry.key));
        if let Some((name, instead)) = known {
            // Two fields cannot both become one that is not there yet: the second one waits.
            let is_free =
                page.as_ref().is_some_and(|it| it.entry(instead).is_some()) || !taken.contains(instead);
            taken.push(instead);
            let edits = page.as_ref().filter(|_| is_free).and_then(|it| edits(it, name, instead, entry));
            let fix = checked(dir, source, page.as_ref(), edits).map(|edits| Fix {
                message: format!("replace `{}` by `{instead}`", entry.key),
                edits,
                safety: if *name == "patchesJson6902" { moved_up(map) } else { Safety::Safe },
            });
            found.push(kus::deprecated_field::deprecated(entry.key_span, &entry.key, instead, fix));
        }
        if ["configMapGenerator", "secretGenerator"].iter().any(|it| it.eq_ignore_ascii_case(&entry.key)) {
            let generators = entry.node.as_seq().unwrap_or_default().iter().filter_map(Node::as_map);
            found.extend(generators.filter_map(|it| env(dir, source, page.as_ref(), it)));
        }
    }
    found
}

/// Whether JSON patches can be applied earlier, with the other ones. What is done in between may
/// change what they select, or what they have written.
fn moved_up(map: &Map) -> Safety {
    const BETWEEN: [&str; 6] =
        ["namespace", "namePrefix", "nameSuffix", "labels", "commonLabels", "commonAnnotations"];
    let is_between = |key: &str| BETWEEN.iter().any(|it| it.eq_ignore_ascii_case(key));
    match map.entries().iter().any(|it| is_between(&it.key)) {
        true => Safety::Unsafe,
        false => Safety::Safe,
    }
}

/// The `env` of a generator.
fn env(dir: &RepoPath, source: &SourceFile, page: Option<&Page<'_>>, generator: &Map) -> Option<Diagnostic> {
    let named = |name: &str| generator.entries().iter().find(|it| it.key.eq_ignore_ascii_case(name));
    let entry = named("env").filter(|it| it.node.as_str().is_some_and(|it| !it.is_empty()))?;
    let edits = page.and_then(|page| {
        let span = entry.node.origin.span;
        let text = source.text().ok()?.get(span.start as usize..span.end as usize)?;
        let is_one_line =
            entry.node.origin.trail.is_none() && !text.contains([',', '[', ']', '{', '}', '\n']);
        match named("envs").filter(|it| !it.node.is_null()) {
            _ if !is_one_line => None,
            Some(envs) => {
                Some(vec![page.take_out(entry)?, page.put_in(envs, &format!("- {text}\n"), false)?])
            }
            None => Some(vec![
                page.edit(entry.key_span.start as usize, entry.key_span.end as usize, "envs"),
                page.insert(span.start as usize, "["),
                page.insert(span.end as usize, "]"),
            ]),
        }
    });
    let mut edits = edits.unwrap_or_default();
    edits.sort_by_key(|it| (it.span.start, it.span.end));
    let edits = checked(dir, source, page, Some(edits).filter(|it| !it.is_empty()));
    let fix =
        edits.map(|edits| Fix { message: "replace `env` by `envs`".to_owned(), edits, safety: Safety::Safe });
    Some(kus::deprecated_field::deprecated(entry.key_span, &entry.key, "envs", fix))
}

fn edits(page: &Page<'_>, name: &str, instead: &str, entry: &Entry) -> Option<Vec<Edit>> {
    match name {
        "bases" | "imageTags" => page.move_list(entry, instead, false, vec![]),
        // They are applied last, and stay the last ones among `patches`.
        "patchesJson6902" => page.move_list(entry, instead, false, vec![]),
        // They are applied first.
        "patchesStrategicMerge" => page.move_list(entry, instead, true, strategic_merge(page, &entry.node)?),
        "commonLabels" => common_labels(page, entry),
        _ => None,
    }
}

/// Makes entries of `patches` out of paths and of patches.
fn strategic_merge(page: &Page<'_>, node: &Node) -> Option<Vec<Edit>> {
    let mut edits = vec![];
    for item in page.plain_items(node)? {
        let text = Spanned { value: Arc::from(item.as_str()?), span: item.origin.span };
        let key = if file::is_inline(&text) { "patch: " } else { "path: " };
        let (start, end) = (text.span.start as usize, text.span.end as usize);
        if page.is_flow(node) {
            edits.extend([page.insert(start, format!("{{{key}")), page.insert(end, "}")]);
            continue;
        }
        edits.push(page.insert(start, key));
        if let Some((first, end)) = page.further_lines(item) {
            edits.extend(page.indent(first, end, 2));
        }
    }
    Some(edits)
}

/// Makes an entry of `labels` out of `commonLabels`.
fn common_labels(page: &Page<'_>, entry: &Entry) -> Option<Vec<Edit>> {
    const HEAD: &str = "- includeSelectors: true\n  pairs";
    let is_text = |it: &Entry| it.node.as_scalar().is_some_and(|it| it.kind == ScalarKind::Str);
    let Value::Map(map) = &entry.node.value else { return None };
    if map.is_empty() || !map.entries().iter().all(is_text) {
        return None;
    }
    let is_flow = page.is_flow(&entry.node);
    let Some(labels) = page.entry("labels").filter(|it| !it.node.is_null()) else {
        let mut edits =
            vec![page.rename(entry, format!("labels:\n{HEAD}")).filter(|_| page.entry("labels").is_none())?];
        let further = page.further_lines(&entry.node);
        if is_flow {
            edits.extend(further.into_iter().flat_map(|(first, end)| page.indent(first, end, 4)));
        } else {
            // The comments above the first label move along.
            let start = page.end_of_key_line(entry);
            let column = page.column_of(&entry.node)?;
            edits.extend(page.indent(start, page.end_of(&entry.node)?, 4usize.saturating_sub(column)));
        }
        return Some(edits);
    };
    if is_flow {
        return None;
    }
    let body = page.body(entry, page.column_of(&entry.node)?, &[])?;
    let body: String = body.split_inclusive('\n').map(|it| format!("    {it}")).collect();
    let mut edits = vec![page.take_out(entry)?, page.put_in(labels, &format!("{HEAD}:\n{body}"), false)?];
    edits.sort_by_key(|it| (it.span.start, it.span.end));
    Some(edits)
}

/// The edits, if they leave a file that kustomize reads.
fn checked(
    dir: &RepoPath,
    source: &SourceFile,
    page: Option<&Page<'_>>,
    edits: Option<Vec<Edit>>,
) -> Option<Vec<Edit>> {
    let edits = edits?;
    let text = page?.edited(&edits)?;
    let yaml = yaml::parse_bytes(source.id, text.as_bytes(), Dialect::of(source.path.file_name()));
    let is_read = !yaml.is_broken && !file::read(dir, source.start(), yaml.documents.first()).is_refused;
    is_read.then_some(edits)
}

//! Finds what is secret in a file: in its documents, or because a kustomization says what it is for.

use std::sync::Arc;

use crate::kustomize::FILE_NAMES;
use crate::kustomize::file::Text;
use crate::kustomize::load;
use crate::node::{Node, Value};
use crate::resource::Gvk;
use crate::secrets::{APPLIED, FIELDS, Hidden, is_secret, lines};
use crate::source::RepoPath;
use crate::sources::{SourceFile, Sources};
use crate::yaml::Yaml;

/// No list in a list in a list goes on for ever.
const DEEPEST: usize = 8;

/// What is secret in a file; the places come in no order.
pub(super) fn find(sources: &Sources<'_>, file: &SourceFile) -> Hidden {
    let mut out = Hidden::default();
    let text = || String::from_utf8_lossy(file.bytes());
    match purpose(sources, &file.path) {
        // Where bytes are no UTF-8, places in the text are not those in the file.
        Some(_) if file.text().is_err() => out.add(file.span(), ""),
        Some(Purpose::Env) => lines::of_env(&text(), file.start(), &mut out),
        Some(Purpose::File) => lines::of_whole(&text(), file.start(), &mut out),
        other => {
            if !is_yaml(file) {
                return out;
            }
            let finder = Finder { sources, is_patch_of_other: matches!(other, Some(Purpose::PatchOfOther)) };
            finder.documents(file.yaml(), &mut out);
            if file.yaml().is_broken && file.text().is_ok() {
                lines::of_broken(&text(), file.start(), &mut out);
            }
        }
    }
    out
}

fn is_yaml(file: &SourceFile) -> bool {
    let name = file.path.file_name();
    [".yaml", ".yml", ".json"].iter().any(|it| name.ends_with(it)) || FILE_NAMES.contains(&name)
}

/// What a kustomization reads a file for.
enum Purpose {
    /// `envs` of a generator of Secrets.
    Env,
    /// `files` of one.
    File,
    /// A JSON patch of something that is no Secret.
    PatchOfOther,
}

/// What the kustomizations in the directory of a file and above it use it for.
fn purpose(sources: &Sources<'_>, path: &RepoPath) -> Option<Purpose> {
    let directories = std::iter::successors(path.parent(), RepoPath::parent);
    for directory in directories {
        for name in FILE_NAMES.iter().filter_map(|it| directory.join(it)).filter(|it| it != path) {
            let is_there = sources.entry(&name).is_ok_and(|it| it.is_some());
            let Some(file) = is_there.then(|| sources.open(&name).ok()).flatten() else { continue };
            let is_it = |text: &str| directory.join(text).is_some_and(|it| it == *path);
            let mut all = file.yaml().documents.iter().filter_map(|it| purpose_in(it, &is_it));
            if let Some(purpose) = all.next() {
                return Some(purpose);
            }
        }
    }
    None
}

fn purpose_in(kustomization: &Node, is_it: &dyn Fn(&str) -> bool) -> Option<Purpose> {
    for generator in items(kustomization, "secretGenerator") {
        let envs = items(generator, "envs").iter().chain(generator.get("env"));
        if envs.filter_map(Node::as_str).any(is_it) {
            return Some(Purpose::Env);
        }
        let path = |it: &Node| it.as_str().is_some_and(|it| is_it(it.split_once('=').map_or(it, |it| it.1)));
        if items(generator, "files").iter().any(path) {
            return Some(Purpose::File);
        }
    }
    let patches = ["patches", "patchesJson6902"].into_iter().flat_map(|it| items(kustomization, it));
    let mut of_it = patches.filter(|it| it.get("path").and_then(Node::as_str).is_some_and(is_it)).peekable();
    let is_of_other = of_it.peek().is_some() && of_it.all(|it| !may_target_secrets(it));
    is_of_other.then_some(Purpose::PatchOfOther)
}

/// The kind that a patch is for is a pattern, and need not be said.
fn may_target_secrets(patch: &Node) -> bool {
    let kind = patch.path(&["target", "kind"]).and_then(Node::as_str);
    kind.is_none_or(|it| it == "Secret" || it.contains(|it: char| !it.is_ascii_alphanumeric()))
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}

/// Looks through documents.
struct Finder<'a> {
    sources: &'a Sources<'a>,
    /// Whether JSON patches are of something that is no Secret.
    is_patch_of_other: bool,
}

impl Finder<'_> {
    fn documents(&self, yaml: &Yaml, out: &mut Hidden) {
        yaml.documents.iter().for_each(|it| self.document(it, DEEPEST, out));
    }

    fn document(&self, node: &Node, depth: usize, out: &mut Hidden) {
        if depth == 0 {
            return;
        }
        if let Some(operations) = node.as_seq() {
            return operations.iter().for_each(|it| self.operation(it, out));
        }
        let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
        let gvk = Gvk::new(text("apiVersion"), text("kind"));
        if let Some(items) = load::list_items(node) {
            items.iter().for_each(|it| self.document(it, depth - 1, out));
        }
        if is_secret(&gvk) {
            FIELDS.iter().filter_map(|it| node.get(it)).for_each(|it| self.all(it, out));
            let applied = |key: &&str| node.path(&["metadata", "annotations", key]);
            APPLIED.iter().filter_map(applied).for_each(|it| self.all(it, out));
        }
        if &*gvk.kind == "SecretGenerator" {
            self.generator(node, out);
        }
        items(node, "secretGenerator").iter().for_each(|it| self.generator(it, out));
        for patch in ["patches", "patchesJson6902"].into_iter().flat_map(|it| items(node, it)) {
            let is_patch_of_other = !may_target_secrets(patch);
            let inner = Finder { is_patch_of_other, ..*self };
            patch.get("patch").into_iter().for_each(|it| inner.inline(it, depth, out));
        }
        for key in ["patchesStrategicMerge", "generators", "transformers", "resources"] {
            items(node, key).iter().for_each(|it| self.inline(it, depth, out));
        }
    }

    /// A document that is a text of another.
    fn inline(&self, node: &Node, depth: usize, out: &mut Hidden) {
        let Some(text) = node.as_str().filter(|it| it.contains('\n') || it.contains(['{', '['])) else {
            return;
        };
        let (value, span) = (Arc::from(text), node.origin.span);
        let yaml = load::inline(self.sources, &Text { value, span });
        yaml.documents.iter().for_each(|it| self.document(it, depth - 1, out));
        if yaml.is_broken {
            lines::of_broken(&self.sources.text_of(span), span, out);
        }
    }

    fn operation(&self, node: &Node, out: &mut Hidden) {
        let path = node.get("path").and_then(Node::as_str).unwrap_or_default();
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if (first.is_empty() || FIELDS.contains(&first)) && !self.is_patch_of_other {
            node.get("value").into_iter().for_each(|it| self.all(it, out));
        }
    }

    fn generator(&self, node: &Node, out: &mut Hidden) {
        for literal in items(node, "literals") {
            let (span, written) = (literal.origin.span, self.sources.text_of(literal.origin.span));
            // The key may be quoted, and the quotes then go around all of it.
            let from = written.find('=').map_or(0, |it| it + 1);
            out.add(crate::Span { start: span.start + from as u32, ..span }, &written[from..]);
            let value = literal.as_scalar().map(|it| it.text.split_once('=').map_or(&*it.text, |it| it.1));
            out.add(span.at_start(), value.unwrap_or_default());
        }
    }

    /// Hides every value in a node.
    fn all(&self, node: &Node, out: &mut Hidden) {
        match &node.value {
            Value::Scalar(it) if node.is_null() && it.text.is_empty() => {}
            Value::Scalar(it) => {
                out.add(node.origin.span, &it.text);
                out.values.push(self.sources.text_of(node.origin.span));
                out.values.extend(it.text.lines().map(|it| it.trim().to_owned()));
            }
            Value::Seq(all) => all.iter().for_each(|it| self.all(it, out)),
            Value::Map(map) => map.entries().iter().for_each(|it| self.all(&it.node, out)),
        }
    }
}

//! Every value of every rendered object tells where it stands in a file, and a value that nothing
//! was done to is what stands there.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gitops_render::yaml::resolve::{Number, timestamp};
use gitops_render::yaml::{Dialect, parse_bytes};
use gitops_render::{
    Map, Node, RenderOptions, Renderer, RepoPath, Scalar, ScalarKind, SourceTree, Span, Value,
};
use support::{Disk, kustomizations};

/// What is known about a value from above.
#[derive(Clone, Copy)]
struct State {
    is_annotation: bool,
    /// It is a part of a collection that has been compared with its text.
    is_part: bool,
}

/// Looks at everything that one kustomization renders.
struct Look<'r> {
    renderer: &'r Renderer<'r>,
    wrong: Vec<String>,
    values: usize,
    /// Collections that were looked at: what several roots share is looked at once. They are
    /// kept, so that no other takes their place in memory.
    seen: HashMap<usize, Node>,
}

impl Look<'_> {
    fn root(&mut self, root: &RepoPath) {
        let rendered = self.renderer.render(root).expect("there is a kustomization");
        for resource in &rendered.resources {
            let name = format!("{root}: {}", resource.id);
            self.node(&resource.node, &name, State { is_annotation: false, is_part: false });
        }
    }

    fn complain(&mut self, at: &str, span: Span, what: &str) {
        let (path, start, end) = self.renderer.sources().place(span);
        let place = format!("{path}:{}:{}-{}:{}", start.line, start.column, end.line, end.column);
        self.wrong.push(format!("{at}: {what} ({place})"));
    }

    /// Whether the span lies in its file, and on the edges of characters.
    fn exists(&mut self, at: &str, span: Span) -> bool {
        let file = self.renderer.sources().file(span.file);
        let fits = span.start <= span.end && span.end as usize <= file.bytes().len();
        let is_text = || file.text().is_ok_and(|it| it.get(span.start as usize..span.end as usize).is_some());
        // A binary file that a generator reads has no characters.
        let exists = fits && (is_text() || file.text().is_err());
        if !exists {
            self.complain(at, span, "the span is not in the file");
        }
        exists
    }

    fn node(&mut self, node: &Node, at: &str, mut state: State) {
        let address = match &node.value {
            Value::Map(map) => Arc::as_ptr(map) as usize,
            Value::Seq(items) => Arc::as_ptr(items) as usize,
            Value::Scalar(_) => 0,
        };
        if address != 0 && self.seen.insert(address, node.clone()).is_some() {
            return;
        }
        self.values += 1;
        let exists = self.exists(at, node.origin.span);
        for step in node.origin.steps() {
            self.exists(at, step.directive);
            if let Some(before) = &step.before {
                self.exists(at, before.span);
            }
        }
        if exists && node.origin.trail.is_none() {
            state.is_part = self.untouched(node, at, state);
        }
        match &node.value {
            Value::Map(map) => self.entries(map, at, state),
            Value::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(item, &format!("{at}/{index}"), State { is_annotation: false, ..state });
                }
            }
            Value::Scalar(_) => {}
        }
    }

    fn entries(&mut self, map: &Map, at: &str, state: State) {
        let is_annotation = at.ends_with("/metadata/annotations");
        for entry in map.entries() {
            let at = format!("{at}/{}", entry.key);
            self.exists(&at, entry.key_span);
            self.node(&entry.node, &at, State { is_annotation, ..state });
        }
    }

    /// A value that no step has changed: the text of the span is the value. Returns whether a
    /// collection has been compared with its text.
    fn untouched(&mut self, node: &Node, at: &str, state: State) -> bool {
        let span = node.origin.span;
        let is_scalar = node.as_scalar().is_some();
        if !is_scalar && (state.is_part || node_has_trail(node)) {
            return state.is_part;
        }
        let text = self.renderer.sources().text_of(span);
        // A block begins in the middle of a line: its further lines have the same indentation.
        let (_, start, _) = self.renderer.sources().place(span);
        let lead = if is_scalar { "- ".to_owned() } else { " ".repeat(start.column as usize - 1) };
        let written = parse_bytes(span.file, format!("{lead}{text}").as_bytes(), Dialect::Resource).documents;
        let written = match written.first() {
            Some(list) if is_scalar => list.as_seq().and_then(<[Node]>::first),
            other => other,
        };
        let is_same = match (&node.value, written) {
            (Value::Scalar(scalar), found) => match found.and_then(Node::as_scalar) {
                Some(found) => is_same_scalar(scalar, found, &text, state.is_annotation),
                None => text.is_empty() && (scalar.text.is_empty() || scalar.kind == ScalarKind::Null),
            },
            (_, Some(found)) => is_same(node, found),
            (_, None) => false,
        };
        if !is_same {
            let value = format!("{:?}", node.describe());
            self.complain(at, span, &format!("it is {value}, and {:?} is written", excerpt(&text)));
        }
        true
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(120).collect()
}

fn node_has_trail(node: &Node) -> bool {
    node.origin.trail.is_some()
        || match &node.value {
            Value::Scalar(_) => false,
            Value::Seq(items) => items.iter().any(node_has_trail),
            Value::Map(map) => map.entries().iter().any(|it| node_has_trail(&it.node)),
        }
}

/// Whether two collections have the same members. What their scalars are is asked of each.
fn is_same(node: &Node, written: &Node) -> bool {
    match (&node.value, &written.value) {
        (Value::Scalar(_), Value::Scalar(_)) => true,
        (Value::Seq(a), Value::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let has = |it: &gitops_render::Entry| b.get(&it.key).is_some_and(|b| is_same(&it.node, b));
            a.entries().iter().all(has)
        }
        _ => false,
    }
}

/// kustomize makes strings of the values of annotations, and reads and writes folded text in a way
/// that changes its white space.
fn is_same_scalar(scalar: &Scalar, written: &Scalar, text: &str, is_annotation: bool) -> bool {
    let is_block = text.starts_with(['|', '>']);
    let without_space = |it: &str| it.split_whitespace().collect::<String>();
    if is_annotation {
        return scalar.text == written.text
            || is_block && without_space(&scalar.text) == without_space(&written.text);
    }
    match scalar.kind {
        ScalarKind::Null => written.kind == ScalarKind::Null,
        ScalarKind::Bool => scalar.bool() == written.bool(),
        // JSON patches spell numbers and dates as JSON has them.
        ScalarKind::Int | ScalarKind::Float => number(scalar) == number(written),
        ScalarKind::Str | ScalarKind::Timestamp if is_block => {
            without_space(&scalar.text) == without_space(&written.text)
        }
        ScalarKind::Str | ScalarKind::Timestamp if written.kind == ScalarKind::Timestamp => {
            scalar.text == written.text || timestamp(&written.text).is_some_and(|it| *it == *scalar.text)
        }
        ScalarKind::Str | ScalarKind::Timestamp => scalar.text == written.text,
    }
}

fn number(scalar: &Scalar) -> Option<f64> {
    match scalar.number()? {
        Number::Int(it) => Some(it as f64),
        Number::Uint(it) => Some(it as f64),
        Number::Float(it) => Some(it),
    }
}

/// Looks at all kustomizations below the directories; gives back how many values there are.
fn look_at(directories: &[PathBuf]) -> usize {
    let (mut values, mut wrong) = (0, vec![]);
    for directory in directories {
        let (looked, found) = look_into(directory);
        values += looked;
        wrong.extend(found.into_iter().map(|it| format!("{}: {it}", directory.display())));
    }
    let first = wrong[..wrong.len().min(60)].join("\n");
    assert!(wrong.is_empty(), "{} of {values} values:\n{first}", wrong.len());
    values
}

fn look_into(directory: &Path) -> (usize, Vec<String>) {
    let tree = Disk::new(directory);
    let renderer = Renderer::new(&tree as &dyn SourceTree, RenderOptions::default());
    let mut look = Look { renderer: &renderer, wrong: vec![], values: 0, seen: HashMap::new() };
    for root in kustomizations(directory) {
        look.root(&root);
    }
    (look.values, look.wrong)
}

fn testdata(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder);
    support::folders(&root)
}

#[test]
fn every_value_of_the_cases_is_where_it_says() {
    let values = look_at(&testdata("render"));
    assert!(values > 5_000, "only {values} values");
}

#[test]
fn every_value_of_the_repositories_is_where_it_says() {
    let values = look_at(&testdata("repos"));
    assert!(values > 1_000, "only {values} values");
}

#[test]
#[ignore = "needs GITOPS_LINT_CORPUS, a directory of repositories"]
fn every_value_of_a_corpus_is_where_it_says() {
    let Some(corpus) = std::env::var_os("GITOPS_LINT_CORPUS") else { return };
    println!("{} values", look_at(&support::folders(Path::new(&corpus))));
}

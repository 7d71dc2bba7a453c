//! Graphs for programs. `version` changes when a field changes its meaning.

use std::io;

use gitops_render::graph::Link;
use gitops_render::report::{Location, Places};
use serde::Serialize;

use super::Shown;
use crate::output::write_json;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    /// The names of the roots.
    roots: Vec<String>,
    items: Vec<Thing<'a>>,
    links: Vec<Edge<'a>>,
}

/// A kustomization, a file, or what else there is.
#[derive(Serialize)]
struct Thing<'a> {
    /// Its path, or what is written where it is named.
    name: String,
    kind: &'a str,
    /// The kustomization file; null for what has none.
    file: Option<String>,
}

/// An entry that makes one thing a part of another.
#[derive(Serialize)]
struct Edge<'a> {
    from: String,
    to: String,
    reference: &'a str,
    /// The entry.
    location: Location,
}

#[derive(Serialize)]
struct Answers<'a> {
    version: u32,
    why: Vec<Why<'a>>,
}

/// A file that was asked about.
#[derive(Serialize)]
struct Why<'a> {
    path: String,
    /// The ways from roots to the file; empty if it reaches none.
    reaches: Vec<Way<'a>>,
}

#[derive(Serialize)]
struct Way<'a> {
    root: String,
    /// The entries on the way; empty if the file is the root itself.
    chain: Vec<Edge<'a>>,
}

/// Writes the whole graph.
pub(super) fn graph(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    let name = |id| shown.name(shown.graph.item(id));
    let thing = |item: &gitops_render::graph::Item| Thing {
        name: shown.name(item),
        kind: item.kind.keyword(),
        file: item.file.as_ref().map(|it| shown.path(it)),
    };
    let document = Document {
        version: VERSION,
        roots: shown.graph.roots().iter().map(|it| name(*it)).collect(),
        items: shown.graph.items().map(|it| thing(it.1)).collect(),
        links: shown.graph.links().iter().map(|it| edge(shown, it)).collect(),
    };
    write_json(out, &document)
}

/// Writes how files reach their roots.
pub(super) fn why(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    let answers = shown.answers.iter().map(|it| Why {
        path: shown.path(&it.path),
        reaches: it
            .reaches
            .iter()
            .map(|it| Way {
                root: shown.name(shown.graph.item(it.root)),
                chain: it.way.iter().map(|it| edge(shown, it)).collect(),
            })
            .collect(),
    });
    write_json(out, &Answers { version: VERSION, why: answers.collect() })
}

fn edge<'a>(shown: &Shown<'_>, link: &Link) -> Edge<'a> {
    let location = Places::new(shown.sources).named(&|path| shown.path(path)).location(link.span);
    let name = |id| shown.name(shown.graph.item(id));
    Edge { from: name(link.from), to: name(link.to), reference: link.reference.keyword(), location }
}

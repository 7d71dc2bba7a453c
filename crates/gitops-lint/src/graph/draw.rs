//! Graphs for Graphviz and Mermaid.
//!
//! What a thing is called there depends on its path and nothing else, so that two drawings can be
//! compared.

use std::io;

use gitops_render::graph::{Item, ItemId, ItemKind};

use super::Shown;

/// Writes a graph in the language of Graphviz.
pub(super) fn dot(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    writeln!(out, "digraph gitops {{\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];")?;
    for (id, item) in shown.items() {
        let mut style = match item.kind {
            ItemKind::Kustomization => "shape=folder".to_owned(),
            ItemKind::Component => "shape=component".to_owned(),
            ItemKind::File | ItemKind::Manifest => "shape=note".to_owned(),
            ItemKind::Missing | ItemKind::Unusable => "style=dashed, color=red".to_owned(),
            ItemKind::Remote => "style=dashed".to_owned(),
        };
        if is_root(shown, id) {
            style.push_str(", penwidth=2");
        }
        writeln!(out, "  {} [{style}];", quoted(&shown.name(item)))?;
    }
    for link in shown.links() {
        let [from, to] = [link.from, link.to].map(|it| quoted(&shown.name(shown.graph.item(it))));
        writeln!(out, "  {from} -> {to} [label={}];", quoted(link.reference.keyword()))?;
    }
    writeln!(out, "}}")
}

/// Writes a flowchart in the language of Mermaid.
pub(super) fn mermaid(out: &mut impl io::Write, shown: &Shown<'_>) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    for (id, item) in shown.items() {
        let label = label(&shown.name(item));
        let (open, close) = match item.kind {
            ItemKind::Kustomization if is_root(shown, id) => ("[[", "]]"),
            ItemKind::Component => ("{{", "}}"),
            ItemKind::Remote => ("([", "])"),
            ItemKind::Missing | ItemKind::Unusable => (">", "]"),
            ItemKind::Kustomization | ItemKind::File | ItemKind::Manifest => ("[", "]"),
        };
        writeln!(out, "  {}{open}\"{label}\"{close}", identifier(shown, item))?;
    }
    for link in shown.links() {
        let [from, to] = [link.from, link.to].map(|it| identifier(shown, shown.graph.item(it)));
        writeln!(out, "  {from} -->|{}| {to}", link.reference.keyword())?;
    }
    Ok(())
}

fn is_root(shown: &Shown<'_>, id: ItemId) -> bool {
    shown.graph.roots().contains(&id)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The text as Mermaid takes it between quotes.
fn label(text: &str) -> String {
    let escape = |it: char| match it {
        '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => format!("#{};", it as u32),
        it => it.to_string(),
    };
    text.chars().map(escape).collect()
}

/// Letters, digits and underscores, so that a word of Mermaid's own cannot come out.
fn identifier(shown: &Shown<'_>, item: &Item) -> String {
    let name = shown.name(item);
    let plain: String = name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect();
    format!("n{:08x}_{plain}", hash(name.as_bytes()))
}

/// FNV-1a: two names may be the same once everything but letters is gone.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

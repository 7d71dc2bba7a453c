//! Our reader and our emitter against real kustomize, byte by byte.
//!
//! Needs `kustomize` or `kubectl`: `KUSTOMIZE` names one, or a `kubectl` on the `PATH` is
//! taken; without either the tests say so and pass. `KUSTOMIZE_CASES` sets how many objects each
//! of them tries. What kustomize printed for the corpus is stored, so that runs everywhere.

#[path = "differential/corpus.rs"]
mod corpus;
#[path = "differential/generate.rs"]
mod generate;
#[path = "differential/oracle.rs"]
mod oracle;

use corpus::CORPUS;
use gitops_render::source::FileId;
use gitops_render::yaml::{self, Dialect};
use oracle::Oracle;

/// How many objects go into one run of the oracle, which takes 50 ms however few they are.
const BATCH: usize = 100;

/// An object that holds `spec`, which begins on a line of its own.
fn object(index: usize, spec: &str) -> String {
    format!("apiVersion: example.com/v1\nkind: Foo\nmetadata: {{name: x{index:05}}}\nspec:\n{spec}\n")
}

/// What we print for a document; `None` if we refuse it.
fn ours(source: &str) -> Option<String> {
    let parsed = yaml::parse_bytes(FileId::default(), source.as_bytes(), Dialect::Resource);
    if parsed.is_broken {
        return None;
    }
    let mut out = String::new();
    yaml::emit_document(parsed.documents.first()?, &mut out).ok()?;
    Some(out)
}

/// Compares all of `specs`; returns what differs, as text to read.
fn compare(oracle: &Oracle, specs: &[String]) -> Vec<String> {
    let mut differences = vec![];
    let objects = specs.iter().enumerate().map(|(index, spec)| {
        let source = object(index, spec);
        (ours(&source), source)
    });
    // What is refused spoils a whole batch, so it is tried alone.
    let (printed, refused): (Vec<_>, Vec<_>) = objects.partition(|(ours, _)| ours.is_some());
    for batch in printed.chunks(BATCH).chain(refused.chunks(1)) {
        let sources: Vec<&str> = batch.iter().map(|(_, source)| source.as_str()).collect();
        for ((ours, source), theirs) in batch.iter().zip(oracle.print(&sources)) {
            if *ours != theirs.clone().ok() {
                let ours = ours.as_deref().unwrap_or("(refused)\n");
                let theirs = theirs.unwrap_or_else(|reason| format!("(refused) {reason}\n"));
                differences.push(format!("--- source\n{source}--- ours\n{ours}--- kustomize\n{theirs}"));
            }
        }
    }
    eprintln!("{} objects printed, {} refused", printed.len(), refused.len());
    differences
}

fn check(spec: impl proptest::strategy::Strategy<Value = String>) {
    let Some(oracle) = Oracle::find() else { return };
    let cases = std::env::var("KUSTOMIZE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(300);
    let differences = compare(&oracle, &generate::some(spec, cases));
    let shown = differences.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of {cases} differ:\n{shown}", differences.len());
}

#[test]
fn the_corpus_is_printed_as_kustomize_printed_it() {
    for (spec, expected) in CORPUS {
        let head = "apiVersion: example.com/v1\nkind: Foo\nmetadata:\n  name: x00000\nspec:\n";
        assert_eq!(ours(&object(0, spec)), expected.map(|it| head.to_owned() + it), "{spec}");
    }
}

#[test]
#[ignore = "needs kubectl, or another kustomize named by KUSTOMIZE"]
fn the_corpus_is_what_kustomize_prints() {
    let Some(oracle) = Oracle::find() else { return };
    let specs: Vec<String> = CORPUS.iter().map(|(spec, _)| (*spec).to_owned()).collect();
    let differences = compare(&oracle, &specs);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
#[ignore = "needs kubectl, or another kustomize named by KUSTOMIZE"]
fn strings_are_printed_as_kustomize_prints_them() {
    check(generate::list_of(generate::double_quoted()));
}

#[test]
#[ignore = "needs kubectl, or another kustomize named by KUSTOMIZE"]
fn plain_scalars_are_read_as_kustomize_reads_them() {
    check(generate::list_of(generate::plain()));
}

#[test]
#[ignore = "needs kubectl, or another kustomize named by KUSTOMIZE"]
fn block_scalars_are_read_as_kustomize_reads_them() {
    check(generate::map_of(generate::block()));
}

#[test]
#[ignore = "needs kubectl, or another kustomize named by KUSTOMIZE"]
fn trees_are_printed_as_kustomize_prints_them() {
    check(generate::tree());
}

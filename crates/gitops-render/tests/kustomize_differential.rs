//! Our reader and our emitter against real kustomize, byte by byte.
//!
//! Needs `kustomize` or `kubectl`: `KUSTOMIZE_ORACLE` names one, or a `kubectl` on the `PATH` is
//! taken; without either the tests say so and pass. `KUSTOMIZE_CASES` sets how many objects each
//! of them tries.

#[path = "differential/generate.rs"]
mod generate;
#[path = "differential/oracle.rs"]
mod oracle;

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
    for batch in specs.chunks(BATCH) {
        let sources: Vec<String> = batch.iter().enumerate().map(|(index, it)| object(index, it)).collect();
        for (source, theirs) in sources.iter().zip(oracle.print(&sources)) {
            let ours = ours(source);
            if ours != theirs.clone().ok() {
                let ours = ours.unwrap_or_else(|| "(refused)\n".to_owned());
                let theirs = theirs.unwrap_or_else(|reason| format!("(refused) {reason}\n"));
                differences.push(format!("--- source\n{source}--- ours\n{ours}--- kustomize\n{theirs}"));
            }
        }
    }
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
fn strings_are_printed_as_kustomize_prints_them() {
    check(generate::list_of(generate::double_quoted()));
}

#[test]
fn plain_scalars_are_read_as_kustomize_reads_them() {
    check(generate::list_of(generate::plain()));
}

#[test]
fn block_scalars_are_read_as_kustomize_reads_them() {
    check(generate::map_of(generate::block()));
}

#[test]
fn trees_are_printed_as_kustomize_prints_them() {
    check(generate::tree());
}

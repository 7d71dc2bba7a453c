//! Lints a commit of a git repository without checking it out: renders every kustomization, checks what
//! comes out of it and all plain manifests against schemas, rules and Rego, and prints one JSON document
//! a finding.
//!
//! `cargo run -p gitops-render --example lint_a_git_tree -- REPOSITORY [COMMIT]`

use std::error::Error;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Duration;

use gitops_render::entries::kustomizations;
use gitops_render::report::Places;
use gitops_render::{
    Cancel, Diagnostic, Entries, MemoryTree, PolicyOptions, PolicySet, RenderOptions, Rendered, Renderer,
    RepoPath, Resource, SchemaStore, check_object,
};

fn git(repository: &str, arguments: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
    let output = Command::new("git").arg("-C").arg(repository).args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(output.stdout)
}

/// The files of a commit. What is neither YAML nor Rego may be the input of a generator.
fn tree(repository: &str, commit: &str) -> Result<MemoryTree, Box<dyn Error>> {
    let mut tree = MemoryTree::new();
    let paths = git(repository, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit])?;
    for path in String::from_utf8(paths)?.split_terminator('\0') {
        tree.insert(path, git(repository, &["show", &format!("{commit}:{path}")])?);
    }
    Ok(tree)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let repository = arguments.first().ok_or("which repository?")?;
    let tree = tree(repository, arguments.get(1).map_or("HEAD", String::as_str))?;
    let has_end = |it: &&RepoPath, ends: &[&str]| ends.iter().any(|end| it.file_name().ends_with(end));
    let files: Vec<RepoPath> = tree.paths().filter(|it| has_end(it, &[".yaml", ".yml"])).cloned().collect();
    let cancel = Cancel::after(Duration::from_secs(60));
    let renderer = Renderer::new(&tree, RenderOptions::default()).cancelled_by(cancel.clone());
    let sources = renderer.sources();

    // What the kustomizations render, and what stands in plain manifests.
    let plan = renderer.plan(&kustomizations(&files));
    let entries = Entries::find(sources, &files, &plan.used_files());
    let mut rendered = renderer.render_all(&plan)?;
    rendered.extend(entries.manifests.iter().map(|it| renderer.manifest(it)));
    let resources = || rendered.iter().flat_map(|it| &it.resources);

    // What it is checked against.
    let mut schemas = SchemaStore::embedded();
    schemas.add_definitions(resources());
    let rego = tree.paths().filter(|it| has_end(it, &[".rego"]));
    let rego = rego.map(|it| sources.open(it)).collect::<Result<Vec<Arc<_>>, _>>()?;
    let options = PolicyOptions { cancel: cancel.clone(), only_needed: true, ..PolicyOptions::default() };
    let (policies, broken) = PolicySet::compile(&options, &rego);

    // What one defect leads to in several overlays is one finding.
    let mut found: Vec<Diagnostic> = plan.diagnostics().cloned().collect();
    found.extend(entries.diagnostics.into_iter().chain(broken));
    found.extend(Rendered::findings(&rendered).into_iter().map(|(it, _)| it));
    let check = |it: &Resource| [schemas.check(it), check_object(it), policies.check(it)].concat();
    found.extend(resources().take_while(|_| !cancel.is_cancelled()).flat_map(check));
    found.extend(policies.failures());
    cancel.check()?;
    found.retain(|it| it.rule.is_default);
    found.sort_by_cached_key(|it| (sources.place(it.span()), it.rule.code, it.message.clone()));
    found.dedup_by(|a, b| (a.span(), a.rule.code, &a.message) == (b.span(), b.rule.code, &b.message));

    let places = Places::new(sources);
    for it in &found {
        println!("{}", serde_json::to_string(&places.finding(it, &[], &[]))?);
    }
    Ok(ExitCode::from(u8::from(!found.is_empty())))
}

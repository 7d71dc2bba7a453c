//! Renders a kustomization that exists in memory only, and tells where a value came from.
//!
//! `cargo run -p gitops-render --example render_in_memory --no-default-features`

use std::error::Error;

use gitops_render::{MemoryTree, RenderOptions, Renderer, RepoPath};

fn main() -> Result<(), Box<dyn Error>> {
    let mut tree = MemoryTree::new();
    tree.insert("base/kustomization.yaml", "resources: [web.yaml]\n");
    tree.insert(
        "base/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n",
    );
    tree.insert(
        "prod/kustomization.yaml",
        "resources: [../base]\nnamespace: shop\nreplicas:\n- name: web\n  count: 5\n",
    );

    let renderer = Renderer::new(&tree, RenderOptions::default());
    let root = RepoPath::root().join("prod").ok_or("the path stays in the tree")?;
    let rendered = renderer.render(&root).ok_or("there is no kustomization")?;
    if rendered.is_refused {
        for found in &rendered.diagnostics {
            eprintln!("{}: {}", found.rule.code, found.message);
        }
        return Err("kustomize would refuse it".into());
    }
    // The bytes that `kustomize build` prints.
    print!("{}", rendered.to_yaml()?);

    let replicas = rendered.resources[0].node.at("/spec/replicas").ok_or("it has replicas")?;
    let (path, start, _) = renderer.sources().place(replicas.origin.span);
    println!("# replicas: {path}:{}:{}", start.line, start.column);
    for trail in replicas.origin.steps() {
        let (path, start, _) = renderer.sources().place(trail.directive);
        println!("#   {} at {path}:{}", trail.step.keyword(), start.line);
    }
    Ok(())
}

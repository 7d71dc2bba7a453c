//! A rule of one's own: every image comes from the company's registry. What it finds points to the text to
//! edit, whether that stands in the base, in a patch or under `images`.
//!
//! `cargo run -p gitops-render --example own_rule --no-default-features`

use gitops_render::report::Places;
use gitops_render::{
    Diagnostic, MemoryTree, Node, RenderOptions, Renderer, RepoPath, Resource, Rule, Scope, Severity,
};

static REGISTRY: Rule = Rule::new("acme/registry", "foreign-registry", Severity::Error, Scope::Object)
    .with_docs("## What it finds\nAn image that does not come from `registry.acme.example`.\n");

/// Looks at the containers of whatever has a pod template.
fn check(resource: &Resource) -> Vec<Diagnostic> {
    let containers = resource.node.path(&["spec", "template", "spec", "containers"]).and_then(Node::as_seq);
    let images = containers.into_iter().flatten().enumerate().filter_map(|(index, it)| {
        let image = it.get("image")?;
        Some((format!("/spec/template/spec/containers/{index}/image"), image, image.as_str()?))
    });
    let foreign = images.filter(|(_, _, text)| !text.starts_with("registry.acme.example/"));
    let found = |(pointer, image, text): (String, &Node, &str)| {
        let found = REGISTRY.on(image, format!("`{text}` does not come from `registry.acme.example`"));
        found.help("mirror the image first").object(&resource.object_name(), pointer)
    };
    foreign.map(found).collect()
}

fn tree() -> MemoryTree {
    let mut tree = MemoryTree::new();
    tree.insert(
        "base/web.yaml",
        "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: registry.acme.example/web:1
      - name: proxy
        image: envoy:1
",
    );
    tree.insert("base/kustomization.yaml", "resources: [web.yaml]\n");
    tree.insert(
        "prod/kustomization.yaml",
        "resources: [../base]
images:
- name: registry.acme.example/web
  newName: elsewhere.example/web
",
    );
    tree
}

fn main() {
    let tree = tree();
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let root = RepoPath::root().join("prod").expect("the path stays in the tree");
    let rendered = renderer.render(&root).expect("there is a kustomization");
    let places = Places::new(renderer.sources());
    for found in rendered.resources.iter().flat_map(check) {
        let finding = places.finding(&found, std::slice::from_ref(&root), &[]);
        let at = &finding.location;
        println!("{}:{}:{} {}: {}", at.path, at.start.line, at.start.column, finding.code, finding.message);
        for it in &finding.related {
            println!("  {}:{} {}", it.location.path, it.location.start.line, it.message);
        }
    }
}

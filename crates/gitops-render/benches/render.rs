//! What it costs to render: how time grows with the objects of a directory, and what a base shared
//! by many overlays costs.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::ItemsCount;
use gitops_render::{Layers, MemoryTree, RenderOptions, Renderer, RepoPath};

fn main() {
    divan::main();
}

/// Deployments, Services, ConfigMaps and ServiceAccounts that refer to each other.
fn objects(count: usize) -> String {
    let mut out = String::new();
    for index in 0..count / 4 {
        write!(
            out,
            "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{index}
  labels: {{app: web-{index}}}
spec:
  replicas: 1
  selector:
    matchLabels: {{app: web-{index}}}
  template:
    metadata:
      labels: {{app: web-{index}}}
    spec:
      serviceAccountName: web-{index}
      containers:
      - name: web
        image: registry.example.com/web:1.0.{index}
        envFrom:
        - configMapRef: {{name: web-{index}}}
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata: {{name: web-{index}}}
spec:
  selector: {{app: web-{index}}}
  ports:
  - port: 80
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: web-{index}}}
data: {{level: info}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: web-{index}}}
---
"
        )
        .expect("a string takes everything");
    }
    out
}

/// A kustomization that changes every object, and some of them with patches of either kind.
fn kustomization(resources: &str, objects: usize, patches: usize) -> String {
    let mut out = format!(
        "resources: [{resources}]
namePrefix: pre-
namespace: prod
labels:
- pairs: {{team: shop}}
  includeSelectors: true
images:
- name: registry.example.com/web
  newTag: \"2.0\"
patches:
"
    );
    for index in 0..patches {
        let name = format!("web-{}", index * (objects / 4) / patches);
        let patch = match index % 2 {
            0 => format!(
                "- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: {name}}}
    spec: {{replicas: 3}}
"
            ),
            _ => format!(
                "- target: {{kind: Deployment, name: {name}}}
  patch: |-
    - {{op: replace, path: /spec/replicas, value: 3}}
"
            ),
        };
        out.push_str(&patch);
    }
    out
}

fn render_all(tree: &MemoryTree, roots: &[RepoPath]) -> usize {
    let renderer = Renderer::new(tree, RenderOptions::default());
    let plan = renderer.plan(roots);
    let layers = Layers::for_plan(&plan);
    for id in plan.waves().into_iter().flatten() {
        layers.put(id, renderer.build(&plan, id, &layers));
    }
    let ids = roots.iter().filter_map(|it| plan.layer(it));
    ids.map(|it| renderer.finish(&plan, it, &layers).to_yaml().map_or(0, |it| it.len())).sum()
}

/// From bytes to bytes, with a patch for every twentieth object: time has to grow with the number
/// of objects, and no faster.
#[divan::bench(args = [1_000, 4_000, 16_000])]
fn one_directory(bencher: Bencher<'_, '_>, count: usize) {
    let mut tree = MemoryTree::new();
    tree.insert("all.yaml", objects(count));
    tree.insert("kustomization.yaml", kustomization("all.yaml", count, count / 20));
    bencher.counter(ItemsCount::new(count)).bench(|| render_all(&tree, &[RepoPath::root()]));
}

/// A base of 400 objects under so many overlays.
#[divan::bench(args = [1, 20])]
fn base_and_overlays(bencher: Bencher<'_, '_>, overlays: usize) {
    const OBJECTS: usize = 400;
    let mut tree = MemoryTree::new();
    tree.insert("base/all.yaml", objects(OBJECTS));
    tree.insert("base/kustomization.yaml", "resources: [all.yaml]\n");
    let mut roots = vec![];
    for index in 0..overlays {
        tree.insert(&format!("overlays/{index}/kustomization.yaml"), kustomization("../../base", OBJECTS, 5));
        roots.extend(RepoPath::root().join(&format!("overlays/{index}")));
    }
    bencher.counter(ItemsCount::new(OBJECTS * overlays)).bench(|| render_all(&tree, &roots));
}

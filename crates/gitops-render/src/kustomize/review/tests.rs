//! Fixes keep what is rendered, what is written around them, and are made once.

use crate::diagnostic::{Edit, Safety};
use crate::render::{RenderOptions, Renderer};
use crate::source::{MemoryTree, RepoPath};

const FILES: &[(&str, &str)] = &[
    ("a/kustomization.yaml", "resources: [../x/web.yaml]\nnamePrefix: a-\n"),
    ("b/kustomization.yaml", "resources: [../x/web.yaml]\nnamePrefix: b-\n"),
    ("x/kustomization.yaml", "resources: [web.yaml]\n"),
    (
        "web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {a: b}}\n  \
         template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - {name: web, image: \"web:1\"}\n",
    ),
    ("one.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1}\n"),
    ("two.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"),
    ("ops.yaml", "- {op: replace, path: /spec/replicas, value: 3}\n"),
    ("a.env", "A=1\n"),
    ("b.env", "B=2\n"),
];

fn tree(kustomization: &str) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (path, text) in FILES {
        tree.insert(path, text.replace("../x/web.yaml", "web.yaml"));
        if path.ends_with("kustomization.yaml") {
            tree.insert(&path.replace("kustomization", "web"), FILES[3].1);
        }
    }
    tree.insert("kustomization.yaml", kustomization);
    tree
}

fn rendered(kustomization: &str) -> String {
    let tree = tree(kustomization);
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = renderer.render(&RepoPath::root()).unwrap();
    let said: Vec<_> = rendered.diagnostics.iter().map(|it| &it.message).collect();
    assert!(!rendered.is_refused, "{kustomization}\n{said:?}");
    rendered.to_yaml().unwrap()
}

/// The file after all fixes, and whether each of them is safe.
fn fixed(kustomization: &str) -> (String, Vec<Safety>) {
    let tree = tree(kustomization);
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let plan = renderer.plan(&[RepoPath::root()]);
    let fixes: Vec<_> = plan.diagnostics().filter_map(|it| it.fix.as_deref().cloned()).collect();
    let mut edits: Vec<Edit> = fixes.iter().flat_map(|it| it.edits.clone()).collect();
    edits.sort_by_key(|it| (it.span.start, it.span.end));
    assert!(edits.windows(2).all(|it| it[0].span.end <= it[1].span.start), "edits overlap: {kustomization}");
    let mut text = kustomization.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    (text, fixes.iter().map(|it| it.safety).collect())
}

#[track_caller]
fn check(before: &str, after: &str) {
    let (text, _) = fixed(before);
    assert_eq!(text, after);
    assert_eq!(rendered(before), rendered(after), "{before}");
    assert_eq!(fixed(after).0, after, "the second time changes nothing");
}

#[test]
fn bases_become_resources() {
    check(
        "# the base\nbases: # two\n  - a # first\n  # second\n  - b\n",
        "# the base\nresources: # two\n  - a # first\n  # second\n  - b\n",
    );
    check(
        "resources:\n  - web.yaml # own\n\nbases:\n- a # first\n# second\n- b\nnamePrefix: x-\n",
        "resources:\n  - web.yaml # own\n  - a # first\n  # second\n  - b\n\nnamePrefix: x-\n",
    );
    check("resources:\n- web.yaml\n\nbases:\n- a\n", "resources:\n- web.yaml\n- a\n");
    check("bases:\n- a\nresources:\n- web.yaml", "resources:\n- web.yaml\n- a\n");
    check("bases: [a, 'b']\nresources: [web.yaml]\n", "resources: [web.yaml, a, 'b']\n");
    check("bases:\n- a\nresources: []\n", "resources: [a]\n");
    check("bases: [a]\nresources:\n- web.yaml\n", "resources:\n- web.yaml\n- a\n");
}

#[test]
fn common_labels_become_labels_with_selectors() {
    check(
        "resources: [web.yaml]\ncommonLabels:\n  # who\n  team: a # us\n  tier: \"1\"\nnamePrefix: x-\n",
        "resources: [web.yaml]\nlabels:\n- includeSelectors: true\n  pairs:\n    # who\n    team: a # us\n    tier: \"1\"\nnamePrefix: x-\n",
    );
    check(
        "resources: [web.yaml]\ncommonLabels: {team: a}\n",
        "resources: [web.yaml]\nlabels:\n- includeSelectors: true\n  pairs: {team: a}\n",
    );
    check(
        "labels:\n- pairs:\n    x: z\ncommonLabels:\n  team: a\nresources: [web.yaml]\n",
        "labels:\n- pairs:\n    x: z\n- includeSelectors: true\n  pairs:\n    team: a\nresources: [web.yaml]\n",
    );
}

#[test]
fn strategic_merge_patches_become_patches_that_come_first() {
    check(
        "resources: [web.yaml]\npatchesStrategicMerge:\n- one.yaml # why\n- |-\n  apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n\n  spec: {paused: true}\n",
        "resources: [web.yaml]\npatches:\n- path: one.yaml # why\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n\n    spec: {paused: true}\n",
    );
    check(
        "resources: [web.yaml]\npatches:\n  - path: two.yaml\npatchesStrategicMerge:\n- one.yaml\n",
        "resources: [web.yaml]\npatches:\n  - path: one.yaml\n  - path: two.yaml\n",
    );
    check(
        "resources: [web.yaml]\npatchesStrategicMerge: [one.yaml, two.yaml]\n",
        "resources: [web.yaml]\npatches: [{path: one.yaml}, {path: two.yaml}]\n",
    );
}

#[test]
fn json_patches_become_patches_that_come_last() {
    let target = "  target: {group: apps, version: v1, kind: Deployment, name: web}\n";
    let before = format!(
        "resources: [web.yaml]\npatchesJson6902:\n- path: ops.yaml\n{target}patches:\n- path: one.yaml\n"
    );
    let after = format!("resources: [web.yaml]\npatches:\n- path: one.yaml\n- path: ops.yaml\n{target}");
    check(&before, &after);
    assert_eq!(fixed(&before).1, [Safety::Safe]);
    // The prefix is added before JSON patches, and after the others.
    assert_eq!(fixed(&format!("{before}namePrefix: x-\n")).1, [Safety::Unsafe]);
}

#[test]
fn an_env_becomes_a_list() {
    check(
        "configMapGenerator:\n- name: a\n  env: a.env # why\n- name: b\n  envs:\n  - b.env\n  env: a.env\n",
        "configMapGenerator:\n- name: a\n  envs: [a.env] # why\n- name: b\n  envs:\n  - b.env\n  - a.env\n",
    );
}

#[test]
fn image_tags_become_images() {
    check(
        "resources: [web.yaml]\nimageTags:\n- name: web\n  newTag: \"2\"\nimages:\n- name: web\n  newTag: \"3\"\n",
        "resources: [web.yaml]\nimages:\n- name: web\n  newTag: \"3\"\n- name: web\n  newTag: \"2\"\n",
    );
}

#[test]
fn of_two_fields_that_become_one_the_second_waits() {
    let target = "  target: {group: apps, version: v1, kind: Deployment, name: web}\n";
    let before = format!(
        "resources: [web.yaml]\npatchesJson6902:\n- path: ops.yaml\n{target}patchesStrategicMerge:\n- one.yaml\n"
    );
    let once = fixed(&before).0;
    let after = format!("resources: [web.yaml]\npatches:\n- path: one.yaml\n- path: ops.yaml\n{target}");
    assert_eq!(fixed(&once).0, after);
    assert_eq!(rendered(&before), rendered(&after));
}

#[test]
fn what_is_written_in_an_unusual_way_is_left_to_a_person() {
    for text in [
        "{resources: [web.yaml], bases: [a]}\n",
        "resources: [web.yaml]\nbases: &b\n- &x a\n",
        "resources: &r [web.yaml]\npatchesStrategicMerge: [one.yaml,]\npatches:\n-\n  path: two.yaml\n",
        "resources:\r\n- web.yaml\r\nbases:\r\n- a\r\n",
        "resources: [web.yaml]\nvars: []\n",
        "resources: [web.yaml]\nbases: [a]\nresources: [b]\n",
    ] {
        let (after, _) = fixed(text);
        assert_eq!(rendered(text), rendered(&after), "{text}");
    }
}

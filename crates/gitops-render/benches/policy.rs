//! Twenty rules asked about a thousand objects, in the ways in which the engine can be asked; and six
//! that teams have, the packs and seven templates of Gatekeeper, asked about five thousand objects of
//! three kinds.
//!
//!     cargo bench -p gitops-render --bench policy

use std::sync::Arc;

use divan::{Bencher, black_box};
use gitops_render::{
    Gatekeeper, GatekeeperOptions, MemoryTree, PolicyOptions, PolicySet, RepoPath, Resource, SchemaStore,
    SourceFile, Sources,
};
use regorus::{Engine, Value};

const RULES: usize = 20;
const OBJECTS: usize = 1_000;

fn main() {
    divan::main();
}

/// Rule number `index`. One of ten finds something in every object.
fn module(index: usize) -> String {
    let wanted = if index.is_multiple_of(10) { ":2" } else { ":" };
    format!(
        "package main\nimport rego.v1\n\
         deny_{index} contains {{\"msg\": msg, \"at\": at}} if {{\n\
         \tsome i, c in input.spec.template.spec.containers\n\
         \tnot contains(c.image, \"{wanted}\")\n\
         \tmsg := sprintf(\"image %q has no tag\", [c.image])\n\
         \tat := sprintf(\"/spec/template/spec/containers/%d/image\", [i])\n}}\n"
    )
}

fn manifests() -> String {
    let one = |index: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{index}\n  labels: {{app: web, tier: front}}\n\
             spec:\n  replicas: 3\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec:\n      containers:\n\
             \x20     - name: web\n        image: nginx:1.27\n        ports: [{{containerPort: 80}}]\n\
             \x20       resources: {{limits: {{cpu: 1, memory: 1Gi}}}}\n---\n"
        )
    };
    (0..OBJECTS).map(one).collect()
}

fn tree() -> MemoryTree {
    let mut tree = MemoryTree::new();
    tree.insert("web.yaml", manifests());
    for index in 0..RULES {
        tree.insert(&format!("{index:02}.rego"), module(index));
    }
    tree
}

fn open(sources: &Sources<'_>, path: &str) -> Arc<SourceFile> {
    sources.open(&RepoPath::root().join(path).expect("is inside")).expect("is there")
}

fn policies(sources: &Sources<'_>) -> Vec<Arc<SourceFile>> {
    (0..RULES).map(|it| open(sources, &format!("{it:02}.rego"))).collect()
}

fn resources(sources: &Sources<'_>) -> Vec<Resource> {
    open(sources, "web.yaml").yaml().documents.iter().map(|it| Resource::new(it.clone())).collect()
}

/// What the library does, findings with their places included.
#[divan::bench(sample_count = 10)]
fn policy_set(bencher: Bencher<'_, '_>) {
    let tree = tree();
    let sources = Sources::new(&tree);
    let (set, _) = PolicySet::compile(&PolicyOptions::default(), &policies(&sources));
    let resources = resources(&sources);
    assert_eq!(set.check(&resources[0]).len(), RULES / 10);
    bencher.bench_local(|| resources.iter().map(|it| set.check(it).len()).sum::<usize>());
}

#[divan::bench(sample_count = 10)]
fn compile(bencher: Bencher<'_, '_>) {
    let tree = tree();
    let sources = Sources::new(&tree);
    let files = policies(&sources);
    bencher.bench_local(|| PolicySet::compile(&PolicyOptions::default(), black_box(&files)).0);
}

fn engine() -> Engine {
    let mut engine = Engine::new();
    for index in 0..RULES {
        engine.add_policy(format!("{index}.rego"), module(index)).expect("compiles");
    }
    engine
}

/// The objects as the engine wants them; this is the same work in each of the ways.
fn inputs() -> Vec<Value> {
    let text = manifests();
    let documents = text.split("---\n").filter(|it| !it.is_empty());
    documents.map(|it| Value::from_yaml_str(it).expect("is YAML")).collect()
}

#[divan::bench(sample_count = 10)]
fn one_engine_rule_by_rule(bencher: Bencher<'_, '_>) {
    let (mut engine, inputs) = (engine(), inputs());
    let rules: Vec<_> = (0..RULES).map(|it| format!("data.main.deny_{it}")).collect();
    bencher.bench_local(|| {
        for input in &inputs {
            engine.set_input(input.clone());
            for rule in &rules {
                black_box(engine.eval_rule(rule.clone()).expect("evaluates"));
            }
        }
    });
}

#[divan::bench(sample_count = 10)]
fn one_engine_whole_package(bencher: Bencher<'_, '_>) {
    let (mut engine, inputs) = (engine(), inputs());
    bencher.bench_local(|| {
        for input in &inputs {
            engine.set_input(input.clone());
            black_box(engine.eval_query("data.main".to_owned(), false).expect("evaluates"));
        }
    });
}

#[divan::bench(sample_count = 10)]
fn compiled_policy_a_rule(bencher: Bencher<'_, '_>) {
    let (mut engine, inputs) = (engine(), inputs());
    let compile =
        |it: usize| engine.compile_with_entrypoint(&format!("data.main.deny_{it}").into()).expect("compiles");
    let compiled: Vec<_> = (0..RULES).map(compile).collect();
    bencher.bench_local(|| {
        for input in &inputs {
            for policy in &compiled {
                black_box(policy.eval_with_input(input.clone()).expect("evaluates"));
            }
        }
    });
}

/// How many objects the six rules are asked about.
const MIXED: usize = 5_000;

const SIX_RULES: [(&str, &str); 2] = [
    ("containers.rego", include_str!("../../../benches/policies/containers.rego")),
    ("objects.rego", include_str!("../../../benches/policies/objects.rego")),
];

/// A Deployment, its Service and its ConfigMap in turn, ten objects a file.
fn mixed_tree() -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (path, text) in SIX_RULES {
        tree.insert(path, text);
    }
    for file in 0..MIXED / 10 {
        let objects: String = (file * 10..file * 10 + 10).map(mixed).collect();
        tree.insert(&format!("{file:03}.yaml"), objects);
    }
    tree
}

fn mixed(index: usize) -> String {
    let name = format!("web-{}", index / 3);
    let labels = format!("{{app.kubernetes.io/name: {name}, app.kubernetes.io/part-of: shop}}");
    match index % 3 {
        0 => format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels: {labels}\n\
             spec:\n  replicas: 2\n  selector:\n    matchLabels: {{app.kubernetes.io/name: {name}}}\n  template:\n\
             \x20   metadata:\n      labels: {labels}\n    spec:\n      securityContext: {{runAsNonRoot: true}}\n\
             \x20     containers:\n      - name: main\n        image: registry.example.com/shop/{name}:1.2\n\
             \x20       ports: [{{name: http, containerPort: 8080}}]\n        env: [{{name: LEVEL, value: info}}]\n\
             \x20       resources: {{requests: {{cpu: 100m}}, limits: {{cpu: 1, memory: 1Gi}}}}\n\
             \x20       readinessProbe: {{httpGet: {{path: /, port: http}}}}\n---\n"
        ),
        1 => format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  labels: {labels}\nspec:\n\
             \x20 type: ClusterIP\n  selector: {{app.kubernetes.io/name: {name}}}\n  ports: [{{port: 80}}]\n---\n"
        ),
        _ => format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels: {labels}\ndata:\n\
             \x20 level: info\n  url: https://{name}.example.com\n---\n"
        ),
    }
}

/// Parsing the objects and asking about them, the rules compiled beforehand.
#[divan::bench(sample_count = 5)]
fn six_rules_parsing_included(bencher: Bencher<'_, '_>) {
    let tree = mixed_tree();
    let compiled = Sources::new(&tree);
    let rules: Vec<_> = SIX_RULES.iter().map(|it| open(&compiled, it.0)).collect();
    let (set, found) = PolicySet::compile(&PolicyOptions::default(), &rules);
    assert_eq!((set.rules().count(), found.len()), (6, 0));
    bencher.bench_local(|| {
        let sources = Sources::new(&tree);
        let ask = |file: usize| -> usize {
            let file = open(&sources, &format!("{file:03}.yaml"));
            file.yaml().documents.iter().map(|it| set.check(&Resource::new(it.clone())).len()).sum()
        };
        (0..MIXED / 10).map(ask).sum::<usize>()
    });
}

/// The same without the parsing.
#[divan::bench(sample_count = 5)]
fn six_rules(bencher: Bencher<'_, '_>) {
    let tree = mixed_tree();
    let sources = Sources::new(&tree);
    let rules: Vec<_> = SIX_RULES.iter().map(|it| open(&sources, it.0)).collect();
    let (set, _) = PolicySet::compile(&PolicyOptions::default(), &rules);
    let resources = mixed_resources(&sources);
    // Each Deployment lacks one probe.
    assert_eq!(resources.iter().map(|it| set.check(it).len()).sum::<usize>(), MIXED.div_ceil(3));
    bencher.bench_local(|| resources.iter().map(|it| set.check(it).len()).sum::<usize>());
}

fn mixed_resources(sources: &Sources<'_>) -> Vec<Resource> {
    let documents = |file: usize| open(sources, &format!("{file:03}.yaml")).yaml().documents.clone();
    (0..MIXED / 10).flat_map(documents).map(Resource::new).collect()
}

/// The modules of a pack, and of the library that packs share, without their tests.
fn pack(name: &str) -> Vec<(String, String)> {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    let folders = [name, "lib"].map(|it| std::fs::read_dir(format!("{policies}/{it}")).expect("is there"));
    let paths = folders.into_iter().flatten().map(|it| it.expect("can be read").path());
    let text = |path: std::path::PathBuf| {
        let name = path.file_name().and_then(|it| it.to_str()).filter(|it| it.ends_with(".rego"))?;
        let text =
            (!name.ends_with("_test.rego")).then(|| std::fs::read_to_string(&path).expect("can be read"));
        Some((name.to_owned(), text?))
    };
    paths.filter_map(text).collect()
}

#[divan::bench(sample_count = 3, args = ["ml-governance", "team-basics"])]
fn packs(bencher: Bencher<'_, '_>, name: &str) {
    let mut tree = mixed_tree();
    let modules = pack(name);
    for (path, text) in &modules {
        tree.insert(path, text.clone());
    }
    let sources = Sources::new(&tree);
    let files: Vec<_> = modules.iter().map(|it| open(&sources, &it.0)).collect();
    let options = PolicyOptions {
        namespaces: vec![format!("packs.{}", name.replace('-', "_"))],
        ..PolicyOptions::default()
    };
    let (set, found) = PolicySet::compile(&options, &files);
    assert!(set.rules().count() > 4 && found.is_empty());
    let resources = mixed_resources(&sources);
    bencher.bench_local(|| resources.iter().map(|it| set.check(it).len()).sum::<usize>());
}

/// What the templates forbid in `container`.
const FORBIDDEN: [&str; 7] = [
    "container.securityContext.privileged",
    "endswith(container.image, \":latest\")",
    "not container.resources.limits.memory",
    "not startswith(container.image, input.parameters.registry)",
    "container.securityContext.capabilities.add[_] == \"SYS_ADMIN\"",
    "container.ports[_].hostPort",
    "input.review.object.spec.hostNetwork",
];

/// A template about the containers of pods, and its constraint.
fn template(index: usize) -> String {
    let body = FORBIDDEN[index];
    format!(
        "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {{name: bench{index}}}\n\
         spec:\n  crd: {{spec: {{names: {{kind: Bench{index}}}}}}}\n  targets:\n\
         \x20 - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package bench{index}\n\
         \x20     violation[{{\"msg\": msg}}] {{\n        container := containers[_]\n        {body}\n\
         \x20       msg := sprintf(\"container <%v>: rule {index}\", [container.name])\n      }}\n\
         \x20     containers[c] {{ c := input.review.object.spec.containers[_] }}\n\
         \x20     containers[c] {{ c := input.review.object.spec.initContainers[_] }}\n---\n\
         apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Bench{index}\nmetadata: {{name: bench}}\nspec:\n\
         \x20 match: {{kinds: [{{apiGroups: [''], kinds: [Pod]}}]}}\n  parameters: {{registry: registry.example.com/}}\n---\n"
    )
}

/// Seven templates about pods, asked about those of workloads.
#[divan::bench(sample_count = 3)]
fn gatekeeper(bencher: Bencher<'_, '_>) {
    let mut tree = mixed_tree();
    tree.insert("gatekeeper.yaml", (0..FORBIDDEN.len()).map(template).collect::<String>());
    let sources = Sources::new(&tree);
    let documents = open(&sources, "gatekeeper.yaml").yaml().documents.clone();
    let policies: Vec<_> = documents.into_iter().map(Resource::new).collect();
    let (schemas, options) = (SchemaStore::embedded(), GatekeeperOptions::default());
    let (gatekeeper, _) = Gatekeeper::compile(&sources, &schemas, &options, &[&policies]);
    assert_eq!(gatekeeper.constraints().count(), FORBIDDEN.len());
    let resources = mixed_resources(&sources);
    bencher.bench_local(|| resources.iter().map(|it| gatekeeper.check(it).len()).sum::<usize>());
}

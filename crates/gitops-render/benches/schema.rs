//! What it costs to check objects: against their schemas, and the whole way from text to findings.

use divan::Bencher;
use divan::counter::ItemsCount;
use gitops_render::{MemoryTree, RepoPath, Resource, SchemaOptions, SchemaStore, Sources, check_object};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// A Deployment as people write them, with a `---` at its end.
fn deployment(index: usize) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{index}
  namespace: shop
  labels: {{app.kubernetes.io/name: web, app.kubernetes.io/instance: web-{index}}}
spec:
  replicas: 3
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{app.kubernetes.io/instance: web-{index}}}
  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 25%, maxUnavailable: 0}}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: web, app.kubernetes.io/instance: web-{index}}}
      annotations: {{prometheus.io/scrape: \"true\", prometheus.io/port: \"9090\"}}
    spec:
      serviceAccountName: web
      securityContext: {{runAsNonRoot: true, fsGroup: 1000, seccompProfile: {{type: RuntimeDefault}}}}
      containers:
        - name: web
          image: registry.example.com/web:1.{index}.0
          imagePullPolicy: IfNotPresent
          args: [--listen, \":8080\"]
          ports: [{{name: http, containerPort: 8080}}, {{name: metrics, containerPort: 9090}}]
          env:
            - {{name: LOG_LEVEL, value: info}}
            - {{name: PASSWORD, valueFrom: {{secretKeyRef: {{name: web, key: password}}}}}}
          resources: {{requests: {{cpu: 100m, memory: 128Mi}}, limits: {{memory: 256Mi}}}}
          readinessProbe: {{httpGet: {{path: /ready, port: http}}, periodSeconds: 5}}
          livenessProbe: {{httpGet: {{path: /live, port: 8080}}, initialDelaySeconds: 10}}
          securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
          volumeMounts: [{{name: config, mountPath: /etc/web}}, {{name: tmp, mountPath: /tmp}}]
      volumes:
        - {{name: config, configMap: {{name: web}}}}
        - {{name: tmp, emptyDir: {{}}}}
---
"
    )
}

/// `count` Deployments.
fn deployments(count: usize) -> Vec<Resource> {
    let tree = tree([("web.yaml".to_owned(), (0..count).map(deployment).collect())]);
    let sources = Sources::new(&tree);
    objects(&sources, "web.yaml")
}

fn tree(files: impl IntoIterator<Item = (String, String)>) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (path, text) in files {
        tree.insert(&path, text);
    }
    tree
}

fn objects(sources: &Sources<'_>, path: &str) -> Vec<Resource> {
    let path = RepoPath::root().join(path).expect("the path is inside the tree");
    let file = sources.open(&path).expect("the file is in the tree");
    file.yaml().documents.iter().cloned().map(Resource::new).collect()
}

/// A Service and a ConfigMap that go with a Deployment, each with a `---` at its end.
fn neighbours(index: usize) -> String {
    format!(
        "apiVersion: v1
kind: Service
metadata:
  name: web-{index}
  namespace: shop
spec:
  selector: {{app.kubernetes.io/instance: web-{index}}}
  ports: [{{name: http, port: 80, targetPort: http}}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web-{index}
  namespace: shop
data:
  LOG_LEVEL: info
  web.properties: |
    port=8080
    database=postgresql://db-{index}:5432/web
---
"
    )
}

/// The names of 500 files with ten objects each, and what is in them.
fn repository() -> Vec<(String, String)> {
    let documents: Vec<String> = (0..1667)
        .flat_map(|it| {
            let text = deployment(it) + &neighbours(it);
            text.split_inclusive("---\n").map(str::to_owned).collect::<Vec<_>>()
        })
        .take(5000)
        .collect();
    let files = documents.chunks(10).enumerate();
    files.map(|(index, it)| (format!("{index}.yaml"), it.concat())).collect()
}

/// Parses, checks and looks at 5,000 objects in 500 files.
#[divan::bench(args = ["1.33", "1.31-1.35"], sample_count = 10)]
fn check_5000_documents(bencher: Bencher<'_, '_>, versions: &str) {
    let files = repository();
    let tree = tree(files.clone());
    let versions: gitops_render::Minors = versions.parse().expect("these are versions");
    bencher.counter(ItemsCount::new(5000_usize)).bench_local(|| {
        let sources = Sources::new(&tree);
        let store = SchemaStore::new(SchemaOptions {
            versions: versions.as_slice().to_vec(),
            ..SchemaOptions::default()
        });
        let all = files.iter().flat_map(|it| objects(&sources, &it.0));
        let found: usize = all.map(|it| store.check(&it).len() + check_object(&it).len()).sum();
        assert_eq!(found, 0);
    });
}

/// Builds a store and compiles one kind; the archive is unpacked once, before the first sample.
#[divan::bench]
fn compile_a_kind(bencher: Bencher<'_, '_>) {
    let objects = deployments(1);
    bencher.bench_local(|| {
        let store = SchemaStore::embedded();
        assert!(store.check(&objects[0]).is_empty());
        store
    });
}

#[divan::bench]
fn check_1000_deployments(bencher: Bencher<'_, '_>) {
    let objects = deployments(1000);
    let store = SchemaStore::embedded();
    assert!(objects.iter().all(|it| store.check(it).is_empty()));
    bencher
        .counter(ItemsCount::new(objects.len()))
        .bench_local(|| objects.iter().map(|it| store.check(it).len()).sum::<usize>());
}

/// Every object has a mistake.
#[divan::bench]
fn explain_1000_deployments(bencher: Bencher<'_, '_>) {
    let mut objects = deployments(1000);
    for object in &mut objects {
        let spec =
            object.node.get_mut("spec").and_then(|it| it.as_map_mut()).expect("a Deployment has a spec");
        let mut entry = spec.remove("replicas").expect("the Deployments have replicas");
        entry.key = "replcas".into();
        spec.insert(entry);
    }
    let store = SchemaStore::embedded();
    assert!(objects.iter().all(|it| store.check(it).len() == 1));
    bencher
        .counter(ItemsCount::new(objects.len()))
        .bench_local(|| objects.iter().map(|it| store.check(it).len()).sum::<usize>());
}

/// The definition of the rule's own fixture.
const WIDGETS: &str = include_str!("../../../testdata/rules/sch/SCH007-rule-violated/rules/definition.yaml");

/// A definition with ten rules in CEL, and `count` objects that keep them.
fn widgets(count: usize) -> (SchemaStore, Vec<Resource>) {
    let one = |index: usize| {
        format!(
            "---
apiVersion: example.com/v1
kind: Widget
metadata: {{name: w{index}}}
spec:
  minReplicas: 2
  window: 45m
  host: example.com
  tls: {{secretName: a}}
  ports: [{{name: a, target: http}}, {{name: b, target: 8080}}]
  limits: {{cpu: 500m, memory: 1Gi}}
"
        )
    };
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", WIDGETS.to_owned() + &(0..count).map(one).collect::<String>());
    let sources = Sources::new(&tree);
    let path = RepoPath::root().join("a.yaml").expect("the path is inside the tree");
    let file = sources.open(&path).expect("the file is in the tree");
    let mut objects: Vec<Resource> = file.yaml().documents.iter().cloned().map(Resource::new).collect();
    let mut store = SchemaStore::embedded();
    store.add_definitions(&objects);
    (store, objects.split_off(1))
}

/// Compiles the schema and its rules, and runs each once or twice.
#[divan::bench]
fn compile_ten_rules(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(|| widgets(1)).bench_local_values(|(store, objects)| {
        assert!(store.check(&objects[0]).is_empty());
        store
    });
}

/// Fourteen evaluations for each object.
#[divan::bench]
fn check_1000_objects_with_ten_rules(bencher: Bencher<'_, '_>) {
    let (store, objects) = widgets(1000);
    assert!(objects.iter().all(|it| store.check(it).is_empty()));
    bencher
        .counter(ItemsCount::new(objects.len()))
        .bench_local(|| objects.iter().map(|it| store.check(it).len()).sum::<usize>());
}

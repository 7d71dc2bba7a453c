//! What it costs to check objects against their schemas.

use divan::Bencher;
use divan::counter::ItemsCount;
use gitops_render::{MemoryTree, RepoPath, Resource, SchemaStore, Sources};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// `count` Deployments as people write them.
fn deployments(count: usize) -> Vec<Resource> {
    let one = |index: usize| {
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
    };
    let mut tree = MemoryTree::new();
    tree.insert("web.yaml", (0..count).map(one).collect::<String>());
    let sources = Sources::new(&tree);
    let path = RepoPath::root().join("web.yaml").expect("the path is inside the tree");
    let file = sources.open(&path).expect("the file is in the tree");
    file.yaml().documents.iter().cloned().map(Resource::new).collect()
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

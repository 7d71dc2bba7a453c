//! How fast YAML is read and printed.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::BytesCount;
use gitops_render::source::FileId;
use gitops_render::yaml::{self, Dialect};

fn main() {
    divan::main();
}

/// Deployments, services and configuration as repositories have them, with comments.
fn documents() -> String {
    let mut out = String::new();
    for index in 0..500 {
        write!(
            out,
            "# Source: apps/web-{index}/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{index}
  namespace: team-{}
  labels:
    app.kubernetes.io/name: web-{index}
    app.kubernetes.io/part-of: shop
spec:
  replicas: {} # scaled by hand
  selector:
    matchLabels:
      app.kubernetes.io/name: web-{index}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web-{index}
      annotations:
        prometheus.io/scrape: \"true\"
        description: 'a sentence that is long enough to be folded when it is printed, as most descriptions are'
    spec:
      containers:
      - name: web
        image: registry.example.com/shop/web:1.{index}.0
        args: [\"--port=8080\", \"--verbose\"]
        ports:
        - {{name: http, containerPort: 8080}}
        env:
        - name: LOG_LEVEL
          value: info
        resources:
          requests: {{cpu: 100m, memory: 128Mi}}
          limits: {{memory: 256Mi}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web-{index}
  namespace: team-{}
data:
  app.conf: |
    # the server
    listen = 0.0.0.0:8080
    workers = 4
    timeout = 30s
---
",
            index % 7,
            index % 5,
            index % 7
        )
        .expect("a string takes everything");
    }
    out
}

#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let text = documents();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| yaml::parse_bytes(FileId::default(), text.as_bytes(), Dialect::Resource));
}

#[divan::bench]
fn emit(bencher: Bencher<'_, '_>) {
    let text = documents();
    let parsed = yaml::parse_bytes(FileId::default(), text.as_bytes(), Dialect::Resource);
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut out = String::with_capacity(text.len());
        parsed.documents.iter().try_for_each(|it| yaml::emit_document(it, &mut out)).map(|()| out)
    });
}

#[divan::bench]
fn to_value(bencher: Bencher<'_, '_>) {
    let text = documents();
    let parsed = yaml::parse_bytes(FileId::default(), text.as_bytes(), Dialect::Resource);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| parsed.documents.iter().map(yaml::to_value).collect::<Vec<_>>());
}

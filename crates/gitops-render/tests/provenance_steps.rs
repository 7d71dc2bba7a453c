//! Every step leaves its name, what asked for it, and the text to edit.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use gitops_render::{MemoryTree, RenderOptions, Renderer, RepoPath, Step};

/// A kustomization that does something to a value, and what the value tells of it.
struct Told {
    step: Step,
    /// Kustomization and further files.
    files: &'static [(&'static str, &'static str)],
    /// Which object: its kind and a part of its name.
    object: (&'static str, &'static str),
    pointer: &'static str,
    /// The text to edit, and the text that asked for the step.
    span: &'static str,
    directive: &'static str,
}

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: old
  labels: {team: a}
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: web:1
        args: [$(NAME), a]
        envFrom:
        - configMapRef: {name: settings}
";

const DEPLOYMENT: (&str, &str) = ("Deployment", "web");
const SETTINGS: (&str, &str) = ("ConfigMap", "settings");
const NAME: &str = "/metadata/name";

const STEPS: &[Told] = &[
    Told {
        step: Step::Namespace,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nnamespace: new\n")],
        object: DEPLOYMENT,
        pointer: "/metadata/namespace",
        span: "new",
        directive: "new",
    },
    Told {
        step: Step::NamePrefix,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nnamePrefix: p-\n")],
        object: DEPLOYMENT,
        pointer: NAME,
        span: "web",
        directive: "p-",
    },
    Told {
        step: Step::NameSuffix,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nnameSuffix: -s\n")],
        object: DEPLOYMENT,
        pointer: NAME,
        span: "web",
        directive: "-s",
    },
    Told {
        step: Step::Label,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nlabels:\n- pairs: {team: b}\n")],
        object: DEPLOYMENT,
        pointer: "/metadata/labels/team",
        span: "b",
        directive: "team",
    },
    Told {
        step: Step::Label,
        files: &[("kustomization.yaml", "resources: [web.yaml]\ncommonLabels: {app: web}\n")],
        object: DEPLOYMENT,
        pointer: "/spec/selector/matchLabels",
        span: "app",
        directive: "app",
    },
    Told {
        step: Step::Annotation,
        files: &[("kustomization.yaml", "resources: [web.yaml]\ncommonAnnotations: {note: \"x\"}\n")],
        object: DEPLOYMENT,
        pointer: "/spec/template/metadata/annotations/note",
        span: "\"x\"",
        directive: "note",
    },
    Told {
        step: Step::Image,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nimages:\n- name: web\n  newTag: v2\n")],
        object: DEPLOYMENT,
        pointer: "/spec/template/spec/containers/0/image",
        span: "v2",
        directive: "web",
    },
    Told {
        step: Step::Replicas,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nreplicas:\n- {name: web, count: 3}\n")],
        object: DEPLOYMENT,
        pointer: "/spec/replicas",
        span: "3",
        directive: "web",
    },
    Told {
        step: Step::Patch,
        files: &[
            ("kustomization.yaml", "resources: [web.yaml]\npatches:\n- path: patch.yaml\n"),
            (
                "patch.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: old}\nspec: {replicas: 5}\n",
            ),
        ],
        object: DEPLOYMENT,
        pointer: "/spec/replicas",
        span: "5",
        directive: "patch.yaml",
    },
    Told {
        // What is gone has left its mark on what it was in.
        step: Step::Patch,
        files: &[
            ("kustomization.yaml", "resources: [web.yaml]\npatchesStrategicMerge: [patch.yaml]\n"),
            (
                "patch.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: old, labels: {team: null}}\n",
            ),
        ],
        object: DEPLOYMENT,
        pointer: "/metadata/labels",
        span: "{team: a}",
        directive: "patch.yaml",
    },
    Told {
        step: Step::JsonPatch,
        files: &[
            (
                "kustomization.yaml",
                "resources: [web.yaml]\npatches:\n- path: ops.yaml\n  target: {kind: Deployment}\n",
            ),
            ("ops.yaml", "- {op: add, path: /spec/paused, value: true}\n"),
        ],
        object: DEPLOYMENT,
        pointer: "/spec/paused",
        span: "true",
        directive: "ops.yaml",
    },
    Told {
        step: Step::JsonPatch,
        files: &[
            (
                "kustomization.yaml",
                "resources: [web.yaml]\npatches:\n- path: ops.yaml\n  target: {kind: Deployment}\n",
            ),
            ("ops.yaml", "- {op: remove, path: /metadata/labels/team}\n"),
        ],
        object: DEPLOYMENT,
        pointer: "/metadata/labels",
        span: "{team: a}",
        directive: "ops.yaml",
    },
    Told {
        step: Step::Generator,
        files: &[
            ("kustomization.yaml", "configMapGenerator:\n- name: settings\n  envs: [a.env]\n"),
            ("a.env", "LEVEL=debug\n"),
        ],
        object: SETTINGS,
        pointer: "/data/LEVEL",
        span: "debug",
        directive: "a.env",
    },
    Told {
        step: Step::NameHash,
        files: &[("kustomization.yaml", "configMapGenerator:\n- {name: settings, literals: [a=b]}\n")],
        object: SETTINGS,
        pointer: NAME,
        span: "settings",
        directive: "{name: settings, literals: [a=b]}",
    },
    Told {
        step: Step::NameReference,
        files: &[(
            "kustomization.yaml",
            "resources: [web.yaml]\nnamespace: old\nconfigMapGenerator:\n- {name: settings, literals: [a=b]}\n",
        )],
        object: DEPLOYMENT,
        pointer: "/spec/template/spec/containers/0/envFrom/0/configMapRef/name",
        span: "settings",
        directive: "settings",
    },
    Told {
        step: Step::Replacement,
        files: &[(
            "kustomization.yaml",
            "resources: [web.yaml]\nreplacements:\n- source: {kind: Deployment, fieldPath: metadata.labels.team}\n  \
             targets:\n  - select: {kind: Deployment}\n    fieldPaths: [metadata.namespace]\n",
        )],
        object: DEPLOYMENT,
        pointer: "/metadata/namespace",
        span: "a",
        directive: "metadata.namespace",
    },
    Told {
        step: Step::Var,
        files: &[(
            "kustomization.yaml",
            "resources: [web.yaml]\nvars:\n- name: NAME\n  objref: {apiVersion: apps/v1, kind: Deployment, name: web}\n  \
             fieldref: {fieldpath: metadata.labels.team}\n",
        )],
        object: DEPLOYMENT,
        pointer: "/spec/template/spec/containers/0/args/0",
        span: "a",
        directive: "NAME",
    },
    Told {
        step: Step::Transformer,
        files: &[
            ("kustomization.yaml", "resources: [web.yaml]\ntransformers: [add.yaml]\n"),
            (
                "add.yaml",
                "apiVersion: builtin\nkind: ValueAddTransformer\nmetadata: {name: v}\nvalue: added\n\
                 targets:\n- fieldPath: metadata/labels/more\n",
            ),
        ],
        object: DEPLOYMENT,
        pointer: "/metadata/labels/more",
        span: "added",
        directive: "metadata/labels/more",
    },
    Told {
        step: Step::BuildMetadata,
        files: &[("kustomization.yaml", "resources: [web.yaml]\nbuildMetadata: [managedByLabel]\n")],
        object: DEPLOYMENT,
        pointer: "/metadata/labels/app.kubernetes.io~1managed-by",
        span: "managedByLabel",
        directive: "managedByLabel",
    },
    Told {
        step: Step::Alias,
        files: &[
            ("kustomization.yaml", "resources: [map.yaml]\n"),
            ("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: &n settings}\ndata: {a: *n}\n"),
        ],
        object: SETTINGS,
        pointer: "/data/a",
        span: "settings",
        directive: "*n",
    },
    Told {
        step: Step::MergeKey,
        files: &[
            ("kustomization.yaml", "resources: [map.yaml]\n"),
            (
                "map.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: &l {a: b}}\n\
                 data: {<<: *l}\n",
            ),
        ],
        object: SETTINGS,
        pointer: "/data/a",
        span: "b",
        directive: "<<",
    },
];

#[test]
fn every_step_leaves_its_name_and_what_asked_for_it() {
    for told in STEPS {
        let mut tree = MemoryTree::new();
        tree.insert("web.yaml", WEB);
        for (path, text) in told.files {
            tree.insert(path, text);
        }
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = renderer.render(&RepoPath::root()).unwrap();
        assert!(!rendered.is_refused, "{:?}: {:?}", told.step, rendered.diagnostics);
        let (kind, name) = told.object;
        let is_meant = |it: &&gitops_render::Resource| &*it.id.gvk.kind == kind && it.id.name.contains(name);
        let resource = rendered.resources.iter().find(is_meant).expect("the object is there");
        let field = resource.node.at(told.pointer);
        let field = field.unwrap_or_else(|| panic!("{:?}: no {}", told.step, told.pointer));
        let newest = field.origin.steps().next();
        let newest = newest.unwrap_or_else(|| panic!("{:?}: no trail at {}", told.step, told.pointer));
        let text = |span| renderer.sources().text_of(span);
        assert_eq!(
            (newest.step, &*text(field.origin.span), &*text(newest.directive)),
            (told.step, told.span, told.directive),
            "{}",
            told.pointer
        );
    }
}

#[test]
fn every_step_is_tried() {
    for step in Step::ALL {
        assert!(STEPS.iter().any(|it| it.step == step), "{step:?}");
    }
}

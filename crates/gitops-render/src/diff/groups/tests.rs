//! Two small repositories side by side.

use super::*;
use crate::entries::{Entries, kustomizations};
use crate::kustomize::layer::Layers;
use crate::render::{RenderOptions, Renderer};
use crate::source::MemoryTree;
use crate::yaml::emit_document;

/// Files in one text, each behind a line `#- path`.
fn tree(text: &str) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for part in text.split("#- ").skip(1) {
        let (path, content) = part.split_once('\n').unwrap();
        tree.insert(path, content);
    }
    tree
}

fn side(renderer: &Renderer<'_>, tree: &MemoryTree) -> Side {
    let files: Vec<RepoPath> = tree.paths().filter(|it| !it.as_str().ends_with(".env")).cloned().collect();
    let plan = renderer.plan(&kustomizations(&files));
    let entries = Entries::find(renderer.sources(), &files, &plan.used_files());
    let layers = Layers::for_plan(&plan);
    for id in plan.waves().into_iter().flatten() {
        layers.put(id, renderer.build(&plan, id, &layers));
    }
    Side {
        roots: plan.roots().into_iter().map(|it| renderer.finish(&plan, it, &layers)).collect(),
        manifests: entries.manifests.iter().map(|it| renderer.manifest(it)).collect(),
    }
}

fn value(node: Option<&crate::node::Node>) -> String {
    let mut out = String::new();
    node.iter().for_each(|it| emit_document(it, &mut out).unwrap());
    out.trim_end().replace('\n', "; ")
}

/// The difference, a line for each root, object and field.
fn told(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (tree(old), tree(new));
    let before = Renderer::new(&old, RenderOptions::default());
    let now = Renderer::new(&new, RenderOptions::default());
    let (old, new) = (side(&before, &old), side(&now, &new));
    let comparison = compare(&old, &new);
    let place = |renderer: &Renderer<'_>, node: &crate::node::Node| {
        let (path, start, _) = renderer.sources().place(node.origin.span);
        format!("{path}:{}:{}", start.line, start.column)
    };
    let mut lines: Vec<String> = vec![];
    for (root, change) in &comparison.roots {
        lines.push(match change {
            RootChange::Added(count) => format!("{root} is new: {count}"),
            RootChange::Removed(count) => format!("{root} is gone: {count}"),
            RootChange::Moved(from) => format!("{root} was {from}"),
            RootChange::InPart(why) => format!("{root} in part: {}", why.message),
            RootChange::Unrendered { old, new } => {
                let why = [old, new].map(|it| it.map_or("fine", |it| &*it.message));
                format!("{root} was {}, is {}", why[0], why[1])
            }
        });
    }
    for group in &comparison.groups {
        let seen: Vec<String> =
            group.seen.iter().map(|it| format!("{}:{}", it.root, it.resource.id.name)).collect();
        lines.push(format!("{:?} {}", group.change.kind(), seen.join(" ")));
        for it in &group.change.fields {
            let from = match (&it.old, &it.new) {
                (_, Some(node)) => place(&now, node),
                (Some(node), None) => place(&before, node),
                _ => String::new(),
            };
            let values = format!("{} → {}", value(it.old.as_ref()), value(it.new.as_ref()));
            lines.push(format!("  {} {}: {values} @ {from}", it.kind.keyword(), it.field));
        }
    }
    lines
}

const BASE: &str = "\
#- base/kustomization.yaml
resources: [web.yaml]
configMapGenerator:
- name: env
  envs: [app.env]
#- base/app.env
LEVEL=info
#- base/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app.io/x: a}}
spec:
  replicas: 1
  template:
    spec:
      containers:
      - {name: web, image: web:1, args: [a, b, c], envFrom: [{configMapRef: {name: env}}]}
      - {name: log, image: log:1}
#- dev/kustomization.yaml
namePrefix: dev-
resources: [../base]
#- prod/kustomization.yaml
resources: [../base]
replicas:
- {name: web, count: 3}
#- plain.yaml
apiVersion: v1
kind: Service
metadata: {name: plain}
spec: {ports: [{port: 80, name: http}, {port: 443, name: https}]}
";

/// `BASE` with some texts replaced.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

#[test]
fn what_means_the_same_is_no_difference() {
    for edits in [
        &[][..],
        &[("replicas: 1\n", "replicas: 0x1 # one\n")],
        &[("apiVersion: apps/v1\nkind: Deployment", "kind: \"Deployment\"\napiVersion: apps/v1")],
        &[("#- base/web.yaml", "#- base/deep/web.yaml"), ("[web.yaml]", "[deep/web.yaml]")],
        &[("#- plain.yaml", "#- other.yaml")],
        &[("{name: log, image: log:1}", "{image: log:1, name: log}")],
    ] {
        assert_eq!(told(BASE, &edited(edits)), Vec::<String>::new(), "{edits:?}");
    }
}

#[test]
fn a_change_of_the_base_is_told_once_for_all_overlays() {
    assert_eq!(
        told(BASE, &edited(&[("image: log:1", "image: log:2"), ("a, b, c", "a, x, c, d")])),
        [
            "Changed dev:dev-web prod:web",
            "  changed spec.template.spec.containers[web].args[1]: b → x @ base/web.yaml:9:45",
            "  added spec.template.spec.containers[web].args[3]:  → d @ base/web.yaml:9:51",
            "  changed spec.template.spec.containers[log].image: log:1 → log:2 @ base/web.yaml:10:28",
        ]
    );
}

#[test]
fn a_value_that_an_overlay_sets_points_into_the_overlay() {
    assert_eq!(
        told(BASE, &edited(&[("count: 3", "count: 4")])),
        ["Changed prod:web", "  changed spec.replicas: 3 → 4 @ prod/kustomization.yaml:3:22"]
    );
    assert_eq!(
        told(BASE, &edited(&[("replicas:\n- {name: web, count: 3}\n", "")])),
        ["Changed prod:web", "  changed spec.replicas: 3 → 1 @ base/web.yaml:5:13"]
    );
    let told = told(BASE, &edited(&[(", labels: {app.io/x: a}", "")]));
    assert_eq!(told[1], "  removed metadata.labels: app.io/x: a →  @ base/web.yaml:3:31");
}

#[test]
fn a_generated_object_is_the_same_under_another_hash() {
    let told = told(BASE, &edited(&[("LEVEL=info", "LEVEL=warn")]));
    let kinds: Vec<&str> = told.iter().filter_map(|it| it.split_once(" →").map(|it| it.0.trim())).collect();
    assert_eq!(told.len(), 10, "{told:#?}");
    assert!(told.contains(&"  changed data.LEVEL: info → warn @ base/app.env:1:7".to_owned()), "{told:#?}");
    assert!(kinds.iter().any(|it| it.starts_with("changed metadata.name: env-")), "{told:#?}");
    assert!(kinds.iter().any(|it| it.contains("envFrom[0].configMapRef.name: dev-env-")), "{told:#?}");
    assert!(!told.iter().any(|it| it.starts_with("Added") || it.starts_with("Removed")), "{told:#?}");
}

#[test]
fn an_element_is_known_by_its_key_or_name_and_its_order_is_told_apart() {
    for (from, to, lines) in [
        ("{port: 80,", "{port: 81,", &["  changed spec.ports[80].port: 80 → 81 @ plain.yaml:4:23"][..]),
        (
            "[{port: 80, name: http}, {port: 443, name: https}]",
            "[{port: 443, name: https}, {port: 80, name: http}]",
            &["  reordered spec.ports: - \"80\"; - \"443\" → - \"443\"; - \"80\" @ plain.yaml:4:15"],
        ),
        (
            "{port: 443, name: https}",
            "{port: 9, name: x}, {port: 8, name: y}",
            &[
                "  added spec.ports[9]:  → name: x; port: 9 @ plain.yaml:4:40",
                "  added spec.ports[8]:  → name: \"y\"; port: 8 @ plain.yaml:4:60",
                "  removed spec.ports[443]: name: https; port: 443 →  @ plain.yaml:4:40",
            ],
        ),
    ] {
        let told = told(BASE, &edited(&[(from, to)]));
        assert_eq!(told[0], "Changed plain.yaml:plain");
        let told: Vec<String> =
            told[1..].iter().map(|it| it.replace("port: 9; name: x", "name: x; port: 9")).collect();
        let told: Vec<String> =
            told.iter().map(|it| it.replace("port: 8; name: \"y\"", "name: \"y\"; port: 8")).collect();
        let told: Vec<String> =
            told.iter().map(|it| it.replace("port: 443; name: https", "name: https; port: 443")).collect();
        assert_eq!(told, lines);
    }
}

#[test]
fn roots_come_go_and_move() {
    let moved = edited(&[
        ("#- prod/", "#- envs/prod/"),
        ("count: 3}\n", "count: 3}\n"),
        ("resources: [../base]\nreplicas", "resources: [../../base]\nreplicas"),
    ]);
    assert_eq!(told(BASE, &moved), ["envs/prod was prod"]);
    let more = format!("{BASE}#- qa/kustomization.yaml\nnameSuffix: -qa\nresources: [../base]\n");
    let told_more = told(BASE, &more);
    assert_eq!(told_more[0], "qa is new: 2");
    assert_eq!(told_more.iter().filter(|it| it.starts_with("Added qa:")).count(), 2);
    let told_less = told(&more, BASE);
    assert_eq!(told_less[0], "qa is gone: 2");
    assert_eq!(told_less.iter().filter(|it| it.starts_with("Removed qa:")).count(), 2);
}

#[test]
fn what_an_overlay_drops_is_gone_although_its_file_is_still_there() {
    let repo = |names: &str| {
        let service = |name| {
            format!(
                "#- x/{name}.yaml\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{ports: [{{port: 80}}]}}\n"
            )
        };
        format!("#- x/kustomization.yaml\nresources: [{names}]\n{}{}", service("a"), service("b"))
    };
    let told_dropped = told(&repo("a.yaml, b.yaml"), &repo("a.yaml"));
    assert_eq!(told_dropped.len(), 4, "{told_dropped:#?}");
    assert!(told_dropped.contains(&"Removed x:b".to_owned()), "{told_dropped:#?}");
    assert!(told_dropped.contains(&"Added x/b.yaml:b".to_owned()), "{told_dropped:#?}");
    let folder = "#- plain/a.yaml\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n";
    let with = format!("{folder}#- plain/kustomization.yaml\nresources: [a.yaml]\n");
    assert_eq!(told(folder, &with), ["plain is new: 1"]);
}

#[test]
fn what_cannot_be_rendered_is_said_and_not_compared() {
    let broken = edited(&[("replicas:\n- {name: web", "resources_: []\nreplicas:\n- {name: wbe")]);
    let lines = told(BASE, &broken);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].starts_with("prod was fine, is "), "{lines:#?}");
    let remote = ("resources: [../base]\nreplicas", "resources: [../base, 'https://x.io/a.yaml']\nreplicas");
    let lines = told(&edited(&[remote]), &edited(&[remote, ("count: 3", "count: 4")]));
    assert!(lines[0].starts_with("prod in part: `https://x.io/a.yaml` is not fetched"), "{lines:#?}");
    assert_eq!(
        lines[1..],
        ["Changed prod:web", "  changed spec.replicas: 3 → 4 @ prod/kustomization.yaml:3:22"]
    );
}

#[test]
fn secret_values_are_nowhere() {
    let repo = |value: &str| {
        format!(
            "#- a.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    \
             kubectl.kubernetes.io/last-applied-configuration: '{value}'\nstringData: {{key: {value}, \
             other: same-{value}}}\n#- b.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: sealed}}\n\
             data: {{key: 'ENC[{value}]'}}\n"
        )
    };
    for (old, new) in [(repo("hunter-1"), repo("hunter-2")), (repo("hunter-1"), String::new())] {
        let told = told(&old, &new);
        assert!(told.len() > 2 && !told.iter().any(|it| it.contains("hunter")), "{told:#?}");
        assert!(told.iter().any(|it| it.contains(crate::diff::HIDDEN)), "{told:#?}");
    }
}

#[test]
fn what_a_replacement_takes_out_of_a_secret_stays_hidden() {
    let repo = |value: &str| {
        format!(
            "#- kustomization.yaml\nresources: [a.yaml]\nreplacements:\n- source: {{kind: Secret, fieldPath: \
             stringData.key}}\n  targets:\n  - select: {{kind: ConfigMap}}\n    fieldPaths: [data.url]\n#- a.yaml\n\
             apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{key: {value}}}\n---\n\
             apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{url: x}}\n"
        )
    };
    let told = told(&repo("hunter-1"), &repo("hunter-2"));
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(!told.iter().any(|it| it.contains("hunter")), "{told:#?}");
}

//! `generators:`, `transformers:` and `validators:`: what is built into kustomize, configured by
//! objects of its own.
//!
//! A transformer does what a field of kustomization.yaml does, with other settings, so the work
//! is left to `steps` and `generate`. Plugins that are programs are never run.

mod policy;
mod value_add;

use crate::diagnostic::Severity;
use crate::kustomize::file::{Affixes, Kind, Kustomization, Plugin, Text, Transformer};
use crate::kustomize::layer::Build;
use crate::kustomize::objects::Objects;
use crate::kustomize::plan::{Planned, Target};
use crate::kustomize::steps::{images, labels, names, namespace, patches, replacements, replicas};
use crate::kustomize::{finish, generate, metadata};
use crate::node::Node;
use crate::origin::Step;
use crate::resource::Resource;
use crate::rules::kus;
use crate::source::Span;
use crate::yaml::json;

/// Runs `generators`.
pub(crate) fn generate(build: &mut Build<'_>, planned: &Planned) {
    let kustomization = &planned.kustomization;
    for config in configs(build, kustomization, &planned.generators) {
        match read(build, &config, true) {
            Some(Plugin::Generator(kind, generator)) => {
                generate::one(build, kustomization, kind, &generator, metadata::of_object(&config));
            }
            Some(Plugin::Policy(policy)) => policy::generate(build, &policy, &config),
            Some(Plugin::Transformer(_)) => wrong_kind(build, &config, "generator"),
            Some(Plugin::Chart | Plugin::External) | None => {}
        }
    }
}

/// Runs `transformers`.
pub(crate) fn transform(build: &mut Build<'_>, planned: &Planned) {
    run(build, planned, &planned.transformers);
}

/// Runs `validators`: transformers that must not change anything.
pub(crate) fn validate(build: &mut Build<'_>, planned: &Planned) {
    for entry in &planned.validators {
        let before = contents(build.objects.list());
        run(build, planned, std::slice::from_ref(entry));
        if contents(build.objects.list()) != before {
            let found = kus::build_failed::because(
                entry.0.span.at_start(),
                "the validator changes objects, and it must not",
            );
            build.refuse(found.help("list it under `transformers` if it is meant to"));
        }
    }
}

/// The objects as kustomize compares them: a validator may leave its mark.
fn contents(resources: &[Resource]) -> Vec<String> {
    let content = |resource: &Resource| {
        let mut node = resource.node.clone();
        if node.path(&["metadata", "labels", "validated-by"]).is_some()
            && let Some(metadata) = node.get_mut("metadata").and_then(Node::as_map_mut)
            && let Some(labels) = metadata.get_mut("labels").and_then(Node::as_map_mut)
        {
            labels.remove("validated-by");
            if labels.is_empty() {
                metadata.remove("labels");
            }
        }
        json::to_json_go(&node)
    };
    let mut contents: Vec<String> = resources.iter().map(content).collect();
    contents.sort_unstable();
    contents
}

fn run(build: &mut Build<'_>, planned: &Planned, entries: &[(Text, Target)]) {
    for config in configs(build, &planned.kustomization, entries) {
        match read(build, &config, false) {
            Some(Plugin::Transformer(transformer)) => {
                apply(build, &planned.kustomization, &transformer);
                build.note_transformer(|| metadata::of_object(&config));
            }
            Some(Plugin::Generator(..) | Plugin::Policy(_)) => wrong_kind(build, &config, "transformer"),
            Some(Plugin::Chart | Plugin::External) | None => {}
        }
    }
}

/// The configurations that the entries lead to. They are objects like others: one may not be
/// there twice.
fn configs(
    build: &mut Build<'_>,
    kustomization: &Kustomization,
    entries: &[(Text, Target)],
) -> Vec<Resource> {
    let mut configs = Objects::default();
    for (text, target) in entries {
        for config in build.gather(kustomization, text, target) {
            if let Err((second, first)) = configs.add(config) {
                let first = &configs.list()[first];
                build.refuse(kus::duplicate_object::twice(&second, first, text.span.at_start()));
            }
        }
    }
    configs.into_list()
}

fn read(build: &mut Build<'_>, config: &Resource, is_generator: bool) -> Option<Plugin> {
    let (plugin, found) = Plugin::read(config);
    build.is_refused |= found.iter().any(|it| it.severity == Severity::Error);
    build.diagnostics.extend(found);
    let missing = match plugin {
        Some(Plugin::External) => {
            kus::build_failed::external(kind_span(config), &config.id.gvk.kind, is_generator)
        }
        Some(Plugin::Chart) => {
            let name = config.node.get("name").or_else(|| config.node.get("chartName"));
            let name = name.and_then(Node::as_scalar).map(|it| &*it.text).unwrap_or_default();
            kus::build_failed::chart(kind_span(config), name)
        }
        plugin => return plugin,
    };
    build.missing(missing);
    None
}

/// Where a configuration tells its kind.
fn kind_span(config: &Resource) -> Span {
    config.node.get("kind").unwrap_or(&config.node).origin.span
}

fn wrong_kind(build: &mut Build<'_>, config: &Resource, wanted: &str) {
    let reason = format!("`{}` is no {wanted}", config.id.gvk.kind);
    build.refuse(kus::build_failed::because(kind_span(config), reason).help(match wanted {
        "generator" => "list it under `transformers`",
        _ => "list it under `generators`",
    }));
}

fn apply(build: &mut Build<'_>, kustomization: &Kustomization, transformer: &Transformer) {
    match transformer {
        Transformer::Annotations(pairs, specs) => labels::set_pairs(build, specs, pairs, Step::Annotation),
        Transformer::Labels(pairs, specs) => labels::set_pairs(build, specs, pairs, Step::Label),
        Transformer::Namespace(Some(change), specs) => namespace::set(build, specs, change),
        Transformer::Namespace(None, _) => {}
        Transformer::Affixes(affixes) => affix(build, affixes),
        Transformer::Image(image, specs) => images::set(build, specs, std::slice::from_ref(image)),
        Transformer::Replicas(replicas, specs) => replicas::set(build, specs, replicas),
        Transformer::Patch(patch) => patches::patch_one(build, kustomization, patch),
        Transformer::JsonPatch(patch) => patches::json6902_one(build, kustomization, patch),
        Transformer::StrategicMerge(texts) => {
            texts.iter().for_each(|it| patches::merge_by_id(build, kustomization, it));
        }
        Transformer::Replacements(entries) => {
            replacements::run(build, kustomization, entries, kustomization.kind == Kind::Kustomization);
        }
        Transformer::Hash => finish::add_hashes(&mut build.objects),
        Transformer::ValueAdd(settings) => value_add::add(build, kustomization, settings),
    }
}

fn affix(build: &mut Build<'_>, affixes: &Affixes) {
    if let Some(prefix) = &affixes.prefix {
        names::affix(build, &affixes.specs, prefix, Step::NamePrefix);
    }
    if let Some(suffix) = &affixes.suffix {
        names::affix(build, &affixes.specs, suffix, Step::NameSuffix);
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Severity;
    use crate::node::Node;
    use crate::render::{RenderOptions, Rendered, Renderer};
    use crate::source::{MemoryTree, RepoPath};

    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n";

    fn tree(files: &[(&str, &str)]) -> MemoryTree {
        let mut tree = MemoryTree::new();
        for (path, text) in files {
            tree.insert(path, text);
        }
        tree
    }

    fn render(renderer: &Renderer<'_>) -> Rendered {
        renderer.render(&RepoPath::root()).unwrap()
    }

    /// The path, the line, and the text that a value and its newest directive point to.
    fn told(renderer: &Renderer<'_>, node: &Node) -> [(String, u32, String); 2] {
        let directive = node.origin.steps().next().unwrap().directive;
        [node.origin.span, directive].map(|span| {
            let (path, start, _) = renderer.sources().place(span);
            (path.to_string(), start.line, renderer.sources().text_of(span))
        })
    }

    #[test]
    fn what_a_transformer_writes_points_into_its_file() {
        let label = "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels:\n  a: b\n\
                     fieldSpecs:\n- path: metadata/labels\n  create: true\n";
        let tree = tree(&[
            ("kustomization.yaml", "resources: [web.yaml]\ntransformers: [dir]\n"),
            ("dir/kustomization.yaml", "resources: [label.yaml]\n"),
            ("dir/label.yaml", label),
            ("web.yaml", SERVICE),
        ]);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = render(&renderer);
        let value = rendered.resources[0].node.at("/metadata/labels/a").unwrap();
        let at = |text: &str| ("dir/label.yaml".to_owned(), 5, text.to_owned());
        assert_eq!(told(&renderer, value), [at("b"), at("a")]);
    }

    #[test]
    fn a_patch_inside_of_an_inline_transformer_points_to_its_own_text() {
        let kustomization = "resources: [web.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  \
                             kind: PatchTransformer\n  metadata: {name: p}\n  patch: |-\n    \
                             apiVersion: v1\n    kind: Service\n    metadata: {name: web}\n    \
                             spec: {type: NodePort}\n";
        let tree = tree(&[("kustomization.yaml", kustomization), ("web.yaml", SERVICE)]);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = render(&renderer);
        let value = rendered.resources[0].node.at("/spec/type").unwrap();
        let (path, line, text) = &told(&renderer, value)[0];
        assert_eq!((path.as_str(), *line, text.as_str()), ("kustomization.yaml", 11, "NodePort"));
    }

    #[test]
    fn files_of_transformers_are_used_and_their_directories_are_no_roots() {
        let patch = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: patch.yaml\n\
                     target: {kind: Service}\n";
        let inline = "generators:\n- |-\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n  \
                      metadata: {name: c}\n  files: [key=data.yaml]\n";
        let tree = tree(&[
            ("kustomization.yaml", &format!("resources: [web.yaml]\ntransformers: [dir]\n{inline}")),
            ("dir/kustomization.yaml", "resources: [t.yaml]\n"),
            ("dir/t.yaml", patch),
            ("web.yaml", SERVICE),
        ]);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let plan = renderer.plan(&[path("dir"), RepoPath::root()]);
        let used = plan.used_files();
        for file in ["dir/t.yaml", "patch.yaml", "data.yaml", "web.yaml"] {
            assert!(used.contains(&path(file)), "{file} is not among {used:?}");
        }
        assert_eq!(plan.roots(), [plan.layer(&RepoPath::root()).unwrap()]);
    }

    #[test]
    fn a_field_that_a_transformer_does_not_know_is_a_warning() {
        let kustomization = "resources: [web.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  \
                             kind: LabelTransformer\n  metadata: {name: l}\n  lables: {a: b}\n";
        let tree = tree(&[("kustomization.yaml", kustomization), ("web.yaml", SERVICE)]);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let rendered = render(&renderer);
        let [found] = &rendered.diagnostics[..] else { panic!("{:?}", rendered.diagnostics) };
        assert_eq!((found.rule.code, found.severity), ("KUS002", Severity::Warning));
        assert_eq!(found.help.as_deref(), Some("did you mean `labels`?"));
        assert_eq!(renderer.sources().place(found.span()).1.line, 7);
        assert!(!rendered.is_refused);
    }

    #[test]
    fn a_base_is_built_under_the_schema_of_each_root() {
        let schema = r#"{"definitions": {"Zoo": {
            "x-kubernetes-group-version-kind": [{"group": "e.org", "version": "v1", "kind": "Zoo"}],
            "properties": {"list": {"x-kubernetes-patch-merge-key": "k", "x-kubernetes-patch-strategy": "merge"}}
        }}}"#;
        let zoo = "apiVersion: e.org/v1\nkind: Zoo\nmetadata: {name: z}\nlist: [{k: a}]\n";
        let tree = tree(&[
            ("with/kustomization.yaml", "resources: [../base]\nopenapi: {path: schema.json}\n"),
            ("with/schema.json", schema),
            ("without/kustomization.yaml", "resources: [../base]\n"),
            ("base/kustomization.yaml", "resources: [zoo.yaml]\npatches: [{path: patch.yaml}]\n"),
            ("base/zoo.yaml", zoo),
            ("base/patch.yaml", &zoo.replace("k: a", "k: b")),
        ]);
        let renderer = Renderer::new(&tree, RenderOptions::default());
        let count = |root: &str| {
            let rendered = renderer.render(&RepoPath::root().join(root).unwrap()).unwrap();
            rendered.resources[0].node.get("list").and_then(Node::as_seq).map(<[Node]>::len)
        };
        assert_eq!((count("with"), count("without"), count("base")), (Some(2), Some(1), Some(1)));
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let plan = renderer.plan(&[path("base"), path("with"), path("without")]);
        assert_eq!((plan.len(), plan.roots().len()), (4, 2));
    }
}

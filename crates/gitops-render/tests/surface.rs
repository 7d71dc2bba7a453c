//! What embedders rely on, and what a compiler tells: types go from thread to thread, are shown and cloned.

use gitops_render::report::{self, Places};
use gitops_render::{
    Cancel, Cancelled, Diagnostic, Entries, Layer, Layers, MemoryTree, Node, Origin, Plan, RenderOptions,
    Rendered, Renderer, RepoPath, Resource, Rule, Scope, Severity, SourceFile, Sources, rules,
};

fn shared<T: Send + Sync + std::fmt::Debug>() {}
fn cloned<T: Send + Sync + std::fmt::Debug + Clone>() {}

#[test]
fn types_are_shared_by_threads_and_shown() {
    shared::<Renderer<'static>>();
    shared::<Sources<'static>>();
    shared::<SourceFile>();
    shared::<Plan>();
    shared::<Layers>();
    shared::<Entries>();
    shared::<Rule>();
    cloned::<Layer>();
    cloned::<Rendered>();
    cloned::<Resource>();
    cloned::<Node>();
    cloned::<Origin>();
    cloned::<Diagnostic>();
    cloned::<RenderOptions>();
    cloned::<MemoryTree>();
    cloned::<Cancel>();
    cloned::<Cancelled>();
    cloned::<report::Finding>();
    cloned::<report::Object>();
    #[cfg(feature = "schema")]
    {
        shared::<gitops_render::SchemaStore>();
        cloned::<gitops_render::SchemaOptions>();
        cloned::<gitops_render::Location>();
    }
    #[cfg(feature = "policy")]
    {
        shared::<gitops_render::PolicySet>();
        shared::<gitops_render::Gatekeeper>();
        cloned::<gitops_render::PolicyOptions>();
        cloned::<gitops_render::GatekeeperOptions>();
    }
}

#[test]
fn every_build_has_all_rules() {
    let groups = ["DEP", "KUS", "POL", "SCH", "YML"];
    for group in groups {
        assert!(rules::RULES.iter().any(|it| it.code.starts_with(group)), "{group}");
    }
}

static OWN: Rule =
    Rule::new("acme/replicas", "enough-replicas", Severity::Warning, Scope::Object).on_request();

#[test]
fn a_rule_of_ones_own_points_through_patches() {
    let mut tree = MemoryTree::new();
    tree.insert(
        "web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n",
    );
    tree.insert(
        "kustomization.yaml",
        "resources: [web.yaml]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec:\n      replicas: 1\n",
    );
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = renderer.render(&RepoPath::root()).expect("there is a kustomization");
    let replicas = rendered.resources[0].node.at("/spec/replicas").expect("it has replicas");
    let found = OWN.on(replicas, "one is not enough");
    let finding = Places::new(renderer.sources()).finding(&found, &[], &[]);
    assert_eq!(
        (&*finding.code, &*finding.location.path, finding.location.start.line),
        ("acme/replicas", "kustomization.yaml", 8)
    );
    assert!(finding.related.iter().any(|it| it.location.path == "web.yaml" && it.location.start.line == 4));
    assert!(!OWN.is_default);
    #[cfg(feature = "schema")]
    published_schema_has(&serde_json::to_value(&finding).expect("a finding is JSON"));
}

/// A finding is what the published schema says, and has no field of which it says nothing.
#[cfg(feature = "schema")]
fn published_schema_has(finding: &serde_json::Value) {
    let text = include_str!("../../../docs/report.schema.json");
    let mut schema: serde_json::Value = serde_json::from_str(text).expect("the schema is JSON");
    let described = &schema["$defs"]["finding"]["properties"];
    let fields = |it: &serde_json::Value| -> Vec<String> {
        let mut fields: Vec<String> = it.as_object().into_iter().flatten().map(|it| it.0.clone()).collect();
        fields.sort();
        fields
    };
    assert_eq!(fields(finding), fields(described));
    assert_eq!(schema["properties"]["version"]["const"], report::VERSION);
    let definitions = schema["$defs"].take();
    let schema = serde_json::json!({ "$ref": "#/$defs/finding", "$defs": definitions });
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    assert!(validator.is_valid(finding), "{finding:#}");
    assert!(!validator.is_valid(&serde_json::json!({ "code": "KUS004" })));
}

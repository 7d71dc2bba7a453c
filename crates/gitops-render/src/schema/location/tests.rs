//! Locations, asked through the store.

use crate::diagnostic::Diagnostic;
use crate::render::{RenderOptions, Renderer};
use crate::schema::location::{Location, Template};
use crate::schema::{SchemaOptions, SchemaStore};
use crate::source::{MemoryTree, RepoPath};

fn path(text: &str) -> RepoPath {
    RepoPath::root().join(text).unwrap()
}

fn folder(text: &str) -> Location {
    Location::Folder(path(text))
}

fn template(base: &str, text: &str) -> Location {
    Location::Template(Template::new(path(base), text).unwrap())
}

/// A CustomResourceDefinition of `Widget` whose `size` has a type.
fn definition(of_size: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: widgets.example.com}}\nspec:\n  group: example.com\n  scope: Namespaced\n  \
         names: {{plural: widgets, kind: Widget}}\n  versions:\n  - name: v1\n    served: true\n    \
         storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          \
         size: {{type: {of_size}}}\n"
    )
}

/// What is found in `a.yaml` of a repository that may have definitions in `crd.yaml`, one line each, for the versions of Kubernetes given.
fn found(tree: &MemoryTree, locations: &[Location], versions: &str) -> Vec<String> {
    let renderer = Renderer::new(tree, RenderOptions::default());
    let rendered = renderer.manifest(&path("a.yaml"));
    let versions = versions.parse::<crate::Minors>().unwrap().as_slice().to_vec();
    let mut store = SchemaStore::new(SchemaOptions { versions, ..SchemaOptions::default() });
    store.add_definitions(&renderer.manifest(&path("crd.yaml")).resources);
    let mut all =
        store.add_locations(locations, renderer.sources(), rendered.resources.iter().map(|it| &it.id.gvk));
    all.extend(rendered.resources.iter().flat_map(|it| store.check(it)));
    let line = |it: &Diagnostic| {
        let (path, start, _) = renderer.sources().place(it.span());
        format!("{path}:{}:{} {} {}", start.line, start.column, it.rule.code, it.message)
    };
    all.iter().map(line).collect()
}

const WIDGET: &str = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nsize: big\n";
const NOT_AN_INTEGER: &str = "a.yaml:4:7 SCH001 `size` is \"big\", but an integer is wanted";

fn schema(of_size: &str) -> String {
    format!("{{\"type\": \"object\", \"properties\": {{\"size\": {{\"type\": \"{of_size}\"}}}}}}")
}

#[test]
fn the_first_location_that_has_the_kind_wins_and_the_repository_wins_over_all() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", WIDGET);
    tree.insert("json/example.com/widget_v1.json", schema("integer"));
    tree.insert("crds/deep/widget.yaml", definition("string"));
    tree.insert("empty/a.txt", "");
    let [empty, json, crds] = ["empty", "json", "crds"].map(folder);
    assert_eq!(found(&tree, &[empty.clone(), json.clone(), crds.clone()], "1.33"), [NOT_AN_INTEGER]);
    assert_eq!(found(&tree, &[empty.clone(), crds, json.clone()], "1.33"), [""; 0]);
    assert_eq!(found(&tree, &[empty], "1.33").len(), 1, "SCH003: nobody knows the kind");
    tree.insert("crd.yaml", definition("string"));
    assert_eq!(found(&tree, &[json], "1.33"), [""; 0]);
}

#[test]
fn what_is_built_in_comes_last_unless_the_list_says_where() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nsize: big\n");
    tree.insert("json/v1.33.0-standalone/configmap-v1.json", schema("integer"));
    assert_eq!(found(&tree, &[folder("json")], "1.33"), [NOT_AN_INTEGER]);
    let built_in_first = found(&tree, &[Location::BuiltIn, folder("json")], "1.33");
    assert!(built_in_first[0].contains("SCH002") || !cfg!(feature = "bundle"), "{built_in_first:?}");
    // The folder has one version; for the other what is built in holds.
    let both = found(&tree, &[folder("json")], "1.33-1.34");
    assert_eq!(both[1], format!("{NOT_AN_INTEGER} (in Kubernetes 1.33)"));
}

#[test]
fn a_template_has_a_file_for_each_version() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", WIDGET);
    tree.insert("s/v1.30.0/widget-example-v1-strict.json", schema("integer"));
    tree.insert("s/v1.31.0/widget-example-v1.json", schema("string"));
    tree.insert("s/master/widget-example-v1.yaml", "type: object");
    let text =
        "{{ .NormalizedKubernetesVersion }}/{{ .ResourceKind }}{{ .KindSuffix }}{{ .StrictSuffix }}.json";
    let locations = [template("s", text)];
    let mut lines = found(&tree, &locations, "1.30-1.32");
    lines.sort();
    assert_eq!(lines[1], format!("{NOT_AN_INTEGER} (in Kubernetes 1.30)"));
    assert!(
        lines[0].starts_with("a.yaml:2:7 SCH003 no schema is known")
            && lines[0].ends_with("(in Kubernetes 1.32)")
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_file_is_for_one_kind_or_defines_several() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", WIDGET);
    tree.insert("widget.json", schema("integer")).insert("gadget.json", schema("integer"));
    tree.insert(
        "crds.yaml",
        format!("{}---\n{}", definition("integer").replace("Widget", "Gadget"), definition("integer")),
    );
    tree.insert(
        "list.yaml",
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- {}",
            definition("integer").trim_end().replace('\n', "\n  ")
        ),
    );
    for name in ["widget.json", "crds.yaml", "list.yaml"] {
        assert_eq!(found(&tree, &[Location::File(path(name))], "1.33"), [NOT_AN_INTEGER], "{name}");
    }
    assert!(found(&tree, &[Location::File(path("gadget.json"))], "1.33")[0].contains("SCH003"));
}

#[test]
fn references_lead_into_the_file_and_to_its_neighbours() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", format!("{WIDGET}nested: {{size: 1, nested: {{nested: {{size: bad}}}}}}\n"));
    tree.insert(
        "s/example.com/widget_v1.json",
        "{\"properties\": {\"size\": {\"$ref\": \"../_definitions.json#/definitions/a~1b%20c\"},
          \"nested\": {\"$ref\": \"#\"}}, \"additionalProperties\": true}",
    );
    tree.insert("s/_definitions.json", "{\"definitions\": {\"a/b c\": {\"$ref\": \"#/$defs/int\"}}, \"$defs\": {\"int\": {\"type\": \"integer\"}}}");
    let lines = found(&tree, &[folder("s")], "1.33");
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert_eq!(lines[0], NOT_AN_INTEGER);
    assert!(lines[1].contains("`size` is \"bad\""), "{lines:#?}");
}

#[test]
fn what_older_drafts_and_openapi_say_is_understood() {
    let mut tree = MemoryTree::new();
    tree.insert(
        "widget.yaml",
        "$schema: http://json-schema.org/draft-04/schema#\nid: http://example.com/x\nproperties:\n  \
        low: {type: integer, minimum: 1, exclusiveMinimum: true}\n  maybe: {type: string, nullable: true}\n  \
        port: {x-kubernetes-int-or-string: true}\n  other: {type: string, format: int-or-string}\n  \
        pair: {items: [{type: string}, {type: integer}], additionalItems: false}\n  id: {type: string}\n\
        dependencies: {low: [maybe], maybe: {required: [port]}}\n",
    );
    let check = |fields: &str| {
        let mut tree = tree.clone();
        tree.insert(
            "a.yaml",
            format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: a}}\n{fields}\n"),
        );
        found(&tree, &[Location::File(path("widget.yaml"))], "1.33").len()
    };
    assert_eq!(
        check(
            "{low: 2, maybe: null, port: 1, other: 2, pair: [a, 1], id: x}"
                .trim_matches(['{', '}'])
                .replace(", ", "\n")
                .replace("a\n1", "a, 1")
                .as_str()
        ),
        0
    );
    for wrong in [
        "low: 1\nmaybe: a\nport: 1",
        "low: 2",
        "maybe: a",
        "port: 1.5",
        "other: true",
        "pair: [a, 1, 2]",
        "pair: [1]",
        "id: 1",
    ] {
        assert_eq!(check(wrong), 1, "{wrong}");
    }
}

/// The one finding about the schema of `Widget`, after which the kind is not checked.
#[track_caller]
fn is_unusable(files: &[(&str, &str)], expected: &str) {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", WIDGET);
    for (name, text) in files {
        tree.insert(name, text);
    }
    let lines = found(&tree, &[folder("s")], "1.30-1.33");
    let not_checked =
        "a.yaml:2:7 SCH003 `Widget` of `example.com/v1` is not checked: its schema cannot be used";
    assert_eq!(lines, [expected, not_checked]);
}

#[test]
fn a_schema_that_cannot_be_used_is_told_at_its_place_and_its_objects_are_not_passed_over() {
    let name = "s/example.com/widget_v1.json";
    for (text, expected) in [
        ("[1]", "1:1 SCH014 a list is no schema"),
        ("\"text\"", "1:1 SCH014 the string \"text\" is no schema"),
        ("", "1:1 SCH014 an empty file is no schema"),
        (
            "{\"type\": \"object\",\n \"required\": \"size\"}",
            "2:14 SCH014 this is no JSON Schema: \"size\" is not of type \"array\"",
        ),
        (
            "{\"properties\": {\"a\": {\"type\": \"text\"}}}",
            "1:31 SCH014 this is no JSON Schema: `type` does not take this value",
        ),
        (
            "{\"properties\": {\"a\": {\"$ref\": \"#/definitions/a\"}}}",
            "1:31 SCH014 the `$ref` leads nowhere: `#/definitions/a`",
        ),
        (
            "{\"properties\": {\"a\": {\"$ref\": \"b.json\"}}}",
            "1:31 SCH014 the `$ref` leads nowhere: `b.json`",
        ),
        (
            "{\"properties\": {\"a\": {\"$ref\": 1}}}",
            "1:31 SCH014 this is no JSON Schema: a `$ref` is a text",
        ),
        (
            "{\"properties\": {\"a\": {\"$ref\": \"../../a.yaml\"}}}",
            "1:31 SCH014 the `$ref` leads out of the schema location: `../../a.yaml`",
        ),
        (
            "{\"properties\": {\"a\": {\"$ref\": \"https://a.b/c.json\"}}}",
            "1:31 SCH014 the `$ref` leads to the network: `https://a.b/c.json`",
        ),
        ("{\"$ref\": \"#\"}", "1:10 SCH014 the `$ref` leads round in a circle: widget_v1 → widget_v1"),
        (
            "{\"allOf\": [{\"$ref\": \"#/definitions/a\"}], \"definitions\": {\"a\": {\"$ref\": \"#/definitions/b\"}, \"b\": {\"not\": {\"$ref\": \"#/definitions/a\"}}}}",
            "1:114 SCH014 the `$ref` leads round in a circle: a → b → a",
        ),
    ] {
        is_unusable(&[(name, text)], &format!("{name}:{expected}"));
    }
    is_unusable(&[(name, "{\"type\": \"object\"")], &format!("{name}:1:1 YML001 this `{{` is never closed"));
}

#[test]
fn a_list_that_the_schema_keys_holds_a_key_once() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", format!("{WIDGET}parts: [{{name: a}}, {{name: a}}]\n"));
    let parts = "parts: {type: array, items: {type: object}, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name]}";
    tree.insert("widget.yaml", format!("type: object\nproperties:\n  {parts}\n"));
    let lines = found(&tree, &[Location::File(path("widget.yaml"))], "1.33");
    assert!(
        lines.len() == 1 && lines[0].starts_with("a.yaml:5:") && lines[0].contains("SCH008"),
        "{lines:#?}"
    );
}

#[test]
fn a_pattern_that_cannot_be_compiled_is_told_and_the_rest_of_the_schema_holds() {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", format!("{WIDGET}name: xyz\n"));
    tree.insert("widget.json", "{\"properties\": {\"name\": {\"type\": \"string\", \"pattern\": \"(?!x)\"}, \"size\": {\"type\": \"integer\"}}}");
    let lines = found(&tree, &[Location::File(path("widget.json"))], "1.33");
    assert!(
        lines[0].starts_with("widget.json:1:55 SCH014 the pattern is no regular expression: look-around"),
        "{lines:#?}"
    );
    assert_eq!(lines[1..], [NOT_AN_INTEGER]);
}

#[test]
fn schemas_that_multiply_or_nest_at_one_place_are_refused() {
    let name = "s/example.com/widget_v1.json";
    let chain = |length: usize, of_next: &dyn Fn(&str) -> String| {
        let link = |index: usize| {
            let next = format!("{{\"$ref\": \"#/definitions/{}\"}}", index + 1);
            format!("\"{index}\": {}, ", of_next(&next))
        };
        let links: String = (0..length).map(link).collect();
        format!("{{\"$ref\": \"#/definitions/0\", \"definitions\": {{{links}\"{length}\": {{}}}}}}")
    };
    let many = chain(14, &|next| format!("{{\"allOf\": [{next}, {next}]}}"));
    let expected = "1:1 SCH014 branches and `$ref`s make more than 10000 schemas for one place";
    is_unusable(&[(name, &many)], &format!("{name}:{expected}"));
    let expected = "1:1 SCH014 branches and `$ref`s lie in each other more than 32 deep for one place";
    is_unusable(&[(name, &chain(40, &str::to_owned))], &format!("{name}:{expected}"));
    let nested = format!("{}{}{}", "{\"not\": ".repeat(100), "{}", "}".repeat(100));
    is_unusable(&[(name, &nested)], &format!("{name}:{expected}"));
    let below = format!("{{\"properties\": {{\"a\": {{\"items\": {nested}}}}}}}");
    is_unusable(&[(name, &below)], &format!("{name}:{expected}"));
}

#[test]
fn definitions_that_need_each_other_a_thousand_deep_are_no_trouble() {
    let mut text = "{\"$ref\": \"#/definitions/0\", \"definitions\": {".to_owned();
    for index in 0..1900 {
        text.push_str(&format!(
            "\"{index}\": {{\"properties\": {{\"size\": {{\"$ref\": \"#/definitions/{}\"}}}}}}, ",
            index + 1
        ));
    }
    text.push_str("\"1900\": {}}}");
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", WIDGET).insert("widget.json", &text);
    assert_eq!(found(&tree, &[Location::File(path("widget.json"))], "1.33"), [""; 0]);
}

#[test]
fn branches_that_multiply_with_each_level_of_an_object_are_not_followed() {
    let mut tree = MemoryTree::new();
    let branch = "{\"properties\": {\"x\": {\"$ref\": \"#\"}}}";
    let schema = format!("{{\"type\": \"object\", \"anyOf\": [{}]}}", [branch; 20].join(", "));
    tree.insert("widget.json", schema);
    let deep = |levels: usize| format!("{WIDGET}x: {}1{}\n", "{x: ".repeat(levels), "}".repeat(levels));
    tree.insert("a.yaml", deep(30));
    let too_much =
        "a.yaml:2:7 SCH003 `Widget` of `example.com/v1` is not checked: the branches of its schema multiply";
    assert_eq!(found(&tree, &[Location::File(path("widget.json"))], "1.33"), [too_much]);
    tree.insert("a.yaml", deep(2));
    let lines = found(&tree, &[Location::File(path("widget.json"))], "1.33");
    assert!(lines.len() == 1 && lines[0].contains("a mapping is wanted"), "{lines:#?}");
}

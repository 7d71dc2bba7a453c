//! The files under `configurations`.

use crate::diagnostic::Diagnostic;
use crate::kustomize::config::{Config, NameReference};
use crate::kustomize::field_spec::FieldSpec;
use crate::node::Node;
use crate::resource::Gvk;
use crate::rules::kus;
use crate::sources::SourceFile;

/// Reads a configuration file.
///
/// # Errors
/// What kustomize would not accept in it.
pub(crate) fn read(file: &SourceFile) -> Result<Config, Vec<Diagnostic>> {
    let yaml = file.yaml();
    if yaml.is_broken {
        return Err(yaml.diagnostics.clone());
    }
    let mut config = Config::default();
    let mut problems = vec![];
    for document in &yaml.documents {
        let Some(map) = document.as_map() else {
            problems.push(kus::build_failed::because(document.origin.span, "a configuration is a mapping"));
            continue;
        };
        for entry in map.entries() {
            let items = entry.node.as_seq().unwrap_or_default();
            if &*entry.key == "nameReference" {
                config.name_reference.extend(items.iter().map(name_reference));
                continue;
            }
            let specs = items.iter().filter_map(field_spec);
            match list(&mut config, &entry.key) {
                Some(list) => list.extend(specs),
                // kustomize passes over what it does not know here.
                None => continue,
            }
        }
    }
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

fn list<'c>(config: &'c mut Config, key: &str) -> Option<&'c mut Vec<FieldSpec>> {
    Some(match key.to_ascii_lowercase().as_str() {
        "nameprefix" => &mut config.name_prefix,
        "namesuffix" => &mut config.name_suffix,
        "namespace" => &mut config.namespace,
        "commonlabels" => &mut config.common_labels,
        "labels" => &mut config.labels,
        "templatelabels" => &mut config.template_labels,
        "commonannotations" => &mut config.common_annotations,
        "varreference" => &mut config.var_reference,
        "images" => &mut config.images,
        "replicas" => &mut config.replicas,
        _ => return None,
    })
}

fn gvk(node: &Node) -> Gvk {
    let text = |key: &str| {
        any_case(node, key).and_then(Node::as_scalar).map(|it| it.text.clone()).unwrap_or_default()
    };
    Gvk { group: text("group"), version: text("version"), kind: text("kind") }
}

/// The value of `key`, whatever its case, as Go reads JSON.
pub(super) fn any_case<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let entries = node.as_map()?.entries();
    entries.iter().find(|it| it.key.eq_ignore_ascii_case(key)).map(|it| &it.node)
}

/// One field spec; `None` without a path.
pub(crate) fn field_spec(node: &Node) -> Option<FieldSpec> {
    let path = any_case(node, "path")?.as_str()?;
    let create =
        any_case(node, "create").and_then(Node::as_scalar).and_then(|it| it.bool()).unwrap_or_default();
    Some(FieldSpec::new(gvk(node), path, create))
}

fn name_reference(node: &Node) -> NameReference {
    let specs = node.get("fieldSpecs").and_then(Node::as_seq).unwrap_or_default();
    NameReference { target: gvk(node), referrers: specs.iter().filter_map(field_spec).collect() }
}

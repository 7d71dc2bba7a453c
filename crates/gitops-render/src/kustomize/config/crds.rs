//! The files under `crds`: OpenAPI definitions whose extensions say which fields hold names,
//! labels, annotations.
//!
//! They are no CustomResourceDefinitions, in spite of the field's name.

use crate::diagnostic::Diagnostic;
use crate::kustomize::config::read::any_case;
use crate::kustomize::config::{Config, Conflict, NameReference, merge_specs};
use crate::kustomize::field_spec::FieldSpec;
use crate::node::{Map, Node};
use crate::resource::Gvk;
use crate::rules::kus;
use crate::sources::SourceFile;

/// How deep definitions may refer to each other; those that refer to themselves have no end.
const MAX_DEPTH: usize = 32;

/// How many fields a definition may have on all its ways: two references a level double them.
const MAX_FIELDS: usize = 10_000;

/// Reads a file of definitions.
///
/// # Errors
/// What kustomize would not accept in it.
pub(crate) fn read(file: &SourceFile) -> Result<Config, Vec<Diagnostic>> {
    let yaml = file.yaml();
    if yaml.is_broken {
        return Err(yaml.diagnostics.clone());
    }
    let no_definitions = |node: &Node| {
        let reason =
            format!("a file under `crds` holds OpenAPI definitions, and this is {}", node.describe());
        let found = kus::build_failed::because(node.origin.span, reason);
        vec![found.help("to add CustomResourceDefinitions to the objects, list them under `resources`")]
    };
    let Some(document) = yaml.documents.first() else {
        return Err(vec![kus::build_failed::because(file.start(), "the file is empty")]);
    };
    let definitions = document.as_map().ok_or_else(|| no_definitions(document))?;
    if let Some(entry) = definitions.entries().iter().find(|it| it.node.as_map().is_none()) {
        return Err(no_definitions(&entry.node));
    }
    let mut config = Config::default();
    for entry in definitions.entries() {
        let Some(properties) = properties(&entry.node) else { continue };
        if !["kind", "apiVersion", "metadata"].iter().all(|it| properties.get(it).is_some()) {
            continue;
        }
        let kind = entry.key.rsplit('.').next().unwrap_or_default();
        let gvk = Gvk { kind: kind.into(), ..Gvk::default() };
        let mut walk = Walk { definitions, gvk, config: &mut config, path: vec![], left: MAX_FIELDS };
        if let Err(conflict) = walk.properties(properties) {
            let reason = format!("the definitions do not agree on `{}`", conflict.path);
            return Err(vec![kus::build_failed::because(entry.key_span, reason)]);
        }
    }
    Ok(config)
}

fn properties(definition: &Node) -> Option<&Map> {
    any_case(definition, "schema")?.get("properties")?.as_map()
}

/// The way through the definitions of one kind.
struct Walk<'n, 'c> {
    definitions: &'n Map,
    gvk: Gvk,
    config: &'c mut Config,
    path: Vec<&'n str>,
    left: usize,
}

impl<'n> Walk<'n, '_> {
    fn properties(&mut self, properties: &'n Map) -> Result<(), Conflict> {
        for entry in properties.entries() {
            if self.left == 0 {
                return Ok(());
            }
            self.left -= 1;
            self.path.push(&entry.key);
            self.property(&entry.node)?;
            self.path.pop();
        }
        Ok(())
    }

    fn property(&mut self, property: &'n Node) -> Result<(), Conflict> {
        let text = |key: &str| property.get(key)?.as_str();
        for (extension, list) in [
            ("x-kubernetes-annotation", &mut self.config.common_annotations),
            ("x-kubernetes-label-selector", &mut self.config.common_labels),
            ("x-kubernetes-identity", &mut self.config.name_prefix),
        ] {
            if text(extension).is_some() {
                let path = self.path.iter().map(|it| (*it).into()).collect();
                merge_specs(list, &[FieldSpec { gvk: self.gvk.clone(), path, create: false }])?;
            }
        }
        let named = text("x-kubernetes-object-ref-api-version").zip(text("x-kubernetes-object-ref-kind"));
        if let Some((version, kind)) = named {
            let key = text("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let path = self.path.iter().copied().chain([key]).map(Into::into).collect();
            let target = Gvk { version: version.into(), kind: kind.into(), ..Gvk::default() };
            let referrers = vec![FieldSpec { gvk: self.gvk.clone(), path, create: false }];
            self.config.add_reference(&NameReference { target, referrers })?;
        }
        let definition = text("$ref").and_then(|it| self.definitions.get(it));
        match definition.and_then(properties) {
            Some(properties) if self.path.len() < MAX_DEPTH => self.properties(properties),
            _ => Ok(()),
        }
    }
}

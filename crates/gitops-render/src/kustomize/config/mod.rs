//! The configuration of the steps: which fields of which kinds each of them works on.
//!
//! kustomize has a built-in configuration (`defaults`), and a kustomization can add to it with
//! `configurations`. What a base adds, its overlays have too.

pub(crate) mod crds;
mod defaults;
mod read;

use std::sync::{Arc, OnceLock};

use crate::kustomize::field_spec::{FieldSpec, gvk_fits};
use crate::resource::Gvk;

pub(crate) use read::{field_spec, read};

/// Which fields the steps work on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `namePrefix`
    pub name_prefix: Vec<FieldSpec>,
    /// `nameSuffix`
    pub name_suffix: Vec<FieldSpec>,
    /// `namespace`
    pub namespace: Vec<FieldSpec>,
    /// `commonLabels`: labels and selectors
    pub common_labels: Vec<FieldSpec>,
    /// `labels`: labels of objects
    pub labels: Vec<FieldSpec>,
    /// `templateLabels`: labels of templates
    pub template_labels: Vec<FieldSpec>,
    /// `commonAnnotations`
    pub common_annotations: Vec<FieldSpec>,
    /// `nameReference`
    pub name_reference: Vec<NameReference>,
    /// `varReference`
    pub var_reference: Vec<FieldSpec>,
    /// `images`
    pub images: Vec<FieldSpec>,
    /// `replicas`
    pub replicas: Vec<FieldSpec>,
}

/// The fields that hold the name of an object of some kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameReference {
    /// The kind that is named.
    pub target: Gvk,
    /// The fields that name it.
    pub referrers: Vec<FieldSpec>,
}

/// Two configurations that say different things about one field.
#[derive(Debug)]
pub struct Conflict {
    /// The path of the field.
    pub path: String,
}

impl Config {
    /// kustomize's own configuration.
    pub fn built_in() -> &'static Arc<Config> {
        static BUILT_IN: OnceLock<Arc<Config>> = OnceLock::new();
        BUILT_IN.get_or_init(|| Arc::new(defaults::config()))
    }

    /// Adds another configuration to this one.
    ///
    /// # Errors
    /// If both name the same field and disagree on whether to create it.
    pub fn merge(&mut self, other: &Config) -> Result<(), Conflict> {
        merge_specs(&mut self.name_prefix, &other.name_prefix)?;
        merge_specs(&mut self.name_suffix, &other.name_suffix)?;
        merge_specs(&mut self.namespace, &other.namespace)?;
        merge_specs(&mut self.common_labels, &other.common_labels)?;
        merge_specs(&mut self.labels, &other.labels)?;
        merge_specs(&mut self.template_labels, &other.template_labels)?;
        merge_specs(&mut self.common_annotations, &other.common_annotations)?;
        merge_specs(&mut self.var_reference, &other.var_reference)?;
        merge_specs(&mut self.images, &other.images)?;
        merge_specs(&mut self.replicas, &other.replicas)?;
        for reference in &other.name_reference {
            self.add_reference(reference)?;
        }
        Ok(())
    }

    fn add_reference(&mut self, reference: &NameReference) -> Result<(), Conflict> {
        match self.name_reference.iter_mut().find(|it| it.target == reference.target) {
            Some(known) => merge_specs(&mut known.referrers, &reference.referrers),
            None => {
                self.name_reference.push(reference.clone());
                Ok(())
            }
        }
    }
}

/// Adds those specs that are not there yet. A spec for all kinds counts as there if any spec of
/// the same path is: so a configuration can narrow a built-in spec down.
pub(crate) fn merge_specs(into: &mut Vec<FieldSpec>, from: &[FieldSpec]) -> Result<(), Conflict> {
    for spec in from {
        match into.iter().find(|it| it.path == spec.path && gvk_fits(&spec.gvk, &it.gvk)) {
            Some(known) if known.create != spec.create => {
                return Err(Conflict { path: spec.path.join("/") });
            }
            Some(_) => {}
            None => into.push(spec.clone()),
        }
    }
    Ok(())
}

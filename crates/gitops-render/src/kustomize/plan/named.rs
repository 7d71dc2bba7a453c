//! Which files a kustomization names, and in which field.

use crate::kustomize::file::replacement::ReplacementEntry;
use crate::kustomize::file::{Generator, PatchText, Text};
use crate::kustomize::plan::Planned;
use crate::source::Span;

/// The field of a kustomization that names something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// `resources`, and the deprecated `bases`.
    Resource,
    /// `components`.
    Component,
    /// `generators`.
    Generator,
    /// `transformers`.
    Transformer,
    /// `validators`.
    Validator,
    /// `patches` and its forerunners.
    Patch,
    /// `configMapGenerator`.
    ConfigMap,
    /// `secretGenerator`.
    Secret,
    /// `replacements`.
    Replacement,
    /// `configurations`.
    Configuration,
    /// `crds`.
    Crd,
    /// `openapi`.
    OpenApi,
    /// `helmCharts`: the chart, or a file with values for it.
    Chart,
    /// A file that the configuration of a transformer or generator names.
    Plugin,
}

impl Reference {
    /// The name of the field; `plugin` for what stands in a configuration of its own.
    pub fn keyword(self) -> &'static str {
        match self {
            Reference::Resource => "resources",
            Reference::Component => "components",
            Reference::Generator => "generators",
            Reference::Transformer => "transformers",
            Reference::Validator => "validators",
            Reference::Patch => "patches",
            Reference::ConfigMap => "configMapGenerator",
            Reference::Secret => "secretGenerator",
            Reference::Replacement => "replacements",
            Reference::Configuration => "configurations",
            Reference::Crd => "crds",
            Reference::OpenApi => "openapi",
            Reference::Chart => "helmCharts",
            Reference::Plugin => "plugin",
        }
    }
}

/// A path that names a file, as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'p> {
    pub reference: Reference,
    pub path: &'p str,
    /// The entry that has it.
    pub span: Span,
}

/// The files that a kustomization names, but for those that its resources and the like lead to.
/// All of them are meant from its directory.
pub(crate) fn named(planned: &Planned) -> Vec<Named<'_>> {
    let kustomization = &planned.kustomization;
    let patches = kustomization.patches.iter().chain(&kustomization.patches_json6902).map(|it| &it.text);
    let patches = patches.chain(&kustomization.patches_strategic_merge).filter_map(|it| match it {
        PatchText::Path(path) => Some(path),
        PatchText::Inline(_) => None,
    });
    let replacements = kustomization.replacements.iter().filter_map(|it| match it {
        ReplacementEntry::Path(path) => Some(path),
        ReplacementEntry::Inline(_) => None,
    });
    let open_api = kustomization.open_api.iter().filter_map(|it| it.path.as_ref());
    let mut found: Vec<Named<'_>> = patches.map(|it| plain(Reference::Patch, it)).collect();
    found.extend(inputs(Reference::ConfigMap, &kustomization.config_maps));
    found.extend(inputs(Reference::Secret, &kustomization.secrets));
    found.extend(replacements.map(|it| plain(Reference::Replacement, it)));
    found.extend(kustomization.configurations.iter().map(|it| plain(Reference::Configuration, it)));
    found.extend(kustomization.crds.iter().map(|it| plain(Reference::Crd, it)));
    found.extend(open_api.map(|it| plain(Reference::OpenApi, it)));
    found.extend(kustomization.chart_values.iter().map(|it| plain(Reference::Chart, it)));
    found.extend(planned.plugin_inputs.iter().map(|it| plain(Reference::Plugin, it)));
    found
}

fn plain(reference: Reference, text: &Text) -> Named<'_> {
    Named { reference, path: &text.value, span: text.span }
}

/// `path` or `key=path`.
fn inputs(reference: Reference, generators: &[Generator]) -> impl Iterator<Item = Named<'_>> {
    generators.iter().flat_map(|it| it.files.iter().chain(&it.envs)).map(move |text| {
        let path = text.value.split_once('=').map_or(&*text.value, |(_, path)| path);
        Named { reference, path, span: text.span }
    })
}

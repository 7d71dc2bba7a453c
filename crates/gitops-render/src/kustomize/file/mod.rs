//! A kustomization.yaml, typed, with the place of every value.
//!
//! `read` turns nodes into these types and reports what kustomize would not accept; what the
//! fields do is told by the steps.

mod fields;
mod patch;
mod plugin;
mod read;
pub(crate) mod replacement;
mod value_add;
pub(crate) mod vars;

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::replacement::ReplacementEntry;
use crate::kustomize::file::vars::Var;
use crate::kustomize::selector::Selector;
use crate::node::Node;
use crate::source::{RepoPath, Span};

pub(super) use patch::is_inline;
pub(super) use plugin::{Affixes, Plugin, Policy, Transformer, inputs as plugin_inputs};
pub(super) use value_add::{Target, ValueAdd};

/// A value and its place in kustomization.yaml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A text and its place.
pub type Text = Spanned<Arc<str>>;

/// An entry of a map of strings, such as a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: Text,
    /// The value.
    pub value: Text,
}

/// Whether a directory can be built by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// `kind: Kustomization`, or no kind.
    #[default]
    Kustomization,
    /// `kind: Component`: works on the objects of the kustomization that includes it.
    Component,
}

/// What a kustomization.yaml says, field by field.
#[derive(Clone, Debug, Default)]
pub struct Kustomization {
    /// The directory.
    pub dir: RepoPath,
    /// Where findings about the file as a whole point; `None` if there is no such file.
    pub start: Option<Span>,
    /// Kustomization or Component.
    pub kind: Kind,
    /// `resources`, with the deprecated `bases` behind them.
    pub resources: Vec<Text>,
    /// `components`.
    pub components: Vec<Text>,
    /// `namespace`.
    pub namespace: Option<Text>,
    /// `namePrefix`.
    pub name_prefix: Option<Text>,
    /// `nameSuffix`.
    pub name_suffix: Option<Text>,
    /// `labels`.
    pub labels: Vec<Labels>,
    /// `commonLabels`.
    pub common_labels: Vec<Pair>,
    /// `commonAnnotations`.
    pub common_annotations: Vec<Pair>,
    /// `patches`.
    pub patches: Vec<Patch>,
    /// `patchesStrategicMerge`: paths, or patches themselves.
    pub patches_strategic_merge: Vec<PatchText>,
    /// `patchesJson6902`.
    pub patches_json6902: Vec<Patch>,
    /// `images`, with the deprecated `imageTags` behind them.
    pub images: Vec<Image>,
    /// `replicas`.
    pub replicas: Vec<Replicas>,
    /// `replacements`.
    pub replacements: Vec<ReplacementEntry>,
    /// `vars`.
    pub vars: Vec<Arc<Var>>,
    /// `configMapGenerator`.
    pub config_maps: Vec<Generator>,
    /// `secretGenerator`.
    pub secrets: Vec<Generator>,
    /// `generatorOptions`.
    pub generator_options: GeneratorOptions,
    /// `configurations`: files.
    pub configurations: Vec<Text>,
    /// `generators`: paths of configurations, or configurations themselves.
    pub generators: Vec<Text>,
    /// `transformers`: the same.
    pub transformers: Vec<Text>,
    /// `validators`: the same.
    pub validators: Vec<Text>,
    /// `crds`: files with OpenAPI definitions.
    pub crds: Vec<Text>,
    /// `openapi`.
    pub open_api: Option<OpenApi>,
    /// `sortOptions`.
    pub sort_options: Option<SortOptions>,
    /// `buildMetadata`.
    pub build_metadata: BuildMetadata,
    /// The names of the charts in `helmCharts` and `helmChartInflationGenerator`.
    pub charts: Vec<Text>,
    /// The files with values for charts, so that nobody takes them for manifests.
    pub chart_values: Vec<Text>,
    /// What is wrong with the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether kustomize would refuse the file.
    pub is_refused: bool,
}

/// `openapi`: where merge keys are looked up instead of Kubernetes 1.21.
#[derive(Clone, Debug, Default)]
pub struct OpenApi {
    /// `version`: the schema of a version that is built into kustomize.
    pub version: Option<Text>,
    /// `path`: a schema.
    pub path: Option<Text>,
}

/// `sortOptions`: only those of the kustomization that is built count, and so only those are
/// checked.
#[derive(Clone, Debug)]
pub struct SortOptions {
    /// `order`.
    pub order: Text,
    /// `legacySortOptions`: the kinds that come first, and those that come last.
    pub legacy: Option<(Vec<Text>, Vec<Text>)>,
}

/// `buildMetadata`: what the objects are to tell of the build, with the place that asks for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuildMetadata {
    /// `originAnnotations`.
    pub origin: Option<Span>,
    /// `transformerAnnotations`.
    pub transformers: Option<Span>,
    /// `managedByLabel`.
    pub managed_by: Option<Span>,
}

/// An entry of `labels`.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// The labels.
    pub pairs: Vec<Pair>,
    /// `includeSelectors`: selectors and templates get them too.
    pub include_selectors: bool,
    /// `includeTemplates`: templates get them too.
    pub include_templates: bool,
    /// `fields`: further places, as nodes that the configuration reads.
    pub fields: Vec<Node>,
}

/// What is to be done to namespaces.
#[derive(Clone, Debug)]
pub struct NamespaceChange {
    /// The namespace.
    pub namespace: Text,
    /// The subjects of bindings that get it.
    pub subjects: Subjects,
    /// Whether a namespace that is there stays.
    pub unset_only: bool,
}

/// The subjects of a RoleBinding or ClusterRoleBinding whose namespace is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subjects {
    /// Those called `default`.
    #[default]
    Default,
    /// None of them.
    None,
    /// All ServiceAccounts.
    AllServiceAccounts,
}

/// A patch as it is written: in a file, or in kustomization.yaml itself.
#[derive(Clone, Debug)]
pub enum PatchText {
    /// The path of the file.
    Path(Text),
    /// The text.
    Inline(Text),
}

/// An entry of `patches` or `patchesJson6902`.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The patch.
    pub text: PatchText,
    /// What it is applied to; `None` if the patch itself names its object.
    pub target: Option<Spanned<Selector>>,
    /// `options.allowNameChange`.
    pub allow_name_change: bool,
    /// `options.allowKindChange`.
    pub allow_kind_change: bool,
}

/// An entry of `images`.
#[derive(Clone, Debug)]
pub struct Image {
    /// The image as the manifests have it: a regular expression.
    pub name: Text,
    /// `newName`.
    pub new_name: Option<Text>,
    /// `newTag`.
    pub new_tag: Option<Text>,
    /// `tagSuffix`.
    pub tag_suffix: Option<Text>,
    /// `digest`.
    pub digest: Option<Text>,
}

/// An entry of `replicas`.
#[derive(Clone, Debug)]
pub struct Replicas {
    /// The name of the workload.
    pub name: Text,
    /// How many.
    pub count: Spanned<i64>,
}

/// An entry of `configMapGenerator` or `secretGenerator`.
#[derive(Clone, Debug)]
pub struct Generator {
    /// The whole entry.
    pub span: Span,
    /// `name`.
    pub name: Text,
    /// `namespace`.
    pub namespace: Option<Text>,
    /// `behavior`.
    pub behavior: Behavior,
    /// `literals`.
    pub literals: Vec<Text>,
    /// `files`.
    pub files: Vec<Text>,
    /// `envs`, with the deprecated `env` behind them.
    pub envs: Vec<Text>,
    /// `type` of a Secret.
    pub secret_type: Option<Text>,
    /// `options`.
    pub options: GeneratorOptions,
}

/// What a generator does if the object is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behavior {
    /// Not said: the object must not be there.
    #[default]
    Unspecified,
    /// The object must not be there.
    Create,
    /// The object must be there, and its data is replaced.
    Replace,
    /// The object must be there, and gets the data on top.
    Merge,
}

/// `generatorOptions`, or the `options` of one generator.
#[derive(Clone, Debug, Default)]
pub struct GeneratorOptions {
    /// `labels`.
    pub labels: Vec<Pair>,
    /// `annotations`.
    pub annotations: Vec<Pair>,
    /// `disableNameSuffixHash`.
    pub disable_name_suffix_hash: bool,
    /// `immutable`.
    pub immutable: Option<Span>,
}

impl GeneratorOptions {
    /// These options, completed by those of the whole kustomization.
    pub fn or(&self, global: &GeneratorOptions) -> GeneratorOptions {
        let merged = |own: &[Pair], global: &[Pair]| {
            let more = global.iter().filter(|it| own.iter().all(|own| own.key.value != it.key.value));
            own.iter().chain(more).cloned().collect()
        };
        GeneratorOptions {
            labels: merged(&self.labels, &global.labels),
            annotations: merged(&self.annotations, &global.annotations),
            disable_name_suffix_hash: self.disable_name_suffix_hash || global.disable_name_suffix_hash,
            immutable: self.immutable.or(global.immutable),
        }
    }
}

/// Reads the first document of a kustomization file, as kustomize does.
pub fn read(dir: &RepoPath, start: Span, document: Option<&Node>) -> Kustomization {
    fields::read(dir, start, document)
}

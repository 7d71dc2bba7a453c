//! The configuration of a built-in transformer or generator, as it stands in a file of its own.

use crate::diagnostic::{Diagnostic, Severity};
use crate::kustomize::config::field_spec;
use crate::kustomize::field_spec::FieldSpec;
use crate::kustomize::file::read::Reader;
use crate::kustomize::file::replacement::ReplacementEntry;
use crate::kustomize::file::value_add::{ValueAdd, targets};
use crate::kustomize::file::{
    Generator, Image, NamespaceChange, Pair, Patch, PatchText, Replicas, Spanned, Subjects, Text, fields,
    is_inline, patch, replacement,
};
use crate::kustomize::generate;
use crate::node::{Entry, Map, Node};
use crate::resource::Resource;
use crate::rules::kus;
use crate::source::Span;
use crate::suggest;

/// What an object under `transformers`, `generators` or `validators` asks for.
#[derive(Clone, Debug)]
pub enum Plugin {
    /// Changes the objects.
    Transformer(Box<Transformer>),
    /// Adds a ConfigMap or a Secret.
    Generator(generate::Kind, Box<Generator>),
    /// Adds a ServiceAccount: `IAMPolicyGenerator`.
    Policy(Policy),
    /// A Helm chart, which is never inflated.
    Chart,
    /// A program or a container, which is never run.
    External,
}

/// The fields that a transformer works on.
pub type Specs = Vec<FieldSpec>;

/// A transformer with its settings.
#[derive(Clone, Debug)]
pub enum Transformer {
    /// `AnnotationsTransformer`
    Annotations(Vec<Pair>, Specs),
    /// `LabelTransformer`
    Labels(Vec<Pair>, Specs),
    /// `NamespaceTransformer`; `None` if it names no namespace.
    Namespace(Option<NamespaceChange>, Specs),
    /// `PrefixTransformer`, `SuffixTransformer`, `PrefixSuffixTransformer`
    Affixes(Affixes),
    /// `ImageTagTransformer`
    Image(Image, Specs),
    /// `ReplicaCountTransformer`
    Replicas(Replicas, Specs),
    /// `PatchTransformer`
    Patch(Patch),
    /// `PatchJson6902Transformer`
    JsonPatch(Patch),
    /// `PatchStrategicMergeTransformer`
    StrategicMerge(Vec<PatchText>),
    /// `HashTransformer`
    Hash,
    /// `ReplacementTransformer`
    Replacements(Vec<ReplacementEntry>),
    /// `ValueAddTransformer`
    ValueAdd(ValueAdd),
}

/// What is put around names.
#[derive(Clone, Debug, Default)]
pub struct Affixes {
    /// `prefix`
    pub prefix: Option<Text>,
    /// `suffix`
    pub suffix: Option<Text>,
    /// The fields that hold names.
    pub specs: Specs,
}

/// `IAMPolicyGenerator`: a Kubernetes ServiceAccount that acts for one of Google's cloud.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The cloud; only `gke` is known.
    pub cloud: Option<Text>,
    /// The name of the Kubernetes ServiceAccount.
    pub name: Option<Text>,
    /// Its namespace.
    pub namespace: Option<Text>,
    /// The account's name in the cloud.
    pub account: Option<Text>,
    /// The project that it belongs to.
    pub project: Option<Text>,
}

/// The kinds that kustomize 5.6 has built in.
const KINDS: &[&str] = &[
    "AnnotationsTransformer",
    "HashTransformer",
    "ImageTagTransformer",
    "LabelTransformer",
    "NamespaceTransformer",
    "PatchJson6902Transformer",
    "PatchStrategicMergeTransformer",
    "PatchTransformer",
    "PrefixSuffixTransformer",
    "PrefixTransformer",
    "ReplacementTransformer",
    "ReplicaCountTransformer",
    "SuffixTransformer",
    "ValueAddTransformer",
    "ConfigMapGenerator",
    "HelmChartInflationGenerator",
    "IAMPolicyGenerator",
    "SecretGenerator",
];

impl Plugin {
    /// Reads a configuration.
    ///
    /// Returns what was found besides: the plugin is `None` if kustomize would not accept it.
    pub fn read(resource: &Resource) -> (Option<Plugin>, Vec<Diagnostic>) {
        let gvk = &resource.id.gvk;
        if !gvk.group.is_empty() || &*gvk.version != "builtin" {
            return (Some(Plugin::External), vec![]);
        }
        let mut reader = Reader { is_lenient: true, ..Reader::default() };
        let Some(map) = resource.node.as_map() else { return (None, vec![]) };
        let at = map.entry("kind").map_or(resource.node.origin.span, |it| it.node.origin.span);
        let config = Config { kind: &gvk.kind, at, own: own_fields(map), metadata: map.get("metadata") };
        let plugin = config.read(&mut reader);
        let is_refused = reader.diagnostics.iter().any(|it| it.severity == Severity::Error);
        (plugin.filter(|_| !is_refused), reader.diagnostics)
    }
}

/// The fields besides those that every object has.
fn own_fields(map: &Map) -> Map {
    let mut own = map.clone();
    own.entries_mut().retain(|it| !matches!(&*it.key, "apiVersion" | "kind" | "metadata"));
    own
}

/// A configuration that is being read.
struct Config<'n> {
    kind: &'n str,
    /// Where the kind stands.
    at: Span,
    own: Map,
    metadata: Option<&'n Node>,
}

impl Config<'_> {
    fn read(&self, reader: &mut Reader) -> Option<Plugin> {
        let transformer = match self.kind {
            "AnnotationsTransformer" => {
                let (pairs, specs) = self.one(reader, "annotations", Reader::pairs);
                Transformer::Annotations(pairs.unwrap_or_default(), specs)
            }
            "LabelTransformer" => {
                let (pairs, specs) = self.one(reader, "labels", Reader::pairs);
                Transformer::Labels(pairs.unwrap_or_default(), specs)
            }
            "NamespaceTransformer" => self.namespace(reader)?,
            "PrefixTransformer" => self.affixes(reader, &["prefix"])?,
            "SuffixTransformer" => self.affixes(reader, &["suffix"])?,
            "PrefixSuffixTransformer" => self.affixes(reader, &["prefix", "suffix"])?,
            "ImageTagTransformer" => {
                let read = |reader: &mut Reader, entry: &Entry| {
                    let map = reader.map(entry)?;
                    fields::image(reader, map, entry.node.origin.span)
                };
                let (image, specs) = self.one(reader, "imageTag", read);
                Transformer::Image(image.flatten().or_else(|| self.no_image(reader))?, specs)
            }
            "ReplicaCountTransformer" => {
                let read = |reader: &mut Reader, entry: &Entry| {
                    let map = reader.map(entry)?;
                    fields::replicas(reader, map, entry.node.origin.span)
                };
                let (replicas, specs) = self.one(reader, "replica", read);
                Transformer::Replicas(replicas.flatten().or_else(|| self.missing(reader, "replica"))?, specs)
            }
            "PatchTransformer" => Transformer::Patch(patch::patch(reader, &self.own, self.at)?),
            "PatchJson6902Transformer" => self.json_patch(reader)?,
            "PatchStrategicMergeTransformer" => self.strategic_merge(reader)?,
            "HashTransformer" => Transformer::Hash,
            "ValueAddTransformer" => self.value_add(reader),
            "ConfigMapGenerator" => return self.generator(reader, generate::Kind::ConfigMap),
            "SecretGenerator" => return self.generator(reader, generate::Kind::Secret),
            "IAMPolicyGenerator" => return Some(Plugin::Policy(self.policy(reader))),
            "ReplacementTransformer" => self.replacements(reader),
            "HelmChartInflationGenerator" => return Some(Plugin::Chart),
            kind => {
                reader.diagnostics.push(kus::build_failed::no_built_in(
                    self.at,
                    kind,
                    suggest::nearest(kind, KINDS.iter().copied()),
                ));
                return None;
            }
        };
        Some(Plugin::Transformer(Box::new(transformer)))
    }

    fn missing<T>(&self, reader: &mut Reader, field: &str) -> Option<T> {
        reader.refuse(self.at, format!("a {} needs `{field}`", self.kind));
        None
    }

    /// Without an image to look for, nothing is changed.
    fn no_image(&self, _: &mut Reader) -> Option<Image> {
        let name = Spanned { value: "".into(), span: self.at };
        Some(Image { name, new_name: None, new_tag: None, tag_suffix: None, digest: None })
    }

    /// One field of its own, and `fieldSpecs`.
    fn one<T>(
        &self,
        reader: &mut Reader,
        field: &str,
        read: impl Fn(&mut Reader, &Entry) -> T,
    ) -> (Option<T>, Specs) {
        let (mut value, mut specs) = (None, vec![]);
        reader.fields(&self.own, &[field, "fieldSpecs"], |reader, name, entry| match name {
            "fieldSpecs" => specs = field_specs(reader, entry),
            _ => value = Some(read(reader, entry)),
        });
        (value, specs)
    }

    fn namespace(&self, reader: &mut Reader) -> Option<Transformer> {
        let (mut specs, mut subjects, mut unset_only) = (vec![], Subjects::default(), false);
        let known = ["fieldSpecs", "unsetOnly", "setRoleBindingSubjects"];
        reader.fields(&self.own, &known, |reader, name, entry| match name {
            "fieldSpecs" => specs = field_specs(reader, entry),
            "unsetOnly" => unset_only = reader.bool(entry),
            _ => subjects = role_binding_subjects(reader, entry),
        });
        let namespace = self.metadata_text(reader, "namespace");
        let change = namespace.map(|namespace| NamespaceChange { namespace, subjects, unset_only });
        Some(Transformer::Namespace(change, specs))
    }

    fn affixes(&self, reader: &mut Reader, texts: &[&str]) -> Option<Transformer> {
        let (mut affixes, mut has_specs) = (Affixes::default(), false);
        let known: Vec<&str> = texts.iter().copied().chain(["fieldSpecs"]).collect();
        reader.fields(&self.own, &known, |reader, name, entry| match name {
            "prefix" => affixes.prefix = filled(reader.text(entry)),
            "suffix" => affixes.suffix = filled(reader.text(entry)),
            _ => {
                affixes.specs = field_specs(reader, entry);
                has_specs = true;
            }
        });
        if !has_specs {
            return self.missing(reader, "fieldSpecs");
        }
        Some(Transformer::Affixes(affixes))
    }

    fn json_patch(&self, reader: &mut Reader) -> Option<Transformer> {
        let (mut path, mut operations, mut target) = (None, None, None);
        reader.fields(&self.own, &["target", "path", "jsonOp"], |reader, name, entry| match name {
            "target" => target = patch::selector(reader, entry),
            "path" => path = filled(reader.text(entry)),
            _ => operations = filled(reader.text(entry)),
        });
        let text = match (path, operations) {
            (Some(path), None) => PatchText::Path(path),
            (None, Some(operations)) => PatchText::Inline(operations),
            (Some(path), Some(_)) => {
                reader.refuse(path.span, "a patch has either `path` or `jsonOp`, not both");
                return None;
            }
            (None, None) => return self.missing(reader, "path` or `jsonOp"),
        };
        if target.is_none() {
            return self.missing(reader, "target");
        }
        Some(Transformer::JsonPatch(Patch {
            text,
            target,
            allow_name_change: false,
            allow_kind_change: false,
        }))
    }

    fn strategic_merge(&self, reader: &mut Reader) -> Option<Transformer> {
        let (mut paths, mut patches) = (vec![], None);
        reader.fields(&self.own, &["paths", "patches"], |reader, name, entry| match name {
            "paths" => paths = patch::strategic_merge(reader, entry),
            _ => patches = filled(reader.text(entry)),
        });
        paths.extend(patches.map(PatchText::Inline));
        if paths.is_empty() {
            return self.missing(reader, "paths` or `patches");
        }
        Some(Transformer::StrategicMerge(paths))
    }

    fn replacements(&self, reader: &mut Reader) -> Transformer {
        let mut entries = vec![];
        reader.fields(&self.own, &["replacements"], |reader, _, entry| {
            entries = fields::maps(reader, entry, replacement::entry);
        });
        Transformer::Replacements(entries)
    }

    fn value_add(&self, reader: &mut Reader) -> Transformer {
        let mut out = ValueAdd::default();
        reader.fields(&self.own, &["value", "targets", "targetFilePath"], |reader, name, entry| match name {
            "value" => out.value = filled(reader.text(entry)),
            "targets" => out.targets = targets(reader, entry),
            _ => out.target_file = filled(reader.text(entry)),
        });
        if out.targets.is_empty() && out.target_file.is_none() {
            self.missing::<()>(reader, "targets");
        }
        Transformer::ValueAdd(out)
    }

    /// The object is called like the configuration if nothing else is said.
    fn generator(&self, reader: &mut Reader, kind: generate::Kind) -> Option<Plugin> {
        let mut own = self.own.clone();
        for key in ["name", "namespace"] {
            let given = own.get(key).is_some_and(|it| it.as_scalar().is_some_and(|it| !it.text.is_empty()));
            let entry = self.metadata.and_then(Node::as_map).and_then(|it| it.entry(key));
            if let Some(entry) = entry.filter(|_| !given) {
                own.insert(entry.clone());
            }
        }
        // Only a kustomization.yaml still has the old `env` turned into `envs`.
        if let Some(entry) = own.remove("env") {
            let found = kus::unknown_field::unknown("env", entry.key_span, Some("envs"));
            reader.diagnostics.push(kus::unknown_field::passed_over(found));
        }
        let generator = fields::generator(reader, &own, self.at)?;
        Some(Plugin::Generator(kind, Box::new(generator)))
    }

    fn policy(&self, reader: &mut Reader) -> Policy {
        let mut out = Policy::default();
        reader.fields(&self.own, &["cloud", "kubernetesService", "serviceAccount"], |reader, name, entry| {
            if name == "cloud" {
                out.cloud = filled(reader.text(entry));
                return;
            }
            let known = if name == "serviceAccount" { ["name", "projectId"] } else { ["name", "namespace"] };
            let Some(map) = reader.map(entry) else { return };
            reader.fields(map, &known, |reader, field, entry| {
                let text = filled(reader.text(entry));
                match (name, field) {
                    ("serviceAccount", "name") => out.account = text,
                    ("serviceAccount", _) => out.project = text,
                    (_, "name") => out.name = text,
                    _ => out.namespace = text,
                }
            });
        });
        out
    }

    fn metadata_text(&self, reader: &mut Reader, key: &str) -> Option<Text> {
        let entry = self.metadata?.as_map()?.entry(key)?;
        filled(reader.text(entry))
    }
}

pub(super) fn filled(text: Option<Text>) -> Option<Text> {
    text.filter(|it| !it.value.is_empty())
}

fn field_specs(reader: &mut Reader, entry: &Entry) -> Specs {
    reader.items(entry).iter().filter_map(field_spec).collect()
}

fn role_binding_subjects(reader: &mut Reader, entry: &Entry) -> Subjects {
    let known = ["defaultOnly", "none", "allServiceAccounts"];
    match reader.text(entry).as_ref().map(|it| &*it.value) {
        Some("defaultOnly" | "") | None => Subjects::Default,
        Some("none") => Subjects::None,
        Some("allServiceAccounts") => Subjects::AllServiceAccounts,
        Some(other) => {
            let reason = format!("`{other}` is none of `{}`", known.join("`, `"));
            reader.refuse(entry.node.origin.span, reason);
            Subjects::Default
        }
    }
}

/// The files that a configuration names, so that nobody takes them for manifests.
pub fn inputs(document: &Node) -> Vec<Text> {
    let replacements = document.get("replacements").and_then(Node::as_seq).unwrap_or_default();
    let path = |it: &Node| Some(Spanned { value: it.get("path")?.as_str()?.into(), span: it.origin.span });
    let mut texts: Vec<Text> = replacements.iter().filter_map(path).collect();
    for key in ["path", "targetFilePath", "paths", "files", "envs", "env"] {
        let Some(node) = document.get(key) else { continue };
        let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
        let found = items
            .iter()
            .filter_map(|it| Some(Spanned { value: it.as_scalar()?.text.clone(), span: it.origin.span }));
        texts.extend(found.filter(|it| !is_inline(it)).map(|it| match it.value.split_once('=') {
            Some((_, path)) => Spanned { value: path.into(), span: it.span },
            None => it,
        }));
    }
    texts
}

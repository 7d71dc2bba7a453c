//! The pods that workloads will make, so that a policy about pods is asked about what is deployed.
//!
//! Gatekeeper does so for what an ExpansionTemplate names. Here it is done for every workload that is
//! known to have the template of a pod, and for the ExpansionTemplates of the repository.

use std::sync::Arc;

use crate::kube::views;
use crate::node::{Entry, Map, Node, ScalarKind, Value, pointer_part};
use crate::origin::Origin;
use crate::policy::gatekeeper::matching::texts;
use crate::resource::{Gvk, Resource};

/// An object that another one will make.
#[derive(Clone, Debug)]
pub(super) struct Expanded {
    /// The object, with a name and a namespace that come from its maker.
    pub resource: Resource,
    /// Where it stands in its maker, as a JSON pointer.
    pub prefix: String,
    /// What an ExpansionTemplate says about what is found in it.
    pub action: Option<Arc<str>>,
    /// The name of the ExpansionTemplate.
    pub template: Option<Arc<str>>,
}

/// What is expanded.
#[derive(Clone, Debug, Default)]
pub(super) struct Expansions {
    /// Whether the pods of all workloads are looked at.
    pub of_workloads: bool,
    templates: Vec<ExpansionTemplate>,
}

/// An ExpansionTemplate.
#[derive(Clone, Debug)]
struct ExpansionTemplate {
    name: Arc<str>,
    applies_to: Vec<AppliesTo>,
    source: Vec<String>,
    generated: Gvk,
    action: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
struct AppliesTo {
    groups: Vec<Arc<str>>,
    versions: Vec<Arc<str>>,
    kinds: Vec<Arc<str>>,
}

/// Custom resources that make pods: group, kind, and where the templates are. `*` is every item or
/// every member.
const CUSTOM_WORKLOADS: &[(&str, &str, &[&str])] = &[
    ("apps.kruise.io", "CloneSet", &["spec/template"]),
    ("apps.kruise.io", "DaemonSet", &["spec/template"]),
    ("apps.kruise.io", "StatefulSet", &["spec/template"]),
    ("apps.kruise.io", "BroadcastJob", &["spec/template"]),
    ("argoproj.io", "Rollout", &["spec/template"]),
    ("batch.volcano.sh", "Job", &["spec/tasks/*/template"]),
    ("jobset.x-k8s.io", "JobSet", &["spec/replicatedJobs/*/template/spec/template"]),
    ("kubeflow.org", "MPIJob", &["spec/mpiReplicaSpecs/*/template"]),
    ("kubeflow.org", "MXJob", &["spec/mxReplicaSpecs/*/template"]),
    ("kubeflow.org", "Notebook", &["spec/template"]),
    ("kubeflow.org", "PaddleJob", &["spec/paddleReplicaSpecs/*/template"]),
    ("kubeflow.org", "PyTorchJob", &["spec/pytorchReplicaSpecs/*/template"]),
    ("kubeflow.org", "TFJob", &["spec/tfReplicaSpecs/*/template"]),
    ("kubeflow.org", "XGBoostJob", &["spec/xgbReplicaSpecs/*/template"]),
    (
        "leaderworkerset.x-k8s.io",
        "LeaderWorkerSet",
        &["spec/leaderWorkerTemplate/leaderTemplate", "spec/leaderWorkerTemplate/workerTemplate"],
    ),
    ("ray.io", "RayCluster", &["spec/headGroupSpec/template", "spec/workerGroupSpecs/*/template"]),
    (
        "ray.io",
        "RayJob",
        &["spec/rayClusterSpec/headGroupSpec/template", "spec/rayClusterSpec/workerGroupSpecs/*/template"],
    ),
    (
        "ray.io",
        "RayService",
        &[
            "spec/rayClusterConfig/headGroupSpec/template",
            "spec/rayClusterConfig/workerGroupSpecs/*/template",
        ],
    ),
    ("serving.knative.dev", "Configuration", &["spec/template"]),
    ("serving.knative.dev", "Service", &["spec/template"]),
];

impl Expansions {
    /// Takes an ExpansionTemplate in. One that says nothing useful is passed over, as one with the name
    /// of another.
    pub fn add(&mut self, resource: &Resource) {
        let Some(spec) = resource.node.get("spec") else { return };
        let text = |node: Option<&Node>| node.and_then(Node::as_scalar).map(|it| Arc::clone(&it.text));
        let of_generated = |key: &str| text(spec.path(&["generatedGVK", key])).unwrap_or_default();
        let list = |node: &Node, key: &str| texts(node.get(key)).map(|(it, _)| it).collect();
        let source = text(spec.get("templateSource")).unwrap_or_default();
        let template = ExpansionTemplate {
            name: Arc::clone(&resource.id.name),
            applies_to: spec
                .get("applyTo")
                .and_then(Node::as_seq)
                .unwrap_or_default()
                .iter()
                .map(|it| AppliesTo {
                    groups: list(it, "groups"),
                    versions: list(it, "versions"),
                    kinds: list(it, "kinds"),
                })
                .collect(),
            source: source.split('.').map(str::to_owned).collect(),
            generated: Gvk {
                group: of_generated("group"),
                version: of_generated("version"),
                kind: of_generated("kind"),
            },
            action: text(spec.get("enforcementAction")).filter(|it| !it.is_empty()),
        };
        let is_new = self.templates.iter().all(|it| it.name != template.name);
        if is_new && !source.is_empty() && !template.generated.kind.is_empty() {
            self.templates.push(template);
        }
    }

    /// Whether `resource` is an ExpansionTemplate.
    pub fn is_template(resource: &Resource) -> bool {
        &*resource.id.gvk.group == "expansion.gatekeeper.sh" && &*resource.id.gvk.kind == "ExpansionTemplate"
    }

    /// The kinds of what may be expanded.
    pub fn generated_kinds(&self) -> impl Iterator<Item = &str> {
        self.of_workloads
            .then_some("Pod")
            .into_iter()
            .chain(self.templates.iter().map(|it| &*it.generated.kind))
    }

    /// What `resource` will make. What an ExpansionTemplate makes of it is not made a second time.
    pub fn expand(&self, resource: &Resource) -> Vec<Expanded> {
        let gvk = &resource.id.gvk;
        let mut found = vec![];
        for template in self.templates.iter().filter(|it| it.applies_to.iter().any(|it| it.fits(gvk))) {
            let keys: Vec<&str> = template.source.iter().map(String::as_str).collect();
            let Some(node) = resource.node.path(&keys).filter(|it| it.as_map().is_some()) else { continue };
            let prefix: String = keys.iter().map(|it| format!("/{}", pointer_part(it))).collect();
            found.push(Expanded {
                action: template.action.clone(),
                template: Some(Arc::clone(&template.name)),
                ..expanded(resource, node, prefix, &template.generated)
            });
        }
        let pod = Gvk::new("v1", "Pod");
        if self.of_workloads && *gvk != pod {
            for (pointer, node) in pod_templates(resource) {
                if found.iter().all(|it| it.prefix != pointer) {
                    found.push(expanded(resource, node, pointer, &pod));
                }
            }
        }
        found
    }
}

impl AppliesTo {
    fn fits(&self, gvk: &Gvk) -> bool {
        let has = |list: &[Arc<str>], it: &str| list.iter().any(|one| &**one == it || &**one == "*");
        has(&self.groups, &gvk.group) && has(&self.versions, &gvk.version) && has(&self.kinds, &gvk.kind)
    }
}

impl Expanded {
    /// The object as policies see it. It has an owner, or else a policy against pods without one would
    /// find fault.
    pub fn with_owner(&self, maker: &Resource) -> Node {
        let mut node = self.resource.node.clone();
        let origin = Origin::source(maker.place());
        let mut owner = Node::map(Map::default(), origin.clone());
        set(&mut owner, "apiVersion", &maker.id.gvk.api_version(), origin.clone());
        set(&mut owner, "kind", &maker.id.gvk.kind, origin.clone());
        set(&mut owner, "name", &maker.id.name, origin.clone());
        if let Some(metadata) = node.get_mut("metadata").and_then(Node::as_map_mut) {
            let (key, key_span) = ("ownerReferences".into(), origin.span);
            let node = Node::seq(vec![owner], origin);
            metadata.insert(Entry { key, key_span, key_kind: ScalarKind::Str, node });
        }
        node
    }

    /// A place in this object as a place in its maker.
    pub fn pointer(&self, pointer: &str) -> String {
        match pointer {
            "" => self.prefix.clone(),
            "/metadata/name" | "/metadata/namespace" | "/kind" | "/apiVersion" => pointer.to_owned(),
            _ => format!("{}{pointer}", self.prefix),
        }
    }
}

/// The templates of pods in an object, and where they are.
pub(super) fn pod_templates(resource: &Resource) -> Vec<(String, &Node)> {
    if let Some(at) = views::pod_template(resource) {
        return vec![(at.pointer(), at.node)];
    }
    let gvk = &resource.id.gvk;
    let paths = CUSTOM_WORKLOADS.iter().find(|(group, kind, _)| *group == &*gvk.group && *kind == &*gvk.kind);
    let mut found = vec![];
    for path in paths.map_or(&[][..], |it| it.2) {
        let parts: Vec<&str> = path.split('/').collect();
        collect(&resource.node, &parts, String::new(), &mut found);
    }
    found
}

/// Whether objects of a kind make pods.
pub(super) fn is_workload(group: &str, kind: &str) -> bool {
    const NATIVE: &[(&str, &str)] = &[
        ("", "PodTemplate"),
        ("", "ReplicationController"),
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "ReplicaSet"),
        ("batch", "Job"),
        ("batch", "CronJob"),
    ];
    NATIVE.contains(&(group, kind)) || CUSTOM_WORKLOADS.iter().any(|it| (it.0, it.1) == (group, kind))
}

fn collect<'a>(node: &'a Node, parts: &[&str], pointer: String, found: &mut Vec<(String, &'a Node)>) {
    let Some((first, rest)) = parts.split_first() else {
        if node.as_map().is_some() {
            found.push((pointer, node));
        }
        return;
    };
    match (&node.value, *first) {
        (Value::Seq(items), "*") => {
            for (index, item) in items.iter().enumerate() {
                collect(item, rest, format!("{pointer}/{index}"), found);
            }
        }
        (Value::Map(map), "*") => {
            for entry in map.entries() {
                collect(&entry.node, rest, format!("{pointer}/{}", pointer_part(&entry.key)), found);
            }
        }
        (Value::Map(map), key) => {
            if let Some(next) = map.get(key) {
                collect(next, rest, format!("{pointer}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// The object that a template stands for. It is called as its maker and its kind are.
fn expanded(maker: &Resource, template: &Node, prefix: String, gvk: &Gvk) -> Expanded {
    let mut node = template.clone();
    let origin = |key: &str, of: Option<&Node>| {
        let known = of.or_else(|| maker.node.get(key)).unwrap_or(&maker.node);
        Origin::source(known.origin.span)
    };
    let name_of = maker.node.path(&["metadata", "name"]);
    let name = if gvk.kind.is_empty() {
        maker.id.name.to_string()
    } else {
        format!("{}-{}", maker.id.name, gvk.kind).to_lowercase()
    };
    let mut metadata = node
        .get("metadata")
        .filter(|it| it.as_map().is_some())
        .cloned()
        .unwrap_or_else(|| Node::map(Map::default(), origin("metadata", None)));
    let namespace_of = maker.node.path(&["metadata", "namespace"]);
    set(&mut metadata, "name", &name, origin("metadata", name_of));
    if let Some(it) = namespace_of {
        set(&mut metadata, "namespace", &maker.id.namespace, Origin::source(it.origin.span));
    }
    set(&mut node, "apiVersion", &gvk.api_version(), origin("apiVersion", None));
    set(&mut node, "kind", &gvk.kind, origin("kind", None));
    if let Some(map) = node.as_map_mut() {
        let key_span = map.entry("metadata").map_or(metadata.origin.span, |it| it.key_span);
        map.insert(Entry { key: "metadata".into(), key_span, key_kind: ScalarKind::Str, node: metadata });
    }
    Expanded { resource: Resource::new(node), prefix, action: None, template: None }
}

fn set(node: &mut Node, key: &str, text: &str, origin: Origin) {
    if let Some(map) = node.as_map_mut() {
        let key_span = map.entry(key).map_or(origin.span, |it| it.key_span);
        let node = Node::string(text, origin);
        map.insert(Entry { key: key.into(), key_span, key_kind: ScalarKind::Str, node });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    fn resource(text: &str) -> Resource {
        Resource::new(parse_bytes(FileId(0), text.as_bytes(), Dialect::Resource).documents.remove(0))
    }

    fn expand(text: &str, templates: &[&str]) -> Vec<String> {
        let mut all = Expansions { of_workloads: true, ..Expansions::default() };
        templates.iter().for_each(|it| all.add(&resource(it)));
        let maker = resource(text);
        let found = all.expand(&maker);
        let line = |it: &Expanded| {
            let spec = it.resource.node.get("spec").map(crate::yaml::to_json_go).unwrap_or_default();
            format!("{} {} {} {spec}", it.resource.id.gvk, it.resource.id, it.prefix)
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn a_pod_is_called_as_its_workload() {
        let job = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: Nightly, namespace: n}, \
                   spec: {jobTemplate: {spec: {template: {metadata: {name: x}, spec: {hostPID: true}}}}}}";
        assert_eq!(
            expand(job, &[]),
            ["v1 Pod Pod `nightly-pod` in `n` /spec/jobTemplate/spec/template {\"hostPID\":true}"]
        );
        assert_eq!(expand("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}", &[]), [""; 0]);
    }

    #[test]
    fn custom_resources_may_make_several_pods() {
        let job = "{apiVersion: kubeflow.org/v1, kind: PyTorchJob, metadata: {name: j}, spec: {pytorchReplicaSpecs: \
                   {Master: {template: {spec: {a: 1}}}, Worker: {template: {spec: {b: 1}}}}}}";
        assert_eq!(
            expand(job, &[]),
            [
                "v1 Pod Pod `j-pod` /spec/pytorchReplicaSpecs/Master/template {\"a\":1}",
                "v1 Pod Pod `j-pod` /spec/pytorchReplicaSpecs/Worker/template {\"b\":1}",
            ]
        );
    }

    #[test]
    fn an_expansion_template_stands_in_for_what_is_built_in() {
        let template = "{apiVersion: expansion.gatekeeper.sh/v1alpha1, kind: ExpansionTemplate, metadata: {name: e}, \
                        spec: {applyTo: [{groups: [apps], kinds: [Deployment], versions: [v1]}], \
                        templateSource: spec.template, generatedGVK: {group: '', version: v1, kind: Pod}}}";
        let web =
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {}}}}";
        assert_eq!(expand(web, &[template, template]), ["v1 Pod Pod `web-pod` /spec/template {}"]);
    }

    #[test]
    fn places_lead_back_to_the_workload() {
        let web = resource(
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {}}}}",
        );
        let all = Expansions { of_workloads: true, ..Expansions::default() };
        let pod = all.expand(&web).remove(0);
        assert_eq!(pod.pointer("/spec/containers/0"), "/spec/template/spec/containers/0");
        assert_eq!(pod.pointer("/metadata/name"), "/metadata/name");
        assert_eq!(pod.pointer("/metadata/labels/a"), "/spec/template/metadata/labels/a");
        let owner = pod.with_owner(&web);
        assert_eq!(owner.at("/metadata/ownerReferences/0/kind").and_then(Node::as_str), Some("Deployment"));
    }
}

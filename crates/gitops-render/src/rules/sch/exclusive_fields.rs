//! SCH009: fields that exclude each other.

use crate::diagnostic::Diagnostic;
use crate::kube::views::{At, containers, hooks, pod_spec, probes};
use crate::resource::Resource;
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// Fields of which Kubernetes allows one only: `value` and `valueFrom` of a variable, two sources of
    /// a volume, two handlers of a probe, `minAvailable` and `maxUnavailable`, and the like. Also a
    /// probe or a hook that has no handler at all.
    ///
    /// ## Why it matters
    /// The API server refuses the object. Often a patch added one field and did not remove the other.
    ///
    /// ## How to fix it
    /// Keep one. A patch removes a field of the base by setting it to `null`.
    SCH009 "exclusive-fields" Error Object
}

const HANDLERS: [&str; 4] = ["exec", "grpc", "httpGet", "tcpSocket"];
const HOOKS: [&str; 4] = ["exec", "httpGet", "sleep", "tcpSocket"];
const SOURCES: [&str; 4] = ["configMapKeyRef", "fieldRef", "resourceFieldRef", "secretKeyRef"];

/// Looks for fields that exclude each other.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    if let Some(spec) = At::root(resource).get("spec") {
        object(resource, &spec, found);
    }
    if let Some(pod) = pod_spec(resource) {
        pod_fields(&pod, found);
    }
}

fn object(resource: &Resource, spec: &At<'_>, found: &mut Vec<Diagnostic>) {
    match (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        ("policy", "PodDisruptionBudget") => {
            found.extend(together(spec, &["maxUnavailable", "minAvailable"]));
        }
        ("apps", "Deployment") => found.extend(recreate(spec)),
        ("", "Service") => found.extend(headless(spec)),
        ("networking.k8s.io", "Ingress") => {
            let paths = spec.list("rules").filter_map(|it| it.get("http")).flat_map(|it| it.list("paths"));
            let backends = paths.filter_map(|it| it.get("backend")).chain(spec.get("defaultBackend"));
            found.extend(backends.filter_map(|it| together(&it, &["resource", "service"])));
        }
        ("networking.k8s.io", "NetworkPolicy") => {
            let rules = |list: &str, peers: &'static str| spec.list(list).flat_map(move |it| it.list(peers));
            for peer in rules("ingress", "from").chain(rules("egress", "to")) {
                let selectors =
                    ["namespaceSelector", "podSelector"].map(|it| together(&peer, &["ipBlock", it]));
                found.extend(selectors.into_iter().flatten().next());
            }
        }
        _ => {}
    }
}

fn pod_fields(pod: &At<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(pod.list("volumes").filter_map(|it| one_source(&it)));
    let is_true =
        |at: &At<'_>, key: &str| at.node.get(key).and_then(|it| it.as_scalar()?.bool()) == Some(true);
    if is_true(pod, "hostPID") && is_true(pod, "shareProcessNamespace") {
        found.extend(together(pod, &["hostPID", "shareProcessNamespace"]));
    }
    for container in containers(pod) {
        for variable in container.list("env") {
            found.extend(together(&variable, &["value", "valueFrom"]));
            found.extend(variable.get("valueFrom").and_then(|it| together(&it, &SOURCES)));
        }
        let mounts = container.list("volumeMounts");
        found.extend(mounts.filter_map(|it| together(&it, &["subPath", "subPathExpr"])));
        let sources = container.list("envFrom");
        found.extend(sources.filter_map(|it| together(&it, &["configMapRef", "secretRef"])));
        found.extend(probes(&container).filter_map(|it| one_of(&it, "handler", &HANDLERS)));
        found.extend(hooks(&container).filter_map(|it| one_of(&it, "handler", &HOOKS)));
    }
}

/// The finding about a mapping that has more than one of these fields. It marks the last of them.
fn together(at: &At<'_>, fields: &[&str]) -> Option<Diagnostic> {
    let mut there: Vec<(&str, At<'_>)> =
        fields.iter().filter(|it| at.has(it)).filter_map(|it| Some((*it, at.get(it)?))).collect();
    if there.len() < 2 {
        return None;
    }
    // What a step put there later is more likely the one too many than what was there before.
    there.sort_by_key(|(_, it)| (it.node.origin.trail.is_some(), it.node.origin.span));
    let (last, _) = there.pop()?;
    let (first, at_first) = there.pop()?;
    let message = format!("`{}` has both `{first}` and `{last}`", place(at));
    let found =
        at.find_key(&RULE, last, message).label(at_first.node.origin.span, format!("`{first}` is here"));
    Some(found.help("keep one of them"))
}

fn place(at: &At<'_>) -> String {
    match at.text_of("name") {
        Some(name) => format!("{} ({name})", at.place()),
        None => at.place(),
    }
}

fn one_of(at: &At<'_>, what: &str, fields: &[&str]) -> Option<Diagnostic> {
    let is_there = fields.iter().any(|it| at.has(it));
    // What has no mapping here is the schema's to report.
    if is_there || at.node.as_map().is_none() {
        return together(at, fields);
    }
    let message = format!("`{}` has no {what}", at.place());
    Some(at.find(&RULE, message).help(format!("add one of `{}`", fields.join("`, `"))))
}

/// Every field of a volume but its name is a source.
fn one_source(volume: &At<'_>) -> Option<Diagnostic> {
    let sources: Vec<&str> = volume.members().map(|it| it.0).filter(|it| *it != "name").collect();
    together(volume, &sources)
}

fn recreate(spec: &At<'_>) -> Option<Diagnostic> {
    let strategy = spec.get("strategy")?;
    let is_recreate = strategy.text_of("type") == Some("Recreate") && strategy.has("rollingUpdate");
    is_recreate.then(|| {
        let found = strategy.find_key(
            &RULE,
            "rollingUpdate",
            "`rollingUpdate` does not go with the strategy `Recreate`",
        );
        found.help("delete it; a patch removes it with `rollingUpdate: null`")
    })
}

fn headless(spec: &At<'_>) -> Option<Diagnostic> {
    let kind = spec.text_of("type").filter(|it| matches!(*it, "LoadBalancer" | "NodePort"))?;
    let is_headless = spec.text_of("clusterIP") == Some("None");
    is_headless.then(|| {
        let message = format!("a Service of the type `{kind}` cannot have `clusterIP: None`");
        spec.find_key(&RULE, "clusterIP", message).help("delete it, or make the type `ClusterIP`")
    })
}

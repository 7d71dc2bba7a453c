//! SCH004: a name that Kubernetes refuses.

use crate::diagnostic::Diagnostic;
use crate::kube::names::{self, Wrong};
use crate::kube::native::is_native;
use crate::kube::views::{At, containers, is_filled_in_later, pod_spec};
use crate::resource::{Gvk, Resource};
use crate::rules::rule;

rule! {
    /// ## What it finds
    /// The name of an object, of its namespace, of a container, of a volume, or a key of a ConfigMap or
    /// a Secret, that Kubernetes does not accept. Most objects are named like domains (`web-1.example`),
    /// namespaces, containers, volumes and Services like one label of a domain (`web-1`). Before
    /// Kubernetes 1.36 a Service begins with a letter. Also an object that has no name at all.
    ///
    /// ## Why it matters
    /// The API server refuses the object.
    ///
    /// ## How to fix it
    /// Use lower-case letters, digits and `-`. A prefix or suffix that a kustomization adds counts too.
    SCH004 "invalid-name" Error Object
}

/// Longest name of a CronJob: its Jobs get eleven characters more.
const CRON_JOB: usize = 52;

/// What a name has to be.
struct Form {
    check: fn(&str) -> Option<Wrong>,
    help: &'static str,
    most: usize,
}

const SUBDOMAIN: Form = Form { check: names::dns_subdomain, help: LIKE_A_DOMAIN, most: names::SUBDOMAIN };
const LABEL: Form = Form { check: names::dns_label, help: LIKE_A_LABEL, most: names::LABEL };

const LIKE_A_DOMAIN: &str = "use lower-case letters, digits, `-` and `.`";
const LIKE_A_LABEL: &str = "use lower-case letters, digits and `-`";
const LIKE_A_FILE: &str = "use letters, digits, `-`, `_` and `.`";

/// What the name of an object of this kind has to be; `None` if anything goes, or nobody knows.
fn form(gvk: &Gvk) -> Option<Form> {
    // An aggregated API makes rules of its own: users of OpenShift have colons in their names.
    if gvk.group.ends_with("openshift.io") {
        return None;
    }
    Some(match (&*gvk.group, &*gvk.kind) {
        ("", "Namespace" | "Service") => LABEL,
        ("batch", "CronJob") => Form { most: CRON_JOB, ..SUBDOMAIN },
        // The name becomes a label of the pods.
        ("batch", "Job") => Form { most: names::LABEL, ..SUBDOMAIN },
        ("rbac.authorization.k8s.io", _) => {
            Form { check: names::path_segment, help: "do not use `/` and `%`", most: usize::MAX }
        }
        ("certificates.k8s.io" | "apiregistration.k8s.io", _)
        | ("networking.k8s.io", "IPAddress")
        | ("storage.k8s.io", "CSIDriver") => return None,
        _ => SUBDOMAIN,
    })
}

/// The minor version of Kubernetes from which on the name of a Service may begin with a digit.
pub(crate) const DIGITS_FIRST: u32 = 36;

/// The finding about a Service that only newer versions of Kubernetes take.
pub(crate) fn begins_with_digit(resource: &Resource) -> Option<Diagnostic> {
    let is_service = resource.id.gvk == Gvk::new("v1", "Service");
    let name = At::root(resource).path(&["metadata", "name"]).filter(|_| is_service)?;
    let text = name.text().filter(|it| names::dns_label(it).is_none() && !is_filled_in_later(it))?;
    let wrong = names::dns_1035_label(text)?;
    Some(name.find(&RULE, format!("the name {} {wrong}", name.named())).help("begin with a letter"))
}

/// Looks at the names in an object.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let root = At::root(resource);
    if let Some(form) = form(&resource.id.gvk) {
        found.extend(root.path(&["metadata", "name"]).and_then(|it| wrong(&it, "the name", &form)));
        found.extend(root.path(&["metadata", "generateName"]).and_then(|it| wrong_start(&it, &form)));
    }
    found.extend(nameless(&root));
    found.extend(root.path(&["metadata", "namespace"]).and_then(|it| wrong(&it, "the namespace", &LABEL)));
    if let ("", "ConfigMap" | "Secret") = (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        let maps = ["data", "binaryData", "stringData"].into_iter().filter_map(|it| root.get(it));
        maps.for_each(|it| keys(&it, found));
    }
    let Some(spec) = pod_spec(resource) else { return };
    let names = |items: &mut dyn Iterator<Item = At<'_>>, what: &str, found: &mut Vec<Diagnostic>| {
        found.extend(items.filter_map(|it| wrong(&it.get("name")?, what, &LABEL)));
    };
    names(&mut containers(&spec), "the container's name", found);
    names(&mut spec.list("volumes"), "the volume's name", found);
}

/// The finding about an object of Kubernetes that has metadata but no name in them.
///
/// What has no metadata at all is most likely a question to the API, or a file of a tool's own.
fn nameless(root: &At<'_>) -> Option<Diagnostic> {
    // What is no mapping is the schema's to report.
    let metadata = root.get("metadata").filter(|it| it.node.as_map().is_some() || it.node.is_null())?;
    let kind = &*root.resource.id.gvk.kind;
    let is_kept = is_native(&root.resource.id.gvk)
        && !["Config", "List", "Options", "Review"].iter().any(|it| kind.ends_with(it));
    if !is_kept || metadata.has("name") || metadata.has("generateName") {
        return None;
    }
    Some(metadata.find(&RULE, format!("the {kind} has no name")).help("add `metadata.name`"))
}

fn wrong(at: &At<'_>, what: &str, form: &Form) -> Option<Diagnostic> {
    let text = at.text().filter(|it| !it.is_empty() && !is_filled_in_later(it))?;
    let too_long = || {
        let (length, most) = (text.len(), form.most);
        (length > most).then(|| format!("has {length} characters, and at most {most} are allowed"))
    };
    let wrong = (form.check)(text).or_else(too_long)?;
    let help = if text.len() > form.most { "shorten it" } else { form.help };
    Some(at.find(&RULE, format!("{what} {} {wrong}", at.named())).help(help))
}

/// What the API server completes to a name. It may end with a `-`, and is cut if it is too long.
fn wrong_start(at: &At<'_>, form: &Form) -> Option<Diagnostic> {
    let text = at.text().filter(|it| !it.is_empty() && !is_filled_in_later(it))?;
    let end = text.char_indices().nth(names::LABEL - 5).map_or(text.len(), |it| it.0);
    let wrong = (form.check)(&format!("{}x", &text[..end]))?;
    Some(at.find(&RULE, format!("the start of a name {} {wrong}", at.named())).help(form.help))
}

fn keys(map: &At<'_>, found: &mut Vec<Diagnostic>) {
    for (key, _) in map.members().filter(|(key, _)| !is_filled_in_later(key)) {
        if let Some(wrong) = names::file_key(key) {
            let message = format!("the key {key:?} of `{}` {wrong}", map.place());
            found.push(map.find_key(&RULE, key, message).help(LIKE_A_FILE));
        }
    }
}

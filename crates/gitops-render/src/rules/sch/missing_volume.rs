//! SCH013: a mount of a volume that the pod does not have.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::kube::views::{At, containers, is_filled_in_later, pod_spec};
use crate::resource::Resource;
use crate::rules::{mend, rule};
use crate::suggest;

rule! {
    /// ## What it finds
    /// A `volumeMounts` or `volumeDevices` entry whose name is that of no volume of the pod. The claims
    /// of a StatefulSet count as volumes.
    ///
    /// ## Why it matters
    /// The API server refuses the object.
    ///
    /// ## How to fix it
    /// Add the volume, or take the name of one that is there.
    SCH013 "missing-volume" Error Object fix
}

/// Compares the mounts of a pod with its volumes.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let Some(pod) = pod_spec(resource) else { return };
    let claims = At::root(resource).get("spec").into_iter().flat_map(|it| it.list("volumeClaimTemplates"));
    let claims = claims.filter_map(|it| it.node.path(&["metadata", "name"])?.as_str());
    let volumes = pod.list("volumes").filter_map(|it| it.text_of("name"));
    let known: BTreeSet<&str> = claims.chain(volumes).collect();
    if known.iter().any(|it| is_filled_in_later(it)) {
        return;
    }
    for container in containers(&pod) {
        for mount in container.list("volumeMounts").chain(container.list("volumeDevices")) {
            found.extend(mount.get("name").and_then(|it| missing(&it, &known)));
        }
    }
}

fn missing(at: &At<'_>, known: &BTreeSet<&str>) -> Option<Diagnostic> {
    let name = at.text().filter(|it| !known.contains(it) && !is_filled_in_later(it))?;
    let found = at.find(&RULE, format!("the pod has no volume {}", at.shown()));
    Some(match suggest::nearest(name, known.iter().copied()) {
        Some(nearest) => {
            let fix = at.with_spot(|it| mend::another_text(it, nearest));
            found.help(format!("did you mean `{nearest}`?")).fix(fix)
        }
        None => found.help("add it to `volumes`, or delete the mount"),
    })
}

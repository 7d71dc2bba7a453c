//! SCH006: text or a number whose form Kubernetes does not accept.

use crate::diagnostic::Diagnostic;
use crate::kube::cron;
use crate::kube::format;
use crate::kube::names;
use crate::kube::quantity;
use crate::kube::views::{At, containers, hooks, is_filled_in_later, pod_spec, probes};
use crate::node::{ScalarKind, pointer_parts};
use crate::resource::Resource;
use crate::rules::{Spot, mend, rule};
use crate::yaml::resolve::Number;

rule! {
    /// ## What it finds
    /// Text that has not the form that its schema names: a quantity (`512Mib`), a time, base64, a
    /// duration, an address. Also the schedule or the time zone of a CronJob, the number or the name of a
    /// port, or a number or percentage of pods, that Kubernetes cannot read.
    ///
    /// ## Why it matters
    /// The API server refuses the object. A CronJob with a wrong schedule never runs.
    ///
    /// ## How to fix it
    /// Quantities are a number and one of `m`, `k`, `M`, `G`, `Ki`, `Mi`, `Gi`, …; schedules have five
    /// fields; ports are 1 to 65535, or a name of at most 15 characters; percentages end with `%`.
    SCH006 "invalid-value" Error Object fix
}

/// A text that has not the form that its schema names.
pub(crate) fn not_in_form(spot: &Spot<'_>, format: &str) -> Diagnostic {
    let last = pointer_parts(spot.pointer).last().unwrap_or_default();
    let field = if format == "quantity" { last } else { spot.field() };
    let message = format!("`{field}` is {}, but {} is wanted", spot.shown(), format::in_words(format));
    let found = spot.find(&RULE, message);
    let text = spot.node().as_str().unwrap_or_default();
    let meant = quantity::meant(text).filter(|_| format == "quantity");
    match (meant, format::example(format)) {
        (Some(meant), _) => {
            found.help(format!("did you mean `{meant}`?")).fix(mend::another_text(spot, &meant))
        }
        _ if field == "creationTimestamp" => found.help("delete it: the API server sets it"),
        (_, Some(help)) => found.help(help),
        _ => found,
    }
}

/// Looks at the values of an object whose form the schema does not know.
pub(crate) fn check(resource: &Resource, found: &mut Vec<Diagnostic>) {
    let root = At::root(resource);
    let Some(spec) = root.get("spec") else { return };
    match (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        ("", "PersistentVolumeClaim") => claim(&spec, found),
        ("", "PersistentVolume") => quantities(spec.get("capacity"), found),
        ("", "ResourceQuota") => quantities(spec.get("hard"), found),
        ("", "LimitRange") => spec.list("limits").for_each(|it| limits(&it, found)),
        ("", "Service") => spec.list("ports").for_each(|it| service_port(&it, found)),
        ("batch", "CronJob") => cron_job(&spec, found),
        ("apps", "Deployment") => rolling_update(spec.path(&["strategy", "rollingUpdate"]), found),
        ("apps", "DaemonSet") => rolling_update(spec.path(&["updateStrategy", "rollingUpdate"]), found),
        ("apps", "StatefulSet") => {
            rolling_update(spec.path(&["updateStrategy", "rollingUpdate"]), found);
            spec.list("volumeClaimTemplates")
                .filter_map(|it| it.get("spec"))
                .for_each(|it| claim(&it, found));
        }
        ("policy", "PodDisruptionBudget") => {
            ["minAvailable", "maxUnavailable"].into_iter().for_each(|it| found.extend(share(spec.get(it))));
        }
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaler(&spec, found),
        ("networking.k8s.io", "NetworkPolicy") => network_policy(&spec, found),
        _ => {}
    }
    if let Some(pod) = pod_spec(resource) {
        pod_values(&pod, found);
    }
}

fn pod_values(pod: &At<'_>, found: &mut Vec<Diagnostic>) {
    quantities(pod.get("overhead"), found);
    for volume in pod.list("volumes") {
        found.extend(volume.path(&["emptyDir", "sizeLimit"]).and_then(|it| quantity_of("sizeLimit", &it)));
        volume
            .path(&["ephemeral", "volumeClaimTemplate", "spec"])
            .into_iter()
            .for_each(|it| claim(&it, found));
    }
    for container in containers(pod) {
        claim(&container, found);
        for port in container.list("ports") {
            found.extend(port.get("containerPort").and_then(|it| number(&it, 1)));
            found.extend(port.get("hostPort").and_then(|it| number(&it, 0)));
            found.extend(port.get("name").and_then(|it| name(&it)));
        }
        for handler in probes(&container).chain(hooks(&container)) {
            let ports = [["httpGet", "port"], ["tcpSocket", "port"], ["grpc", "port"]];
            found.extend(ports.iter().filter_map(|it| number_or_name(&handler.path(it)?)));
        }
    }
}

/// Requests and limits of a container or a claim.
fn claim(spec: &At<'_>, found: &mut Vec<Diagnostic>) {
    ["requests", "limits"].into_iter().for_each(|it| quantities(spec.path(&["resources", it]), found));
}

fn limits(item: &At<'_>, found: &mut Vec<Diagnostic>) {
    let fields = ["default", "defaultRequest", "max", "maxLimitRequestRatio", "min"];
    fields.into_iter().for_each(|it| quantities(item.get(it), found));
}

fn quantities(map: Option<At<'_>>, found: &mut Vec<Diagnostic>) {
    let members = map.iter().flat_map(At::members);
    found.extend(members.filter_map(|(name, it)| quantity_of(name, &it)));
}

fn quantity_of(name: &str, at: &At<'_>) -> Option<Diagnostic> {
    let scalar = at.node.as_scalar()?;
    let is_text = scalar.kind == ScalarKind::Str;
    let is_negative = !(is_text && is_filled_in_later(&scalar.text)) && quantity::is_negative(&scalar.text);
    // What is no quantity at all is found by the schema.
    (is_negative && quantity::is_quantity(&scalar.text)).then(|| below_zero(name, at))
}

fn below_zero(name: &str, at: &At<'_>) -> Diagnostic {
    at.find(&RULE, format!("`{name}` is {}, which is less than nothing", at.shown()))
}

fn autoscaler(spec: &At<'_>, found: &mut Vec<Diagnostic>) {
    for metric in spec.list("metrics") {
        let kinds = ["resource", "containerResource", "pods", "object", "external"];
        for target in kinds.iter().filter_map(|it| metric.path(&[it, "target"])) {
            for field in ["averageValue", "value"] {
                found.extend(target.get(field).and_then(|it| quantity_of(field, &it)));
            }
        }
    }
}

fn cron_job(spec: &At<'_>, found: &mut Vec<Diagnostic>) {
    let wrong = |field: &str, check: fn(&str) -> Option<String>| {
        let at = spec.get(field)?;
        let wrong = at.text().filter(|it| !is_filled_in_later(it)).and_then(check)?;
        Some(at.find(&RULE, format!("the {} {} {wrong}", field_in_words(field), at.shown())))
    };
    let schedule = wrong("schedule", cron::wrong_schedule);
    found.extend(
        schedule.map(|it| it.help("write minute, hour, day, month and day of the week: `30 4 * * 1`")),
    );
    let zone = wrong("timeZone", cron::wrong_time_zone);
    found.extend(zone.map(|it| it.help("write a name of the time zone database: `Europe/Berlin`")));
}

fn field_in_words(field: &str) -> &str {
    if field == "timeZone" { "time zone" } else { field }
}

fn service_port(port: &At<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(port.get("port").and_then(|it| number(&it, 1)));
    found.extend(port.get("nodePort").and_then(|it| number(&it, 0)));
    let is_same =
        |it: &At<'_>| port.get("port").is_some_and(|port| port.node.origin.span == it.node.origin.span);
    // 0 stands for a field that is not set. What an alias repeats is reported as `port`.
    found.extend(
        port.get("targetPort")
            .filter(|it| whole(it) != Some(0) && !is_same(it))
            .and_then(|it| number_or_name(&it)),
    );
    let wrong = |it: &At<'_>| {
        let text = it.text().filter(|it| !it.is_empty() && !is_filled_in_later(it))?;
        let wrong = names::dns_label(text)?;
        Some(it.find(&RULE, format!("the port's name {} {wrong}", it.shown())))
    };
    found.extend(port.get("name").as_ref().and_then(wrong));
}

fn network_policy(spec: &At<'_>, found: &mut Vec<Diagnostic>) {
    for port in ["ingress", "egress"].iter().flat_map(|it| spec.list(it)).flat_map(|it| it.list("ports")) {
        found.extend(port.get("port").and_then(|it| number_or_name(&it)));
        found.extend(port.get("endPort").and_then(|it| number(&it, 1)));
    }
}

/// The whole number that stands here.
fn whole(at: &At<'_>) -> Option<i128> {
    match at.node.as_scalar()?.number()? {
        Number::Int(it) => Some(it.into()),
        Number::Uint(it) => Some(it.into()),
        Number::Float(_) => None,
    }
}

/// The finding about a number that is no port.
fn number(at: &At<'_>, least: i128) -> Option<Diagnostic> {
    let is_wrong = !(least..=65535).contains(&whole(at)?);
    is_wrong.then(|| at.find(&RULE, format!("`{}` is {}, but ports are 1 to 65535", at.field(), at.shown())))
}

/// The finding about text that is no name of a port.
fn name(at: &At<'_>) -> Option<Diagnostic> {
    let text = at.text().filter(|it| !it.is_empty() && !is_filled_in_later(it))?;
    let wrong = names::port_name(text)?;
    let found = at.find(&RULE, format!("the port's name {} {wrong}", at.shown()));
    let is_number = text.bytes().all(|it| it.is_ascii_digit());
    Some(if is_number { found.help("drop the quotes if the number is meant") } else { found })
}

fn number_or_name(at: &At<'_>) -> Option<Diagnostic> {
    number(at, 1).or_else(|| name(at))
}

fn rolling_update(strategy: Option<At<'_>>, found: &mut Vec<Diagnostic>) {
    let Some(strategy) = strategy else { return };
    ["maxSurge", "maxUnavailable"].into_iter().for_each(|it| found.extend(share(strategy.get(it))));
}

/// The finding about what is neither a number of pods nor a percentage of them.
fn share(at: Option<At<'_>>) -> Option<Diagnostic> {
    let at = at?;
    let is_wrong = match at.text() {
        Some(text) if is_filled_in_later(text) => false,
        Some(text) => {
            let digits = text.strip_suffix('%').unwrap_or_default();
            digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit())
        }
        None => whole(&at).is_some_and(|it| it < 0),
    };
    is_wrong.then(|| {
        let message = format!("`{}` is {}, but a number or a percentage is wanted", at.field(), at.shown());
        at.find(&RULE, message).help("write something like `1` or `25%`")
    })
}

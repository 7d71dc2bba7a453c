//! `IAMPolicyGenerator`: a ServiceAccount that acts for an account of the cloud.

use std::sync::Arc;

use crate::kustomize::file::{Policy, Text};
use crate::kustomize::layer::Build;
use crate::kustomize::metadata;
use crate::kustomize::plugins::kind_span;
use crate::node::{Entry, Map, Node, ScalarKind};
use crate::origin::{Origin, Step};
use crate::resource::{Maker, Resource};
use crate::rules::kus;
use crate::source::Span;

/// Adds the ServiceAccount that `config` asks for.
pub(super) fn generate(build: &mut Build<'_>, policy: &Policy, config: &Resource) {
    let at = kind_span(config);
    let text = |it: &Option<Text>| it.as_ref().map_or_else(String::new, |it| it.value.to_string());
    let cloud = text(&policy.cloud);
    if cloud != "gke" {
        let at = policy.cloud.as_ref().map_or(at, |it| it.span);
        let found = kus::build_failed::because(at, format!("kustomize knows no cloud `{cloud}`"));
        build.refuse(found.help("`gke` is the only one"));
        return;
    }
    let (Some(name), Some(account), Some(project)) = (&policy.name, &policy.account, &policy.project) else {
        let reason = "the generator needs `kubernetesService.name`, `serviceAccount.name` and \
                      `serviceAccount.projectId`";
        build.refuse(kus::build_failed::because(at, reason));
        return;
    };
    let made = |text: &str, span: Span| Node::string(text, Origin::created(span, Step::Generator, at));
    let email = format!("{}@{}.iam.gserviceaccount.com", account.value, project.value);
    let annotation = [("iam.gke.io/gcp-service-account", made(&email, account.span))];
    let mut metadata = vec![("name", made(&name.value, name.span)), ("annotations", map(annotation, at))];
    if let Some(namespace) = &policy.namespace {
        metadata.push(("namespace", made(&namespace.value, namespace.span)));
    }
    let object = [
        ("apiVersion", made("v1", at)),
        ("kind", made("ServiceAccount", at)),
        ("metadata", map(metadata, at)),
    ];
    let mut resource = Resource::new(map(object, at));
    resource.history.maker = Some(Maker::Generator(Arc::new(metadata::of_object(config))));
    if let Err((second, first)) = build.objects.add(resource) {
        let found = kus::duplicate_object::generated(&second.id, at, &build.objects.list()[first]);
        build.refuse(found);
    }
}

fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>, at: Span) -> Node {
    let mut map = Map::default();
    for (key, node) in entries {
        map.insert(Entry { key: key.into(), key_span: node.origin.span, key_kind: ScalarKind::Str, node });
    }
    Node::map(map, Origin::created(at, Step::Generator, at))
}

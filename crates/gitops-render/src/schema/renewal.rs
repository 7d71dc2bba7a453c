//! The edit that gives an object another apiVersion.

use super::SchemaStore;
use crate::diagnostic::{Edit, Fix, Safety};
use crate::kube::meaning::{Meaning, meaning};
use crate::node::{Node, Value};
use crate::origin::Step;
use crate::resource::{Gvk, Resource};
use crate::rules::mend;
use crate::source::Span;

/// The edit that makes an object one of `new`, if it fits the schema of that as it is.
pub(super) fn fix(resource: &Resource, new: &Gvk, store: &SchemaStore) -> Option<Fix> {
    let old = &resource.id.gvk;
    let kind = store.native_kind(store.natives.len() - 1, new).filter(|_| old.kind == new.kind)?;
    if !kind.accepts(&resource.node) {
        return None;
    }
    let version = new.api_version();
    let edits = vec![Edit { span: written(resource.node.get("apiVersion")?)?, text: version.clone() }];
    let write = format!("write `{version}`");
    let unsafe_because = |why: &str| (format!("{write}, but {why}"), Safety::Unsafe);
    let (message, safety) = match meaning(&resource.node, old, new) {
        Meaning::Different(why) => unsafe_because(why),
        Meaning::Unknown => unsafe_because("look whether all fields still mean the same"),
        Meaning::Same if is_patched(&resource.node) => {
            unsafe_because("a patch that names the old version does not find the object any more")
        }
        Meaning::Same => (write, Safety::Safe),
    };
    Some(Fix { message, edits, safety })
}

/// Where the text of an apiVersion stands, without quotes.
fn written(node: &Node) -> Option<Span> {
    let may_be = |it: Step| matches!(it, Step::Patch | Step::JsonPatch);
    let text = node.as_str().filter(|_| node.origin.steps().all(|it| may_be(it.step)))?;
    mend::inside_quotes(node.origin.span, text)
}

/// Whether a patch has touched an object. Patches find their objects by apiVersion, too.
fn is_patched(node: &Node) -> bool {
    let is_patch = |it: Step| matches!(it, Step::Patch | Step::JsonPatch);
    let is_touched = node.origin.steps().any(|it| is_patch(it.step));
    is_touched
        || match &node.value {
            Value::Scalar(_) => false,
            Value::Seq(items) => items.iter().any(is_patched),
            Value::Map(map) => map.entries().iter().any(|it| is_patched(&it.node)),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    /// The text after the fix of the one finding about it, and what the fix says.
    fn fixed(text: &str) -> Option<(String, String, Safety)> {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", text);
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        let resource = Resource::new(file.yaml().documents[0].clone());
        let found = SchemaStore::embedded().check(&resource);
        assert!(matches!(found[0].rule.code, "DEP001" | "DEP002"), "{found:?}");
        let fix = found[0].fix.clone()?;
        let [Edit { span, text: new }] = fix.edits.as_slice() else { panic!("{fix:?}") };
        let mut text = text.to_owned();
        text.replace_range(span.start as usize..span.end as usize, new);
        Some((text, fix.message, fix.safety))
    }

    #[test]
    fn an_apiversion_that_is_all_that_changes_is_replaced() {
        let budget = |version: &str, selector: &str| {
            format!(
                "apiVersion: {version}\nkind: PodDisruptionBudget\nmetadata: {{name: a}}\nspec: {{minAvailable: 1, selector: {selector}}}\n"
            )
        };
        let safe = |text: String| Some((text, "write `policy/v1`".to_owned(), Safety::Safe));
        let selector = "{matchLabels: {a: b}}";
        assert_eq!(fixed(&budget("policy/v1beta1", selector)), safe(budget("policy/v1", selector)));
        assert_eq!(fixed(&budget("'policy/v1beta1'", selector)), safe(budget("'policy/v1'", selector)));
        for selector in ["{}", "{matchLabels: {}}"] {
            let (text, why, safety) = fixed(&budget("policy/v1beta1", selector)).unwrap();
            assert_eq!((text, safety), (budget("policy/v1", selector), Safety::Unsafe));
            assert!(why.contains("an empty selector selects all pods there"), "{why}");
        }
    }

    #[test]
    fn an_object_of_another_shape_is_left_to_people() {
        for (head, rest) in [
            (
                "networking.k8s.io/v1beta1\nkind: Ingress",
                "spec: {backend: {serviceName: a, servicePort: 80}}",
            ),
            (
                "extensions/v1beta1\nkind: Ingress",
                "spec: {rules: [{http: {paths: [{backend: {serviceName: a, servicePort: 80}}]}}]}",
            ),
            (
                "autoscaling/v2beta1\nkind: HorizontalPodAutoscaler",
                "spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}, metrics: [{type: Resource, resource: {name: cpu, targetAverageUtilization: 80}}]}",
            ),
            ("policy/v1beta1\nkind: PodSecurityPolicy", "spec: {}"),
            // Whoever wrote the field wrong has to mend that first.
            ("batch/v1beta1\nkind: CronJob", "spec: {shedule: 0 0 * * *}"),
        ] {
            let text = format!("apiVersion: {head}\nmetadata: {{name: a}}\n{rest}\n");
            assert_eq!(fixed(&text), None, "{text}");
        }
    }

    #[test]
    fn an_object_whose_defaults_change_is_looked_at_by_a_person() {
        let text = "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}\n";
        let (_, why, safety) = fixed(text).unwrap();
        assert_eq!(safety, Safety::Unsafe);
        assert!(why.contains("other defaults"), "{why}");
    }
}

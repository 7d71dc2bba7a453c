//! The rules that look at one object and need nothing but the object.
//!
//! A rule of this sort is a file with a function `check`, and a line here.

use crate::diagnostic::{Diagnostic, Rule};
use crate::kube::views::At;
use crate::resource::Resource;
use crate::rules::spot::cut;
use crate::rules::{Spot, sch, yml};

/// What looks at every object, in the order of the codes.
const OBJECT_CHECKS: &[fn(&Resource, &mut Vec<Diagnostic>)] = &[
    sch::invalid_name::check,
    sch::invalid_label::check,
    sch::invalid_value::check,
    sch::duplicate_in_list::check,
    sch::exclusive_fields::check,
    sch::selector_mismatch::check,
    sch::cluster_scoped::check,
    sch::invalid_definition::check,
    sch::missing_volume::check,
    yml::ambiguous_scalar::check,
];

/// What the rules about single objects find in one, in the order of the files.
///
/// Says nothing about what is no object: that is YML006's work.
pub fn check_object(resource: &Resource) -> Vec<Diagnostic> {
    let gvk = &resource.id.gvk;
    let mut found = vec![];
    if gvk.kind.is_empty() || gvk.version.is_empty() {
        return found;
    }
    OBJECT_CHECKS.iter().for_each(|check| check(resource, &mut found));
    found.sort_by(|a, b| (a.span(), a.rule.code, &a.message).cmp(&(b.span(), b.rule.code, &b.message)));
    found
}

impl At<'_> {
    /// A finding about what stands here.
    pub(crate) fn find(&self, rule: &'static Rule, message: impl Into<String>) -> Diagnostic {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer()).find(rule, message)
    }

    /// A finding about the key of a member of the mapping here.
    pub(crate) fn find_key(&self, rule: &'static Rule, key: &str, message: impl Into<String>) -> Diagnostic {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer()).find_key(rule, key, message)
    }

    /// What a function makes of the place.
    pub(crate) fn with_spot<T>(&self, make: impl FnOnce(&Spot<'_>) -> T) -> T {
        let name = self.resource.object_name();
        make(&Spot::new(self.resource, &name, &self.pointer()))
    }

    /// What stands here, for a message.
    pub(crate) fn shown(&self) -> String {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer()).shown()
    }

    /// The text here, for a message: a name or a label, which is no secret even in a Secret.
    pub(crate) fn named(&self) -> String {
        format!("{:?}", cut(self.text().unwrap_or_default()))
    }

    /// The last part of the place, for a message.
    pub(crate) fn field(&self) -> String {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer()).field()
    }

    /// The whole place, for a message.
    pub(crate) fn place(&self) -> String {
        let name = self.resource.object_name();
        Spot::new(self.resource, &name, &self.pointer()).path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::{Node, Value};
    use crate::source::{MemoryTree, RepoPath};
    use crate::sources::Sources;

    const OBJECTS: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: a, labels: {a: b}, annotations: {c: d}}
spec:
  schedule: 0 0 * * *
  jobTemplate:
    spec:
      manualSelector: true
      selector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}
      template:
        metadata: {labels: {a: b}}
        spec:
          containers:
          - name: a
            env: [{name: a, valueFrom: {fieldRef: {fieldPath: x}}}]
            ports: [{name: a, containerPort: 80}]
            livenessProbe: {httpGet: {port: a}}
            resources: {limits: {cpu: 1}}
            volumeMounts: [{name: v, mountPath: /v}]
          volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: as.b.c}
spec:
  group: b.c
  names: {kind: A, plural: as}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: array, items: {type: string}}}}}}]
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {a: b}, ports: [{name: a, port: 80, targetPort: a}]}
";

    fn objects() -> Vec<Node> {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", OBJECTS);
        let sources = Sources::new(&tree);
        sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap().yaml().documents.clone()
    }

    /// Every object that comes of putting `other` in the place of one node of `node`.
    fn variants(node: &Node, other: &Value) -> Vec<Node> {
        let with = |value| Node { value, origin: node.origin.clone() };
        let mut found = vec![with(other.clone())];
        match &node.value {
            Value::Scalar(_) => {}
            Value::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    found.extend(variants(item, other).into_iter().map(|it| {
                        let mut items = items.to_vec();
                        items[index] = it;
                        with(Value::Seq(items.into()))
                    }));
                }
            }
            Value::Map(map) => {
                for entry in map.entries() {
                    found.extend(variants(&entry.node, other).into_iter().map(|it| {
                        let mut changed = with(node.value.clone());
                        *changed.get_mut(&entry.key).unwrap() = it;
                        changed
                    }));
                }
            }
        }
        found
    }

    #[test]
    fn nothing_is_found_in_objects_that_are_right() {
        for object in objects() {
            let found = check_object(&Resource::new(object));
            assert!(found.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn values_of_any_shape_are_survived_and_findings_name_places_that_are_there() {
        let mut shapes = objects();
        let odd = shapes[0].get("metadata").unwrap().clone();
        shapes.push(odd.clone());
        shapes.push(Node::string("", odd.origin.clone()));
        shapes.push(Node::string("\u{e9} \u{1f600}", odd.origin.clone()));
        shapes.push(Node::seq(vec![odd.clone(), odd.clone()], odd.origin.clone()));
        let mut count = 0;
        for object in objects() {
            for variant in shapes.iter().flat_map(|it| variants(&object, &it.value)) {
                let resource = Resource::new(variant);
                for found in check_object(&resource) {
                    let pointer = found.pointer.as_deref().unwrap();
                    assert!(resource.node.at(pointer).is_some(), "{pointer}: {}", found.message);
                    count += 1;
                }
            }
        }
        assert!(count > 100, "{count}");
    }
}

//! Views of Kubernetes objects that several rules need: the pod template of a workload, its
//! containers, and where each of them is.

use std::rc::Rc;

use crate::node::{Node, pointer_part, pointer_parts};
use crate::resource::Resource;

/// A node of an object, and the way to it.
#[derive(Clone, Debug)]
pub struct At<'a> {
    /// The object.
    pub resource: &'a Resource,
    /// What stands at the place.
    pub node: &'a Node,
    /// The last step of the way; `None` at the object itself.
    // Rules go to many places and report few, so the way becomes text only when somebody asks.
    way: Option<Way<'a>>,
}

/// A step to a place, and those before it.
#[derive(Clone, Debug)]
struct Way<'a> {
    before: Option<Rc<Way<'a>>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Way<'_> {
    fn write(&self, pointer: &mut String) {
        self.before.iter().for_each(|it| it.write(pointer));
        pointer.push('/');
        match self.step {
            Step::Key(key) => pointer.push_str(&pointer_part(key)),
            Step::Index(index) => pointer.push_str(&index.to_string()),
        }
    }
}

impl<'a> At<'a> {
    /// The object itself.
    pub fn root(resource: &'a Resource) -> At<'a> {
        At { resource, node: &resource.node, way: None }
    }

    /// Whether this is the object itself.
    pub fn is_root(&self) -> bool {
        self.way.is_none()
    }

    /// The place, as a JSON pointer.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.way.iter().for_each(|it| it.write(&mut pointer));
        pointer
    }

    /// The member of the mapping here.
    pub fn get(&self, key: &str) -> Option<At<'a>> {
        let entry = self.node.as_map()?.entry(key)?;
        Some(self.step()(Step::Key(&entry.key), &entry.node))
    }

    /// The node at the end of `keys`, each a key of a mapping.
    pub fn path(&self, keys: &[&str]) -> Option<At<'a>> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.get(first)?, |at, key| at.get(key))
    }

    /// The node at the end of a JSON pointer that begins here.
    pub fn follow(&self, pointer: &str) -> Option<At<'a>> {
        pointer_parts(pointer)
            .try_fold(self.clone(), |at, part| at.get(&part).or_else(|| at.items().nth(part.parse().ok()?)))
    }

    /// The items of the list here; none if this is no list.
    pub fn items(&self) -> impl Iterator<Item = At<'a>> + use<'a> {
        let items = self.node.as_seq().unwrap_or_default();
        let step = self.step();
        items.iter().enumerate().map(move |(index, node)| step(Step::Index(index), node))
    }

    /// The items of the list under `key`; none if there is no such list.
    pub fn list(&self, key: &str) -> impl Iterator<Item = At<'a>> + use<'a> {
        self.get(key).into_iter().flat_map(|it| it.items())
    }

    /// The keys of the mapping here with their values; none if this is no mapping.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        let entries = self.node.as_map().map_or(&[][..], |it| it.entries());
        let step = self.step();
        entries.iter().map(move |entry| (&*entry.key, step(Step::Key(&entry.key), &entry.node)))
    }

    /// Goes one step further.
    fn step(&self) -> impl Fn(Step<'a>, &'a Node) -> At<'a> + use<'a> {
        let (resource, before) = (self.resource, self.way.clone().map(Rc::new));
        move |step, node| At { resource, node, way: Some(Way { before: before.clone(), step }) }
    }

    /// Whether the mapping here has a member that says something: null and `""` do not.
    pub fn has(&self, key: &str) -> bool {
        self.node.get(key).is_some_and(|it| !it.is_null() && it.as_str() != Some(""))
    }

    /// The text, if this is a string.
    pub fn text(&self) -> Option<&'a str> {
        self.node.as_str()
    }

    /// The text of a member that is a string.
    pub fn text_of(&self, key: &str) -> Option<&'a str> {
        self.node.get(key)?.as_str()
    }
}

/// Whether a tool or a person fills a part of this text in, or decrypts it, after it has been rendered.
///
/// Flux fills in `${NAME}`, kustomize and others `$(NAME)`, SOPS writes `ENC[…]`, double braces are most
/// tools' expressions; `$$name$$`, `<NAME>`, `APP_NAME` and `REPLACEME` are what people write for `sed`.
pub fn is_filled_in_later(text: &str) -> bool {
    // Most text has nothing of all this, which one look at it tells.
    if !text.bytes().any(|it| matches!(it, b'$' | b'{' | b'<' | b'A'..=b'Z')) {
        return false;
    }
    ["${", "$(", "$$", "{{"].iter().any(|it| text.contains(it))
        || text.starts_with("ENC[")
        || is_blank_space(text)
}

/// Whether there is a word in the text that asks to be replaced.
fn is_blank_space(text: &str) -> bool {
    let in_brackets = text.split_once('<').is_some_and(|it| it.1.contains('>'));
    let is_capital = |it: char| it.is_ascii_uppercase() || it == '_';
    let asks = |word: &str| {
        let has_parts = word.trim_matches('_').contains('_');
        has_parts || ["REPLACE", "CHANGE", "PLACEHOLDER"].iter().any(|it| word.contains(it))
    };
    in_brackets || text.split(|it| !is_capital(it)).any(asks)
}

/// Metadata and spec of the pods that an object stands for: the object itself if it is a pod.
///
/// Knows the kinds of Kubernetes; a pod's spec in a custom resource is not looked for.
pub fn pod_template<'a>(resource: &'a Resource) -> Option<At<'a>> {
    let root = At::root(resource);
    match (&*resource.id.gvk.group, &*resource.id.gvk.kind) {
        ("", "Pod") => Some(root),
        ("", "PodTemplate") => root.get("template"),
        ("", "ReplicationController")
        | ("apps" | "extensions", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch", "Job") => root.path(&["spec", "template"]),
        ("batch", "CronJob") => root.path(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// The spec of the pods that an object stands for.
pub fn pod_spec<'a>(resource: &'a Resource) -> Option<At<'a>> {
    pod_template(resource)?.get("spec")
}

/// The containers of a pod's spec: those that are run first, those of the pod, ephemeral ones.
pub fn containers<'a>(pod_spec: &At<'a>) -> impl Iterator<Item = At<'a>> + use<'a> {
    let lists = ["initContainers", "containers", "ephemeralContainers"].map(|it| pod_spec.get(it));
    lists.into_iter().flatten().flat_map(|it| it.items())
}

/// The probes of a container.
pub fn probes<'a>(container: &At<'a>) -> impl Iterator<Item = At<'a>> + use<'a> {
    ["livenessProbe", "readinessProbe", "startupProbe"].map(|it| container.get(it)).into_iter().flatten()
}

/// What a container runs when it starts and when it stops.
pub fn hooks<'a>(container: &At<'a>) -> impl Iterator<Item = At<'a>> + use<'a> {
    [["lifecycle", "postStart"], ["lifecycle", "preStop"]].map(|it| container.path(&it)).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_asks_to_be_filled_in_is_told_from_mistakes() {
        for text in [
            "${NAME}-web",
            "$(NAME)",
            "{{ name }}",
            "ENC[x]",
            "$$name$$",
            "<NAME>",
            "APP_NAME-web",
            "REPLACEME",
        ] {
            assert!(is_filled_in_later(text), "{text}");
        }
        for text in ["", "Bad_Name!", "web_1", "_", "__", "WEB", "a < b", "testSvc", "Web_App"] {
            assert!(!is_filled_in_later(text), "{text}");
        }
    }
}

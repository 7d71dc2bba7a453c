//! One Kubernetes object, and the names that it has had on its way here.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::ObjectName;
use crate::node::{Map, Node};
use crate::source::{RepoPath, Span};

/// Group, version and kind. The group of core objects is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gvk {
    /// `apps`; empty for `v1`.
    pub group: Arc<str>,
    /// `v1beta1`.
    pub version: Arc<str>,
    /// `Deployment`.
    pub kind: Arc<str>,
}

impl Gvk {
    /// Splits an apiVersion at its slash, as the Kubernetes API conventions have it.
    pub fn new(api_version: &str, kind: &str) -> Gvk {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        Gvk { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

impl fmt::Display for Gvk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.api_version(), self.kind)
    }
}

/// What makes an object one of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId {
    /// Group, version, kind.
    pub gvk: Gvk,
    /// As it stands in the object; empty if it names none.
    pub namespace: Arc<str>,
    /// `metadata.name`.
    pub name: Arc<str>,
}

impl ResourceId {
    /// Whether kustomize takes the two for one object.
    ///
    /// No namespace and `default` are the same, but for kinds that live in no namespace at all.
    pub fn is_same(&self, other: &ResourceId) -> bool {
        self.name == other.name
            && self.gvk == other.gvk
            && self.effective_namespace() == other.effective_namespace()
    }

    /// Whether `wanted` means this object; its empty parts fit everything.
    pub fn is_selected_by(&self, wanted: &ResourceId) -> bool {
        let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        fits(&wanted.name, &self.name)
            && fits(&wanted.namespace, self.effective_namespace())
            && fits(&wanted.gvk.group, &self.gvk.group)
            && fits(&wanted.gvk.version, &self.gvk.version)
            && fits(&wanted.gvk.kind, &self.gvk.kind)
    }

    /// The namespace by which kustomize compares: none is `default`.
    pub fn effective_namespace(&self) -> &str {
        if self.namespace.is_empty() { "default" } else { &self.namespace }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.gvk.kind, self.name)?;
        if !self.namespace.is_empty() {
            write!(f, " in `{}`", self.namespace)?;
        }
        Ok(())
    }
}

/// One Kubernetes object.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Who it is now. Kept in step with `node` by [`Resource::refresh`].
    pub id: ResourceId,
    /// The object.
    pub node: Node,
    /// Who it was, and what else kustomize remembers about it.
    pub(crate) history: History,
}

/// What kustomize keeps in internal annotations, out of sight of the object itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// Earlier identities, the oldest first.
    pub previous: Vec<ResourceId>,
    /// Prefixes that were added, the newest last.
    pub prefixes: Vec<Arc<str>>,
    /// Suffixes that were added, the newest last.
    pub suffixes: Vec<Arc<str>>,
    /// A generator made it and wants a hash behind its name.
    pub needs_hash: bool,
    /// The variables whose values are taken from it.
    pub vars: Vec<Arc<str>>,
    /// Where it came from.
    pub maker: Option<Maker>,
    /// The transformers that it went through, if anybody wants to know.
    pub transformers: Vec<Arc<Configured>>,
}

/// Where an object came from.
#[derive(Clone, Debug)]
pub(crate) enum Maker {
    /// It stands in a file.
    File(RepoPath),
    /// A generator made it.
    Generator(Arc<Configured>),
}

/// A generator or transformer, and who configured it.
#[derive(Clone, Debug)]
pub(crate) struct Configured {
    /// The file with the configuration: a kustomization file, or one of its own.
    pub file: RepoPath,
    /// The kind, as if it had been configured by an object.
    pub kind: Arc<str>,
    /// The name and the namespace of the object; empty if a field configures it.
    pub name: Arc<str>,
    pub namespace: Arc<str>,
}

impl Resource {
    /// An object that has no past yet.
    pub fn new(node: Node) -> Resource {
        let mut resource = Resource { id: ResourceId::default(), node, history: History::default() };
        resource.refresh();
        resource
    }

    /// An object as kustomize reads it: what its internal annotations tell of its past is taken for
    /// true. They are there if kustomize's output was put through another tool and in again.
    pub(crate) fn with_told_history(node: Node) -> Resource {
        let mut resource = Resource::new(node);
        let told = |key: &str| -> Vec<Arc<str>> {
            let key = format!("internal.config.kubernetes.io/{key}");
            let text = resource.annotations().and_then(|it| it.get(&key)).and_then(Node::as_scalar);
            text.map(|it| it.text.split(',').map(Arc::from).collect()).unwrap_or_default()
        };
        let (names, namespaces, kinds) =
            (told("previousNames"), told("previousNamespaces"), told("previousKinds"));
        let ids = names.into_iter().zip(namespaces).zip(kinds).map(|((name, namespace), kind)| ResourceId {
            gvk: Gvk { kind, ..resource.id.gvk.clone() },
            // kustomize writes `default` where there is none.
            namespace: if &*namespace == "default" { "".into() } else { namespace },
            name,
        });
        let history = History {
            previous: ids.collect(),
            prefixes: told("prefixes"),
            suffixes: told("suffixes"),
            ..History::default()
        };
        resource.history = history;
        resource
    }

    /// Reads the identity out of the object again.
    pub fn refresh(&mut self) {
        let text =
            |keys: &[&str]| self.node.path(keys).and_then(Node::as_scalar).map(|it| Arc::clone(&it.text));
        let api_version = text(&["apiVersion"]).unwrap_or_default();
        let kind = text(&["kind"]).unwrap_or_default();
        if *self.id.gvk.kind != *kind || self.id.gvk.api_version() != *api_version {
            self.id.gvk = Gvk::new(&api_version, &kind);
        }
        self.id.namespace = text(&["metadata", "namespace"]).unwrap_or_default();
        self.id.name = text(&["metadata", "name"]).unwrap_or_default();
    }

    /// Who it was when it was read.
    pub fn original_id(&self) -> &ResourceId {
        self.history.previous.first().unwrap_or(&self.id)
    }

    /// Every identity that it has had, the current one last.
    pub fn ids(&self) -> impl Iterator<Item = &ResourceId> {
        self.history.previous.iter().chain(std::iter::once(&self.id))
    }

    /// Remembers the current identity as an earlier one: a step is about to change it.
    pub(crate) fn remember_id(&mut self) {
        self.history.previous.push(self.id.clone());
    }

    /// Where the object tells its name.
    pub fn place(&self) -> Span {
        self.node.path(&["metadata", "name"]).unwrap_or(&self.node).origin.span
    }

    /// How findings name the object.
    pub fn object_name(&self) -> Arc<ObjectName> {
        let namespace = Some(&self.id.namespace).filter(|it| !it.is_empty());
        Arc::new(ObjectName {
            api_version: self.id.gvk.api_version(),
            kind: self.id.gvk.kind.to_string(),
            namespace: namespace.map(|it| it.to_string()),
            name: self.id.name.to_string(),
        })
    }

    /// `metadata.annotations`, if it is a mapping.
    pub fn annotations(&self) -> Option<&Map> {
        self.node.path(&["metadata", "annotations"])?.as_map()
    }

    /// `metadata.labels`, if it is a mapping.
    pub fn labels(&self) -> Option<&Map> {
        self.node.path(&["metadata", "labels"])?.as_map()
    }
}

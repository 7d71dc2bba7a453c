//! Which lists a strategic merge patch merges, and by which keys.
//!
//! kustomize looks this up in the OpenAPI document of Kubernetes 1.21 and nowhere else: a path is
//! followed from the object's type through the types of its fields. Custom resources, and kinds or
//! versions that 1.21 does not have, know no merged lists at all.

pub mod custom;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::resource::Gvk;

/// A type of the Kubernetes API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TypeId(u16);

/// What is known about a field of a type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'s> {
    /// The type of its value, or of the elements if it is a list. `None` if no merged list can
    /// be reached through it.
    pub child: Option<Type<'s>>,
    /// How a patch treats it if it is a list.
    pub list: ListKind<'s>,
}

/// How a patch treats a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListKind<'s> {
    /// It replaces the list.
    #[default]
    Atomic,
    /// Elements that agree in these keys are the same element.
    Keyed(Keys<'s>),
    /// The list is a set of scalars.
    Set,
}

/// The merge keys of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys<'s> {
    /// Those of Kubernetes.
    BuiltIn(&'static [&'static str]),
    /// Those that a schema of the user lists.
    Custom(custom::Keys<'s>),
}

impl<'s> Keys<'s> {
    /// The keys in order.
    pub fn list(self) -> Vec<&'s str> {
        match self {
            Keys::BuiltIn(keys) => keys.to_vec(),
            Keys::Custom(keys) => keys.list(),
        }
    }
}

/// Where types are looked up: what Kubernetes has, or what a schema of the user has instead.
#[derive(Clone, Debug, Default)]
pub enum Types {
    /// The API of Kubernetes 1.21.
    #[default]
    BuiltIn,
    /// What this schema knows.
    Custom {
        /// The schema.
        schema: custom::Schema,
        /// Whether Kubernetes 1.21 is asked for what the schema does not know.
        with_built_in: bool,
    },
}

/// A type, wherever it was looked up.
#[derive(Clone, Copy, Debug)]
pub enum Type<'s> {
    /// A type of Kubernetes.
    BuiltIn(TypeId),
    /// A type of a schema of the user.
    Custom(custom::Type<'s>),
}

impl Types {
    /// The type of the objects of a kind.
    pub fn root(&self, gvk: &Gvk) -> Option<Type<'_>> {
        match self {
            Types::BuiltIn => root(gvk).map(Type::BuiltIn),
            Types::Custom { schema, with_built_in } => {
                let built_in = || root(gvk).filter(|_| *with_built_in).map(Type::BuiltIn);
                schema.root(gvk).map(Type::Custom).or_else(built_in)
            }
        }
    }
}

impl<'s> Type<'s> {
    /// What is known about the field `name`.
    pub fn field(self, name: &str) -> Field<'s> {
        match self {
            Type::BuiltIn(id) => id.field(name),
            Type::Custom(custom) => custom.field(name),
        }
    }
}

/// The type of the objects of a kind; `None` if 1.21 does not know it.
fn root(gvk: &Gvk) -> Option<TypeId> {
    TABLE.roots.get(&(gvk.api_version().as_str(), &*gvk.kind)).copied()
}

impl TypeId {
    /// What is known about the field `name`.
    fn field(self, name: &str) -> Field<'static> {
        let fields = &TABLE.types[usize::from(self.0)];
        fields.iter().find(|(field, _)| *field == name).map(|(_, it)| *it).unwrap_or_default()
    }
}

/// The type that a definition of the OpenAPI document describes, such as `io.k8s.api.core.v1.Pod`.
fn defined(definition: &str) -> Option<TypeId> {
    TABLE.definitions.get(definition.strip_prefix("io.k8s.api.")?).copied()
}

/// The data file, indexed.
struct Table {
    /// By the names of their definitions, without what all have in common.
    definitions: HashMap<&'static str, TypeId>,
    roots: HashMap<(&'static str, &'static str), TypeId>,
    /// The fields of each type.
    types: Vec<Vec<(&'static str, Field<'static>)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("merge_keys.tsv")));

/// The merge keys that occur, so that a field can point to its own.
const KEYS: &[&[&str]] = &[
    &["name"],
    &["type"],
    &["ip"],
    &["uid"],
    &["mountPath"],
    &["devicePath"],
    &["containerPort", "protocol"],
    &["port", "protocol"],
    &["topologyKey", "whenUnsatisfiable"],
];

impl Table {
    fn read(text: &'static str) -> Table {
        let mut ids: HashMap<&'static str, TypeId> = HashMap::new();
        let mut table = Table { definitions: HashMap::new(), roots: HashMap::new(), types: vec![] };
        for line in text.lines().filter(|it| !it.starts_with('#')) {
            let columns: Vec<&'static str> = line.split('\t').collect();
            match columns[..] {
                ["root", api_version, kind, of] => {
                    let id = table.id(&mut ids, of);
                    table.roots.insert((api_version, kind), id);
                }
                ["field", of, name, child, list] => {
                    let id = table.id(&mut ids, of);
                    let child = (child != "-").then(|| Type::BuiltIn(table.id(&mut ids, child)));
                    table.types[usize::from(id.0)].push((name, Field { child, list: list_kind(list) }));
                }
                _ => unreachable!("the table is made by a script and read by a test: {line:?}"),
            }
        }
        table.definitions = ids;
        table
    }

    fn id(&mut self, ids: &mut HashMap<&'static str, TypeId>, name: &'static str) -> TypeId {
        *ids.entry(name).or_insert_with(|| {
            self.types.push(vec![]);
            TypeId((self.types.len() - 1) as u16)
        })
    }
}

fn list_kind(column: &str) -> ListKind<'static> {
    match column {
        "-" => ListKind::Atomic,
        "set" => ListKind::Set,
        keys => {
            let known = KEYS.iter().find(|it| it.join(",") == keys);
            ListKind::Keyed(Keys::BuiltIn(known.expect("a test reads the whole table")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known about the end of a path; elements of lists are not named.
    fn at(api_version: &str, kind: &str, path: &str) -> ListKind<'static> {
        let mut id = root(&Gvk::new(api_version, kind)).map(Type::BuiltIn);
        let mut list = ListKind::Atomic;
        for name in path.split('.') {
            let Some(known) = id else { return ListKind::Atomic };
            let field = known.field(name);
            (id, list) = (field.child, field.list);
        }
        list
    }

    #[test]
    fn paths_are_followed_through_nested_types() {
        use ListKind::*;
        let keyed = |keys: &'static [&'static str]| Keyed(Keys::BuiltIn(keys));
        for (api_version, kind, path, list) in [
            ("apps/v1", "Deployment", "spec.template.spec.containers", keyed(&["name"])),
            ("apps/v1", "Deployment", "spec.template.spec.containers.env", keyed(&["name"])),
            (
                "apps/v1",
                "Deployment",
                "spec.template.spec.containers.ports",
                keyed(&["containerPort", "protocol"]),
            ),
            ("apps/v1", "Deployment", "spec.template.spec.containers.args", Atomic),
            ("apps/v1", "Deployment", "spec.template.spec.tolerations", Atomic),
            ("apps/v1", "Deployment", "spec.template.metadata.finalizers", Set),
            ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec.volumes", keyed(&["name"])),
            ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec.hostAliases", keyed(&["ip"])),
            ("v1", "Pod", "spec.initContainers.volumeMounts", keyed(&["mountPath"])),
            ("v1", "Pod", "spec.ephemeralContainers.ports", Atomic),
            ("v1", "Service", "spec.ports", keyed(&["port", "protocol"])),
            ("v1", "ServiceAccount", "secrets", keyed(&["name"])),
            ("v1", "ServiceAccount", "imagePullSecrets", Atomic),
            ("v1", "ConfigMap", "metadata.ownerReferences", keyed(&["uid"])),
            ("networking.k8s.io/v1", "Ingress", "spec.rules", Atomic),
            ("autoscaling/v2", "HorizontalPodAutoscaler", "status.conditions", Atomic),
            ("extensions/v1beta1", "Deployment", "spec.template.spec.containers", Atomic),
            ("example.org/v1", "Deployment", "metadata.finalizers", Atomic),
        ] {
            assert_eq!(at(api_version, kind, path), list, "{api_version} {kind} {path}");
        }
    }

    #[test]
    fn every_line_of_the_table_can_be_read() {
        assert_eq!(TABLE.roots.len(), include_str!("merge_keys.tsv").matches("\nroot\t").count());
        assert!(TABLE.types.iter().all(|it| !it.is_empty()));
        assert!(KEYS.iter().all(|keys| {
            let is_used = |it: &(&str, Field)| it.1.list == ListKind::Keyed(Keys::BuiltIn(keys));
            TABLE.types.iter().flatten().any(is_used)
        }));
    }
}

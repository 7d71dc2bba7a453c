//! The objects that a kustomization has gathered, and how kustomize finds one among them.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::resource::{Resource, ResourceId};

/// Objects in order, no two of the same identity.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    list: Vec<Resource>,
    /// Where the objects of a name are. Made when a name is looked up after many have changed,
    /// and kept up to date when one changes.
    by_name: OnceCell<ByName>,
}

/// Ascending indexes of objects by every name that they have or have had; also by some that they
/// have lost, so that whoever looks one up has to compare.
type ByName = HashMap<Arc<str>, Vec<usize>>;

impl Objects {
    /// The objects in order.
    pub fn list(&self) -> &[Resource] {
        &self.list
    }

    /// All objects in order, to be changed. To change some of them there is [`Objects::edit`].
    pub fn list_mut(&mut self) -> &mut [Resource] {
        self.by_name.take();
        &mut self.list
    }

    /// Changes one object.
    pub fn edit<R>(&mut self, index: usize, change: impl FnOnce(&mut Resource) -> R) -> R {
        let done = change(&mut self.list[index]);
        if let Some(by_name) = self.by_name.get_mut() {
            index_one(by_name, index, &self.list[index]);
        }
        done
    }

    /// Takes the objects out.
    pub fn into_list(self) -> Vec<Resource> {
        self.list
    }

    /// Adds an object at the end.
    ///
    /// # Errors
    /// Gives both back if there is one of the same identity: (the new one, the index of the old).
    pub fn add(&mut self, resource: Resource) -> Result<(), (Box<Resource>, usize)> {
        match self.with_current_id(&resource.id) {
            Some(index) => Err((Box::new(resource), index)),
            None => {
                self.list.push(resource);
                self.edit(self.list.len() - 1, |_| ());
                Ok(())
            }
        }
    }

    /// Removes the objects at the indexes, which ascend.
    pub fn remove(&mut self, removed: &[usize]) {
        let Some(first) = removed.first() else { return };
        let mut index = 0;
        self.list.retain(|_| {
            index += 1;
            removed.binary_search(&(index - 1)).is_err()
        });
        // Those behind move up; to find all names anew would take much longer.
        let moved = |it: usize| match removed.binary_search(&it) {
            Ok(_) => None,
            Err(before) => Some(it - before),
        };
        for places in self.by_name.get_mut().into_iter().flat_map(HashMap::values_mut) {
            if places.last() >= Some(first) {
                *places = places.iter().filter_map(|it| moved(*it)).collect();
            }
        }
    }

    /// The object that is called so now.
    pub fn with_current_id(&self, id: &ResourceId) -> Option<usize> {
        self.named(&id.name).find(|it| self.list[*it].id.is_same(id))
    }

    /// The objects that are or ever were called so, in order.
    pub fn with_any_id(&self, id: &ResourceId) -> Vec<usize> {
        self.named(&id.name).filter(|it| self.list[*it].ids().any(|one| one.is_same(id))).collect()
    }

    /// The objects that have or ever had this name, in order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = usize> + 'a {
        let has_it = move |it: &usize| self.list[*it].ids().any(|id| &*id.name == name);
        self.by_name().get(name).into_iter().flatten().copied().filter(has_it)
    }

    fn by_name(&self) -> &ByName {
        self.by_name.get_or_init(|| {
            let mut by_name = ByName::with_capacity(self.list.len());
            for (index, resource) in self.list.iter().enumerate() {
                index_one(&mut by_name, index, resource);
            }
            by_name
        })
    }
}

/// Adds an object under each of its names.
fn index_one(by_name: &mut ByName, index: usize, resource: &Resource) {
    let mut last: Option<&Arc<str>> = None;
    for id in resource.ids() {
        if last.is_some_and(|it| Arc::ptr_eq(it, &id.name)) {
            continue;
        }
        last = Some(&id.name);
        let places = by_name.entry(Arc::clone(&id.name)).or_default();
        if let Err(at) = places.binary_search(&index) {
            places.insert(at, index);
        }
    }
}

impl FromIterator<Resource> for Objects {
    fn from_iter<T: IntoIterator<Item = Resource>>(resources: T) -> Objects {
        Objects { list: resources.into_iter().collect(), by_name: OnceCell::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::yaml::{Dialect, parse_bytes};

    fn config_map(name: &str) -> Resource {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
        let yaml = parse_bytes(FileId::default(), text.as_bytes(), Dialect::Resource);
        Resource::new(yaml.documents[0].clone())
    }

    fn rename(resource: &mut Resource, name: &str) {
        resource.remember_id();
        resource.id.name = name.into();
    }

    fn names(objects: &Objects, name: &str) -> Vec<String> {
        objects.named(name).map(|it| objects.list()[it].id.name.to_string()).collect()
    }

    #[test]
    fn names_are_found_after_any_change() {
        let mut objects = Objects::default();
        for name in ["a", "b", "c", "d"] {
            objects.add(config_map(name)).unwrap();
        }
        assert!(objects.add(config_map("c")).is_err());
        objects.edit(2, |it| rename(it, "b"));
        assert_eq!(names(&objects, "b"), ["b", "b"]);
        objects.remove(&[0, 1]);
        assert_eq!((names(&objects, "a"), names(&objects, "c")), (vec![], vec!["b".to_owned()]));
        assert_eq!(names(&objects, "d"), ["d"]);
        objects.list_mut().iter_mut().for_each(|it| rename(it, "e"));
        assert_eq!((names(&objects, "d"), names(&objects, "e").len()), (vec!["e".to_owned()], 2));
        objects.edit(0, |it| *it = config_map("f"));
        assert_eq!((names(&objects, "f").len(), names(&objects, "e").len()), (1, 1));
    }
}

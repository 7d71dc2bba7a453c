//! The objects that a kustomization has gathered, and how kustomize finds one among them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::resource::{Resource, ResourceId};

/// Objects in order, no two of the same identity.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    list: Vec<Resource>,
    /// Where the objects of a name are, by every name that they have had. Rebuilt after changes.
    by_name: HashMap<Arc<str>, Vec<usize>>,
}

impl Objects {
    /// The objects in order.
    pub fn list(&self) -> &[Resource] {
        &self.list
    }

    /// The objects in order, to be changed. Call [`Objects::reindex`] after names have changed.
    pub fn list_mut(&mut self) -> &mut Vec<Resource> {
        &mut self.list
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
                let index = self.list.len();
                index_one(&mut self.by_name, index, &resource);
                self.list.push(resource);
                Ok(())
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
    pub fn named(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Puts an object in the place of another.
    pub fn replace(&mut self, index: usize, resource: Resource) {
        self.list[index] = resource;
        self.reindex();
    }

    /// Finds names anew after objects were renamed or removed.
    pub fn reindex(&mut self) {
        self.by_name.clear();
        for (index, resource) in self.list.iter().enumerate() {
            index_one(&mut self.by_name, index, resource);
        }
    }
}

fn index_one(by_name: &mut HashMap<Arc<str>, Vec<usize>>, index: usize, resource: &Resource) {
    for id in resource.ids() {
        let places = by_name.entry(Arc::clone(&id.name)).or_default();
        if places.last() != Some(&index) {
            places.push(index);
        }
    }
}

impl FromIterator<Resource> for Objects {
    fn from_iter<T: IntoIterator<Item = Resource>>(resources: T) -> Objects {
        let mut objects = Objects { list: resources.into_iter().collect(), by_name: HashMap::new() };
        objects.reindex();
        objects
    }
}

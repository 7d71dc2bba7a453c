//! Takes values of a patch over into the object.

use crate::kube::merge_keys::ListKind;
use crate::kustomize::mark;
use crate::kustomize::merge::error::MergeError;
use crate::kustomize::merge::walk::{DIRECTIVE, Directive, Schema, Sides, Walk, directive};
use crate::node::{Entry, Map, Node, Value};
use crate::origin::{Origin, Step};

impl Walk {
    /// A value of the patch where the object has none. Directives and nulls in it are heeded; but
    /// at its top neither a directive of a list nor a word that means nothing is noticed.
    pub fn graft(&self, patch: &Node, schema: Schema, list: ListKind) -> Result<Option<Node>, MergeError> {
        match directive(patch) {
            Ok(Directive::Delete) => Ok(None),
            Err(_) => self.graft_map(patch, schema, true).map(Some),
            Ok(_) if patch.as_seq().is_some() && list != ListKind::Atomic => {
                self.lists(Sides::Patch(patch), schema, list)
            }
            Ok(_) => self.graft_inner(patch, schema, list),
        }
    }

    /// A value inside of one that is taken over.
    pub fn graft_inner(
        &self,
        patch: &Node,
        schema: Schema,
        list: ListKind,
    ) -> Result<Option<Node>, MergeError> {
        match &patch.value {
            Value::Scalar(_) => Ok(Some(patch).filter(|it| !it.is_null()).map(|it| self.mark(it))),
            Value::Seq(_) if list == ListKind::Atomic => Ok(Some(self.mark(patch))),
            Value::Seq(_) => self.graft_list(patch, schema, list),
            Value::Map(_) => match directive(patch)? {
                Directive::Delete => Ok(None),
                Directive::Merge | Directive::Replace => self.graft_entries(patch, schema).map(Some),
            },
        }
    }

    /// The entries of a map without its directive.
    pub fn graft_entries(&self, patch: &Node, schema: Schema) -> Result<Node, MergeError> {
        self.graft_map(patch, schema, false)
    }

    fn graft_map(&self, patch: &Node, schema: Schema, keep_directive: bool) -> Result<Node, MergeError> {
        let schema = schema.or_of(patch);
        let mut map = Map::default();
        for entry in patch.as_map().into_iter().flat_map(Map::entries) {
            if &*entry.key == DIRECTIVE && !keep_directive {
                continue;
            }
            let (schema, list) = schema.field(&entry.key);
            if let Some(node) = self.graft_inner(&entry.node, schema, list)? {
                map.push_new(Entry { node, ..entry.clone() });
            }
        }
        Ok(Node::map(map, self.marked(&patch.origin)))
    }

    /// A value as it stands in the patch; all of it says that it came through the patch.
    pub fn mark(&self, patch: &Node) -> Node {
        mark::mark(patch, Step::Patch, self.directive)
    }

    /// The origin of a value that the patch brings.
    pub fn marked(&self, origin: &Origin) -> Origin {
        mark::marked(origin, Step::Patch, self.directive)
    }
}

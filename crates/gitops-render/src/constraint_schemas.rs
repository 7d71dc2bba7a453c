//! The schemas, as Gatekeeper's constraints ask for them.

use crate::node::Node;
use crate::policy::{Schemas, Shape};
use crate::schema::SchemaStore;

impl Schemas for SchemaStore {
    fn parameters(&self, schema: &Node, keeps_unknown: bool) -> Shape {
        let part = self.part(schema, &["spec", "parameters"], keeps_unknown);
        Shape::new(move |it| part.check(it))
    }

    fn has_field(&self, group: &str, kind: &str, path: &[String]) -> Option<bool> {
        SchemaStore::has_field(self, group, kind, path)
    }
}

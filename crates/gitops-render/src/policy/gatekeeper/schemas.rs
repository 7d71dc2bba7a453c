//! What constraints have to know of schemas. Schemas are another engine's work, so it is asked for.

use std::fmt;

use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::resource::Resource;

/// Somebody who knows schemas.
pub trait Schemas: Sync {
    /// Compiles the schema of a template for what its constraints have under `spec.parameters`. With
    /// `keeps_unknown` fields that it does not list are let through.
    fn parameters(&self, schema: &Node, keeps_unknown: bool) -> Shape;

    /// Whether objects of a kind may have a field; `*` is an item or any member. `None` if the kind is
    /// not known.
    fn has_field(&self, group: &str, kind: &str, path: &[String]) -> Option<bool>;
}

/// Nobody knows schemas: what constraints give their templates is taken as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSchemas;

impl Schemas for NoSchemas {
    fn parameters(&self, _: &Node, _: bool) -> Shape {
        Shape::new(|_| vec![])
    }

    fn has_field(&self, _: &str, _: &str, _: &[String]) -> Option<bool> {
        None
    }
}

/// A compiled schema: what it says about an object.
pub struct Shape(Box<Check>);

type Check = dyn Fn(&Resource) -> Vec<Diagnostic> + Send + Sync;

impl Shape {
    /// A schema that says what `check` says: SCH002 for a field that it does not have, SCH001 for
    /// anything else.
    pub fn new(check: impl Fn(&Resource) -> Vec<Diagnostic> + Send + Sync + 'static) -> Shape {
        Shape(Box::new(check))
    }

    pub(super) fn check(&self, resource: &Resource) -> Vec<Diagnostic> {
        (self.0)(resource)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shape").finish_non_exhaustive()
    }
}

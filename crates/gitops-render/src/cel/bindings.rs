//! Variables: their types for the check, their values for the evaluation.

use std::sync::Arc;

use super::{Error, Meter, Program, Type, Val};

/// The variables that expressions may use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Env {
    variables: Vec<(Arc<str>, Type)>,
    /// The members of `variables`.
    composed: Vec<(Arc<str>, Type)>,
}

impl Env {
    /// No variables.
    pub(crate) fn new() -> Env {
        Env::default()
    }

    /// With a variable.
    #[must_use]
    pub(crate) fn variable(mut self, name: &str, of: Type) -> Env {
        self.variables.push((name.into(), of));
        self
    }

    /// With a variable that an expression defines: others call it `variables.name`.
    #[must_use]
    pub(crate) fn composed(mut self, name: &str, of: Type) -> Env {
        self.composed.push((name.into(), of));
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&Type> {
        self.variables.iter().rev().find(|it| &*it.0 == name).map(|it| &it.1)
    }

    pub(super) fn get_composed(&self, name: &str) -> Option<&Type> {
        self.composed.iter().rev().find(|it| &*it.0 == name).map(|it| &it.1)
    }

    pub(super) fn has_composed(&self) -> bool {
        !self.composed.is_empty()
    }
}

/// The values of variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bindings {
    values: Vec<(Arc<str>, Val)>,
    composed: Vec<(Arc<str>, Result<Val, Error>)>,
}

impl Bindings {
    /// No values.
    pub(crate) fn new() -> Bindings {
        Bindings::default()
    }

    /// With the value of a variable.
    #[must_use]
    pub(crate) fn value(mut self, name: &str, value: Val) -> Bindings {
        self.values.push((name.into(), value));
        self
    }

    /// Evaluates the expression that defines `variables.name`. If it fails, those fail that use it.
    pub(crate) fn define(&mut self, name: &str, program: &Program, meter: &Meter) {
        let value = program.evaluate(self, meter);
        self.composed.push((name.into(), value));
    }

    pub(super) fn get(&self, name: &str) -> Option<&Val> {
        self.values.iter().rev().find(|it| &*it.0 == name).map(|it| &it.1)
    }

    pub(super) fn get_composed(&self, name: &str) -> Option<&Result<Val, Error>> {
        self.composed.iter().rev().find(|it| &*it.0 == name).map(|it| &it.1)
    }
}

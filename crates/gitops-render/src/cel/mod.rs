//! CEL, the language of Kubernetes' validation rules, over our nodes.
//!
//! ```text
//! text ─parse─▶ tree ─check─▶ Program ─evaluate(Bindings, Meter)─▶ Val
//! ```
//!
//! `lexer` and `parse` read the text, `check` gives each part its type and refuses what the API server
//! would refuse, `eval` computes. `shape` says what a schema knows about a node, and `read` makes values
//! of nodes, in place. `library` holds the functions.
//!
//! There is no clock and no network, so a verdict never changes. Everything has a bound: the length and
//! the depth of a text, and, by the [`Meter`], the steps of an evaluation and the bytes that it makes.

mod ast;
mod bindings;
mod check;
pub(crate) mod defaults;
mod eval;
mod field_path;
#[cfg(test)]
mod judge;
mod lexer;
mod library;
mod parse;
mod read;
pub(crate) mod rules;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
mod types;
mod value;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

pub(crate) use bindings::{Bindings, Env};
pub(crate) use read::read_any;
pub(crate) use types::Type;
pub(crate) use value::Val;

/// An expression that can be evaluated.
#[derive(Debug)]
pub(crate) struct Program {
    expr: ast::Expr,
    /// What comes out of it.
    pub returns: Type,
}

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The byte of the text at which it shows.
    pub at: u32,
    /// What is so, in a line that stands alone.
    pub message: String,
}

/// Why an evaluation has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// The API server has none, too: a key that is missing, a division by zero.
    Failed(String),
    /// It takes more steps than it may.
    TooExpensive,
    /// The API server may have one, but we have not.
    Unsupported(String),
}

/// Counts the steps of evaluations, and stops them when too many are taken.
#[derive(Debug)]
pub(crate) struct Meter {
    left: Cell<u64>,
    /// What was paid for, and is not again.
    paid: RefCell<HashSet<String>>,
    /// Whether a text was read that somebody fills in later.
    is_provisional: Cell<bool>,
}

impl Program {
    /// Reads an expression and checks its types.
    ///
    /// # Errors
    /// What the API server would refuse, at the first place; and what we do not support.
    pub(crate) fn compile(text: &str, env: &Env) -> Result<Program, Problem> {
        let expr = parse::parse(text)?;
        let returns = check::check(&expr, env)?;
        Ok(Program { expr, returns })
    }

    /// Whether the variable occurs in the expression.
    pub(crate) fn mentions(&self, variable: &str) -> bool {
        self.expr.mentions(variable)
    }

    /// The value of the expression.
    ///
    /// # Errors
    /// See [`Error`].
    pub(crate) fn evaluate(&self, bindings: &Bindings, meter: &Meter) -> Result<Val, Error> {
        eval::evaluate(&self.expr, bindings, meter)
    }
}

impl Error {
    fn failed(message: impl Into<String>) -> Error {
        Error::Failed(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Failed(it) | Error::Unsupported(it) => f.write_str(it),
            Error::TooExpensive => f.write_str("it takes too many steps"),
        }
    }
}

/// So many bytes are read or written in a step.
const BYTES_IN_A_STEP: u64 = 16;

impl Meter {
    /// Lets so many steps be taken.
    pub(crate) fn new(steps: u64) -> Meter {
        Meter { left: Cell::new(steps), paid: RefCell::default(), is_provisional: Cell::new(false) }
    }

    /// How many steps may still be taken.
    pub(crate) fn left(&self) -> u64 {
        self.left.get()
    }

    /// Whether the result hangs on a text that is not the last one: Flux fills `${NAME}` in after
    /// kustomize has run, and decrypts what SOPS has encrypted.
    pub(crate) fn is_provisional(&self) -> bool {
        self.is_provisional.get()
    }

    fn note(&self, text: &str) {
        if text.contains("${") || text.starts_with("ENC[") {
            self.is_provisional.set(true);
        }
    }

    fn spend(&self, steps: u64) -> Result<(), Error> {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Error::TooExpensive)
    }

    /// Spends the steps for something that is made once and used many times.
    fn spend_once(&self, what: &str, steps: u64) -> Result<(), Error> {
        if self.paid.borrow().contains(what) {
            return Ok(());
        }
        self.spend(steps)?;
        self.paid.borrow_mut().insert(what.to_owned());
        Ok(())
    }

    fn spend_bytes(&self, bytes: usize) -> Result<(), Error> {
        self.spend(bytes as u64 / BYTES_IN_A_STEP)
    }
}

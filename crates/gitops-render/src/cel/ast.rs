//! An expression as a tree.

use std::sync::Arc;

use super::value::Val;

/// A part of an expression.
#[derive(Debug)]
pub(super) struct Expr {
    /// Where it begins, or where its operator stands: a byte of the text.
    pub at: u32,
    /// How many levels there are below it, itself included. The parser limits it, so that
    /// everything behind may recurse.
    pub height: u16,
    pub kind: Kind,
}

/// What a part of an expression is.
#[derive(Debug)]
pub(super) enum Kind {
    Literal(Val),
    /// A variable, or the name of a type.
    Ident(Arc<str>),
    /// `a.b`, or `a.?b`.
    Select {
        of: Box<Expr>,
        field: Arc<str>,
        optional: bool,
    },
    /// `has(a.b)`.
    Has {
        of: Box<Expr>,
        field: Arc<str>,
    },
    /// `a[b]`, or `a[?b]`.
    Index {
        of: Box<Expr>,
        index: Box<Expr>,
        optional: bool,
    },
    /// The flag marks an element that is left out if its optional is empty.
    List(Vec<(Expr, bool)>),
    Map(Vec<(Expr, Expr, bool)>),
    /// A chain of `&&`.
    And(Vec<Expr>),
    /// A chain of `||`.
    Or(Vec<Expr>),
    /// `a ? b : c`.
    Cond(Box<[Expr; 3]>),
    /// A function, a method (its target comes first) or an operator.
    Call {
        name: Arc<str>,
        is_method: bool,
        args: Vec<Expr>,
    },
    Macro(Box<Macro>),
}

/// A form that gives names to values while it evaluates a part.
#[derive(Debug)]
pub(super) struct Macro {
    pub form: Form,
    /// What is gone through, or what the name stands for.
    pub range: Expr,
    pub name: Arc<str>,
    pub second: Option<Arc<str>>,
    /// What an element must be like to be taken: `map` and the `transform`s may have it.
    pub filter: Option<Expr>,
    pub body: Expr,
}

/// The macros of CEL and of Kubernetes' extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformMap,
    TransformMapEntry,
    SortBy,
    OptMap,
    OptFlatMap,
}

impl Kind {
    /// The parts that it is made of.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match self {
            Kind::Literal(_) | Kind::Ident(_) => vec![],
            Kind::Select { of, .. } | Kind::Has { of, .. } => vec![of],
            Kind::Index { of, index, .. } => vec![of, index],
            Kind::List(items) => items.iter().map(|it| &it.0).collect(),
            Kind::Map(entries) => entries.iter().flat_map(|it| [&it.0, &it.1]).collect(),
            Kind::And(parts) | Kind::Or(parts) | Kind::Call { args: parts, .. } => parts.iter().collect(),
            Kind::Cond(parts) => parts.iter().collect(),
            Kind::Macro(it) => [&it.range, &it.body].into_iter().chain(&it.filter).collect(),
        }
    }
}

impl Expr {
    /// Whether a name occurs in it that a caller has to give a value to. A macro's own name of that
    /// spelling counts, too: nobody calls one `oldSelf`.
    pub(super) fn mentions(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Ident(it) if &**it == name)
            || self.kind.parts().into_iter().any(|it| it.mentions(name))
    }
}

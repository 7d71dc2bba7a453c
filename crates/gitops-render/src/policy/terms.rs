//! What a term's shape tells about its value, before anything is evaluated.

use regorus::unstable::{ArithOp, Expr};

use crate::policy::names;
use crate::policy::syntax::{self, Chain};

/// Whether a term may have several values: an index of it is a variable.
pub(super) fn iterates(expr: &Expr) -> bool {
    let is_variable = |it: &Expr| matches!(it, Expr::Var { .. });
    let mut found = Chain::of(expr).indices().any(is_variable);
    syntax::children(expr, &mut |it| found |= iterates(it));
    found
}

/// Whether a term of a head has a value whenever its variables have.
pub(super) fn is_always_defined(expr: &Expr) -> bool {
    match expr {
        Expr::RefDot { .. }
        | Expr::RefBrack { .. }
        | Expr::Call { .. }
        | Expr::UnaryExpr { .. }
        | Expr::BinExpr { .. }
        | Expr::BoolExpr { .. }
        | Expr::ArithExpr { .. }
        | Expr::AssignExpr { .. }
        | Expr::Membership { .. } => false,
        other => {
            let mut is_defined = true;
            syntax::children(other, &mut |it| is_defined &= is_always_defined(it));
            is_defined
        }
    }
}

/// Whether an expression can be an object or a set, as far as that can be told.
pub(super) fn may_be_collection(expr: &Expr) -> bool {
    match expr {
        Expr::Number { .. }
        | Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. }
        | Expr::UnaryExpr { .. }
        | Expr::BoolExpr { .. }
        | Expr::Array { .. }
        | Expr::ArrayCompr { .. } => false,
        Expr::ArithExpr { op, .. } => *op == ArithOp::Sub,
        Expr::Call { fcn, .. } => {
            !matches!(names::called(fcn)[..], ["count" | "to_number" | "sum" | "lower" | "indexof"])
        }
        _ => true,
    }
}

/// Whether an expression is a whole number if it is anything.
pub(super) fn is_whole(expr: &Expr) -> bool {
    match expr {
        Expr::Number { span, .. } => span.text().bytes().all(|it| it.is_ascii_digit()),
        Expr::Call { fcn, .. } => matches!(names::called(fcn)[..], ["count"]),
        _ => false,
    }
}

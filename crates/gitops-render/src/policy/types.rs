//! Arguments of which it is plain that they are of a wrong type, and builtins that are no more.
//!
//! OPA refuses such a policy when it compiles it; evaluated, the expression would be undefined and
//! the rule silent. OPA infers types through rules and references. Here only literals are looked at.

use regorus::unstable::{ArithOp, BoolOp, Expr, Literal};

use crate::diagnostic::Diagnostic;
use crate::policy::link::Fault;
use crate::policy::module::Module;
use crate::policy::names::{self, Names};
use crate::policy::syntax;
use crate::rules::pol::does_not_compile;

/// The types of literals, in the words of `type_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Set,
}

use Type::{Array, Boolean, Null, Number, Object, Set, String};

impl Type {
    /// The type of a literal or a comprehension.
    fn of(expr: &Expr) -> Option<Type> {
        Some(match expr {
            Expr::Null { .. } => Null,
            Expr::Bool { .. } => Boolean,
            Expr::Number { .. } => Number,
            Expr::String { .. } | Expr::RawString { .. } => String,
            Expr::Array { .. } | Expr::ArrayCompr { .. } => Array,
            Expr::Object { .. } | Expr::ObjectCompr { .. } => Object,
            Expr::Set { .. } | Expr::SetCompr { .. } => Set,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Null => "null",
            Boolean => "boolean",
            Number => "number",
            String => "string",
            Array => "array",
            Object => "object",
            Set => "set",
        }
    }
}

/// The builtins that Rego v1 has no more.
const DEPRECATED: [&str; 11] = [
    "all",
    "any",
    "cast_array",
    "cast_boolean",
    "cast_null",
    "cast_object",
    "cast_set",
    "cast_string",
    "net.cidr_overlap",
    "re_match",
    "set_diff",
];

/// What is wrong with modules, at most one fault a module.
pub(super) fn check(modules: &[Module], names: &Names) -> Vec<Fault> {
    let mut faults = vec![];
    for (index, module) in modules.iter().enumerate() {
        let mut found = None;
        for rule in &module.ast.policy {
            let mut visit = |expr: &Expr| found = found.take().or_else(|| of_expr(module, names, expr));
            syntax::walk_rule(rule, &mut visit);
            syntax::statements(rule, &mut |stmt| {
                if let Literal::Every { domain, .. } = &stmt.literal {
                    found = found.take().or_else(|| wrong(module, "every", domain, &[Array, Object, Set]));
                }
            });
        }
        faults.extend(found.map(|it| (index, it)));
    }
    faults
}

fn of_expr(module: &Module, names: &Names, expr: &Expr) -> Option<Diagnostic> {
    match expr {
        Expr::Call { fcn, params, .. } => {
            let path = names::called(fcn);
            let is_own = names.resolve(module, &path).is_some_and(|it| names.arity(&it).is_some());
            let name = path.join(".");
            if is_own {
                return None;
            }
            if module.is_v1 && DEPRECATED.contains(&name.as_str()) {
                return Some(does_not_compile::deprecated(module.span_of(fcn), &name));
            }
            let of_argument = |(at, it): (usize, _)| wrong(module, &name, it, parameter(&name, at)?);
            let of_items =
                || wrong_item(module, &name, params.iter().map(|it| &**it).find(|it| is_array(it))?);
            params.iter().map(|it| &**it).enumerate().find_map(of_argument).or_else(of_items)
        }
        Expr::ArithExpr { op, lhs, rhs, .. } => {
            let (name, types): (_, &[Type]) = match op {
                ArithOp::Add => ("+", &[Number]),
                ArithOp::Mul => ("*", &[Number]),
                ArithOp::Div => ("/", &[Number]),
                ArithOp::Mod => ("%", &[Number]),
                ArithOp::Sub if Type::of(lhs) == Some(Number) || Type::of(rhs) == Some(Number) => {
                    ("-", &[Number])
                }
                ArithOp::Sub => ("-", &[Set]),
            };
            wrong(module, name, lhs, types).or_else(|| wrong(module, name, rhs, types))
        }
        Expr::BinExpr { lhs, rhs, .. } => wrong(module, "a set operator", lhs, &[Set])
            .or_else(|| wrong(module, "a set operator", rhs, &[Set])),
        Expr::BoolExpr { op: BoolOp::Eq, lhs, rhs, .. } => match (Type::of(lhs), Type::of(rhs)) {
            (Some(a), Some(_)) => wrong(module, "==", rhs, &[a]),
            _ => None,
        },
        _ => None,
    }
}

fn is_array(expr: &Expr) -> bool {
    matches!(expr, Expr::Array { .. } | Expr::Set { .. })
}

/// The fault of a literal that is of none of the types.
fn wrong(module: &Module, name: &str, expr: &Expr, types: &[Type]) -> Option<Diagnostic> {
    let given = Type::of(expr).filter(|it| !types.contains(it))?;
    Some(does_not_compile::type_error(module.span_of(expr), name, given.name()))
}

/// The fault of an item in an array or a set that is written out.
fn wrong_item(module: &Module, name: &str, list: &Expr) -> Option<Diagnostic> {
    let types: &[Type] = match name {
        "sum" | "product" => &[Number],
        "concat" => &[String],
        _ => return None,
    };
    match list {
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().find_map(|it| wrong(module, name, it, types))
        }
        _ => None,
    }
}

/// The types that a builtin takes in a place, for those that policies call most.
fn parameter(name: &str, at: usize) -> Option<&'static [Type]> {
    Some(match (name, at) {
        ("count", 0) => &[String, Array, Object, Set],
        ("sum" | "product" | "max" | "min" | "sort", 0) | ("concat", 1) => &[Array, Set],
        ("abs" | "ceil" | "floor" | "round", 0) => &[Number],
        ("to_number", 0) => &[Null, Boolean, Number, String],
        (
            "contains" | "startswith" | "endswith" | "split" | "trim" | "trim_left" | "trim_right"
            | "trim_prefix" | "trim_suffix" | "indexof" | "regex.match" | "regex.split",
            0 | 1,
        )
        | (
            "upper" | "lower" | "trim_space" | "json.unmarshal" | "yaml.unmarshal" | "concat" | "sprintf",
            0,
        )
        | ("replace" | "regex.replace", 0..=2) => &[String],
        ("sprintf", 1) | ("array.concat", 0 | 1) | ("array.slice" | "array.reverse", 0) => &[Array],
        ("object.get" | "object.keys" | "object.remove", 0) | ("object.union", 0 | 1) => &[Object],
        _ => return None,
    })
}

//! The check of types: what the API server refuses when a definition is created.

use std::sync::Arc;

use super::ast::{Expr, Form, Kind, Macro};
use super::library::{self, printf};
use super::types::{SIGNATURES, Type, is_type_name};
use super::value::Val;
use super::{Env, Error, Meter, Problem};
use crate::suggest;

/// The type of an expression.
pub(super) fn check(expr: &Expr, env: &Env) -> Result<Type, Problem> {
    Checker { env, locals: vec![], is_formatted: false }.type_of(expr)
}

struct Checker<'e> {
    env: &'e Env,
    locals: Vec<(Arc<str>, Type)>,
    /// Whether the expression stands among the values of a `format`.
    is_formatted: bool,
}

type Checked = Result<Type, Problem>;

impl Checker<'_> {
    fn type_of(&mut self, expr: &Expr) -> Checked {
        match &expr.kind {
            Kind::Literal(it) => Ok(literal(it)),
            Kind::Ident(name) => self.variable(expr.at, name),
            Kind::Select { of, field, optional } => {
                let found = self.field(expr.at, of, field)?;
                Ok(if *optional && !matches!(found, Type::Optional(_)) { found.optional() } else { found })
            }
            Kind::Has { of, field } => self.field(expr.at, of, field).map(|_| Type::Bool),
            Kind::Index { of, index, optional } => {
                let found = self.index(expr.at, of, index)?;
                Ok(if *optional && !matches!(found, Type::Optional(_)) { found.optional() } else { found })
            }
            Kind::List(items) => self.items(items).map(|it| it.0),
            Kind::Map(entries) => self.map(entries),
            Kind::And(parts) => self.chain("_&&_", parts),
            Kind::Or(parts) => self.chain("_||_", parts),
            Kind::Cond(parts) => self.cond(expr.at, parts),
            Kind::Call { name, is_method, args } => self.call(expr.at, name, *is_method, args),
            Kind::Macro(it) => self.expand(expr.at, it),
        }
    }

    fn variable(&self, at: u32, name: &str) -> Checked {
        let local = self.locals.iter().rev().find(|it| &*it.0 == name).map(|it| &it.1);
        match local.or_else(|| self.env.get(name)) {
            Some(it) => Ok(it.clone()),
            None if is_type_name(name) => Ok(Type::Meta),
            None => problem(at, format!("undeclared reference to `{name}`")),
        }
    }

    fn field(&mut self, at: u32, of: &Expr, field: &str) -> Checked {
        if matches!(&of.kind, Kind::Ident(it) if &**it == "variables") && self.env.has_composed() {
            return match self.env.get_composed(field) {
                Some(it) => Ok(it.clone()),
                None => problem(at, format!("undefined field `{field}`")),
            };
        }
        member(at, &self.type_of(of)?, field)
    }

    fn index(&mut self, at: u32, of: &Expr, index: &Expr) -> Checked {
        let (of, index) = (self.type_of(of)?, self.type_of(index)?);
        let (inside, is_optional) = match &of {
            Type::Optional(it) => ((**it).clone(), true),
            it => (it.clone(), false),
        };
        let fits = |wanted: &Type| index.fits(wanted, &mut [None, None]);
        let found = match &inside {
            Type::Dyn => Type::Dyn,
            Type::List(item) if fits(&Type::Int) => (**item).clone(),
            Type::Map(key, value) if fits(key) => (**value).clone(),
            _ => return problem(at, no_overload("_[_]", &[of, index])),
        };
        Ok(if is_optional { found.optional() } else { found })
    }

    /// The type of a list, and those of its items.
    fn items(&mut self, items: &[(Expr, bool)]) -> Result<(Type, Vec<Type>), Problem> {
        let mut of: Option<Type> = None;
        let mut types = vec![];
        for (item, optional) in items {
            let found = self.type_of(item)?;
            let found = if *optional { inside(item.at, found)? } else { found };
            types.push(found.clone());
            // `optional.none()` takes any type.
            if !(*optional && matches!(found, Type::Dyn)) {
                of = Some(self.alike(item.at, of, found)?);
            }
        }
        Ok((Type::List(Arc::new(of.unwrap_or(Type::Dyn))), types))
    }

    fn map(&mut self, entries: &[(Expr, Expr, bool)]) -> Checked {
        let (mut keys, mut values) = (None, None);
        for (key, value, optional) in entries {
            let found = self.type_of(key)?;
            keys = Some(self.alike(key.at, keys, found)?);
            let found = self.type_of(value)?;
            let found = if *optional { inside(value.at, found)? } else { found };
            if !(*optional && matches!(found, Type::Dyn)) {
                values = Some(self.alike(value.at, values, found)?);
            }
        }
        Ok(Type::Map(Arc::new(keys.unwrap_or(Type::Dyn)), Arc::new(values.unwrap_or(Type::Dyn))))
    }

    /// Elements of a literal have one type. What has none until it is evaluated may only stand with
    /// others in what `format` writes.
    fn alike(&self, at: u32, known: Option<Type>, found: Type) -> Checked {
        let Some(known) = known else { return Ok(found) };
        let common = known.common(&found).filter(|_| self.is_formatted || known.is_like(&found));
        common.map_or_else(|| problem(at, format!("expected type `{known}` but found `{found}`")), Ok)
    }

    fn chain(&mut self, name: &str, parts: &[Expr]) -> Checked {
        for part in parts {
            let found = self.type_of(part)?;
            if !is_bool(&found) {
                return problem(
                    part.at,
                    format!("`{name}` takes booleans, and this is of the type `{found}`"),
                );
            }
        }
        Ok(Type::Bool)
    }

    fn cond(&mut self, at: u32, parts: &[Expr; 3]) -> Checked {
        let [test, yes, no] = parts;
        let types = [self.type_of(test)?, self.type_of(yes)?, self.type_of(no)?];
        match types[1].common(&types[2]) {
            Some(it) if is_bool(&types[0]) => Ok(it),
            _ => problem(at, no_overload("_?_:_", &types)),
        }
    }

    fn call(&mut self, at: u32, name: &str, is_method: bool, args: &[Expr]) -> Checked {
        let Some(signatures) = SIGNATURES.get(name) else {
            let names = SIGNATURES.keys().copied().filter(|it| it.starts_with(char::is_alphabetic));
            let nearest = suggest::nearest(name, names).map(|it| format!("; did you mean `{it}`?"));
            return problem(at, format!("undeclared reference to `{name}`{}", nearest.unwrap_or_default()));
        };
        let mut types = vec![];
        let mut formatted = vec![];
        for arg in args {
            let (found, items) = self.argument(name, arg)?;
            types.push(found);
            formatted.extend(items);
        }
        check_literals(name, args, &formatted)?;
        let mut returns: Option<Type> = None;
        let is_unknown = types.iter().any(Type::is_unknown);
        for signature in signatures {
            let mut bound = [None, None];
            let fits = signature.is_method == is_method
                && signature.args.len() == types.len()
                && types.iter().zip(&signature.args).all(|(is, wanted)| is.fits(wanted, &mut bound));
            if !fits {
                continue;
            }
            let found = signature.returns.resolved(&bound);
            // With a value that may be anything, several may be meant.
            match &returns {
                None => returns = Some(found),
                Some(other) if other.common(&found).is_none() => returns = Some(Type::Dyn),
                Some(_) => {}
            }
            if !is_unknown {
                break;
            }
        }
        returns.map_or_else(|| problem(at, no_overload(&operator(name), &types)), Ok)
    }

    /// The type of an argument, and those of its items if it is what `format` writes.
    fn argument(&mut self, name: &str, arg: &Expr) -> Result<(Type, Vec<Type>), Problem> {
        match &arg.kind {
            Kind::List(items) if name == "format" => {
                let before = std::mem::replace(&mut self.is_formatted, true);
                let found = self.items(items);
                self.is_formatted = before;
                found
            }
            _ => Ok((self.type_of(arg)?, vec![])),
        }
    }

    fn expand(&mut self, at: u32, it: &Macro) -> Checked {
        let range = self.type_of(&it.range)?;
        let (first, second) = match (it.form, &range, &it.second) {
            (Form::OptMap | Form::OptFlatMap, Type::Optional(of), _) => ((**of).clone(), None),
            (Form::OptMap | Form::OptFlatMap, Type::Dyn, _) => (Type::Dyn, None),
            (Form::OptMap | Form::OptFlatMap, other, _) => {
                return problem(at, format!("the type `{other}` is not optional"));
            }
            (_, Type::List(item), None) => ((**item).clone(), None),
            (_, Type::List(item), Some(_)) => (Type::Int, Some((**item).clone())),
            (_, Type::Map(key, value), _) => ((**key).clone(), Some((**value).clone())),
            (_, Type::Dyn, _) => (Type::Dyn, Some(Type::Dyn)),
            (_, other, _) => {
                return problem(
                    at,
                    format!("expression of type `{other}` cannot be range of a comprehension"),
                );
            }
        };
        let depth = self.locals.len();
        self.locals.push((Arc::clone(&it.name), first.clone()));
        if let (Some(name), Some(second)) = (&it.second, second) {
            self.locals.push((Arc::clone(name), second));
        }
        let filter = it.filter.as_ref().map(|it| Ok((it.at, self.type_of(it)?))).transpose()?;
        let body = self.type_of(&it.body)?;
        self.locals.truncate(depth);
        let tested = matches!(it.form, Form::All | Form::Exists | Form::ExistsOne | Form::Filter);
        for (at, found) in filter.into_iter().chain(tested.then(|| (it.body.at, body.clone()))) {
            if !is_bool(&found) {
                return problem(
                    at,
                    format!("a condition is of the type `bool`, and this is of the type `{found}`"),
                );
            }
        }
        Ok(returned(it.form, range, first, body))
    }
}

/// Texts that are written out can be judged now: patterns, durations, moments, and what is to be
/// formatted.
fn check_literals(name: &str, args: &[Expr], formatted: &[Type]) -> Result<(), Problem> {
    let text = |index: usize| match args.get(index) {
        Some(Expr { at, kind: Kind::Literal(Val::Str(text)), .. }) => Some((*at, text)),
        _ => None,
    };
    match name {
        "matches" | "find" | "findAll" => {
            if let Some((at, text)) = text(1)
                && let Err(Error::Failed(message)) = library::regex::check(text)
            {
                return problem(at, message);
            }
        }
        "duration" | "timestamp" => {
            if let Some((at, text)) = text(0)
                && let Err(it) = library::call(name, &[Val::Str(Arc::clone(text))], &Meter::new(1000))
            {
                return problem(at, it.to_string());
            }
        }
        "format" => {
            if let (Some((at, text)), Some(Kind::List(items))) = (text(0), args.get(1).map(|it| &it.kind)) {
                return check_format(at, text, items, formatted);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether each value may be written as the text wants it, and there are as many as it wants.
fn check_format(at: u32, text: &str, items: &[(Expr, bool)], types: &[Type]) -> Result<(), Problem> {
    let verbs = printf::verbs(text).or_else(|err| problem(at, err.to_string()))?;
    for (verb, ((item, _), found)) in verbs.iter().zip(items.iter().zip(types)) {
        if !printf::may_be_written(*verb, found) {
            return problem(item.at, format!("`%{verb}` does not take a value of the type `{found}`"));
        }
    }
    if items.len() != verbs.len() {
        return problem(at, format!("`format` wants {} values and not {}", verbs.len(), items.len()));
    }
    Ok(())
}

/// The type of what a macro returns.
fn returned(form: Form, range: Type, first: Type, body: Type) -> Type {
    match form {
        Form::All | Form::Exists | Form::ExistsOne => Type::Bool,
        Form::Filter | Form::SortBy => match range {
            Type::Map(..) => Type::List(Arc::new(first)),
            list => list,
        },
        Form::Map => Type::List(Arc::new(body)),
        Form::TransformMap => Type::Map(Arc::new(first), Arc::new(body)),
        Form::TransformMapEntry | Form::OptFlatMap => body,
        Form::OptMap => body.optional(),
    }
}

/// The type of a field.
fn member(at: u32, of: &Type, field: &str) -> Checked {
    match of {
        Type::Dyn => Ok(Type::Dyn),
        Type::Object(fields) => match fields.find(field) {
            Some((_, it)) => Ok(Type::of_shape(it)),
            None => {
                let nearest =
                    suggest::nearest(field, fields.names()).map(|it| format!("; did you mean `{it}`?"));
                problem(at, format!("undefined field `{field}`{}", nearest.unwrap_or_default()))
            }
        },
        Type::Map(_, value) => Ok((**value).clone()),
        Type::Optional(it) => member(at, it, field).map(Type::optional),
        other => problem(at, format!("type `{other}` does not support field selection")),
    }
}

fn literal(value: &Val) -> Type {
    match value {
        Val::Null => Type::Null,
        Val::Bool(_) => Type::Bool,
        Val::Int(_) => Type::Int,
        Val::Uint(_) => Type::Uint,
        Val::Double(_) => Type::Double,
        Val::Str(_) => Type::Str,
        Val::Bytes(_) => Type::Bytes,
        _ => Type::Dyn,
    }
}

fn is_bool(of: &Type) -> bool {
    matches!(of, Type::Bool | Type::Dyn)
}

/// What is inside of an optional.
fn inside(at: u32, of: Type) -> Checked {
    match of {
        Type::Optional(it) => Ok((*it).clone()),
        Type::Dyn => Ok(Type::Dyn),
        other => problem(at, format!("the type `{other}` is not optional")),
    }
}

fn operator(name: &str) -> String {
    match name {
        "in" => "@in".to_owned(),
        _ if name.starts_with(|it: char| it.is_alphanumeric()) || name.ends_with('_') => name.to_owned(),
        _ => format!("_{name}_"),
    }
}

fn no_overload(name: &str, types: &[Type]) -> String {
    let types: Vec<String> = types.iter().map(ToString::to_string).collect();
    format!("found no matching overload for `{name}` applied to `({})`", types.join(", "))
}

fn problem<T>(at: u32, message: String) -> Result<T, Problem> {
    Err(Problem { at, message })
}

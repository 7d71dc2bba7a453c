//! What an expression comes to.
//!
//! Types are checked before, but for what is only known now: a value of the type `dyn`.

use std::sync::Arc;

use super::ast::{Expr, Form, Kind, Macro};
use super::library::{self, lists::sorted};
use super::types::is_type_name;
use super::value::{List, Map, Val};
use super::{Bindings, Error, Meter};

/// Evaluates an expression.
pub(super) fn evaluate(expr: &Expr, bindings: &Bindings, meter: &Meter) -> Result<Val, Error> {
    Scope { bindings, meter, locals: vec![] }.eval(expr)
}

struct Scope<'a> {
    bindings: &'a Bindings,
    meter: &'a Meter,
    /// What macros have given names to, the innermost last.
    locals: Vec<(Arc<str>, Val)>,
}

type Evaluated = Result<Val, Error>;

impl Scope<'_> {
    fn eval(&mut self, expr: &Expr) -> Evaluated {
        self.meter.spend(1)?;
        let value = self.value_of(expr)?;
        if let (Val::Str(text), false) = (&value, matches!(expr.kind, Kind::Literal(_))) {
            self.meter.note(text);
        }
        Ok(value)
    }

    fn value_of(&mut self, expr: &Expr) -> Evaluated {
        match &expr.kind {
            Kind::Literal(it) => Ok(it.clone()),
            Kind::Ident(name) => self.variable(name),
            Kind::Select { of, field, optional } => self.select(of, field, *optional),
            Kind::Has { of, field } => self.has(of, field),
            Kind::Index { of, index, optional } => {
                let (of, index) = (self.eval(of)?, self.eval(index)?);
                self.member(of, &index, *optional)
            }
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::And(parts) => self.chain(parts, false),
            Kind::Or(parts) => self.chain(parts, true),
            Kind::Cond(parts) => match self.eval(&parts[0])? {
                Val::Bool(test) => self.eval(&parts[if test { 1 } else { 2 }]),
                _ => Err(no_overload("_?_:_")),
            },
            Kind::Call { name, args, .. } => {
                let args = args.iter().map(|it| self.eval(it)).collect::<Result<Vec<_>, _>>()?;
                library::call(name, &args, self.meter)
            }
            Kind::Macro(it) => self.expand(it),
        }
    }

    fn variable(&self, name: &str) -> Evaluated {
        let local = self.locals.iter().rev().find(|it| &*it.0 == name).map(|it| &it.1);
        match local.or_else(|| self.bindings.get(name)) {
            Some(it) => Ok(it.clone()),
            None if is_type_name(name) => Ok(Val::Type(name.into())),
            None => Err(Error::failed(format!("no such attribute: {name}"))),
        }
    }

    /// What `variables.name` stands for, if this is that.
    fn composed(&self, of: &Expr, field: &str) -> Option<Evaluated> {
        let is_composed = matches!(&of.kind, Kind::Ident(it) if &**it == "variables");
        self.bindings.get_composed(field).filter(|_| is_composed).cloned()
    }

    fn select(&mut self, of: &Expr, field: &Arc<str>, optional: bool) -> Evaluated {
        if let Some(value) = self.composed(of, field) {
            return value;
        }
        let of = self.eval(of)?;
        self.member(of, &Val::Str(Arc::clone(field)), optional)
    }

    fn has(&mut self, of: &Expr, field: &Arc<str>) -> Evaluated {
        if self.composed(of, field).is_some() {
            return Ok(Val::Bool(true));
        }
        let key = Val::Str(Arc::clone(field));
        let of = match self.eval(of)? {
            Val::Optional(Some(it)) => (*it).clone(),
            Val::Optional(None) => return Ok(Val::Bool(false)),
            it => it,
        };
        match of {
            Val::Map(map) => Ok(Val::Bool(map.get(&key, self.meter)?.is_some())),
            other => {
                Err(Error::failed(format!("type '{}' does not support field selection", other.type_name())))
            }
        }
    }

    /// `of[key]` and `of.key`. What is looked for in an optional is optional.
    fn member(&self, of: Val, key: &Val, optional: bool) -> Evaluated {
        match of {
            Val::Optional(None) => Ok(Val::Optional(None)),
            Val::Optional(Some(of)) => self.member((*of).clone(), key, true),
            of => match (self.find(&of, key)?, optional) {
                (Some(it), true) => Ok(Val::some(it)),
                (None, true) => Ok(Val::Optional(None)),
                (Some(it), false) => Ok(it),
                (None, false) => Err(missing(&of, key)),
            },
        }
    }

    fn find(&self, of: &Val, key: &Val) -> Result<Option<Val>, Error> {
        match of {
            Val::Map(map) => map.get(key, self.meter),
            Val::List(list) => {
                let index = match key {
                    Val::Int(it) => usize::try_from(*it).ok(),
                    Val::Uint(it) => usize::try_from(*it).ok(),
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "it is whole"
                    )]
                    Val::Double(it) if it.fract() == 0.0 && *it >= 0.0 => Some(*it as usize),
                    _ => {
                        return Err(Error::failed(format!(
                            "unsupported index type '{}' in list",
                            key.type_name()
                        )));
                    }
                };
                index.and_then(|it| list.get(it)).transpose()
            }
            _ => Err(no_overload("_[_]")),
        }
    }

    fn list(&mut self, items: &[(Expr, bool)]) -> Evaluated {
        let mut values = vec![];
        for (item, optional) in items {
            match (self.eval(item)?, optional) {
                (it, false) => values.push(it),
                (Val::Optional(it), true) => values.extend(it.map(|it| (*it).clone())),
                (_, true) => return Err(no_overload("[?_]")),
            }
        }
        Ok(Val::list(values))
    }

    fn map(&mut self, entries: &[(Expr, Expr, bool)]) -> Evaluated {
        let mut found = vec![];
        for (key, value, optional) in entries {
            let (key, value) = (self.eval(key)?, self.eval(value)?);
            match (value, optional) {
                (value, false) => self.insert(&mut found, key, value)?,
                (Val::Optional(Some(value)), true) => self.insert(&mut found, key, (*value).clone())?,
                (Val::Optional(None), true) => {}
                (_, true) => return Err(no_overload("{?_:_}")),
            }
        }
        Ok(Val::Map(Map::Values(Arc::new(found))))
    }

    fn insert(&self, entries: &mut Vec<(Val, Val)>, key: Val, value: Val) -> Result<(), Error> {
        if !matches!(key, Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::Str(_)) {
            return Err(Error::failed(format!("unsupported key type: {}", key.type_name())));
        }
        for (other, _) in &*entries {
            if other.equals(&key, self.meter)? {
                return Err(Error::failed("a key is there twice in a map"));
            }
        }
        entries.push((key, value));
        Ok(())
    }

    /// `&&` ends at the first `false`, `||` at the first `true`. An error counts only if nothing ends it.
    fn chain(&mut self, parts: &[Expr], end: bool) -> Evaluated {
        let mut verdict = Verdict::new(end);
        for part in parts {
            let value = self.eval(part);
            if verdict.is_decided_by(value)? {
                return Ok(Val::Bool(end));
            }
        }
        verdict.otherwise()
    }

    fn expand(&mut self, it: &Macro) -> Evaluated {
        let range = self.eval(&it.range)?;
        match (it.form, range) {
            (Form::OptMap | Form::OptFlatMap, Val::Optional(None)) => Ok(Val::Optional(None)),
            (Form::OptMap, Val::Optional(Some(value))) => {
                self.with(it, (*value).clone(), None, &it.body).map(Val::some)
            }
            (Form::OptFlatMap, Val::Optional(Some(value))) => self.with(it, (*value).clone(), None, &it.body),
            (_, range @ (Val::List(_) | Val::Map(_))) => self.comprehend(it, &range),
            (_, other) => Err(Error::failed(format!(
                "no such overload: a value of type {} has no elements",
                other.type_name()
            ))),
        }
    }

    /// Evaluates a part of a macro with its names given.
    fn with(&mut self, it: &Macro, first: Val, second: Option<Val>, part: &Expr) -> Evaluated {
        let depth = self.locals.len();
        self.locals.push((Arc::clone(&it.name), first));
        if let (Some(name), Some(second)) = (&it.second, second) {
            self.locals.push((Arc::clone(name), second));
        }
        let value = self.eval(part);
        self.locals.truncate(depth);
        value
    }

    fn comprehend(&mut self, it: &Macro, range: &Val) -> Evaluated {
        let keys = match range {
            Val::Map(map) => map.keys(),
            _ => vec![],
        };
        let length = match range {
            Val::List(list) => list.len(),
            _ => keys.len(),
        };
        let mut verdict = Verdict::new(it.form == Form::Exists);
        let mut out = Collected::default();
        for index in 0..length {
            self.meter.spend(1)?;
            let (first, second) = self.element(it, range, &keys, index)?;
            if let Some(filter) = &it.filter {
                match self.with(it, first.clone(), second.clone(), filter)? {
                    Val::Bool(true) => {}
                    Val::Bool(false) => continue,
                    _ => return Err(no_overload("_?_:_")),
                }
            }
            let body = self.with(it, first.clone(), second, &it.body);
            match it.form {
                Form::All | Form::Exists => {
                    if verdict.is_decided_by(body)? {
                        return Ok(Val::Bool(it.form == Form::Exists));
                    }
                }
                form => self.collect(form, first, body?, &mut out)?,
            }
        }
        match it.form {
            Form::All | Form::Exists => verdict.otherwise(),
            Form::ExistsOne => Ok(Val::Bool(out.count == 1)),
            Form::SortBy => sorted(out.entries, self.meter).map(Val::list),
            Form::TransformMap | Form::TransformMapEntry => Ok(Val::Map(Map::Values(Arc::new(out.entries)))),
            _ => Ok(Val::list(out.items)),
        }
    }

    /// The values that the names of a macro have for an element.
    fn element(
        &self,
        it: &Macro,
        range: &Val,
        keys: &[Val],
        index: usize,
    ) -> Result<(Val, Option<Val>), Error> {
        let item = |list: &List| list.get(index).unwrap_or(Ok(Val::Null));
        Ok(match (range, &it.second) {
            (Val::List(list), None) => (item(list)?, None),
            (Val::List(list), Some(_)) => (Val::Int(index as i64), Some(item(list)?)),
            (Val::Map(map), Some(_)) => (keys[index].clone(), map.get(&keys[index], self.meter)?),
            _ => (keys[index].clone(), None),
        })
    }

    fn collect(&self, form: Form, first: Val, body: Val, out: &mut Collected) -> Result<(), Error> {
        match (form, body) {
            (Form::ExistsOne, Val::Bool(it)) => out.count += usize::from(it),
            (Form::Filter, Val::Bool(it)) => out.items.extend(it.then_some(first)),
            (Form::ExistsOne | Form::Filter, _) => return Err(no_overload("_?_:_")),
            (Form::SortBy, key) => out.entries.push((key, first)),
            (Form::TransformMap, value) => self.insert(&mut out.entries, first, value)?,
            (Form::TransformMapEntry, Val::Map(map)) => {
                for key in map.keys() {
                    let value = map.get(&key, self.meter)?.unwrap_or(Val::Null);
                    self.insert(&mut out.entries, key, value)?;
                }
            }
            (Form::TransformMapEntry, _) => return Err(no_overload("transformMapEntry")),
            (_, value) => out.items.push(value),
        }
        Ok(())
    }
}

/// What a macro gathers.
#[derive(Default)]
struct Collected {
    items: Vec<Val>,
    entries: Vec<(Val, Val)>,
    count: usize,
}

/// The result of a chain that one part may decide.
struct Verdict {
    end: bool,
    failed: Option<Error>,
}

impl Verdict {
    fn new(end: bool) -> Verdict {
        Verdict { end, failed: None }
    }

    /// Whether a part decides the chain. An error waits until all parts have been looked at.
    fn is_decided_by(&mut self, part: Evaluated) -> Result<bool, Error> {
        match part {
            Ok(Val::Bool(it)) => return Ok(it == self.end),
            Err(Error::TooExpensive) => return Err(Error::TooExpensive),
            Ok(_) => self.failed = self.failed.take().or_else(|| Some(no_overload("_&&_"))),
            Err(err) => self.failed = self.failed.take().or(Some(err)),
        }
        Ok(false)
    }

    /// The result if no part has decided it.
    fn otherwise(self) -> Evaluated {
        self.failed.map_or(Ok(Val::Bool(!self.end)), Err)
    }
}

fn no_overload(name: &str) -> Error {
    Error::failed(format!("no such overload: {name}"))
}

fn missing(of: &Val, key: &Val) -> Error {
    let shown = match key {
        Val::Str(it) => it.to_string(),
        Val::Int(it) => it.to_string(),
        Val::Uint(it) => it.to_string(),
        other => other.type_name().to_owned(),
    };
    match of {
        Val::List(_) => Error::failed(format!("index out of bounds: {shown}")),
        _ => Error::failed(format!("no such key: {shown}")),
    }
}

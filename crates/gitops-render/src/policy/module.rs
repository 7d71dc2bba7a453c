//! One Rego module: which dialect it is written in, and what is in it.

use std::sync::Arc;

use regorus::Engine;
use regorus::unstable::{Expr, Module as Ast, Ref, Rule, RuleHead};

use crate::diagnostic::Diagnostic;
use crate::policy::rego_error::{RegoError, label};
use crate::policy::rewrite::{self, Rewritten};
use crate::policy::text::ModuleText;
use crate::policy::tokens::{self, Looks, Reference};
use crate::rules::pol::does_not_compile;
use crate::source::Span;
use crate::sources::SourceFile;

/// A module that the engine can read.
#[derive(Debug)]
pub(super) struct Module {
    pub source: ModuleText,
    /// The source's text as `rewrite::separate_statements` leaves it: every place is the same.
    pub text: String,
    /// What the engine is given.
    rewritten: Rewritten,
    /// Whether it is written in Rego v0.
    pub is_v0: bool,
    pub package: Vec<String>,
    pub imports: Vec<Import>,
    pub rules: Vec<Definition>,
}

/// Something that a module has a name of its own for.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub name: String,
    /// Without `data`.
    pub path: Vec<String>,
    pub at: Span,
}

/// One definition of a rule; a rule may have many.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    /// The name with its dots.
    pub path: Vec<String>,
    pub kind: DefinitionKind,
    /// The name in the file.
    pub head: Span,
    /// The whole definition, as a range of the module's text.
    pub range: std::ops::Range<usize>,
}

/// How it is known in which Rego a module is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// By the module itself.
    Told,
    /// Gatekeeper's plain `rego:` is v0, unless it imports `rego.v1`.
    V0,
    V1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DefinitionKind {
    Rule,
    Function,
    Default,
}

/// A module that cannot be used.
#[derive(Debug)]
pub(super) struct Broken {
    /// Its package as far as it can be told.
    pub package: Option<Vec<String>>,
    pub diagnostic: Diagnostic,
}

impl Module {
    /// Reads a file as a module, as Rego v1 if it can be read as such and as v0 otherwise.
    pub fn read(file: &Arc<SourceFile>) -> Result<Module, Box<Broken>> {
        match ModuleText::of_file(file) {
            Ok(text) => Module::parse(text, Dialect::Told),
            Err(at) => {
                let diagnostic = does_not_compile::refused(at, "the file is not UTF-8");
                Err(Box::new(Broken { package: None, diagnostic }))
            }
        }
    }

    /// Reads a text as a module.
    pub fn parse(source: ModuleText, dialect: Dialect) -> Result<Module, Box<Broken>> {
        let text = rewrite::separate_statements(&source.text);
        let words = tokens::tokens(&text);
        let place = |(start, end): (usize, usize)| source.span(start, end);
        let read = match tokens::too_deep(&words) {
            Some(at) => Err(does_not_compile::refused(place(at), "the brackets are nested too deep")),
            None => parse(&text, tokens::looks(&words), dialect).map_err(|Unread { error, keyword }| {
                let at = source.word_at(error.place);
                match keyword {
                    Some(word) if dialect == Dialect::V0 => {
                        does_not_compile::not_v0(place(word), &text[word.0..word.1])
                    }
                    Some(word) => does_not_compile::mixed(place(word), &text[word.0..word.1], at),
                    None => does_not_compile::refused(at, &error.reason),
                }
            }),
        };
        match read {
            Ok((ast, is_v0)) => Ok(Module {
                package: path_of(&ast.package.refr),
                imports: ast.imports.iter().filter_map(|it| import(&source, it)).collect(),
                rules: ast.policy.iter().map(|it| definition(&source, it)).collect(),
                rewritten: rewrite::write_out_imports(&text),
                text,
                source,
                is_v0,
            }),
            Err(diagnostic) => Err(Box::new(Broken { package: tokens::package(&words), diagnostic })),
        }
    }

    /// Gives the module to an engine, under the number `index`.
    pub fn add_to(&self, engine: &mut Engine, index: usize) -> Result<(), RegoError> {
        self.add_to_with(engine, index, "")
    }

    /// The same, with more rules behind those of the module.
    pub fn add_to_with(&self, engine: &mut Engine, index: usize, more: &str) -> Result<(), RegoError> {
        engine.set_rego_v0(self.is_v0);
        let added = engine.add_policy(label(index), self.rewritten.text.clone() + more);
        added.map(drop).map_err(|err| RegoError::read(&err.to_string()))
    }

    /// A range of the module's text as a place in its file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        self.source.span(start, end)
    }

    /// The text of a part of the engine's tree of this module.
    pub fn span_of(&self, part: &regorus::unstable::Span) -> Span {
        let text = part.source.contents();
        let place = |offset: usize| {
            let before = text.get(..offset).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.len() - before.rfind('\n').map_or(0, |it| it + 1) + 1;
            self.source.word_at(self.rewritten.original((line, column))).start
        };
        let range = written(part);
        Span { file: self.source.file.id, start: place(range.start), end: place(range.end) }
    }

    /// Where the engine sees an error in this module.
    pub fn error_span(&self, error: &RegoError) -> Span {
        self.source.word_at(self.rewritten.original(error.place))
    }

    /// The definition that holds an offset of the text.
    pub fn definition_at(&self, offset: usize) -> Option<&Definition> {
        let index = self.rules.partition_point(|it| it.range.end <= offset);
        self.rules.get(index).filter(|it| it.range.contains(&offset))
    }

    /// The paths that a reference may stand for, seen from this module: without `data`, and with
    /// imports followed.
    pub fn resolve(&self, reference: &Reference<'_>) -> Vec<Vec<String>> {
        let owned = |path: &[&str]| path.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        if reference.path[0] == "data" {
            return vec![owned(&reference.path[1..])];
        }
        let local = [self.package.clone(), owned(&reference.path)].concat();
        let imports = self.imports.iter().filter(|it| it.name == reference.path[0]);
        let imported = imports.map(|it| [&it.path[..], &owned(&reference.path[1..])].concat());
        std::iter::once(local).chain(imported).collect()
    }
}

/// Why a module cannot be parsed.
struct Unread {
    error: RegoError,
    /// The keyword of v1 in a module that else looks like v0.
    keyword: Option<(usize, usize)>,
}

/// The tree, and whether it is v0.
fn parse(text: &str, looks: Looks, dialect: Dialect) -> Result<(Ref<Ast>, bool), Unread> {
    if dialect == Dialect::V0 && !looks.imports_v1 {
        if looks.keyword.is_some() {
            return Err(Unread { error: RegoError::read(""), keyword: looks.keyword });
        }
        let read = parse_as(text, true).map(|it| (it, true));
        return read.map_err(|error| Unread { error, keyword: None });
    }
    let v1 = match parse_as(text, false) {
        Ok(ast) => return Ok((ast, false)),
        Err(error) => error,
    };
    if dialect == Dialect::V1 {
        return Err(Unread { error: v1, keyword: None });
    }
    let is_old = v1.misses_keyword() && !looks.imports_v1;
    // Read as v0, a module with keywords that it does not import makes the engine print warnings.
    if looks.imports_v1 || looks.keyword.is_some() {
        return Err(Unread { error: v1, keyword: looks.keyword.filter(|_| is_old) });
    }
    match parse_as(text, true) {
        Ok(ast) => Ok((ast, true)),
        Err(v0) => Err(Unread { error: if is_old { v0 } else { v1 }, keyword: None }),
    }
}

fn parse_as(text: &str, is_v0: bool) -> Result<Ref<Ast>, RegoError> {
    let mut engine = Engine::new();
    engine.set_policy_length_config(tokens::LENGTHS);
    engine.set_rego_v0(is_v0);
    let read = engine.add_policy(label(0), text.to_owned());
    read.map_err(|err| RegoError::read(&err.to_string()))?;
    let ast = engine.get_modules().first().cloned();
    ast.ok_or_else(|| RegoError::read("the engine has read nothing"))
}

/// An import of data or input; `future` and `rego` bring no names.
fn import(source: &ModuleText, import: &regorus::unstable::Import) -> Option<Import> {
    let mut path = path_of(&import.refr);
    match path.first().map(String::as_str) {
        Some("data") => drop(path.remove(0)),
        Some("input") => {}
        _ => return None,
    }
    let alias = import.r#as.as_ref().map(|it| it.text().to_owned());
    let name = alias.or_else(|| path.last().cloned())?;
    Some(Import { name, path, at: span(source, import.refr.span()) })
}

fn span(source: &ModuleText, span: &regorus::unstable::Span) -> Span {
    source.span(span.start as usize, span.end as usize)
}

/// Where a part of the engine's tree stands in its text. The engine leaves the quotes of a string
/// away, at either end.
pub(super) fn written(part: &regorus::unstable::Span) -> std::ops::Range<usize> {
    let text = part.source.contents().as_bytes();
    let is_quote = |it: Option<usize>| it.and_then(|it| text.get(it)).is_some_and(|it| b"\"`".contains(it));
    let (start, end) = (part.start as usize, part.end as usize);
    start - usize::from(is_quote(start.checked_sub(1)))..end + usize::from(is_quote(Some(end)))
}

/// The text of a part of the engine's tree.
pub(super) fn text_of(part: &regorus::unstable::Span) -> &str {
    part.source.contents().get(written(part)).unwrap_or_default()
}

fn definition(source: &ModuleText, rule: &Ref<Rule>) -> Definition {
    let (kind, refr) = match rule.as_ref() {
        Rule::Default { refr, .. } => (DefinitionKind::Default, refr),
        Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => (DefinitionKind::Function, refr),
        Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }, .. } => {
            (DefinitionKind::Rule, refr)
        }
    };
    let whole = rule.span();
    Definition {
        path: path_of(refr),
        kind,
        head: span(source, refr.span()),
        range: whole.start as usize..whole.end as usize,
    }
}

/// The fixed part of a reference: `a.b["c"]`, and `a` of `a[i]`.
fn path_of(expr: &Expr) -> Vec<String> {
    let mut parts = vec![];
    let mut next = Some(expr);
    while let Some(expr) = next {
        next = match expr {
            Expr::RefDot { refr, field, .. } => {
                parts.push(Some(field.0.text().to_owned()));
                Some(refr)
            }
            Expr::RefBrack { refr, index, .. } => {
                parts.push(match index.as_ref() {
                    Expr::String { value, .. } => value.as_string().ok().map(|it| it.to_string()),
                    _ => None,
                });
                Some(refr)
            }
            expr => {
                parts.push(Some(expr.span().text().to_owned()));
                None
            }
        };
    }
    parts.into_iter().rev().map_while(|it| it).collect()
}

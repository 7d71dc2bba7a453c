//! One Rego module: which dialect it is written in, and what is in it.

use std::sync::Arc;

use regorus::Engine;
use regorus::unstable::{Expr, Module as Ast, Ref, Rule, RuleHead};

use crate::diagnostic::Diagnostic;
use crate::policy::bridge;
use crate::policy::edits::Rewritten;
use crate::policy::names::Names;
use crate::policy::rego_error::{RegoError, label};
use crate::policy::rewrite;
use crate::policy::syntax;
use crate::policy::text::ModuleText;
use crate::policy::tokens::{self, Looks};
use crate::rules::pol::does_not_compile;
use crate::source::Span;
use crate::sources::SourceFile;

/// A module that the engine can read.
#[derive(Debug)]
pub(super) struct Module {
    pub source: ModuleText,
    /// The source's text as the tree has it.
    pub text: Rewritten,
    pub ast: Ref<Ast>,
    /// What the engine is given, once it is known what the other modules hold.
    bridged: Rewritten,
    /// Whether it is written in Rego v0.
    pub is_v0: bool,
    /// Whether it says itself that it is v1. A module may be neither, and be read as v1.
    pub is_v1: bool,
    pub package: Vec<String>,
    pub imports: Vec<Import>,
    pub rules: Vec<Definition>,
}

/// Something that a module has a name of its own for.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub name: String,
    /// Without `data` or `input`.
    pub path: Vec<String>,
    pub is_input: bool,
    pub at: Span,
}

impl Import {
    /// Whether the path can be written with dots.
    pub fn is_plain(&self) -> bool {
        self.path.iter().all(|it| it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_'))
    }
}

/// One definition of a rule; a rule may have many.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    /// The name with its dots.
    pub path: Vec<String>,
    pub kind: DefinitionKind,
    /// The name in the file.
    pub head: Span,
    /// The whole definition, as a range of the source's text.
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
        let text = rewrite::prepare(&source.text);
        let place = |(start, end): (usize, usize)| span_of(&source, &text, start, end);
        let words = tokens::tokens(&text.text);
        let looks = tokens::looks(&words);
        let is_v1 = looks.imports_v1 || looks.keyword.is_some() || dialect == Dialect::V1;
        let read = match tokens::too_deep(&words) {
            Some(at) => {
                Err(does_not_compile::refused(place(at), "the expressions are nested too deep from here"))
            }
            None => parse(&text.text, looks, dialect).map_err(|Unread { error, keyword }| {
                let at = source.word(text.original(text.offset(error.place)));
                let shown = keyword.map(|word| (place(word), &text.text[word.0..word.1]));
                if let Some(at) = tokens::interpolation(&text.text, &words) {
                    return does_not_compile::interpolated(place((at, at + 1)));
                }
                match shown {
                    Some((word, shown)) if dialect == Dialect::V0 => does_not_compile::not_v0(word, shown),
                    Some((word, shown)) => does_not_compile::mixed(word, shown, at),
                    None => does_not_compile::refused(at, &error.reason),
                }
            }),
        };
        match read {
            Ok((ast, is_v0)) => Ok(Module {
                package: path_of(&ast.package.refr),
                imports: ast.imports.iter().filter_map(|it| import(&source, &text, it)).collect(),
                rules: ast.policy.iter().map(|it| definition(&source, &text, it)).collect(),
                source,
                bridged: Rewritten::default(),
                text,
                ast,
                is_v0,
                is_v1: is_v1 && !is_v0,
            }),
            Err(diagnostic) => Err(Box::new(Broken { package: tokens::package(&words), diagnostic })),
        }
    }

    /// Writes out what the engine would read otherwise than OPA.
    pub fn bridge(&mut self, names: &Names) {
        self.bridged = bridge::bridge(self, names);
    }

    /// Gives the module to an engine, under the number `index`.
    pub fn add_to(&self, engine: &mut Engine, index: usize) -> Result<(), RegoError> {
        self.add_to_with(engine, index, "")
    }

    /// The same, with more rules behind those of the module.
    pub fn add_to_with(&self, engine: &mut Engine, index: usize, more: &str) -> Result<(), RegoError> {
        engine.set_rego_v0(self.is_v0);
        let added = engine.add_policy(label(index), self.bridged.text.clone() + more);
        added.map(drop).map_err(|err| RegoError::read(&err.to_string()))
    }

    /// A range of the module's text as a place in its file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        span_of(&self.source, &self.text, start, end)
    }

    /// A part of the engine's tree of this module as a place in its file.
    pub fn span_of_part(&self, part: &regorus::unstable::Span) -> Span {
        let range = written(part);
        let start = self.bridged.original(range.start);
        self.span(start, self.bridged.original(range.end).max(start))
    }

    /// An expression of `ast` as a place in the file.
    pub fn span_of(&self, expr: &Expr) -> Span {
        let (start, end) = syntax::range(expr);
        self.span(start, end)
    }

    /// Where the engine sees an error in this module.
    pub fn error_span(&self, error: &RegoError) -> Span {
        self.source.word(self.text.original(self.bridged.original(self.bridged.offset(error.place))))
    }

    /// The paths that a reference may stand for, seen from this module: without `data`, and with
    /// imports followed.
    pub fn candidates(&self, path: &[&str]) -> Vec<Vec<String>> {
        let owned = |path: &[&str]| path.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        if path[0] == "data" {
            return vec![owned(&path[1..])];
        }
        let local = [self.package.clone(), owned(path)].concat();
        let imports = self.imports.iter().filter(|it| !it.is_input && it.name == path[0]);
        let imported = imports.map(|it| [&it.path[..], &owned(&path[1..])].concat());
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
fn import(source: &ModuleText, text: &Rewritten, import: &regorus::unstable::Import) -> Option<Import> {
    let mut path = path_of(&import.refr);
    let is_input = match path.first().map(String::as_str) {
        Some("data") => false,
        Some("input") => true,
        _ => return None,
    };
    path.remove(0);
    let alias = import.r#as.as_ref().map(|it| it.text().to_owned());
    let name = alias.or_else(|| path.last().cloned())?;
    let (start, end) = syntax::range(&import.refr);
    Some(Import { name, path, is_input, at: span_of(source, text, start, end) })
}

/// A range of a module's text as a place in its file.
fn span_of(source: &ModuleText, text: &Rewritten, start: usize, end: usize) -> Span {
    let start = text.original(start);
    source.span(start, text.original(end).max(start))
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

fn definition(source: &ModuleText, text: &Rewritten, rule: &Ref<Rule>) -> Definition {
    let (kind, refr) = match rule.as_ref() {
        Rule::Default { refr, .. } => (DefinitionKind::Default, refr),
        Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => (DefinitionKind::Function, refr),
        Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }, .. } => {
            (DefinitionKind::Rule, refr)
        }
    };
    let (start, end) = syntax::range(refr);
    let whole = rule.span();
    Definition {
        path: path_of(refr),
        kind,
        head: span_of(source, text, start, end),
        range: text.original(whole.start as usize)..text.original(whole.end as usize),
    }
}

/// The fixed part of a reference: `a.b["c"]`, and `a` of `a[i]`.
fn path_of(expr: &Expr) -> Vec<String> {
    syntax::Chain::of(expr).path().into_iter().map(str::to_owned).collect()
}

//! One Rego module: which dialect it is written in, and what is in it.

use std::sync::Arc;

use regorus::Engine;
use regorus::unstable::{Expr, Module as Ast, Ref, Rule, RuleHead};

use crate::diagnostic::Diagnostic;
use crate::policy::bridge;
use crate::policy::edits::Rewritten;
use crate::policy::names::Names;
use crate::policy::rego_error::{RegoError, label, skipped};
use crate::policy::rewrite;
use crate::policy::syntax;
use crate::policy::tokens::{self, Looks};
use crate::rules::pol::does_not_compile;
use crate::source::Span;
use crate::sources::SourceFile;

/// A module that the engine can read.
#[derive(Debug)]
pub(super) struct Module {
    pub file: Arc<SourceFile>,
    /// The file's text without a byte-order mark, as the tree has it.
    pub text: Rewritten,
    pub ast: Ref<Ast>,
    /// What the engine is given, once it is known what the other modules hold.
    bridged: Rewritten,
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
    /// Reads a module, as Rego v1 if it can be read as such and as v0 otherwise.
    pub fn read(file: &Arc<SourceFile>) -> Result<Module, Box<Broken>> {
        let skipped = skipped(file);
        let text = match file.text() {
            Ok(text) => rewrite::prepare(&text[skipped..]),
            Err(at) => {
                let span = Span { file: file.id, start: at as u32, end: at as u32 + 1 };
                let diagnostic = does_not_compile::refused(span, "the file is not UTF-8");
                return Err(Box::new(Broken { package: None, diagnostic }));
            }
        };
        let place = |(start, end): (usize, usize)| span_of(file, &text, start, end);
        let words = tokens::tokens(&text.text);
        let read = match tokens::too_deep(&words) {
            Some(at) => {
                Err(does_not_compile::refused(place(at), "the expressions are nested too deep from here"))
            }
            None => parse(&text.text, tokens::looks(&words)).map_err(|Unread { error, keyword }| {
                let at = error.span(file, text.original(text.offset(error.place)) + skipped);
                match keyword {
                    Some(word) => does_not_compile::mixed(place(word), &text.text[word.0..word.1], at),
                    None => does_not_compile::refused(at, &error.reason),
                }
            }),
        };
        match read {
            Ok((ast, is_v0)) => Ok(Module {
                package: path_of(&ast.package.refr),
                imports: ast.imports.iter().filter_map(|it| import(file, &text, it)).collect(),
                rules: ast.policy.iter().map(|it| definition(file, &text, it)).collect(),
                file: Arc::clone(file),
                bridged: Rewritten::default(),
                text,
                ast,
                is_v0,
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
        engine.set_rego_v0(self.is_v0);
        let added = engine.add_policy(label(index), self.bridged.text.clone());
        added.map(drop).map_err(|err| RegoError::read(&err.to_string()))
    }

    /// A range of the module's text as a place in its file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        span_of(&self.file, &self.text, start, end)
    }

    /// An expression as a place in the file.
    pub fn span_of(&self, expr: &Expr) -> Span {
        let (start, end) = syntax::range(expr);
        self.span(start, end)
    }

    /// Where the engine sees an error in this module.
    pub fn error_span(&self, error: &RegoError) -> Span {
        let at = self.text.original(self.bridged.original(self.bridged.offset(error.place)));
        error.span(&self.file, at + skipped(&self.file))
    }
}

/// Why a module cannot be parsed.
struct Unread {
    error: RegoError,
    /// The keyword of v1 in a module that else looks like v0.
    keyword: Option<(usize, usize)>,
}

/// The tree, and whether it is v0.
fn parse(text: &str, looks: Looks) -> Result<(Ref<Ast>, bool), Unread> {
    let v1 = match parse_as(text, false) {
        Ok(ast) => return Ok((ast, false)),
        Err(error) => error,
    };
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
fn import(file: &Arc<SourceFile>, text: &Rewritten, import: &regorus::unstable::Import) -> Option<Import> {
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
    Some(Import { name, path, is_input, at: span_of(file, text, start, end) })
}

/// A range of a module's text as a place in its file.
fn span_of(file: &Arc<SourceFile>, text: &Rewritten, start: usize, end: usize) -> Span {
    let skipped = skipped(file);
    let start = text.original(start);
    let end = text.original(end).max(start);
    Span { file: file.id, start: (start + skipped) as u32, end: (end + skipped) as u32 }
}

fn definition(file: &Arc<SourceFile>, text: &Rewritten, rule: &Ref<Rule>) -> Definition {
    let (kind, refr) = match rule.as_ref() {
        Rule::Default { refr, .. } => (DefinitionKind::Default, refr),
        Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => (DefinitionKind::Function, refr),
        Rule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }, .. } => {
            (DefinitionKind::Rule, refr)
        }
    };
    let (start, end) = syntax::range(refr);
    Definition { path: path_of(refr), kind, head: span_of(file, text, start, end) }
}

/// The fixed part of a reference: `a.b["c"]`, and `a` of `a[i]`.
fn path_of(expr: &Expr) -> Vec<String> {
    syntax::Chain::of(expr).path().into_iter().map(str::to_owned).collect()
}

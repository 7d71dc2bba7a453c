//! What is wrong, where, and how it came to be.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::node::Node;
use crate::origin::Origin;
use crate::source::Span;

/// How bad a finding is. Ordered: an error is more than a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended.
    Error,
}

impl Severity {
    /// The word that stands in reports: `info`, `warning`, `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One source file.
    File,
    /// One rendered object.
    Object,
    /// All objects that one entry point renders.
    Set,
    /// The whole repository.
    Repo,
}

/// What a code means. Every rule of ours is a static in a file of its own under `rules/`; whoever embeds the
/// library has more by [`Rule::new`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The code: a group of three letters and a number (`KUS004`).
    pub code: &'static str,
    /// The name in kebab case (`patch-target-missing`).
    pub name: &'static str,
    /// The severity, unless an option says otherwise.
    pub severity: Severity,
    /// What it looks at.
    pub scope: Scope,
    /// Whether it runs without being asked for.
    pub is_default: bool,
    /// Whether some of its findings come with a fix.
    pub has_fix: bool,
    /// The page about it, in Markdown: what it finds, why it matters, how to fix it.
    pub docs: &'static str,
}

impl Rule {
    /// A rule that runs without being asked for, and whose findings come without a fix.
    ///
    /// Codes with three letters and three digits are ours, now and later: take another form.
    ///
    /// ```
    /// use gitops_render::{Rule, Scope, Severity};
    ///
    /// static NO_LATEST: Rule = Rule::new("acme/no-latest", "no-latest", Severity::Warning, Scope::Object)
    ///     .with_docs("## What it finds\nAn image without a version.\n");
    /// assert!(NO_LATEST.is_default);
    /// ```
    #[must_use]
    pub const fn new(code: &'static str, name: &'static str, severity: Severity, scope: Scope) -> Rule {
        Rule { code, name, severity, scope, is_default: true, has_fix: false, docs: "" }
    }

    /// With this page about it, in Markdown.
    #[must_use]
    pub const fn with_docs(self, docs: &'static str) -> Rule {
        Rule { docs, ..self }
    }

    /// Some of its findings come with a fix.
    #[must_use]
    pub const fn with_fix(self) -> Rule {
        Rule { has_fix: true, ..self }
    }

    /// It does not run unless it is asked for.
    #[must_use]
    pub const fn on_request(self) -> Rule {
        Rule { is_default: false, ..self }
    }

    /// A finding of this rule, at the text to edit.
    pub fn at(&'static self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule: self,
            severity: self.severity,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            help: None,
            object: None,
            pointer: None,
            fix: None,
        }
    }

    /// A finding about a value of a rendered object: the primary label is the text to edit, and
    /// the value's way from there is told by further labels.
    pub fn on(&'static self, node: &Node, message: impl Into<String>) -> Diagnostic {
        self.at(node.origin.span, message).story(&node.origin)
    }
}

/// One finding. [`Rule::at`] and [`Rule::on`] make it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What was found.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// What is so, in one line that stands alone. Lower case, no final period.
    pub message: String,
    /// Never empty. The first is the text to edit, the others say how it came to be.
    pub labels: Vec<Label>,
    /// The next action.
    pub help: Option<String>,
    /// The rendered object that it is about.
    pub object: Option<Arc<ObjectName>>,
    /// The place in that object, as a JSON pointer.
    pub pointer: Option<Box<str>>,
    /// How the files can be mended without a person.
    pub fix: Option<Box<Fix>>,
}

/// A change of files that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the change does, in one line: `replace …`.
    pub message: String,
    /// All in one file, in order of place; no two overlap. What they do not cover keeps every byte.
    pub edits: Vec<Edit>,
    /// Whether it can be made without looking.
    pub safety: Safety,
}

/// Whether a fix changes what comes of the files. Ordered: the unsafe one is more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// What is rendered stays the same, byte for byte, but for an apiVersion under which the API
    /// server stores the same object, and for quotes that the server refuses a value for.
    Safe,
    /// What is rendered may mean something else: a person should look.
    Unsafe,
}

/// A piece of text to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The text that goes; empty where something is put in.
    pub span: Span,
    /// The text that comes.
    pub text: String,
}

/// A place in a file with a remark.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark; empty if the message says it all.
    pub text: String,
}

/// How a finding names an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectName {
    /// As it stands in the object.
    pub api_version: String,
    /// As it stands in the object.
    pub kind: String,
    /// `None` if the object names none.
    pub namespace: Option<String>,
    /// As it stands in the rendered object, hash and all.
    pub name: String,
}

impl Diagnostic {
    /// The text to edit.
    pub fn span(&self) -> Span {
        self.labels[0].span
    }

    /// Puts a remark on the primary label.
    #[must_use]
    pub fn remark(mut self, text: impl Into<String>) -> Diagnostic {
        self.labels[0].text = text.into();
        self
    }

    /// Adds a place that says how it came to be.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Says how it can be mended without a person.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Diagnostic {
        self.fix = fix.map(Box::new);
        self
    }

    /// Names the object and the place in it.
    #[must_use]
    pub fn object(mut self, object: &Arc<ObjectName>, pointer: impl Into<String>) -> Diagnostic {
        self.object = Some(Arc::clone(object));
        self.pointer = Some(pointer.into().into());
        self
    }

    /// Adds what happened to a value on its way, the newest step first.
    #[must_use]
    pub fn story(mut self, origin: &Origin) -> Diagnostic {
        for trail in origin.steps() {
            self.add_once(trail.directive, format!("{} here", trail.step.verb()));
            if let Some(before) = &trail.before {
                self.add_once(before.span, "this stood here before".to_owned());
            }
        }
        self
    }

    /// Adds a place unless a label points there already.
    fn add_once(&mut self, span: Span, text: String) {
        if self.labels.iter().all(|it| it.span != span) {
            self.labels.push(Label { span, text });
        }
    }
}

//! Policies in CEL: ValidatingAdmissionPolicies, and what Gatekeeper calls K8sNativeValidation.
//!
//! A condition that is false excuses the object. A validation that is false denies it. One that fails
//! does so too, unless the policy says `failurePolicy: Ignore`: the API server has it so.

use std::sync::Arc;

use crate::cel::{self, Bindings, Env, Error, Meter, Problem, Program, Type, Val};
use crate::diagnostic::Diagnostic;
use crate::node::Node;
use crate::policy::gatekeeper::Context;
use crate::policy::gatekeeper::review::Asked;
use crate::policy::gatekeeper::template::Told;
use crate::policy::outcome::{Named, Said};
use crate::policy::text::ModuleText;
use crate::rules::pol::{does_not_compile, invalid_constraint, inventory_missing};
use crate::source::Span;

/// The steps that a policy may take for one object.
const STEPS: u64 = 10_000_000;

/// A policy, compiled.
#[derive(Debug)]
pub(super) struct Expressions {
    conditions: Vec<Definition>,
    variables: Vec<Definition>,
    validations: Vec<Validation>,
    ignores_failures: bool,
    /// Whether the namespace of the object is looked at.
    pub asks_for_namespace: bool,
}

/// An expression with a name.
#[derive(Debug)]
struct Definition {
    name: Arc<str>,
    program: Program,
    at: Span,
    /// The fields of the object that it reads.
    fields: Vec<Vec<String>>,
}

/// What must be true.
#[derive(Debug)]
struct Validation {
    program: Program,
    text: String,
    at: Span,
    /// The only field that it reads.
    field: Option<Vec<String>>,
    message: Option<String>,
    message_program: Option<Program>,
}

/// What Gatekeeper defines for every template.
const OF_GATEKEEPER: [(&str, &str); 2] = [
    (
        "anyObject",
        "has(request.operation) && request.operation == \"DELETE\" && object == null ? oldObject : object",
    ),
    ("params", "!has(params.spec) ? null : !has(params.spec.parameters) ? null : params.spec.parameters"),
];

/// Reads the expressions of a policy.
struct Reader<'r, 's, 't> {
    context: &'r Context<'s, 't>,
    env: Env,
    found: Vec<Diagnostic>,
    asks_for_namespace: bool,
}

impl Expressions {
    /// Compiles the expressions in `spec`: the spec of a ValidatingAdmissionPolicy, or the source of a
    /// template, for which Gatekeeper has variables of its own. `None` if one of them does not compile.
    pub fn read(
        context: &Context<'_, '_>,
        spec: &Node,
        is_template: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Expressions> {
        let names = ["object", "oldObject", "request", "params", "namespaceObject"];
        let env = names.iter().fold(Env::new(), |env, name| env.variable(name, Type::Dyn));
        let mut reader = Reader { context, env, found: vec![], asks_for_namespace: false };
        let at = spec.origin.span;
        let mut variables = vec![];
        for (name, text) in OF_GATEKEEPER.iter().filter(|_| is_template) {
            let program = Program::compile(text, &reader.env).expect("our own expressions compile");
            reader.env = reader.env.clone().composed(name, program.returns.clone());
            let (name, fields) = ((*name).into(), vec![]);
            variables.push(Definition { name, program, at: at.at_start(), fields });
        }
        let list = |key: &str| spec.get(key).and_then(Node::as_seq).unwrap_or_default();
        let conditions =
            list("matchConditions").iter().filter_map(|it| reader.definition(it, true)).collect();
        for node in list("variables") {
            let name = node.get("name").and_then(Node::as_str).unwrap_or_default();
            let read = reader.definition(node, false);
            // What uses one that does not compile is not wrong for that.
            let returns = read.as_ref().map_or(Type::Dyn, |it| it.program.returns.clone());
            reader.env = reader.env.clone().composed(name, returns);
            variables.extend(read);
        }
        let listed = list("validations").iter();
        let validations: Vec<_> = listed.filter_map(|it| reader.validation(it, &variables)).collect();
        let has_audit = !list("auditAnnotations").is_empty();
        if validations.is_empty() && reader.found.is_empty() && !has_audit {
            reader.found.push(invalid_constraint::no_validation(Span { end: at.start + 1, ..at }));
        }
        let is_sound = reader.found.is_empty();
        diagnostics.append(&mut reader.found);
        is_sound.then_some(Expressions {
            conditions,
            variables,
            validations,
            ignores_failures: spec.get("failurePolicy").and_then(Node::as_str) == Some("Ignore"),
            asks_for_namespace: reader.asks_for_namespace,
        })
    }

    /// What is said about an object; and what has no result here, though the cluster may have one.
    pub fn ask(
        &self,
        asked: &Asked,
        params: Option<&Node>,
        namespace: Option<&Node>,
    ) -> (Vec<Told>, Vec<Diagnostic>) {
        let meter = Meter::new(STEPS);
        let value = |it: Option<&Node>| it.map_or(Ok(Val::Null), cel::read_any);
        let values = [
            ("object", value(asked.object.as_ref())),
            ("oldObject", value(asked.old.as_ref())),
            ("request", value(Some(&asked.request))),
            ("params", value(params)),
            ("namespaceObject", value(namespace)),
        ];
        let mut bindings = Bindings::new();
        for (name, value) in values {
            match value {
                Ok(value) => bindings = bindings.value(name, value),
                Err(_) => return (vec![], vec![]),
            }
        }
        for it in &self.variables {
            bindings.define(&it.name, &it.program, &meter);
        }
        let mut answer = Answer { told: vec![], failures: vec![], ignores_failures: self.ignores_failures };
        if !self.applies(&bindings, &meter, &mut answer) {
            return (answer.told, answer.failures);
        }
        for it in &self.validations {
            answer.validate(it, &bindings, &meter);
        }
        // What is filled in later may make another verdict.
        if meter.is_provisional() { (vec![], vec![]) } else { (answer.told, answer.failures) }
    }

    /// Whether no condition excuses the object. One that is false outweighs others that fail.
    fn applies(&self, bindings: &Bindings, meter: &Meter, answer: &mut Answer) -> bool {
        let mut failed = None;
        for it in &self.conditions {
            match it.program.evaluate(bindings, meter) {
                Ok(Val::Bool(true)) => {}
                Ok(_) => return false,
                Err(error) => failed = failed.or(Some((it, error))),
            }
        }
        match failed {
            None => true,
            Some((it, error)) => {
                answer.fail(&format!("condition `{}`", it.name), &error, it.at, None);
                false
            }
        }
    }
}

/// What comes of an object.
struct Answer {
    told: Vec<Told>,
    failures: Vec<Diagnostic>,
    ignores_failures: bool,
}

impl Answer {
    fn validate(&mut self, validation: &Validation, bindings: &Bindings, meter: &Meter) {
        let at = validation.at;
        match validation.program.evaluate(bindings, meter) {
            Ok(Val::Bool(true)) => {}
            Ok(_) => {
                let made = validation.message_program.as_ref().map(|it| it.evaluate(bindings, meter));
                let made = match made {
                    Some(Ok(Val::Str(it))) if !it.trim().is_empty() => Some(it.trim().to_owned()),
                    _ => None,
                };
                let message = made.or_else(|| validation.message.clone());
                let message = message.unwrap_or_else(|| format!("failed expression: {}", validation.text));
                self.say(message, at, validation.field.as_ref());
            }
            Err(error) => {
                self.fail(&format!("`{}`", validation.text), &error, at, validation.field.as_ref());
            }
        }
    }

    fn fail(&mut self, what: &str, error: &Error, at: Span, field: Option<&Vec<String>>) {
        match error {
            Error::Failed(_) if self.ignores_failures => {}
            Error::Failed(reason) => self.say(format!("{what} has no result: {reason}"), at, field),
            error => self.failures.push(does_not_compile::expression(at, &error.to_string())),
        }
    }

    fn say(&mut self, message: String, at: Span, field: Option<&Vec<String>>) {
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let named = field.cloned().map(Named::Parts);
        self.told.push((Said { message: Some(message), at: named, line: None }, at));
    }
}

impl Reader<'_, '_, '_> {
    fn definition(&mut self, node: &Node, is_condition: bool) -> Option<Definition> {
        let name = node.get("name").and_then(Node::as_scalar).map(|it| Arc::clone(&it.text))?;
        let expression = node.get("expression")?;
        let program = self.program(expression, is_condition.then_some(Type::Bool))?;
        let fields = fields(expression.as_str().unwrap_or_default());
        Some(Definition { name, program, at: expression.origin.span, fields })
    }

    fn validation(&mut self, node: &Node, variables: &[Definition]) -> Option<Validation> {
        let expression = node.get("expression")?;
        let program = self.program(expression, Some(Type::Bool));
        let of_message = node.get("messageExpression").filter(|it| it.as_str() != Some(""));
        let message_program = of_message.and_then(|it| self.program(it, Some(Type::Str)));
        let message = node.get("message").and_then(Node::as_str).filter(|it| !it.trim().is_empty());
        let text = expression.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Validation {
            program: program?,
            field: only_field(&text, variables),
            text,
            at: expression.origin.span,
            message: message.map(str::to_owned),
            message_program,
        })
    }

    /// Compiles an expression that has to be of a type.
    fn program(&mut self, node: &Node, wanted: Option<Type>) -> Option<Program> {
        let file = self.context.sources.file(node.origin.span.file);
        let Some(text) = ModuleText::of_scalar(&file, node) else {
            self.found.push(does_not_compile::refused(node.origin.span, "an expression is a text"));
            return None;
        };
        self.asks_for_namespace |= text.text.contains("namespaceObject");
        let program = match Program::compile(&text.text, &self.env) {
            Ok(it) => it,
            Err(Problem { at, message }) => {
                let word = text.text.as_bytes().get(at as usize..).unwrap_or_default();
                let length = word.iter().take_while(|it| it.is_ascii_alphanumeric() || **it == b'_').count();
                let at = text.span(at as usize, at as usize + length.max(1));
                let found = if text.text.contains("authorizer") && message.contains("authorizer") {
                    inventory_missing::authorizer(at)
                } else {
                    does_not_compile::refused(at, &message)
                };
                self.found.push(found);
                return None;
            }
        };
        let fits = matches!(
            (&program.returns, &wanted),
            (_, None) | (Type::Dyn, _) | (Type::Bool, Some(Type::Bool)) | (Type::Str, Some(Type::Str))
        );
        if !fits {
            let wanted = if matches!(wanted, Some(Type::Bool)) { "a `bool`" } else { "a `string`" };
            let reason = format!("the expression must evaluate to {wanted}, not to `{}`", program.returns);
            self.found.push(does_not_compile::refused(node.origin.span, &reason));
            return None;
        }
        Some(program)
    }
}

/// The field of the object that an expression reads, if it reads but one, be it through variables: what
/// it says is about that.
fn only_field(text: &str, variables: &[Definition]) -> Option<Vec<String>> {
    let mut found = fields(text);
    let is_used = |it: &&Definition| {
        let word = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let name = format!("variables.{}", it.name);
        text.match_indices(&name).any(|(at, _)| !text[at + name.len()..].starts_with(word))
    };
    found.extend(variables.iter().filter(is_used).flat_map(|it| it.fields.iter().cloned()));
    let longest = found.iter().max_by_key(|it| it.len())?.clone();
    (!longest.is_empty() && found.iter().all(|it| longest.starts_with(it))).then_some(longest)
}

/// The fields of the object that an expression reads, as far as they are written out.
fn fields(text: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = vec![];
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    for root in ["object.", "anyObject."] {
        for (at, _) in text.match_indices(root) {
            let before = &text[..at];
            let is_member = before.ends_with('.') && !before.ends_with("variables.");
            if !before.ends_with(is_word) && !is_member {
                found.push(path(&text[at + root.len()..]));
            }
        }
    }
    found
}

/// The names that an expression goes on with, up to a call.
fn path(text: &str) -> Vec<String> {
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let mut path = vec![];
    let mut rest = text.trim_start_matches('?');
    loop {
        let word = &rest[..rest.find(|it: char| !is_word(it)).unwrap_or(rest.len())];
        rest = &rest[word.len()..];
        if word.is_empty() || rest.starts_with('(') {
            return path;
        }
        path.push(word.to_owned());
        match rest.strip_prefix('.') {
            Some(next) => rest = next.trim_start_matches('?'),
            None => return path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_an_expression_is_about_is_read_off() {
        for (text, field) in [
            ("object.spec.replicas <= 5", "spec.replicas"),
            ("!has(object.spec.replicas) || object.spec.replicas <= params.max", "spec.replicas"),
            ("object.spec.containers.all(c, c.image != 'a')", "spec.containers"),
            ("variables.anyObject.metadata.name.startsWith('a')", "metadata.name"),
            ("object.?metadata.labels.orValue({})", "metadata.labels"),
            ("object.a == object.b", ""),
            ("oldObject.spec.replicas == 1", ""),
            ("request.object.spec.a == 1", ""),
        ] {
            assert_eq!(only_field(text, &[]).unwrap_or_default().join("."), field, "{text}");
        }
    }
}

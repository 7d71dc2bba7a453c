//! The rules in a structural schema (`x-kubernetes-validations`): compiled, and held against values.

use std::sync::Arc;

use super::read::read;
use super::shape::{Shape, is_true};
use super::{Bindings, Env, Error, Meter, Problem, Program, Type, Val, field_path};
use crate::node::{Entry, Node, Value, pointer_part};

/// The keyword.
const RULES: &str = "x-kubernetes-validations";

/// The steps that one rule may take. The API server gives up earlier.
const STEPS_OF_RULE: u64 = 2_000_000;
/// The steps that all rules together may take for one object.
const STEPS_OF_OBJECT: u64 = 20_000_000;
/// Longer messages that a rule makes are not used: as the API server has it.
const LONGEST_MESSAGE: usize = 5 * 1024;
/// Longer messages may not be written in a rule.
const LONGEST_TEXT: usize = 2048;
/// What a rule may give as its `reason`.
const REASONS: [&str; 4] =
    ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];

/// The rules at one level of a schema, and those below it.
#[derive(Debug)]
pub(crate) struct Level {
    /// What the value is, if there are rules about it.
    shape: Option<Shape>,
    rules: Vec<Rule>,
    properties: Vec<(Arc<str>, Level)>,
    /// Of all items of a list.
    items: Option<Box<Level>>,
    /// Of all values of a mapping.
    values: Option<Box<Level>>,
    /// Those under `allOf`, which are about the same value.
    all_of: Vec<Level>,
}

/// One rule.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Where the text of the rule stands.
    pub text: Node,
    /// What is said if the rule is broken, if nothing else is.
    message: String,
    /// `FieldValueForbidden` and the like.
    pub reason: Option<Arc<str>>,
    /// Where a violation points to, below the value.
    child: String,
    program: Program,
    message_program: Option<Program>,
    /// Whether it compares a value with an earlier one.
    is_transition: bool,
}

/// A mistake in the rules of a schema.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Defect {
    /// The field that has it, as a JSON pointer into the schema.
    pub pointer: String,
    /// The byte of the field's text at which it shows.
    pub at: u32,
    /// What is so, in a line that stands alone.
    pub message: String,
}

/// A rule that a value does not keep.
#[derive(Debug)]
pub(crate) struct Violation<'r> {
    pub rule: &'r Rule,
    /// The value, as a JSON pointer into the object.
    pub pointer: String,
    pub what: Outcome,
}

/// What came of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It does not hold; this is to be said.
    Broken(String),
    /// It has no result, which the API server takes for broken.
    Failed(String),
    /// We cannot tell.
    GivenUp(String),
}

/// Compiles the rules of a schema; `None` if it has none. Adds their mistakes to `defects`, and leaves
/// the rules out that have one.
pub(crate) fn compile(schema: &Node, defects: &mut Vec<Defect>) -> Option<Level> {
    let place = Place { pointer: String::new(), is_root: true, is_correlatable: true };
    has_rules(schema).then(|| level(schema, schema, &place, defects))
}

/// A place in a schema.
struct Place {
    /// As a JSON pointer.
    pointer: String,
    /// Whether it is about a whole object.
    is_root: bool,
    /// Whether the API server knows which earlier value belongs to a value here.
    is_correlatable: bool,
}

impl Place {
    fn below(&self, path: &str, is_correlatable: bool) -> Place {
        let pointer = format!("{}{path}", self.pointer);
        Place { pointer, is_root: false, is_correlatable: self.is_correlatable && is_correlatable }
    }
}

/// Whether there are rules anywhere in a schema.
fn has_rules(schema: &Node) -> bool {
    match &schema.value {
        Value::Map(map) => map.entries().iter().any(|it| &*it.key == RULES || has_rules(&it.node)),
        Value::Seq(items) => items.iter().any(has_rules),
        Value::Scalar(_) => false,
    }
}

/// `schema` has the rules; `spine`, which is the same but under `allOf`, says what the value is.
fn level(schema: &Node, spine: &Node, place: &Place, defects: &mut Vec<Defect>) -> Level {
    let written = schema.get(RULES).and_then(Node::as_seq).unwrap_or_default();
    // It goes through all that is below, so only who needs it makes it.
    let shape = if written.is_empty() { None } else { Shape::of_schema(spine, place.is_root) };
    let mut rules = vec![];
    for (index, node) in written.iter().enumerate() {
        let place = Place { is_root: place.is_root, ..place.below(&format!("/{RULES}/{index}"), true) };
        rules.extend(Reader { node, spine, place, defects }.rule(shape.as_ref()));
    }
    let is = |keyword: &str, value: &str| spine.get(keyword).and_then(Node::as_str) == Some(value);
    let mut below = |keys: &[&str], is_correlatable: bool| {
        let inner = schema.path(keys).filter(|it| it.as_map().is_some() && has_rules(it))?;
        let path: String = keys.iter().map(|it| format!("/{}", pointer_part(it))).collect();
        Some(level(inner, spine.path(keys)?, &place.below(&path, is_correlatable), defects))
    };
    let is_granular = !is("x-kubernetes-map-type", "atomic");
    let items = below(&["items"], is("x-kubernetes-list-type", "map")).map(Box::new);
    let values = below(&["additionalProperties"], is_granular).map(Box::new);
    let names = schema.get("properties").and_then(Node::as_map).map_or(&[][..], |it| it.entries());
    let property = |it: &Entry| Some((Arc::clone(&it.key), below(&["properties", &it.key], is_granular)?));
    let properties = names.iter().filter_map(property).collect();
    let mut all_of = vec![];
    for (index, it) in schema.get("allOf").and_then(Node::as_seq).unwrap_or_default().iter().enumerate() {
        if has_rules(it) {
            let place = Place { is_root: place.is_root, ..place.below(&format!("/allOf/{index}"), true) };
            all_of.push(level(it, spine, &place, defects));
        }
    }
    Level { shape, rules, properties, items, values, all_of }
}

/// Reads one entry of the keyword.
struct Reader<'a> {
    node: &'a Node,
    spine: &'a Node,
    place: Place,
    defects: &'a mut Vec<Defect>,
}

impl Reader<'_> {
    fn defect(&mut self, field: &str, at: u32, message: impl Into<String>) {
        let pointer = format!("{}/{field}", self.place.pointer);
        self.defects.push(Defect { pointer, at, message: message.into() });
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.node.get(field)?.as_str()
    }

    fn rule(mut self, shape: Option<&Shape>) -> Option<Rule> {
        let text = self.node.get("rule").filter(|it| it.as_str().is_some())?.clone();
        let source = text.as_str()?.to_owned();
        if source.trim().is_empty() {
            self.defect("rule", 0, "the rule is empty");
            return None;
        }
        let Some(shape) = shape else {
            self.defect("rule", 0, "a rule is about a value whose type the schema does not tell");
            return None;
        };
        let optional_old_self = is_true(self.node, "optionalOldSelf");
        let of = Type::of_shape(shape);
        let old = if optional_old_self { of.clone().optional() } else { of.clone() };
        let env = Env::new().variable("self", of).variable("oldSelf", old);
        let message = self.message(&source);
        let program = self.program("rule", &source, &env, |it| matches!(it, Type::Bool), "a `bool`");
        let wanted = self.text("messageExpression").filter(|it| !it.is_empty()).map(str::to_owned);
        let message_program = wanted.as_ref().and_then(|it| {
            self.program("messageExpression", it, &env, |it| matches!(it, Type::Str), "a `string`")
        });
        let child = self.child();
        let reason = self.reason();
        let program = program?;
        let says_optional = self.node.get("optionalOldSelf").is_some_and(|it| !it.is_null());
        if says_optional && !program.mentions("oldSelf") {
            self.defect(
                "optionalOldSelf",
                0,
                "`optionalOldSelf` is set, but the rule does not use `oldSelf`",
            );
        }
        let uses_old_self = program.mentions("oldSelf");
        if uses_old_self && !self.place.is_correlatable {
            let message =
                "`oldSelf` cannot be used here: nothing tells which earlier value belongs to which item";
            self.defect("rule", 0, message);
        }
        let is_transition = uses_old_self && !optional_old_self;
        Some(Rule { text, message, reason, child, program, message_program, is_transition })
    }

    /// What is said if the rule is broken.
    fn message(&mut self, rule: &str) -> String {
        let written = self.text("message").unwrap_or_default().to_owned();
        let message = written.trim();
        if message.is_empty() && !written.is_empty() {
            self.defect("message", 0, "the message is empty");
        }
        if written.len() > LONGEST_TEXT {
            self.defect("message", 0, format!("the message is longer than {LONGEST_TEXT} bytes"));
        }
        if has_line_breaks(message) {
            self.defect("message", 0, "a rule's message must not contain line breaks");
        }
        if message.is_empty() && has_line_breaks(rule.trim()) {
            self.defect("rule", 0, "a rule with line breaks must have a `message`");
        }
        if message.is_empty() { format!("failed rule: {}", in_one_line(rule)) } else { in_one_line(message) }
    }

    /// What sort of mistake a broken rule is.
    fn reason(&mut self) -> Option<Arc<str>> {
        let reason = self.text("reason").map(Arc::<str>::from)?;
        if !REASONS.contains(&&*reason) {
            self.defect("reason", 0, format!("`{reason}` is none of {}", REASONS.join(", ")));
        }
        Some(reason)
    }

    fn program(
        &mut self,
        field: &str,
        text: &str,
        env: &Env,
        is_fine: impl Fn(&Type) -> bool,
        wanted: &str,
    ) -> Option<Program> {
        match Program::compile(text, env) {
            Ok(it) if is_fine(&it.returns) => Some(it),
            Ok(it) => {
                self.defect(
                    field,
                    0,
                    format!("the expression must evaluate to {wanted}, not to `{}`", it.returns),
                );
                None
            }
            Err(Problem { at, message }) => {
                self.defect(field, at, message);
                None
            }
        }
    }

    fn child(&mut self) -> String {
        let Some(path) = self.text("fieldPath").filter(|it| !it.is_empty()).map(str::to_owned) else {
            return String::new();
        };
        if path.trim().is_empty() || has_line_breaks(&path) {
            self.defect("fieldPath", 0, "a field path is one line, such as `.spec.name`");
            return String::new();
        }
        field_path::pointer(&path, self.spine).unwrap_or_else(|wrong| {
            self.defect("fieldPath", 0, wrong);
            String::new()
        })
    }
}

fn has_line_breaks(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Level {
    /// The rules that an object, with its defaults, does not keep.
    ///
    /// A value is passed over if `is_senseless` says so of its pointer. Rules that compare with an
    /// earlier object have none to compare with, and are passed over, too.
    pub(crate) fn violations(
        &self,
        object: &Node,
        is_senseless: &dyn Fn(&str) -> bool,
    ) -> Vec<Violation<'_>> {
        let mut walk = Walk { left: STEPS_OF_OBJECT, is_senseless, found: vec![] };
        walk.value(self, object, "");
        walk.found
    }
}

struct Walk<'r, 's> {
    left: u64,
    is_senseless: &'s dyn Fn(&str) -> bool,
    found: Vec<Violation<'r>>,
}

impl<'r> Walk<'r, '_> {
    fn value(&mut self, level: &'r Level, node: &Node, pointer: &str) {
        if node.is_null() || self.left == 0 {
            return;
        }
        if let Some(shape) =
            level.shape.as_ref().filter(|_| !level.rules.is_empty() && !(self.is_senseless)(pointer))
        {
            self.rules(level, node, shape, pointer);
        }
        level.all_of.iter().for_each(|it| self.value(it, node, pointer));
        match &node.value {
            Value::Map(map) => {
                for entry in map.entries() {
                    let named = level.properties.iter().find(|it| it.0 == entry.key).map(|it| &it.1);
                    for level in named.into_iter().chain(level.values.as_deref()) {
                        self.value(level, &entry.node, &format!("{pointer}/{}", pointer_part(&entry.key)));
                    }
                }
            }
            Value::Seq(items) => {
                for (index, item) in items.iter().enumerate() {
                    level.items.iter().for_each(|it| self.value(it, item, &format!("{pointer}/{index}")));
                }
            }
            Value::Scalar(_) => {}
        }
    }

    fn rules(&mut self, level: &'r Level, node: &Node, shape: &Shape, pointer: &str) {
        let Ok(value) = read(node, shape) else { return };
        let bindings = Bindings::new().value("self", value).value("oldSelf", Val::Optional(None));
        for rule in level.rules.iter().filter(|it| !it.is_transition) {
            if self.left == 0 {
                return;
            }
            let meter = Meter::new(self.left.min(STEPS_OF_RULE));
            let before = meter.left();
            let what = rule.outcome(&bindings, &meter);
            self.left -= before - meter.left();
            if let Some(what) = what.filter(|_| !meter.is_provisional()) {
                let pointer = format!("{pointer}{}", rule.child);
                self.found.push(Violation { rule, pointer, what });
            }
        }
    }
}

impl Rule {
    /// What came of the rule, unless it holds.
    fn outcome(&self, bindings: &Bindings, meter: &Meter) -> Option<Outcome> {
        Some(match self.program.evaluate(bindings, meter) {
            Ok(Val::Bool(true)) => return None,
            Ok(Val::Bool(false)) => {
                let made = self.message_program.as_ref().and_then(|it| made(it, bindings, meter));
                Outcome::Broken(made.unwrap_or_else(|| self.message.clone()))
            }
            Ok(_) => Outcome::Failed("its result is no boolean".to_owned()),
            Err(Error::Failed(it)) => Outcome::Failed(it),
            Err(err @ (Error::TooExpensive | Error::Unsupported(_))) => Outcome::GivenUp(err.to_string()),
        })
    }
}

/// The message that an expression makes, if it is one that can be shown.
fn made(program: &Program, bindings: &Bindings, meter: &Meter) -> Option<String> {
    match program.evaluate(bindings, meter) {
        Ok(Val::Str(it)) => Some(it.trim().to_owned())
            .filter(|it| !it.is_empty() && !has_line_breaks(it) && it.len() <= LONGEST_MESSAGE),
        _ => None,
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;

//! What a rule says about itself: `# METADATA` and YAML in the comments before it.
//!
//! Only what `rego.metadata.rule()` gives is read: the annotations of one rule, if they are of the
//! fields that everybody uses.

use std::collections::BTreeMap;

use regorus::Value as Rego;
use regorus::unstable::Rule;

use crate::policy::builtins::read_yaml;
use crate::policy::module::Module;

/// The fields that are understood.
const FIELDS: [&str; 4] = ["title", "description", "organizations", "custom"];

/// What `rego.metadata.rule()` gives in a rule; nothing if its annotations are not understood.
pub(super) fn of_rule(module: &Module, rule: &Rule) -> Option<Rego> {
    let text = &module.text.text;
    let start = rule.span().start as usize;
    let ends = module.ast.policy.iter().map(|it| it.span().end as usize);
    let imports = module.ast.imports.iter().map(|it| it.span.end as usize);
    let others = ends.chain(imports).chain([module.ast.package.span.end as usize]);
    let before = others.filter(|it| *it <= start).max().unwrap_or(0);
    let mut found = None;
    for block in blocks(text.get(before..start)?) {
        let yaml = read_yaml(&block)?;
        let fields = yaml.as_object().ok()?;
        let is_known = |key: &Rego| {
            key.as_string().is_ok_and(|it| FIELDS.contains(&&**it) || matches!(&**it, "scope" | "entrypoint"))
        };
        if !fields.iter().all(|(key, _)| is_known(key)) {
            return None;
        }
        let is_entrypoint = yaml["entrypoint"] == Rego::from(true);
        match &yaml["scope"] {
            Rego::Undefined if !is_entrypoint => found = Some(yaml.clone()),
            Rego::String(scope) if &**scope == "rule" => found = Some(yaml.clone()),
            // They belong to the document.
            _ => {}
        }
    }
    let Some(yaml) = found else { return Some(Rego::new_object()) };
    let mut object: BTreeMap<Rego, Rego> = BTreeMap::from([("scope".into(), "rule".into())]);
    for field in FIELDS {
        let value = &yaml[field];
        let is_empty = match value {
            Rego::Undefined | Rego::Null => true,
            Rego::String(it) => it.is_empty(),
            Rego::Array(it) => it.is_empty(),
            Rego::Object(it) => it.is_empty(),
            _ => false,
        };
        if !is_empty {
            object.insert(field.into(), value.clone());
        }
    }
    Some(object.into())
}

/// The YAML of each block of comments that begins with `METADATA`.
fn blocks(text: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    let mut is_open = false;
    for line in text.lines().map(str::trim) {
        match line.strip_prefix('#') {
            Some(comment) if comment.trim() == "METADATA" => {
                is_open = true;
                found.push(String::new());
            }
            Some(comment) if is_open => {
                if let Some(block) = found.last_mut() {
                    block.push_str(comment);
                    block.push('\n');
                }
            }
            _ => is_open = false,
        }
    }
    found
}

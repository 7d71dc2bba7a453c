//! Builtins that the engine does as OPA does, called so that nothing but a value comes out.

use std::sync::LazyLock;

use regorus::Value as Rego;
use regorus::unstable::{BuiltinFcn, Expr, Ref, Source, Span};

use super::{MOST_BYTES, Outcome, Stop, fits};

/// A builtin of the engine.
#[derive(Clone, Copy)]
pub(in crate::policy) struct Call {
    function: BuiltinFcn,
    only_looks: bool,
}

/// Builtins that make nothing new out of what they are given, or no more than a list of it. They are
/// called often and with whole objects, whose size is then not worth finding out.
const ONLY_LOOK: [&str; 10] = [
    "array.slice",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_set",
    "is_string",
    "object.get",
    "type_name",
];

/// The engine's builtins want to know where their arguments stand, for errors that nobody sees.
static PLACE: LazyLock<Option<(Span, Vec<Ref<Expr>>)>> = LazyLock::new(|| {
    let source = Source::from_contents(String::new(), " ".to_owned()).ok()?;
    let span = Span { source, line: 1, col: 1, start: 0, end: 0 };
    let nothing = || Ref::new(Expr::Null { span: span.clone(), value: Rego::Null, eidx: 0 });
    Some((span.clone(), (0..8).map(|_| nothing()).collect()))
});

impl Call {
    pub fn of(name: &str) -> Option<Call> {
        let only_looks = ONLY_LOOK.contains(&name);
        regorus::unstable::BUILTINS.get(name).map(|&function| Call { function, only_looks })
    }

    /// The value, undefined if the engine has an error.
    pub fn run(self, args: &[Rego]) -> Outcome {
        let Some((span, params)) = &*PLACE else { return Ok(Rego::Undefined) };
        let Some(params) = params.get(..args.len()) else { return Ok(Rego::Undefined) };
        if !self.only_looks {
            fits(size(args), MOST_BYTES, "bytes")?;
        }
        match (self.function.0)(span, params, args, false) {
            Err(err) if err.to_string().contains("limit") => Err(Stop(err.to_string())),
            value => Ok(value.unwrap_or(Rego::Undefined)),
        }
    }
}

/// About how many bytes values would take as text, up to a little more than is allowed.
///
/// What is shared counts as often as it occurs: text would repeat it.
pub(super) fn size(values: &[Rego]) -> usize {
    let mut size = 0;
    let mut open: Vec<&Rego> = values.iter().collect();
    while let Some(value) = open.pop() {
        size += 1;
        match value {
            Rego::String(text) => size += text.len(),
            Rego::Array(items) => open.extend(items.iter()),
            Rego::Set(items) => open.extend(items.iter()),
            Rego::Object(entries) => entries.iter().for_each(|(key, value)| open.extend([key, value])),
            _ => {}
        }
        if size > MOST_BYTES {
            break;
        }
    }
    size
}

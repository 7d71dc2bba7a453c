//! What the engine says, taken apart: it reports errors as text, with a picture of the place.

/// An error of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RegoError {
    /// The module, by the number under which the engine knows it.
    pub module: Option<usize>,
    /// Line and column, both from 1; the column counts bytes.
    pub place: (usize, usize),
    /// The engine's reason in one line.
    pub reason: String,
}

impl RegoError {
    /// Takes a text apart that looks like `--> 3:12:5`, a picture, and `error: reason`, or like
    /// `3:12:5 error: reason`. Anything else is a reason without a place.
    pub fn read(text: &str) -> RegoError {
        let arrow = text.lines().find_map(|it| it.strip_prefix("--> "));
        let reason = text.lines().find_map(|it| it.strip_prefix("error: "));
        let (place, reason) = match (arrow, reason) {
            (Some(place), Some(reason)) => (Some(place), reason),
            _ => match text.split_once(" error: ") {
                Some((place, reason)) => (Some(place), reason),
                None => (None, text),
            },
        };
        let first_line = reason.trim().lines().next().unwrap_or_default();
        let numbers: Vec<usize> =
            place.unwrap_or_default().split(':').map_while(|it| it.parse().ok()).collect();
        let (module, place) = match numbers[..] {
            [module, line, column] => (Some(module), (line, column)),
            _ => (None, (1, 1)),
        };
        RegoError { module, place, reason: plain(first_line) }
    }

    /// Whether the module was read as Rego v1 and is written in the older syntax.
    pub fn misses_keyword(&self) -> bool {
        self.reason.contains("keyword is required")
    }

    /// Whether the time limit was exceeded.
    pub fn is_limit(&self) -> bool {
        self.reason.contains("time limit")
    }

    /// Whether builtins would have made more than they may.
    pub fn is_size_limit(&self) -> bool {
        self.reason.contains(" make more than ")
    }
}

/// The reason in words that do not speak of the engine's inside.
fn plain(reason: &str) -> String {
    let reason = reason.trim_end_matches(':');
    let unsafe_variable = reason
        .strip_prefix("var ")
        .or_else(|| reason.strip_prefix("use of undefined variable "))
        .and_then(|it| it.split_once(" is unsafe"))
        .map(|(name, _)| name.trim_matches('`'));
    if let Some(name) = unsafe_variable {
        return format!("the variable `{name}` has no value");
    }
    if let Some(name) = reason.strip_prefix("could not find function ") {
        return format!("there is no function `{name}`");
    }
    if reason.starts_with("execution exceeded time limit") {
        return "the time limit is exceeded".to_owned();
    }
    if reason == "else cannot be used with set rules" {
        return "a set rule has one body here: write the head again for the second".to_owned();
    }
    if reason.starts_with("rule conflicts with rule at ") {
        return "the rule has conflicting values".to_owned();
    }
    let reason = reason.replace("`package` Missing package declaration.", "`package`");
    reason.trim_end_matches('.').trim_end_matches(". Failed to parse rule-ref").to_owned()
}

/// The name under which the engine knows a module.
pub(super) fn label(module: usize) -> String {
    module.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_and_the_reason_come_out_of_the_picture() {
        let text = "\n--> 7:2:24\n  |\n2 | error: foo --> x\n  | ^\nerror: use of undefined variable `foo` is unsafe";
        let found = RegoError::read(text);
        assert_eq!((found.module, found.place), (Some(7), (2, 24)));
        assert_eq!(found.reason, "the variable `foo` has no value");
    }

    #[test]
    fn other_texts_are_reasons() {
        let found = RegoError::read("3:1:5 error: encountered `1` while expecting identifier");
        assert_eq!((found.module, found.place), (Some(3), (1, 5)));
        let found = RegoError::read("execution exceeded time limit (elapsed=5ns, limit=1ns)");
        assert_eq!((found.module, &*found.reason), (None, "the time limit is exceeded"));
    }
}

//! `sprintf` as OPA has it, which is that of Go's `fmt`.
//!
//! The engine's own fails if an argument is missing and prints nothing for one of a wrong type.
//! A failing `sprintf` makes a message undefined, and the denial is gone. Go prints what is wrong
//! into the text instead, so the denial stays.

use regorus::Value as Rego;

use crate::policy::builtins::Call;

/// An argument as OPA hands it to Go: everything but a number is a string.
enum Arg {
    Int(String),
    Float(f64),
    Text(String),
}

/// Flags, width and precision of a verb.
#[derive(Default)]
struct Spec {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Widths and precisions beyond this are Go's `%!(BADWIDTH)`; here they count as this.
const MOST: usize = 10_000;

/// The text, or undefined if the arguments are not a string and an array.
pub(super) fn sprintf(args: &[Rego]) -> Rego {
    let [Rego::String(format), Rego::Array(values)] = args else { return Rego::Undefined };
    let args: Vec<Arg> = values.iter().map(Arg::of).collect();
    print(format, &args).into()
}

fn print(format: &str, args: &[Arg]) -> String {
    let mut out = String::new();
    let mut args = Args { all: args, next: 0, is_reordered: false, is_good: true };
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let (spec, after) = Spec::read(&rest[at + 1..], &mut args, &mut out);
        let mut chars = after.chars();
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) if !args.is_good => out.push_str(&format!("%!{verb}(BADINDEX)")),
            Some(verb) => match args.take() {
                Some(arg) => out.push_str(&arg.print(verb, &spec)),
                None => out.push_str(&format!("%!{verb}(MISSING)")),
            },
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    let extra: Vec<_> = args.left().iter().map(|it| format!("{}={}", it.type_name(), it.plain())).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

/// The arguments, and which of them comes next.
struct Args<'a> {
    all: &'a [Arg],
    next: usize,
    /// Whether a verb has named its argument. Go does not look for superfluous ones then.
    is_reordered: bool,
    /// Whether the argument that the current verb names is there.
    is_good: bool,
}

impl<'a> Args<'a> {
    fn take(&mut self) -> Option<&'a Arg> {
        let found = self.all.get(self.next);
        self.next += usize::from(found.is_some());
        found
    }

    fn left(&self) -> &'a [Arg] {
        if self.is_reordered { &[] } else { self.all.get(self.next..).unwrap_or_default() }
    }

    /// Reads `[2]`, from 1, and goes there; returns what follows, and whether there was one.
    fn read_index<'t>(&mut self, text: &'t str) -> (bool, &'t str) {
        let Some(inner) = text.strip_prefix('[') else { return (false, text) };
        self.is_reordered = true;
        let Some((index, after)) = inner.split_once(']') else {
            self.is_good = false;
            return (false, inner);
        };
        match index.parse::<usize>().ok().and_then(|it| it.checked_sub(1)).filter(|&it| it < self.all.len()) {
            Some(index) if inner.as_bytes()[0].is_ascii_digit() => self.next = index,
            _ => self.is_good = false,
        }
        (true, after)
    }

    /// The width or the precision that `*` takes from the arguments.
    fn star(&mut self) -> Option<i64> {
        match self.take() {
            Some(Arg::Int(it)) => it.parse().ok().filter(|it: &i64| it.unsigned_abs() <= 1_000_000),
            _ => None,
        }
    }
}

impl Spec {
    /// Reads what stands between `%` and the verb. Widths that are none are printed as Go prints them.
    fn read<'t>(text: &'t str, args: &mut Args<'_>, out: &mut String) -> (Spec, &'t str) {
        let mut spec = Spec::default();
        let mut rest = text;
        while let Some(flag) = rest.chars().next() {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                '0' => spec.zero = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        args.is_good = true;
        let mut after_index;
        (after_index, rest) = args.read_index(rest);
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            match args.star() {
                Some(width) => {
                    spec.minus |= width < 0;
                    spec.width = Some((width.unsigned_abs() as usize).min(MOST));
                }
                None => out.push_str("%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            (spec.width, rest) = number(rest);
            // `%[3]2d` is wrong.
            args.is_good &= !(after_index && spec.width.is_some());
        }
        if let Some(after) = rest.strip_prefix('.') {
            // `%[3].2d` is wrong.
            args.is_good &= !after_index;
            (after_index, rest) = args.read_index(after);
            if let Some(after) = rest.strip_prefix('*') {
                rest = after;
                spec.precision = args.star().and_then(|it| usize::try_from(it).ok()).map(|it| it.min(MOST));
                if spec.precision.is_none() {
                    out.push_str("%!(BADPREC)");
                }
                after_index = false;
            } else {
                let (precision, after) = number(rest);
                spec.precision = Some(precision.unwrap_or(0));
                rest = after;
            }
        }
        if !after_index {
            (_, rest) = args.read_index(rest);
        }
        (spec, rest)
    }

    /// Fills up to the width, with zeros behind the sign where they are asked for.
    fn pad(&self, text: &str, is_number: bool) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        if self.minus {
            format!("{text}{}", " ".repeat(missing))
        } else if self.zero && is_number {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+', ' '])));
            format!("{sign}{}{digits}", "0".repeat(missing))
        } else {
            format!("{}{text}", " ".repeat(missing))
        }
    }

    /// The sign that a number without one gets.
    fn signed(&self, text: String) -> String {
        match () {
            () if text.starts_with('-') => text,
            () if self.plus => format!("+{text}"),
            () if self.space => format!(" {text}"),
            () => text,
        }
    }
}

fn number(text: &str) -> (Option<usize>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let value = (digits > 0).then(|| text[..digits].parse().unwrap_or(MOST).min(MOST));
    (value, &text[digits..])
}

impl Arg {
    fn of(value: &Rego) -> Arg {
        match value {
            Rego::Number(it) if it.is_integer() => Arg::Int(it.format_decimal()),
            Rego::Number(it) => it.as_f64().map_or_else(|| Arg::Text(it.format_decimal()), Arg::Float),
            Rego::String(it) => Arg::Text(it.to_string()),
            other => Arg::Text(text_of(other)),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Arg::Int(it) if it.parse::<i64>().is_ok() => "int",
            Arg::Int(_) => "*big.Int",
            Arg::Float(_) => "float64",
            Arg::Text(_) => "string",
        }
    }

    /// The value as `%v` prints it.
    fn plain(&self) -> String {
        match self {
            Arg::Int(it) | Arg::Text(it) => it.clone(),
            Arg::Float(it) => general(*it, None),
        }
    }

    fn print(&self, verb: char, spec: &Spec) -> String {
        let printed = match (self, verb) {
            (_, 'T') => return spec.pad(self.type_name(), false),
            (Arg::Text(it), _) => print_text(it, verb, spec).map(|it| spec.pad(&it, false)),
            (Arg::Int(it), _) => print_int(it, verb, spec).map(|it| spec.pad(&it, true)),
            (Arg::Float(it), _) => print_float(*it, verb, spec).map(|it| spec.pad(&spec.signed(it), true)),
        };
        printed.unwrap_or_else(|| format!("%!{verb}({}={})", self.type_name(), self.plain()))
    }
}

fn print_text(text: &str, verb: char, spec: &Spec) -> Option<String> {
    let cut: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
    let hex = |it: fn(u8) -> String| cut.bytes().map(it).collect::<String>();
    Some(match verb {
        'v' if spec.sharp => quote(text),
        'v' | 's' => cut,
        'q' if spec.sharp && !cut.contains('`') => format!("`{cut}`"),
        'q' => quote(&cut),
        'x' => hex(|it| format!("{it:02x}")),
        'X' => hex(|it| format!("{it:02X}")),
        _ => return None,
    })
}

fn print_int(text: &str, verb: char, spec: &Spec) -> Option<String> {
    // Go's large numbers print themselves, as text too.
    let is_large = text.parse::<i64>().is_err();
    if matches!(verb, 'v' | 'd') || verb == 's' && is_large {
        let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
        let zeros = spec.precision.unwrap_or(0).saturating_sub(digits.len());
        return Some(spec.signed(format!("{sign}{}{digits}", "0".repeat(zeros))));
    }
    let value: i128 = text.parse().ok()?;
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    let prefix = |it: &'static str| if spec.sharp { it } else { "" };
    let digits = match verb {
        'b' => format!("{}{size:b}", prefix("0b")),
        'o' => format!("{}{size:o}", prefix("0")),
        'O' => format!("0o{size:o}"),
        'x' => format!("{}{size:x}", prefix("0x")),
        'X' => format!("{}{size:X}", prefix("0X")),
        'U' => return Some(format!("U+{size:04X}")),
        'c' => return Some(character(value).to_string()),
        'q' => return Some(format!("'{}'", character(value).escape_debug())),
        _ => return None,
    };
    Some(spec.signed(format!("{sign}{digits}")))
}

fn character(value: i128) -> char {
    u32::try_from(value).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
}

fn print_float(value: f64, verb: char, spec: &Spec) -> Option<String> {
    Some(match verb {
        'v' | 'g' => general(value, spec.precision),
        'G' => general(value, spec.precision).to_uppercase(),
        'e' => scientific(&format!("{value:.*e}", spec.precision.unwrap_or(6))),
        'E' => scientific(&format!("{value:.*e}", spec.precision.unwrap_or(6))).to_uppercase(),
        'f' | 'F' => format!("{value:.*}", spec.precision.unwrap_or(6)),
        _ => return None,
    })
}

/// `%g`: with an exponent only if it is below -4 or at least the precision.
fn general(value: f64, precision: Option<usize>) -> String {
    let exponential = match precision {
        Some(it) => format!("{value:.*e}", it.max(1) - 1),
        None => format!("{value:e}"),
    };
    let Some((mantissa, exponent)) = exponential.split_once('e') else { return exponential };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count() as i32;
    // Without a precision Go decides as if it were 6.
    let most = precision.unwrap_or(6).max(1) as i32;
    if exponent < -4 || exponent >= most {
        let short = if mantissa.contains('.') { trim_zeros(mantissa) } else { mantissa };
        return scientific(&format!("{short}e{exponent}"));
    }
    let fixed = format!("{value:.*}", (digits - 1 - exponent).max(0) as usize);
    if fixed.contains('.') { trim_zeros(&fixed).to_owned() } else { fixed }
}

fn trim_zeros(text: &str) -> &str {
    text.trim_end_matches('0').trim_end_matches('.')
}

/// Rust's `1.5e8` as Go's `1.5e+08`.
fn scientific(text: &str) -> String {
    match text.split_once('e') {
        Some((mantissa, exponent)) => match exponent.strip_prefix('-') {
            Some(it) => format!("{mantissa}e-{it:0>2}"),
            None => format!("{mantissa}e+{exponent:0>2}"),
        },
        None => text.to_owned(),
    }
}

/// A value as OPA writes it.
fn text_of(value: &Rego) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Rego::Null => "null".to_owned(),
        Rego::Bool(it) => it.to_string(),
        Rego::Number(it) => it.format_decimal(),
        Rego::String(it) => quote(it),
        Rego::Array(items) => format!("[{}]", list(items.iter().map(text_of).collect())),
        Rego::Set(items) if items.is_empty() => "set()".to_owned(),
        Rego::Set(items) => format!("{{{}}}", list(items.iter_sorted().map(text_of).collect())),
        Rego::Object(entries) => {
            let entry = |(key, value): (&Rego, &Rego)| format!("{}: {}", text_of(key), text_of(value));
            format!("{{{}}}", list(entries.iter_sorted().map(entry).collect()))
        }
        Rego::Undefined => String::new(),
    }
}

/// Go's `strconv.Quote`, which the engine knows how to do.
fn quote(text: &str) -> String {
    let args = ["%q".into(), vec![Rego::from(text)].into()];
    match Call::of("sprintf").map(|it| it.run(&args)) {
        Some(Ok(Rego::String(quoted))) => quoted.to_string(),
        _ => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, args: &str, expected: &str) {
        let args = Rego::from_json_str(args).unwrap();
        assert_eq!(sprintf(&[format.into(), args]), expected.into(), "{format}");
    }

    #[test]
    fn texts_are_those_of_go() {
        check(
            "%s is %v, %d%%",
            r#"["a", [1, "b", true, null, {}], 3]"#,
            "a is [1, \"b\", true, null, {}], 3%",
        );
        check("%q %v %t", r#"["a\"b\n", true, true]"#, r#""a\"b\n" true %!t(string=true)"#);
        check("%5d|%-5d|%05d|%+d|%x|%#x", "[42, 42, -42, 42, 255, 255]", "   42|42   |-0042|+42|ff|0xff");
        check("%5.1f|%f|%v|%g|%e", "[2.25, 0.5, 1.5, 0.00001, 1.5]", "  2.2|0.500000|1.5|1e-05|1.500000e+00");
        check("%-5s|%5s|%.2s", r#"["ab", "ab", "abc"]"#, "ab   |   ab|ab");
        check(
            "%d %v",
            "[9223372036854775808, 18446744073709551615]",
            "9223372036854775808 18446744073709551615",
        );
        check("%q", r#"["a\u2028\u00e9"]"#, r#""a\u2028é""#);
        check("%v %v %v", "[123456.5, 1234567.5, 0.00001]", "123456.5 1.2345675e+06 1e-05");
        check("%v", r#"[{"b": [1.5], "a": null}]"#, r#"{"a": null, "b": [1.5]}"#);
    }

    #[test]
    fn what_is_wrong_stands_in_the_text() {
        check("%d of %d", "[1]", "1 of %!d(MISSING)");
        check("%d", r#"["x"]"#, "%!d(string=x)");
        check("%s %z", "[1, 2]", "%!s(int=1) %!z(int=2)");
        check("a", r#"[1, "b"]"#, "a%!(EXTRA int=1, string=b)");
        check("100%", "[]", "100%!(NOVERB)");
        assert_eq!(sprintf(&["%d".into(), 3.into()]), Rego::Undefined);
    }
}

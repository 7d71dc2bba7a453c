//! Numbers as kustomize prints them: a value goes through Go's JSON and then through yaml.v2.

use crate::yaml::resolve::Number;

/// The text of a number; `None` for infinities and what is not a number.
pub(super) fn spell(number: Number) -> Option<String> {
    match as_rendered(number)? {
        Number::Int(it) => Some(it.to_string()),
        Number::Uint(it) => Some(it.to_string()),
        Number::Float(it) => Some(go_shortest(it)),
    }
}

/// The number that is left after rendering: a float without a fraction becomes an integer where
/// its decimals fit one. `None` for infinities and what is not a number.
pub(crate) fn as_rendered(number: Number) -> Option<Number> {
    let Number::Float(value) = number else { return Some(number) };
    if !value.is_finite() {
        return None;
    }
    if value.abs() < 1e21 && value.fract() == 0.0 {
        // The shortest digits that tell the value, padded with zeros: not always the exact value.
        let text = format!("{}", value + 0.0);
        let text = if text == "-0" { "0" } else { &text };
        if let Ok(whole) = text.parse() {
            return Some(Number::Int(whole));
        }
        if let Ok(whole) = text.parse() {
            return Some(Number::Uint(whole));
        }
    }
    Some(number)
}

/// Go's `strconv.FormatFloat(value, 'g', -1, 64)`.
pub(crate) fn go_shortest(value: f64) -> String {
    let (digits, exponent) = scientific(value);
    if (-4..6).contains(&exponent) { format!("{value}") } else { go_exponent(&digits, exponent, 2) }
}

/// A float as Go's `encoding/json` writes it.
pub(crate) fn go_json_float(value: f64) -> String {
    if value == 0.0 || (1e-6..1e21).contains(&value.abs()) {
        return format!("{value}");
    }
    let (digits, exponent) = scientific(value);
    // Go pads exponents to two digits, and its JSON undoes that for negative ones only.
    go_exponent(&digits, exponent, if exponent < 0 { 1 } else { 2 })
}

/// The shortest digits (`1.25`) and the exponent of a value.
fn scientific(value: f64) -> (String, i32) {
    let shortest = format!("{value:e}");
    let digits = shortest.find('e').expect("`{:e}` writes an exponent");
    // Between two candidates that are equally near Go takes the even one, Rust the larger one.
    let decimals = shortest[..digits].split_once('.').map_or(0, |(_, it)| it.len());
    let even = format!("{value:.decimals$e}");
    let text = if even.parse() == Ok(value) { even } else { shortest };
    let (digits, exponent) = text.split_once('e').expect("`{:e}` writes an exponent");
    (digits.to_owned(), exponent.parse().expect("`{:e}` writes the exponent as a whole number"))
}

fn go_exponent(digits: &str, exponent: i32, width: usize) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:0width$}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_go_spells_them() {
        for (value, text) in [
            (1.0, "1"),
            (-0.0, "0"),
            (1e6, "1000000"),
            (12345678.5, "1.23456785e+07"),
            (123456.5, "123456.5"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1e20, "1e+20"),
            (1e100, "1e+100"),
            (9_223_372_036_854_775_808.0, "9223372036854776000"),
            (-2.5, "-2.5"),
            (1284603487329629.3, "1.2846034873296292e+15"),
        ] {
            assert_eq!(spell(Number::Float(value)).as_deref(), Some(text));
        }
        assert_eq!(spell(Number::Float(f64::NAN)), None);
        assert_eq!(spell(Number::Uint(u64::MAX)).as_deref(), Some("18446744073709551615"));
    }

    #[test]
    fn floats_in_json_have_an_exponent_late() {
        for (value, text) in
            [(1e-7, "1e-7"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (0.000001, "0.000001")]
        {
            assert_eq!(go_json_float(value), text);
        }
    }
}

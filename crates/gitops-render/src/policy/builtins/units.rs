//! Quantities: `units.parse` and `units.parse_bytes`.

use regorus::Value as Rego;

use super::float::Float;
use super::{Outcome, Stop};

/// A decimal number: `digits * 10^power`.
struct Decimal {
    is_negative: bool,
    digits: u128,
    power: i32,
}

fn too_long() -> Stop {
    Stop("a quantity has more digits than this can calculate with".to_owned())
}

/// The number and the unit. Nothing if the number is missing, or its exponent absurd.
fn parts(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'0'..=b'9' | b'.' | b'+' | b'-' => at += 1,
            b'e' | b'E' => {
                let after = bytes.get(at + 1).filter(|it| it.is_ascii_digit() || matches!(it, b'+' | b'-'));
                let Some(after) = after else { break };
                let start = at + 1 + usize::from(matches!(after, b'+' | b'-'));
                let digits = bytes[start..].iter().take_while(|it| it.is_ascii_digit()).count();
                if digits > 6 {
                    return None;
                }
                at = start;
            }
            _ => break,
        }
    }
    (at > 0).then(|| text.split_at(at))
}

impl Decimal {
    fn read(text: &str) -> Option<Result<Decimal, Stop>> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_end_matches('0');
        let power = exponent - fraction.len() as i32 + (digits.len() - significant.len()) as i32;
        let significant = significant.trim_start_matches('0');
        if significant.is_empty() {
            return Some(Ok(Decimal { is_negative: false, digits: 0, power: 0 }));
        }
        // 60 bits and a unit's 60 fit together.
        let digits = significant.parse().ok().filter(|it| *it < 1 << 60);
        Some(digits.map(|digits| Decimal { is_negative, digits, power }).ok_or_else(too_long))
    }

    fn sign(&self) -> &'static str {
        if self.is_negative { "-" } else { "" }
    }
}

fn number(text: &str) -> Rego {
    Rego::from_numeric_string(text).unwrap_or(Rego::Undefined)
}

/// A Kubernetes-like quantity, where `m` is a thousandth and `M` a million.
pub(super) fn parse(args: &[Rego]) -> Outcome {
    let [Rego::String(text)] = args else { return Ok(Rego::Undefined) };
    let text = text.replace('"', "");
    let Some((amount, unit)) = parts(&text).filter(|_| !text.contains(' ')) else {
        return Ok(Rego::Undefined);
    };
    let mut chars = unit.chars();
    let unit: String = chars.next().into_iter().chain(chars.as_str().to_lowercase().chars()).collect();
    let (factor, power) = match unit.as_str() {
        "" => (1, 0),
        "m" => (1, -3),
        "k" | "K" => (1, 3),
        "M" => (1, 6),
        "g" | "G" => (1, 9),
        "t" | "T" => (1, 12),
        "p" | "P" => (1, 15),
        "e" | "E" => (1, 18),
        other => match binary(other) {
            Some(shift) if other.len() == 2 => (1u128 << shift, 0),
            _ => return Ok(Rego::Undefined),
        },
    };
    let Some(amount) = Decimal::read(amount) else { return Ok(Rego::Undefined) };
    let amount = amount?;
    let (digits, power) = (amount.digits * factor, amount.power + power);
    if power >= 0 {
        let whole = 10u128.checked_pow(power as u32).and_then(|it| digits.checked_mul(it));
        return Ok(number(&format!("{}{}", amount.sign(), whole.ok_or_else(too_long)?)));
    }
    // OPA writes ten decimals, the last one rounded away from zero.
    let beyond = (-power - 10).max(0) as u32;
    let divisor = 10u128.checked_pow(beyond).unwrap_or(u128::MAX);
    let digits = digits / divisor + u128::from(digits % divisor >= divisor.div_ceil(2) && beyond > 0);
    let decimals = (-power).min(10) as usize;
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Ok(number(&format!("{}{whole}{point}{fraction}", amount.sign())))
}

/// How often a binary unit doubles: `ki`, `Mi`.
fn binary(unit: &str) -> Option<u32> {
    let units = ["ki", "mi", "gi", "ti", "pi", "ei"];
    let index = units.iter().position(|it| unit.eq_ignore_ascii_case(it))?;
    Some(10 * (index as u32 + 1))
}

/// Bytes, whatever the case of the unit: `m` is a million. What is left of a byte is dropped.
pub(super) fn parse_bytes(args: &[Rego]) -> Outcome {
    let [Rego::String(text)] = args else { return Ok(Rego::Undefined) };
    let text = text.to_lowercase().replace('"', "");
    let Some((amount, unit)) = parts(&text).filter(|_| !text.contains(' ')) else {
        return Ok(Rego::Undefined);
    };
    let factor = match unit.strip_suffix('b').unwrap_or(unit) {
        "" if unit.is_empty() => "1".to_owned(),
        "k" => "1e3".to_owned(),
        "m" => "1e6".to_owned(),
        "g" => "1e9".to_owned(),
        "t" => "1e12".to_owned(),
        "p" => "1e15".to_owned(),
        "e" => "1e18".to_owned(),
        other => match binary(other) {
            Some(shift) => (1u64 << shift).to_string(),
            None => return Ok(Rego::Undefined),
        },
    };
    if Decimal::read(amount).is_none() {
        return Ok(Rego::Undefined);
    }
    let product = Float::read(amount).zip(Float::read(&factor));
    let product = product.map(|(amount, factor)| amount.zip(factor).and_then(|(a, b)| a.mul(b)));
    let whole = product.and_then(|it| it.map_or_else(|| Some("0".to_owned()), Float::truncated));
    whole.map(|it| number(&it)).ok_or_else(too_long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_those_of_opa() {
        let value = |text: &str| parse(&[text.into()]).unwrap().to_string();
        for (text, expected) in [
            ("100m", "0.1"),
            ("1500m", "1.5"),
            ("2000m", "2"),
            ("1Gi", "1073741824"),
            ("0.5Mi", "524288"),
            ("1M", "1000000"),
            ("1k", "1000"),
            ("\"1k\"", "1000"),
            ("1e3", "1000"),
            ("1.5E", "1500000000000000000"),
            ("0.00000000004", "0"),
            ("-0.5", "-0.5"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        for text in ["", "1n", "1 k", "k", "1KB", "..", "1e1234567"] {
            assert_eq!(parse(&[text.into()]).unwrap(), Rego::Undefined, "{text}");
        }
    }

    #[test]
    fn bytes_are_whole_and_know_no_case() {
        let value = |text: &str| parse_bytes(&[text.into()]).unwrap().to_string();
        for (text, expected) in [
            ("100M", "100000000"),
            ("100m", "100000000"),
            ("1MiB", "1048576"),
            ("1.9", "1"),
            ("0.3k", "300"),
            ("1eb", "1000000000000000000"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        for text in ["b", "1b", "", "1z", "a"] {
            assert_eq!(parse_bytes(&[text.into()]).unwrap(), Rego::Undefined, "{text}");
        }
    }
}

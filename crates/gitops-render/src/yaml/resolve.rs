//! What a plain scalar means: the rules of kustomize's YAML reader.
//!
//! Neither YAML 1.1 nor 1.2: `yes` is a string, `014` is twelve, `1_000` is a thousand. Behaviour
//! is that of go-yaml v3 as kustomize 5.6 uses it. A kustomization.yaml itself is read by the
//! rules of YAML 1.1, where `yes` is true.

use std::borrow::Cow;

use crate::node::{Scalar, ScalarKind};

/// The value of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Fits 64 bits with a sign.
    Int(i64),
    /// Needs all 64 bits.
    Uint(u64),
    /// Everything else.
    Float(f64),
}

impl Scalar {
    /// The value, if this is a number.
    pub fn number(&self) -> Option<Number> {
        match self.kind {
            ScalarKind::Int => int(&self.text),
            ScalarKind::Float => float(&self.text).map(Number::Float),
            _ => None,
        }
    }

    /// The value, if this is a boolean.
    pub fn bool(&self) -> Option<bool> {
        let is_true = || {
            matches!(self.text.as_bytes().first(), Some(b't' | b'T' | b'y' | b'Y'))
                || self.text.eq_ignore_ascii_case("on")
        };
        (self.kind == ScalarKind::Bool).then(is_true)
    }
}

/// What a plain scalar in a resource resolves to.
pub fn resolve(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarKind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return ScalarKind::Bool,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf" | "-.INF" | ".nan"
        | ".NaN" | ".NAN" => return ScalarKind::Float,
        _ => {}
    }
    match text.as_bytes()[0] {
        b'0'..=b'9' | b'+' | b'-' | b'.' => {}
        _ => return ScalarKind::Str,
    }
    if is_timestamp(text) {
        ScalarKind::Timestamp
    } else if int(text).is_some() {
        ScalarKind::Int
    } else if float(text).is_some() {
        ScalarKind::Float
    } else {
        ScalarKind::Str
    }
}

/// What a plain scalar in a kustomization.yaml resolves to: also `yes`, `no`, `on`, `off`.
pub fn resolve_yaml11(text: &str) -> ScalarKind {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "n" | "N" | "no" | "No" | "NO" | "off"
        | "Off" | "OFF" => ScalarKind::Bool,
        _ => resolve(text),
    }
}

/// The digits of a number, which may be grouped.
fn without_underscores(text: &str) -> Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}

/// The value of a whole number, as Go's `ParseInt` with base 0 reads it once underscores are gone.
fn int(text: &str) -> Option<Number> {
    let plain = without_underscores(text);
    let (negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, &plain[..]),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust's parser takes a sign here, Go's does not.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    match (negative, i64::try_from(value)) {
        (false, Ok(value)) => Some(Number::Int(value)),
        (false, Err(_)) => Some(Number::Uint(value)),
        (true, _) => 0_i64.checked_sub_unsigned(value).map(Number::Int),
    }
}

/// The value of any other number.
fn float(text: &str) -> Option<f64> {
    match text.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" => {
            return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let plain = without_underscores(text);
    is_float(&plain).then(|| plain.parse().ok()).flatten().filter(|it: &f64| it.is_finite())
}

/// `[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?`
fn is_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(rest);
    let mut rest = &rest[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let after = after.strip_prefix(['+', '-']).unwrap_or(after);
        return !after.is_empty() && digits(after) == after.len();
    }
    rest.is_empty()
}

/// `^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`: numbers such as `1:30`, which YAML 1.1 has.
pub fn is_base_60(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit() || it == b'_');
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| match part.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [b'0'..=b'5', ones] => ones.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|it: char| it.is_ascii_digit())
        && is_digits(first)
        && is_digits(fraction)
        && whole.len() > first.len()
        && parts.all(is_part)
}

/// Whether a text is a date, or a date and time, that exists.
pub fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

/// A date and time as kustomize prints it: RFC 3339 with as many decimals as it needs.
///
/// Read are `Y-M-D`, `Y-M-D[Tt]h:m:s[.f](Z|±hh:mm)` and `Y-M-D h:m:s[.f]`.
pub fn timestamp(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return None;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, number(parts.next()?)?, number(parts.next()?)?);
    if parts.next().is_some() || !(1..=12).contains(&month) {
        return None;
    }
    if day == 0 || day > days_in(year.parse().ok()?, month) {
        return None;
    }
    let date = format!("{year}-{month:02}-{day:02}");
    let Some((separator, time)) = time else { return Some(format!("{date}T00:00:00Z")) };
    let (clock, zone) = if separator == b' ' { (time, "Z".to_owned()) } else { split_zone(time)? };
    Some(format!("{date}T{}{zone}", clock_text(clock)?))
}

/// A number of one or two digits.
fn number(text: &str) -> Option<u32> {
    (matches!(text.len(), 1 | 2) && text.bytes().all(|it| it.is_ascii_digit())).then(|| text.parse().ok())?
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `h:m:s[.f]` with two digits each and no trailing zeros in the fraction.
fn clock_text(text: &str) -> Option<String> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':').map(number);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut out = format!("{hour:02}:{minute:02}:{second:02}");
    if let Some(fraction) = fraction {
        if fraction.is_empty() || !fraction.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        // Go keeps nanoseconds.
        let kept = fraction[..fraction.len().min(9)].trim_end_matches('0');
        if !kept.is_empty() {
            out.push('.');
            out.push_str(kept);
        }
    }
    Some(out)
}

/// Splits `h:m:sZ` or `h:m:s±hh:mm`.
///
/// Go lets people write 60 minutes, and spells the zone out as it is meant.
fn split_zone(text: &str) -> Option<(&str, String)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, "Z".to_owned()));
    }
    let at = text.rfind(['+', '-'])?;
    let (clock, zone) = text.split_at(at);
    let (hours, minutes) = zone[1..].split_once(':').filter(|(h, m)| h.len() == 2 && m.len() == 2)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let total = hours * 60 + minutes;
    if minutes > 60 || total >= 24 * 60 {
        return None;
    }
    let zone = match total {
        0 => "Z".to_owned(),
        _ => format!("{}{:02}:{:02}", &zone[..1], total / 60, total % 60),
    };
    Some((clock, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_resolve_as_kustomize_has_them() {
        use ScalarKind::*;
        for (text, kind) in [
            ("yes", Str),
            ("off", Str),
            ("True", Bool),
            ("~", Null),
            ("", Null),
            ("nUll", Str),
            ("014", Int),
            ("0o14", Int),
            ("08", Float),
            ("0b101", Int),
            ("0b2", Str),
            ("+0x1f", Int),
            ("1__0", Int),
            ("_1", Str),
            ("1e3", Float),
            ("1e400", Str),
            (".5", Float),
            (".", Str),
            ("12:30", Str),
            ("0x1p3", Str),
            ("-", Str),
            ("+-1", Str),
            ("1.", Float),
            (".inf", Float),
            ("2001-1-1", Timestamp),
            ("2001-02-30", Str),
            ("2001-01-01T00:00:00", Str),
            ("2001-01-01T00:00:00Z", Timestamp),
            ("18446744073709551616", Float),
            ("=", Str),
        ] {
            assert_eq!(resolve(text), kind, "{text:?}");
        }
        assert_eq!(resolve_yaml11("yes"), Bool);
    }

    #[test]
    fn numbers_have_the_value_that_kustomize_prints() {
        let value =
            |text: &str| Scalar { text: text.into(), kind: resolve(text), quoted: false }.number().unwrap();
        assert_eq!(value("0644"), Number::Int(420));
        assert_eq!(value("08"), Number::Float(8.0));
        assert_eq!(value("-0x10"), Number::Int(-16));
        assert_eq!(value("18446744073709551615"), Number::Uint(u64::MAX));
        assert_eq!(value("-9223372036854775808"), Number::Int(i64::MIN));
    }

    #[test]
    fn a_date_is_spelled_out() {
        assert_eq!(timestamp("2001-1-1").as_deref(), Some("2001-01-01T00:00:00Z"));
        assert_eq!(timestamp("2001-12-14t21:59:43.10-05:00").as_deref(), Some("2001-12-14T21:59:43.1-05:00"));
        assert_eq!(timestamp("2001-12-14 21:59:43"), Some("2001-12-14T21:59:43Z".to_owned()));
        assert_eq!(timestamp("2001-12-14 21:59"), None);
        assert_eq!(timestamp("2001-12-14T21:59:43-03:60").as_deref(), Some("2001-12-14T21:59:43-04:00"));
    }
}

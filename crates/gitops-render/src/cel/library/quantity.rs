//! Quantities: `500m`, `1.5Gi`.

use super::{Called, Val};
use crate::cel::{Error, Meter};
use crate::kube::quantity::is_quantity;

pub(super) const SIGNATURES: &str = "
quantity string -> kubernetes.Quantity
isQuantity string -> bool
.sign kubernetes.Quantity -> int
.isInteger kubernetes.Quantity -> bool
.asInteger kubernetes.Quantity -> int
.asApproximateFloat kubernetes.Quantity -> double
.add kubernetes.Quantity kubernetes.Quantity -> kubernetes.Quantity
.add kubernetes.Quantity int -> kubernetes.Quantity
.sub kubernetes.Quantity kubernetes.Quantity -> kubernetes.Quantity
.sub kubernetes.Quantity int -> kubernetes.Quantity
.isLessThan kubernetes.Quantity kubernetes.Quantity -> bool
.isGreaterThan kubernetes.Quantity kubernetes.Quantity -> bool
.compareTo kubernetes.Quantity kubernetes.Quantity -> int
";

/// A quantity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quantity {
    /// In billionths: nothing finer is kept.
    nanos: i128,
    /// Whether it is kept as a whole number, which says how it was written rather than what it is:
    /// neither `1.0` nor `1000m` nor `1.5Gi` is.
    is_whole: bool,
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nanos == other.nanos
    }
}

const ONE: i128 = 1_000_000_000;

pub(super) fn call(name: &str, args: &[Val], _: &Meter) -> Called {
    let overflow = || Error::Unsupported("the quantity is too large".to_owned());
    Ok(Some(match (name, args) {
        ("quantity", [Val::Str(it)]) => Val::Quantity(parse(it)?),
        ("isQuantity", [Val::Str(it)]) => Val::Bool(is_quantity(it)),
        ("sign", [Val::Quantity(it)]) => Val::Int(it.nanos.signum() as i64),
        ("isInteger", [Val::Quantity(it)]) => Val::Bool(whole(*it).is_some()),
        ("asInteger", [Val::Quantity(it)]) => {
            Val::Int(whole(*it).ok_or_else(|| Error::failed("cannot convert value to integer"))?)
        }
        #[expect(clippy::cast_precision_loss, reason = "it is approximate")]
        ("asApproximateFloat", [Val::Quantity(it)]) => Val::Double(it.nanos as f64 / ONE as f64),
        ("add" | "sub", [Val::Quantity(a), b]) => {
            let b = match b {
                Val::Quantity(b) => *b,
                Val::Int(b) => Quantity { nanos: i128::from(*b) * ONE, is_whole: true },
                _ => return Ok(None),
            };
            let nanos =
                if name == "add" { a.nanos.checked_add(b.nanos) } else { a.nanos.checked_sub(b.nanos) };
            Val::Quantity(Quantity { nanos: nanos.ok_or_else(overflow)?, is_whole: a.is_whole && b.is_whole })
        }
        ("isLessThan", [Val::Quantity(a), Val::Quantity(b)]) => Val::Bool(a.nanos < b.nanos),
        ("isGreaterThan", [Val::Quantity(a), Val::Quantity(b)]) => Val::Bool(a.nanos > b.nanos),
        ("compareTo", [Val::Quantity(a), Val::Quantity(b)]) => Val::Int(a.nanos.cmp(&b.nanos) as i64),
        _ => return Ok(None),
    }))
}

fn whole(quantity: Quantity) -> Option<i64> {
    if quantity.is_whole { i64::try_from(quantity.nanos / ONE).ok() } else { None }
}

fn parse(text: &str) -> Result<Quantity, Error> {
    if !is_quantity(text) {
        let message =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        return Err(Error::failed(message));
    }
    value(text).ok_or_else(|| Error::Unsupported(format!("the quantity {text:?} is too large")))
}

/// The value of what is a quantity. Kubernetes rounds away from zero.
fn value(text: &str) -> Option<Quantity> {
    let (is_negative, text) = (text.starts_with('-'), text.trim_start_matches(['+', '-']));
    let length = text.bytes().take_while(|it| it.is_ascii_digit() || *it == b'.').count();
    let (number, suffix) = text.split_at(length);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let mut value: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let (ten, two) = scale(suffix)?;
    value = value.checked_mul(1_i128.checked_shl(two)?)?;
    let power = ten + 9 - i32::try_from(fraction.len()).ok()?;
    let factor = 10_i128.checked_pow(power.unsigned_abs());
    value = match (power >= 0, factor) {
        _ if value == 0 => 0,
        (true, factor) => value.checked_mul(factor?)?,
        (false, Some(factor)) => value / factor + i128::from(value % factor != 0),
        (false, None) => 1,
    };
    let has_fraction = number.contains('.') && !number.ends_with('.');
    let digits_behind = if has_fraction { number.len() - whole.len() - 1 } else { 0 };
    let is_whole = ten >= i32::try_from(digits_behind).ok()? && (two == 0 || digits_behind == 0);
    Some(Quantity { nanos: if is_negative { -value } else { value }, is_whole })
}

/// The powers of ten and of two that a suffix stands for.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    if let Some(exponent) = suffix.strip_prefix(['e', 'E']).filter(|it| !it.is_empty() && *it != "i") {
        return exponent.parse().ok().filter(|it: &i32| it.abs() < 1000).map(|it| (it, 0));
    }
    const TENS: [(&str, i32); 10] = [
        ("n", -9),
        ("u", -6),
        ("m", -3),
        ("", 0),
        ("k", 3),
        ("M", 6),
        ("G", 9),
        ("T", 12),
        ("P", 15),
        ("E", 18),
    ];
    const TWOS: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let ten = TENS.iter().find(|it| it.0 == suffix).map(|it| (it.1, 0));
    ten.or_else(|| Some((0, 10 * (1 + u32::try_from(TWOS.iter().position(|it| *it == suffix)?).ok()?))))
}

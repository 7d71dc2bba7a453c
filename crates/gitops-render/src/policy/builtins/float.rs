//! Numbers with 64 bits of precision, which is what OPA calculates with.
//!
//! `0.1 + 0.2` is `0.3` in OPA and more than that in a `f64`, so the sum of three quantities would
//! exceed a limit here and not there. Whole numbers that fit into 64 bits are exact in both.

/// A number that is not zero: `mantissa * 2^exponent`, where the mantissa's first bit is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Float {
    is_negative: bool,
    mantissa: u64,
    exponent: i32,
}

/// Zero has no first bit.
pub(super) type Number = Option<Float>;

/// How far a result may lie from a short decimal and still be taken for a slip of the last bits.
const SLIP: u64 = 8;

impl Float {
    /// `mantissa * 2^exponent`, rounded to even; `is_more` if something below the last bit is lost.
    fn rounded(is_negative: bool, mantissa: u128, exponent: i32, is_more: bool) -> Number {
        if mantissa == 0 {
            return None;
        }
        let shift = 64 - mantissa.leading_zeros() as i32;
        if shift <= 0 {
            let mantissa = (mantissa << -shift) as u64;
            return Some(Float { is_negative, mantissa, exponent: exponent + shift });
        }
        let (kept, lost) = ((mantissa >> shift) as u64, mantissa & ((1 << shift) - 1));
        let half = 1u128 << (shift - 1);
        let is_up = lost > half || lost == half && (is_more || kept & 1 == 1);
        let exponent = exponent + shift;
        Some(match kept.checked_add(u64::from(is_up)) {
            Some(mantissa) => Float { is_negative, mantissa, exponent },
            None => Float { is_negative, mantissa: 1 << 63, exponent: exponent + 1 },
        })
    }

    /// Reads what a number looks like: `-12.5e-3`. `None` for what has too many digits.
    pub fn read(text: &str) -> Option<Number> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        let mut power = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        if all.is_empty() || !all.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let significant = all.trim_end_matches('0');
        power += (all.len() - significant.len()) as i32;
        let significant = significant.trim_start_matches('0');
        if significant.is_empty() {
            return Some(None);
        }
        let value: u128 = significant.parse().ok()?;
        Float::of_decimal(is_negative, value, power)
    }

    fn of_decimal(is_negative: bool, value: u128, power: i32) -> Option<Number> {
        if power >= 0 {
            let value = value.checked_mul(10u128.checked_pow(power as u32)?)?;
            return Some(Float::rounded(is_negative, value, 0, false));
        }
        let divisor = 10u128.checked_pow(power.unsigned_abs()).filter(|it| *it < 1 << 64)?;
        let shift = value.leading_zeros();
        let numerator = value << shift;
        let quotient = numerator / divisor;
        // Without as many bits the quotient cannot be rounded.
        (quotient >> 64 > 0).then_some(())?;
        Some(Float::rounded(is_negative, quotient, -(shift as i32), !numerator.is_multiple_of(divisor)))
    }

    pub fn neg(self) -> Float {
        Float { is_negative: !self.is_negative, ..self }
    }

    pub fn mul(self, other: Float) -> Number {
        let product = u128::from(self.mantissa) * u128::from(other.mantissa);
        let is_negative = self.is_negative != other.is_negative;
        Float::rounded(is_negative, product, self.exponent + other.exponent, false)
    }

    pub fn div(self, other: Float) -> Number {
        let (numerator, divisor) = (u128::from(self.mantissa) << 64, u128::from(other.mantissa));
        let is_negative = self.is_negative != other.is_negative;
        let exponent = self.exponent - 64 - other.exponent;
        // One bit more, so that what is lost decides nothing but a tie.
        let (quotient, rest) = (numerator / divisor, numerator % divisor);
        let more = u128::from(rest * 2 >= divisor);
        let is_more = !(rest * 2).is_multiple_of(divisor);
        Float::rounded(is_negative, quotient << 1 | more, exponent - 1, is_more)
    }

    pub fn add(self, other: Float) -> Number {
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let distance = (large.exponent - small.exponent) as u32;
        let high = u128::from(large.mantissa) << 62;
        let low = u128::from(small.mantissa) << 62;
        let (low, lost) = match distance {
            0..=126 => (low >> distance, low & ((1 << distance) - 1) != 0),
            _ => (0, true),
        };
        let exponent = large.exponent - 62;
        if large.is_negative == small.is_negative {
            return Float::rounded(large.is_negative, high + low, exponent, lost);
        }
        // What is lost of the smaller one makes the difference smaller.
        let low = low + u128::from(lost);
        match high >= low {
            true => Float::rounded(large.is_negative, high - low, exponent, lost),
            false => Float::rounded(small.is_negative, low - high, exponent, lost),
        }
    }

    /// As a whole number, if it is one and not too large.
    fn whole(self) -> Option<String> {
        let size = match self.exponent {
            0..=63 => u128::from(self.mantissa) << self.exponent,
            -63..0 if self.mantissa.trailing_zeros() as i32 >= -self.exponent => {
                u128::from(self.mantissa) >> -self.exponent
            }
            _ => return None,
        };
        Some(format!("{}{size}", if self.is_negative { "-" } else { "" }))
    }

    /// Without its fraction, if it is not too large.
    pub fn truncated(self) -> Option<String> {
        let size = match self.exponent {
            0..=63 => u128::from(self.mantissa) << self.exponent,
            -63..0 => u128::from(self.mantissa) >> -self.exponent,
            exponent if exponent < 0 => 0,
            _ => return None,
        };
        Some(format!("{}{size}", if self.is_negative && size > 0 { "-" } else { "" }))
    }

    /// The nearest `f64`; or its neighbour, where the number is a slip beside a short decimal.
    fn nearest(self) -> Option<f64> {
        let size = self.mantissa as f64 * 2f64.powi(self.exponent);
        let value = if self.is_negative { -size } else { size };
        if !value.is_finite() {
            return None;
        }
        let Some(Some(short)) = Float::read(&format!("{value:e}")) else { return Some(value) };
        if short.exponent != self.exponent || short.mantissa.abs_diff(self.mantissa) > SLIP {
            return Some(value);
        }
        let is_larger = (self.mantissa > short.mantissa) != self.is_negative;
        Some(match self.mantissa == short.mantissa {
            true => value,
            false if is_larger => value.next_up(),
            false => value.next_down(),
        })
    }
}

/// A number as the engine has it. Nothing if it is too large for it.
pub(super) fn to_rego(number: Number) -> Option<regorus::Value> {
    match number {
        None => Some(0.into()),
        Some(float) => match float.whole() {
            Some(whole) => regorus::Value::from_numeric_string(&whole).ok(),
            None => float.nearest().map(Into::into),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Float {
        Float::read(text).unwrap().unwrap()
    }

    #[test]
    fn sums_are_those_of_64_bits() {
        let text = |it: Number| to_rego(it).unwrap().as_number().unwrap().format_decimal();
        let sum = |a: &str, b: &str| text(read(a).add(read(b)));
        assert_eq!(sum("0.1", "0.2"), "0.3");
        assert_eq!(sum("1", "2"), "3");
        assert_eq!(sum("-1", "2.5"), "1.5");
        assert_eq!(sum("1", "-1"), "0");
        assert_eq!(sum("18446744073709551615", "1"), "18446744073709551616");
        assert_eq!(sum("1e10", "0.5"), "10000000000.5");
        let product = |a: &str, b: &str| text(read(a).mul(read(b)));
        assert_eq!(product("0.1", "3"), "0.3");
        assert_eq!(product("1.1", "-1.1"), "-1.21");
        let quotient = |a: &str, b: &str| text(read(a).div(read(b)));
        assert_eq!(quotient("1", "4"), "0.25");
        assert_eq!(quotient("6", "-3"), "-2");
        assert_eq!(quotient("1", "3"), "0.3333333333333333");
        assert_eq!(quotient("0.3", "0.1"), "3");
    }

    #[test]
    fn zero_and_what_is_too_long_are_told_apart() {
        assert_eq!(Float::read("0.000"), Some(None));
        assert_eq!(Float::read("1e-40"), None);
        assert_eq!(Float::read("x"), None);
    }
}

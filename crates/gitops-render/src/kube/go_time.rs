//! Durations as Go writes them, and the days of the calendar: what CEL, Rego and schemas share.

/// A second in nanoseconds.
pub const SECOND: i128 = 1_000_000_000;

/// Days since 1970 of a day of the Gregorian calendar, whose month and day may be out of range.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let months = year * 12 + month - 1;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

/// The nanoseconds of a duration as Go reads it: `1h15m30.5s`, `-1.5s`, `0`. Go itself stops at 64 bits.
pub fn duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    (!rest.is_empty()).then_some(())?;
    let mut total = 0i128;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, after) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let end = after.find(|it: char| it.is_ascii_digit() || it == '.').unwrap_or(after.len());
        let unit = match &after[..end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3_600 * SECOND,
            _ => return None,
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let digits = &fraction[..fraction.len().min(18)];
        let part: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let part = part.checked_mul(unit)? / 10i128.pow(digits.len() as u32);
        total = total.checked_add(whole.checked_mul(unit)?)?.checked_add(part)?;
        rest = &after[end..];
    }
    Some(total * sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_number_and_a_number_its_day() {
        for (date, number) in
            [((1970, 1, 1), 0), ((2024, 2, 29), 19_782), ((1969, 12, 31), -1), ((1, 1, 1), -719_162)]
        {
            assert_eq!((days(date.0, date.1, date.2), date_of(number)), (number, date));
        }
        assert_eq!(days(2023, 14, 30), days(2024, 3, 1), "what is out of range is carried on");
    }

    #[test]
    fn a_duration_that_is_too_long_is_none() {
        assert_eq!(duration("1h0.5s"), Some(3_600 * SECOND + SECOND / 2));
        assert_eq!(duration(&format!("{}us", i128::MAX)), None);
        assert_eq!(duration("170141183460469231731687303715884105.9us"), None);
        assert_eq!(duration("1s."), None);
    }
}

//! Durations in words, which the format of a schema allows and the function `duration` does not.

use super::time::{DAY, SECOND, duration};

/// A duration as the formats of a schema have it: Go's, or numbers with words, such as `3 days`, anywhere in
/// the text.
pub(in crate::cel) fn schema_duration(text: &str) -> Option<i64> {
    duration(text).or_else(|| {
        let mut total: Option<i64> = None;
        let mut rest = text;
        while let Some(start) = rest.find(|it: char| it.is_ascii_digit()) {
            rest = &rest[start..];
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, behind) = rest.split_at(digits);
            let behind = behind.trim_start_matches([' ', '\t', '\n', '\x0c', '\r']);
            let length =
                behind.find(|it: char| !it.is_ascii_alphabetic() && it != 'µ').unwrap_or(behind.len());
            rest = &behind[length..];
            if let Some(unit) = unit(&behind[..length].to_lowercase()) {
                let part = number.parse::<i64>().ok()?.checked_mul(unit)?;
                total = Some(total.unwrap_or(0).checked_add(part)?);
            }
        }
        total
    })
}

/// The nanoseconds of a unit. Go's library takes what begins with the long name of one, too.
fn unit(word: &str) -> Option<i64> {
    const UNITS: [(&[&str], i64); 8] = [
        (&["ns", "nano"], 1),
        (&["us", "µs", "micro"], 1000),
        (&["ms", "milli"], 1_000_000),
        (&["s", "sec"], SECOND),
        (&["m", "min"], 60 * SECOND),
        (&["h", "hr", "hour"], 3600 * SECOND),
        (&["d", "day"], DAY * SECOND),
        (&["w", "wk", "week"], 7 * DAY * SECOND),
    ];
    let is_one =
        |names: &[&str]| names.contains(&word) || names.last().is_some_and(|it| word.starts_with(it));
    UNITS.iter().find(|it| is_one(it.0)).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::super::time::duration_text;
    use super::*;

    #[test]
    fn durations_of_schemas_may_be_words() {
        for (text, expected) in [
            ("3 days", Some("259200s")),
            ("1 hour 30 minutes", Some("5400s")),
            ("2 Weeks", Some("1209600s")),
            ("1d12h", Some("129600s")),
            ("5 apples", None),
            ("days", None),
        ] {
            assert_eq!(schema_duration(text).map(duration_text).as_deref(), expected, "{text}");
        }
    }
}

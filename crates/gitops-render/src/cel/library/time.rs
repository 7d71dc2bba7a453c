//! Durations and timestamps. There is no clock here.

use std::cmp::Ordering;

use super::{Called, Val, zones};
use crate::cel::{Error, Meter};
use crate::kube::go_time::{self, date_of, days};

pub(super) const SIGNATURES: &str = "
duration string -> duration
duration duration -> duration
duration int -> duration
timestamp string -> timestamp
timestamp timestamp -> timestamp
timestamp int -> timestamp
.getFullYear timestamp -> int
.getFullYear timestamp string -> int
.getMonth timestamp -> int
.getMonth timestamp string -> int
.getDayOfYear timestamp -> int
.getDayOfYear timestamp string -> int
.getDayOfMonth timestamp -> int
.getDayOfMonth timestamp string -> int
.getDate timestamp -> int
.getDate timestamp string -> int
.getDayOfWeek timestamp -> int
.getDayOfWeek timestamp string -> int
.getHours timestamp -> int
.getHours timestamp string -> int
.getHours duration -> int
.getMinutes timestamp -> int
.getMinutes timestamp string -> int
.getMinutes duration -> int
.getSeconds timestamp -> int
.getSeconds timestamp string -> int
.getSeconds duration -> int
.getMilliseconds timestamp -> int
.getMilliseconds timestamp string -> int
.getMilliseconds duration -> int
";

pub(super) const SECOND: i64 = 1_000_000_000;
pub(super) const DAY: i64 = 86_400;

/// A moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timestamp {
    /// Since 1970 in UTC.
    pub seconds: i64,
    /// Below a billion.
    nanos: u32,
    /// The seconds that the clock it was read from is ahead of UTC: it is written so, too.
    offset: i32,
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Timestamp) -> bool {
        self.nanos() == other.nanos()
    }
}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Timestamp) -> Option<Ordering> {
        Some(self.nanos().cmp(&other.nanos()))
    }
}

impl Timestamp {
    fn of_nanos(nanos: i128, offset: i32) -> Option<Timestamp> {
        let second = i128::from(SECOND);
        let seconds = i64::try_from(nanos.div_euclid(second)).ok()?;
        Timestamp { seconds, nanos: u32::try_from(nanos.rem_euclid(second)).ok()?, offset }.in_range()
    }

    /// The years 1 to 9999 are those that CEL knows.
    fn in_range(self) -> Option<Timestamp> {
        let range = days(1, 1, 1) * DAY..days(10_000, 1, 1) * DAY;
        range.contains(&self.seconds).then_some(self)
    }

    fn nanos(self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND) + i128::from(self.nanos)
    }

    /// So many nanoseconds later.
    pub(super) fn plus(self, nanos: i128) -> Option<Timestamp> {
        Timestamp::of_nanos(self.nanos() + nanos, self.offset)
    }

    /// How many nanoseconds lie between another and this one.
    pub(super) fn since(self, other: Timestamp) -> i128 {
        self.nanos() - other.nanos()
    }

    /// As RFC 3339 has it, on the clock that it was read from.
    pub(super) fn text(self) -> String {
        let local = self.seconds + i64::from(self.offset);
        let (year, month, day) = date_of(local.div_euclid(DAY));
        let time = local.rem_euclid(DAY);
        let fraction = if self.nanos == 0 { String::new() } else { format!(".{:09}", self.nanos) };
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        let fraction = fraction.trim_end_matches('0');
        let minutes = self.offset.unsigned_abs() / 60;
        let zone = match self.offset {
            0 => "Z".to_owned(),
            it => format!("{}{:02}:{:02}", if it < 0 { '-' } else { '+' }, minutes / 60, minutes % 60),
        };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
    }
}

pub(super) fn call(name: &str, args: &[Val], _: &Meter) -> Called {
    Ok(Some(match (name, args) {
        ("duration", [it @ Val::Duration(_)]) | ("timestamp", [it @ Val::Timestamp(_)]) => it.clone(),
        ("duration", [Val::Int(it)]) => {
            Val::Duration(it.checked_mul(SECOND).ok_or_else(|| Error::failed("integer overflow"))?)
        }
        ("duration", [Val::Str(it)]) => {
            let wrong = || Error::failed(format!("time: invalid duration {it:?}"));
            Val::Duration(duration(it).ok_or_else(wrong)?)
        }
        ("timestamp", [Val::Int(it)]) => {
            let out = || Error::failed("timestamp out of range");
            Val::Timestamp(Timestamp { seconds: *it, nanos: 0, offset: 0 }.in_range().ok_or_else(out)?)
        }
        ("timestamp", [Val::Str(it)]) => {
            let wrong = || Error::failed(format!("invalid timestamp {it:?}"));
            Val::Timestamp(timestamp(it).ok_or_else(wrong)?)
        }
        (_, [Val::Duration(it)]) => match name {
            "getHours" => Val::Int(it / (3600 * SECOND)),
            "getMinutes" => Val::Int(it / (60 * SECOND)),
            "getSeconds" => Val::Int(it / SECOND),
            "getMilliseconds" => Val::Int(it / 1_000_000 % 1000),
            _ => return Ok(None),
        },
        (_, [Val::Timestamp(at), zone @ ..]) if name.starts_with("get") => {
            let east = match zone {
                [] => 0,
                [Val::Str(zone)] => offset(zone, at.seconds)?,
                _ => return Ok(None),
            };
            match part(name, Timestamp { seconds: at.seconds + east, ..*at }) {
                Some(it) => Val::Int(it),
                None => return Ok(None),
            }
        }
        _ => return Ok(None),
    }))
}

/// A part of a moment.
fn part(name: &str, at: Timestamp) -> Option<i64> {
    let day = at.seconds.div_euclid(DAY);
    let time = at.seconds.rem_euclid(DAY);
    let (year, month, date) = date_of(day);
    Some(match name {
        "getFullYear" => year,
        "getMonth" => month - 1,
        "getDayOfYear" => day - days(year, 1, 1),
        "getDayOfMonth" => date - 1,
        "getDate" => date,
        // The first of January 1970 was a Thursday.
        "getDayOfWeek" => (day + 4).rem_euclid(7),
        "getHours" => time / 3600,
        "getMinutes" => time / 60 % 60,
        "getSeconds" => time % 60,
        "getMilliseconds" => i64::from(at.nanos / 1_000_000),
        _ => return None,
    })
}

/// How many seconds a zone is ahead of UTC at a moment.
fn offset(zone: &str, seconds: i64) -> Result<i64, Error> {
    if matches!(zone, "UTC" | "" | "Etc/UTC" | "GMT") {
        return Ok(0);
    }
    let (sign, digits) = match zone.split_at_checked(1) {
        Some(("-", rest)) => (-1, rest),
        Some(("+", rest)) => (1, rest),
        _ => (1, zone),
    };
    let parsed = digits.split_once(':').and_then(|(hours, minutes)| {
        Some(
            hours.parse::<i64>().ok().filter(|it| *it < 24)? * 3600
                + minutes.parse::<i64>().ok().filter(|it| *it < 60)? * 60,
        )
    });
    let unknown = || Error::Unsupported(format!("the time zone {zone:?} is not known here"));
    let year = date_of(seconds.div_euclid(DAY)).0;
    parsed.map(|it| sign * it).or_else(|| zones::ahead(zone, seconds, year)).ok_or_else(unknown)
}

/// A duration as Go reads it: `1h30m`, `-1.5s`.
pub(in crate::cel) fn duration(text: &str) -> Option<i64> {
    go_time::duration(text).and_then(|it| it.try_into().ok())
}

/// A duration as `string()` writes it: in seconds.
pub(super) fn duration_text(nanos: i64) -> String {
    let (sign, nanos) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
    let (whole, part) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let fraction = if part == 0 { String::new() } else { format!(".{part:09}") };
    format!("{sign}{whole}{}s", fraction.trim_end_matches('0'))
}

/// A day: `2024-02-29`.
pub(in crate::cel) fn date(text: &str) -> Option<Timestamp> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let number = |it: &str| it.bytes().all(|it| it.is_ascii_digit()).then(|| it.parse::<i64>().ok())?;
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let at = days(year, month, day);
    (date_of(at) == (year, month, day))
        .then_some(Timestamp { seconds: at * DAY, nanos: 0, offset: 0 })?
        .in_range()
}

/// A moment as RFC 3339 has it.
pub(in crate::cel) fn timestamp(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, behind) = rest.split_at_checked(8)?;
    let two = |it: &str| {
        (it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit())).then(|| it.parse::<i64>().ok())?
    };
    let mut parts = clock.split(':');
    let (hour, minute, second) = (two(parts.next()?)?, two(parts.next()?)?, two(parts.next()?)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, zone) = match behind.strip_prefix('.') {
        Some(it) => it.split_at(it.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", behind),
    };
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let east = match zone {
        "Z" | "z" => 0,
        _ => {
            let (sign, it) = zone.split_at_checked(1)?;
            let (hours, minutes) = it.split_once(':')?;
            let seconds = two(hours).filter(|it| *it < 24)? * 3600 + two(minutes).filter(|it| *it < 60)? * 60;
            match sign {
                "+" => seconds,
                "-" => -seconds,
                _ => return None,
            }
        }
    };
    let nanos = if fraction.is_empty() { return None } else { digits.parse().ok()? };
    let seconds = date(day)?.seconds + hour * 3600 + minute * 60 + second - east;
    Timestamp { seconds, nanos, offset: i32::try_from(east).ok()? }.in_range()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_they_are_read() {
        for (text, expected) in [
            ("2024-02-29T12:34:56Z", Some("2024-02-29T12:34:56Z")),
            ("1969-12-31T23:59:59.5+01:00", Some("1969-12-31T23:59:59.5+01:00")),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
            ("9999-12-31T23:59:59.999999999Z", Some("9999-12-31T23:59:59.999999999Z")),
            ("2023-02-29T00:00:00Z", None),
            ("2024-01-01", None),
            ("2024-01-01T24:00:00Z", None),
            ("2024-01-01T00:00:00", None),
            ("0000-01-01T00:00:00Z", None),
        ] {
            assert_eq!(timestamp(text).map(Timestamp::text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_those_of_go() {
        for (text, expected) in [
            ("1h30m", Some("5400s")),
            ("-1.5s", Some("-1.5s")),
            ("0", Some("0s")),
            ("100ms", Some("0.1s")),
            (".5s", Some("0.5s")),
            ("1d", None),
            ("1", None),
            ("", None),
            ("-", None),
            ("9999999h", None),
        ] {
            assert_eq!(duration(text).map(duration_text).as_deref(), expected, "{text}");
        }
    }
}

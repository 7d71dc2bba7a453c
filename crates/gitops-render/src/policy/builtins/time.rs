//! Time, as far as it does not pass: what depends on now or on time zones is refused.

use regorus::Value as Rego;

use super::{Outcome, Stop, array, integer, strings};
use crate::kube::go_time::{SECOND, date_of, days, duration};

const DAY: i128 = 86_400 * SECOND;

fn whole(value: i128) -> Rego {
    i64::try_from(value).map_or(Rego::Undefined, Rego::from)
}

pub(super) fn parse_rfc3339_ns(args: &[Rego]) -> Outcome {
    Ok(strings(args).and_then(|[it]| read(it)).map_or(Rego::Undefined, whole))
}

/// Nanoseconds since 1970 of `2006-01-02T15:04:05.999+07:00`.
fn read(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits.bytes().all(|it| it.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    signs.iter().all(|(at, sign)| bytes.get(*at) == Some(sign)).then_some(())?;
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let midnight = days(year, month, day);
    let is_day = (1..=12).contains(&month) && date_of(midnight) == (year, month, day);
    (is_day && hour < 24 && minute < 60 && second < 60).then_some(())?;
    let mut rest = &text[19..];
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix(['.', ',']) {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        (digits > 0).then_some(())?;
        fraction = format!("{:0<9}", &after[..digits.min(9)]).parse::<i128>().ok()?;
        rest = &after[digits..];
    }
    let offset = match rest.as_bytes() {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let digit = |it: &u8| it.is_ascii_digit().then(|| i64::from(it - b'0'));
            let (hours, minutes) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
            (hours <= 24 && minutes < 60).then_some(())?;
            (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let seconds = i128::from(midnight) * 86_400 + i128::from(hour * 3_600 + minute * 60 + second)
        - i128::from(offset) * 60;
    Some(seconds * SECOND + fraction)
}

/// Go's durations: `1h15m30.5s`.
pub(super) fn parse_duration_ns(args: &[Rego]) -> Outcome {
    Ok(strings(args).and_then(|[it]| duration(it)).map_or(Rego::Undefined, whole))
}

/// A moment, given alone or with its time zone, which has to be UTC.
fn moment(value: &Rego) -> Result<Option<i128>, Stop> {
    let (ns, zone) = match value {
        Rego::Array(items) => match items.as_slice() {
            [ns, Rego::String(zone)] => (ns, &**zone),
            _ => return Ok(None),
        },
        ns => (ns, ""),
    };
    if !matches!(zone, "" | "UTC") {
        return Err(Stop(format!("the time zone `{zone}` is not known here: only UTC is")));
    }
    Ok(integer(ns).map(i128::from))
}

pub(super) fn date(args: &[Rego]) -> Outcome {
    let Some(ns) = moment(&args[0])? else { return Ok(Rego::Undefined) };
    let (year, month, day) = date_of(ns.div_euclid(DAY) as i64);
    Ok(array(vec![year.into(), month.into(), day.into()]))
}

pub(super) fn clock(args: &[Rego]) -> Outcome {
    let Some(ns) = moment(&args[0])? else { return Ok(Rego::Undefined) };
    let seconds = (ns.rem_euclid(DAY) / SECOND) as i64;
    Ok(array(vec![(seconds / 3_600).into(), (seconds / 60 % 60).into(), (seconds % 60).into()]))
}

pub(super) fn weekday(args: &[Rego]) -> Outcome {
    let Some(ns) = moment(&args[0])? else { return Ok(Rego::Undefined) };
    let names = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    Ok(names[ns.div_euclid(DAY).rem_euclid(7) as usize].into())
}

/// A moment some years, months and days later; the 31st of a short month is in the next one.
pub(super) fn add_date(args: &[Rego]) -> Outcome {
    let [ns, years, months, more] = args else { return Ok(Rego::Undefined) };
    let (Some(ns), Some(years), Some(months), Some(more)) =
        (moment(ns)?, integer(years), integer(months), integer(more))
    else {
        return Ok(Rego::Undefined);
    };
    if [years, months, more].iter().any(|it| it.abs() > 1_000_000) {
        return Ok(Rego::Undefined);
    }
    let (year, month, day) = date_of(ns.div_euclid(DAY) as i64);
    let later = days(year + years, month + months, day + more);
    Ok(whole(i128::from(later) * DAY + ns.rem_euclid(DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        let read = |text: &str| parse_rfc3339_ns(&[text.into()]).unwrap();
        assert_eq!(read("1970-01-01T00:00:00Z"), 0.into());
        assert_eq!(read("2024-02-29T12:30:45.5+02:00"), 1_709_202_645_500_000_000i64.into());
        for wrong in ["2023-02-29T00:00:00Z", "2024-01-01", "2024-01-01t00:00:00Z", "2024-01-01T24:00:00Z"] {
            assert_eq!(read(wrong), Rego::Undefined, "{wrong}");
        }
        let moment = read("2024-02-29T12:30:45Z");
        assert_eq!(date(std::slice::from_ref(&moment)).unwrap().to_string(), "[2024,2,29]");
        assert_eq!(clock(std::slice::from_ref(&moment)).unwrap().to_string(), "[12,30,45]");
        assert_eq!(weekday(std::slice::from_ref(&moment)).unwrap(), "Thursday".into());
        let later = add_date(&[moment, 1.into(), 0.into(), 0.into()]).unwrap();
        assert_eq!(date(&[later]).unwrap().to_string(), "[2025,3,1]");
        let zone = Rego::from_json_str(r#"[0, "Europe/Berlin"]"#).unwrap();
        assert!(date(&[zone]).is_err());
    }

    #[test]
    fn durations_are_those_of_go() {
        let read = |text: &str| parse_duration_ns(&[text.into()]).unwrap();
        assert_eq!(read("1h15m30.5s"), 4_530_500_000_000i64.into());
        assert_eq!(read("-1.5h"), (-5_400_000_000_000i64).into());
        assert_eq!(read("0"), 0.into());
        for wrong in ["", "1", "1d", "h", "1..5s"] {
            assert_eq!(read(wrong), Rego::Undefined, "{wrong}");
        }
    }
}

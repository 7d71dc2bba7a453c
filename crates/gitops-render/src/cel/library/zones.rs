//! Time zones by name: those whose clocks have kept one rule since 2010, from then on.
//!
//! There is no table of all zones and of their history here; what is not known is told.

use super::time::DAY;
use crate::kube::go_time::days;

/// The first year of which the rules are known.
const SINCE: i64 = 2010;

/// When clocks are put forward by an hour.
#[derive(Clone, Copy)]
enum Summer {
    Never,
    /// From the last Sunday of March to the last one of October, at one o'clock in UTC.
    Europe,
    /// From the second Sunday of March to the first one of November, at two o'clock.
    America,
    /// From the first Sunday of October to the first one of April, at two o'clock in standard time.
    Australia,
}

/// The minutes that zones are ahead of UTC in winter, and their rule.
const ZONES: [(i64, Summer, &str); 26] = [
    (0, Summer::Europe, "Europe/London Europe/Dublin Europe/Lisbon"),
    (
        60,
        Summer::Europe,
        "Europe/Amsterdam Europe/Berlin Europe/Brussels Europe/Budapest Europe/Copenhagen Europe/Madrid \
         Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna Europe/Warsaw \
         Europe/Zurich",
    ),
    (
        120,
        Summer::Europe,
        "Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Riga Europe/Sofia Europe/Vilnius",
    ),
    (-300, Summer::America, "America/New_York America/Toronto America/Detroit US/Eastern"),
    (-360, Summer::America, "America/Chicago US/Central"),
    (-420, Summer::America, "America/Denver US/Mountain"),
    (-480, Summer::America, "America/Los_Angeles US/Pacific"),
    (-540, Summer::America, "America/Anchorage"),
    (600, Summer::Australia, "Australia/Sydney Australia/Melbourne"),
    (0, Summer::Never, "Africa/Abidjan Africa/Accra Atlantic/Reykjavik"),
    (60, Summer::Never, "Africa/Lagos Africa/Algiers"),
    (120, Summer::Never, "Africa/Johannesburg"),
    (180, Summer::Never, "Africa/Nairobi Asia/Riyadh"),
    (240, Summer::Never, "Asia/Dubai"),
    (300, Summer::Never, "Asia/Karachi Asia/Tashkent"),
    (330, Summer::Never, "Asia/Kolkata Asia/Calcutta Asia/Colombo"),
    (345, Summer::Never, "Asia/Kathmandu"),
    (360, Summer::Never, "Asia/Dhaka"),
    (420, Summer::Never, "Asia/Bangkok Asia/Jakarta Asia/Ho_Chi_Minh"),
    (
        480,
        Summer::Never,
        "Asia/Shanghai Asia/Hong_Kong Asia/Singapore Asia/Taipei Asia/Manila Australia/Perth",
    ),
    (540, Summer::Never, "Asia/Tokyo Asia/Seoul"),
    (600, Summer::Never, "Australia/Brisbane"),
    (-180, Summer::Never, "America/Argentina/Buenos_Aires"),
    (-300, Summer::Never, "America/Bogota America/Lima America/Panama"),
    (-420, Summer::Never, "America/Phoenix US/Arizona"),
    (-600, Summer::Never, "Pacific/Honolulu US/Hawaii"),
];

/// How many seconds a zone is ahead of UTC at a moment of a year; `None` if that is not known.
pub(super) fn ahead(zone: &str, seconds: i64, year: i64) -> Option<i64> {
    let (minutes, summer, _) = ZONES.iter().find(|it| it.2.split(' ').any(|it| it == zone))?;
    if year < SINCE {
        return None;
    }
    let standard = minutes * 60;
    let two = 2 * 3600 - standard;
    let is_summer = match summer {
        Summer::Never => false,
        Summer::Europe => (last_sunday(year, 3) + 3600..last_sunday(year, 10) + 3600).contains(&seconds),
        Summer::America => (sunday(year, 3, 2) + two..sunday(year, 11, 1) + two - 3600).contains(&seconds),
        Summer::Australia => !(sunday(year, 4, 1) + two..sunday(year, 10, 1) + two).contains(&seconds),
    };
    Some(standard + if is_summer { 3600 } else { 0 })
}

/// The second at which the nth Sunday of a month begins in UTC.
fn sunday(year: i64, month: i64, nth: i64) -> i64 {
    let first = days(year, month, 1);
    // The first of January 1970 was a Thursday, three days before a Sunday.
    (first + (3 - first).rem_euclid(7) + 7 * (nth - 1)) * DAY
}

/// That of the last Sunday of a month with 31 days.
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = days(year, month, 31);
    (last - (last - 3).rem_euclid(7)) * DAY
}

#[cfg(test)]
mod tests {
    use super::super::time::timestamp;
    use super::*;

    #[test]
    fn clocks_change_when_they_do() {
        for (zone, at, minutes) in [
            ("Europe/Paris", "2024-03-31T00:59:59Z", Some(60)),
            ("Europe/Paris", "2024-03-31T01:00:00Z", Some(120)),
            ("Europe/Paris", "2024-10-27T00:59:59Z", Some(120)),
            ("Europe/Paris", "2024-10-27T01:00:00Z", Some(60)),
            ("America/New_York", "2024-03-10T06:59:59Z", Some(-300)),
            ("America/New_York", "2024-03-10T07:00:00Z", Some(-240)),
            ("America/New_York", "2024-11-03T05:59:59Z", Some(-240)),
            ("America/New_York", "2024-11-03T06:00:00Z", Some(-300)),
            ("Australia/Sydney", "2024-04-06T15:59:59Z", Some(660)),
            ("Australia/Sydney", "2024-04-06T16:00:00Z", Some(600)),
            ("Australia/Sydney", "2024-10-05T16:00:00Z", Some(660)),
            ("Asia/Kolkata", "2024-06-01T00:00:00Z", Some(330)),
            ("Europe/Paris", "1990-01-01T00:00:00Z", None),
            ("Europe/Nowhere", "2024-01-01T00:00:00Z", None),
            ("", "2024-01-01T00:00:00Z", None),
        ] {
            let year = at[..4].parse().unwrap();
            let found = ahead(zone, timestamp(at).unwrap().seconds, year);
            assert_eq!(found, minutes.map(|it: i64| it * 60), "{zone} {at}");
        }
    }
}

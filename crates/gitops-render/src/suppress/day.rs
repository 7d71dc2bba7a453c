//! Days, as far as one comes before another.

use std::fmt;

use crate::kube::go_time;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day; `None` if the calendar has none like this.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Day> {
        let date = (i64::from(year), i64::from(month), i64::from(day));
        let number = go_time::days(date.0, date.1, date.2);
        (year > 0 && go_time::date_of(number) == date).then_some(Day(number))
    }

    /// The day in Greenwich, so many seconds after 1970 began.
    pub fn of_seconds(seconds: i64) -> Day {
        Day(seconds.div_euclid(86_400))
    }

    /// Reads `2027-01-31`.
    pub fn read(text: &str) -> Option<Day> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next()?;
            (part.len() == digits && part.bytes().all(|it| it.is_ascii_digit())).then_some(())?;
            part.parse::<u16>().ok()
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        parts.next().is_none().then_some(())?;
        Day::new(year, month as u8, day as u8)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = go_time::date_of(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_and_written() {
        for text in ["2027-01-31", "2028-02-29", "0001-01-01"] {
            assert_eq!(Day::read(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in [
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "27-01-01",
            "2027-1-1",
            "2027-01-01-",
            "0000-01-01",
            "",
            "-",
        ] {
            assert_eq!(Day::read(text), None, "{text}");
        }
        assert!(Day::read("2026-12-31") < Day::read("2027-01-01"));
        assert_eq!(Day::of_seconds(1_801_353_600 - 1).to_string(), "2027-01-30");
        assert_eq!(Day::of_seconds(1_801_353_600).to_string(), "2027-01-31");
    }
}

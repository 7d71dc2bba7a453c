//! Schedules as the CronJob controller reads them: five fields, or a word such as `@daily`.

/// The words that stand for a schedule.
const WORDS: [&str; 7] = ["@annually", "@daily", "@hourly", "@midnight", "@monthly", "@weekly", "@yearly"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A field of a schedule.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Words for numbers, from `least` on.
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, words: &[] },
    Field { name: "hour", least: 0, most: 23, words: &[] },
    Field { name: "day of the month", least: 1, most: 31, words: &[] },
    Field { name: "month", least: 1, most: 12, words: &MONTHS },
    Field { name: "day of the week", least: 0, most: 6, words: &DAYS },
];

/// What is wrong with a schedule, in words that follow it.
pub fn wrong_schedule(text: &str) -> Option<String> {
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Some("names a time zone, which belongs in `timeZone`".to_owned());
    }
    let text = text.trim();
    if let Some(every) = text.strip_prefix("@every ") {
        let wrong = || format!("has `{every}`, which is no duration");
        return (!is_duration(every)).then(wrong);
    }
    if text.starts_with('@') {
        let is_known = WORDS.contains(&text);
        return (!is_known).then(|| format!("is none of `{}`", WORDS.join("`, `")));
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        let s = if parts.len() == 1 { "" } else { "s" };
        return Some(format!("has {} field{s}, and 5 are wanted", parts.len()));
    }
    FIELDS.iter().zip(parts).find_map(|(field, part)| part.split(',').find_map(|it| field.wrong(it)))
}

impl Field {
    /// What is wrong with one item of the list that a field is: `*`, `5`, `1-5`, `*/15`.
    fn wrong(&self, item: &str) -> Option<String> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item, None),
        };
        if let Some(step) = step.filter(|it| number(it).is_none_or(|it| it == 0)) {
            return Some(format!("has the step `{step}` for the {}", self.name));
        }
        if matches!(range, "*" | "?") {
            return None;
        }
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        match (self.value(from), self.value(to)) {
            (Some(from), Some(to)) if from <= to => None,
            (Some(_), Some(_)) => Some(format!("has the range `{range}`, which ends before it begins")),
            (of_from, _) => {
                let wrong = if of_from.is_none() { from } else { to };
                let (name, least, most) = (self.name, self.least, self.most);
                Some(format!("has `{wrong}` for the {name}, and {least} to {most} is allowed"))
            }
        }
    }

    fn value(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|it| it.eq_ignore_ascii_case(text));
        let value = word.map(|it| it as u32 + self.least).or_else(|| number(text))?;
        (self.least..=self.most).contains(&value).then_some(value)
    }
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Whether this is a duration as Go reads it: `1h30m`, `1.5s`, `0`.
pub fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut any = false;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|it| it.is_ascii_digit() || *it == b'.').count();
        let (number, after) = rest.split_at(digits);
        let is_number = number.bytes().any(|it| it.is_ascii_digit()) && number.matches('.').count() <= 1;
        // `ms` before `m`, which it begins with.
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].iter().find_map(|it| after.strip_prefix(it));
        match unit.filter(|_| is_number) {
            Some(after) => rest = after,
            None => return false,
        }
        any = true;
    }
    any
}

/// The parts of the world under which the time zone database sorts its zones.
const REGIONS: [&str; 18] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
    "posix",
    "right",
];

/// What is wrong with the name of a time zone, in words that follow it.
///
/// Knows how such a name looks, not each of them.
pub fn wrong_time_zone(text: &str) -> Option<String> {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '+' | '/');
    if text.eq_ignore_ascii_case("local") {
        return Some("depends on the machine".to_owned());
    }
    if text.is_empty() || !text.chars().all(is_fine) {
        return Some("is no name of a time zone".to_owned());
    }
    let region = text.split_once('/').map(|it| it.0);
    let is_known = region.is_none_or(|it| REGIONS.contains(&it));
    (!is_known).then(|| "is no name of a time zone".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_read_as_the_controller_reads_them() {
        for text in
            ["*/5 * * * *", "0 0 1 jan MON-fri", "@daily", "@every 1h30m", "0,30 8-18/2 ? * 0", " 0 0 * * * "]
        {
            assert_eq!(wrong_schedule(text), None, "{text}");
        }
        for (text, wrong) in [
            ("", "has 0 fields, and 5 are wanted"),
            ("* * * * * *", "has 6 fields, and 5 are wanted"),
            ("60 * * * *", "has `60` for the minute, and 0 to 59 is allowed"),
            ("0 0 * * 7", "has `7` for the day of the week, and 0 to 6 is allowed"),
            ("0 8-24 * * *", "has `24` for the hour, and 0 to 23 is allowed"),
            ("0 18-8 * * *", "has the range `18-8`, which ends before it begins"),
            ("*/0 * * * *", "has the step `0` for the minute"),
            ("@every day", "has `day`, which is no duration"),
            ("TZ=UTC 0 0 * * *", "names a time zone, which belongs in `timeZone`"),
        ] {
            assert_eq!(wrong_schedule(text).as_deref(), Some(wrong), "{text}");
        }
        assert!(wrong_schedule("@reboot").is_some());
    }

    #[test]
    fn a_time_zone_is_a_name_of_the_database() {
        for text in ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5", "EST5EDT"] {
            assert_eq!(wrong_time_zone(text), None, "{text}");
        }
        for text in ["", "Local", "UTC +2", "Berlin/Europe"] {
            assert!(wrong_time_zone(text).is_some(), "{text}");
        }
    }
}

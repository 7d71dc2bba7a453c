//! The forms of text that the API server checks where a schema names a `format`.
//!
//! Its list is that of the API server's extensions (kube-openapi's `strfmt`). A format that is not
//! in it is a remark, and so is `password`. Card numbers and the like are left to the server.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::go_time;

/// Whether a text has a form.
pub type Check = fn(&str) -> bool;

/// The formats that are checked in any schema.
pub const FORMATS: [(&str, Check); 17] = [
    ("byte", is_base64),
    ("cidr", is_cidr),
    ("date", is_date),
    ("date-time", is_time),
    ("datetime", is_time),
    ("duration", is_duration),
    ("email", is_email),
    ("hexcolor", is_hex_color),
    ("hostname", is_hostname),
    ("ipv4", is_ipv4),
    ("ipv6", is_ipv6),
    ("mac", is_mac),
    ("uri", is_uri),
    ("uuid", is_uuid),
    ("uuid3", |it| is_uuid_of(it, '3')),
    ("uuid4", |it| is_uuid_of(it, '4')),
    ("uuid5", |it| is_uuid_of(it, '5')),
];

/// A duration as Go's libraries write it.
pub const GO_DURATION: &str = "go-duration";
/// A duration as Flux has it: Go's, without a sign and without `0`.
pub const FLUX_DURATION: &str = "flux-duration";
/// A duration as Prometheus has it: whole numbers, up to years.
pub const PROMETHEUS_DURATION: &str = "prometheus-duration";

/// The formats that mean something in our own schemas only.
pub const OWN: [(&str, Check); 4] = [
    (FLUX_DURATION, is_flux_duration),
    (GO_DURATION, is_go_duration),
    (PROMETHEUS_DURATION, is_prometheus_duration),
    ("quantity", super::quantity::is_quantity),
];

/// What a person may do about text that has not the form.
pub fn example(format: &str) -> Option<&'static str> {
    Some(match format {
        "byte" => "write base64, or put the text in `stringData` if this is a Secret",
        "cidr" => "write something like `10.0.0.0/8`",
        "date" => "write something like `2025-01-31`",
        "date-time" | "datetime" => "write something like `2025-01-31T12:00:00Z`",
        "duration" | GO_DURATION => "write something like `90s`, `15m` or `1h30m`",
        FLUX_DURATION => "write something like `90s`, `15m` or `1h30m`; the longest unit is `h`",
        PROMETHEUS_DURATION => "write something like `30s`, `5m` or `1h30m`",
        "quantity" => "write something like `500m`, `2` or `1.5Gi`",
        "uri" => "write something like `https://example.org/path`",
        _ => return None,
    })
}

/// The name of a format in a message.
pub fn in_words(format: &str) -> &str {
    match format {
        "byte" => "base64",
        "cidr" => "a range of addresses",
        "date" => "a date",
        "date-time" | "datetime" => "a time",
        "duration" | FLUX_DURATION | GO_DURATION | PROMETHEUS_DURATION => "a duration",
        "email" => "an address for mail",
        "hexcolor" => "a colour",
        "hostname" => "the name of a host",
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "mac" => "a MAC address",
        "quantity" => "a quantity",
        "uri" => "a URI",
        _ => "a UUID",
    }
}

/// Base64 as Go decodes it: with padding, and line ends anywhere.
fn is_base64(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|it| !matches!(it, b'\n' | b'\r')).collect();
    let padding = digits.iter().rev().take(2).take_while(|it| **it == b'=').count();
    let is_digit = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/');
    digits.len().is_multiple_of(4) && digits[..digits.len() - padding].iter().all(is_digit)
}

/// RFC 3339, as Go reads it.
pub fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let Some(zone) = time.find(['Z', 'z', '+', '-']) else { return false };
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let is_clock = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        let limits = [23, 59, 60];
        parts
            .iter()
            .zip(limits)
            .all(|(it, most)| number(it, 2).is_some_and(|it| it <= most))
            .then_some(parts.len())
    };
    let is_zone = matches!(zone, "Z" | "z") || zone.get(1..).and_then(is_clock) == Some(2);
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|it| it.is_ascii_digit());
    is_date(date) && is_clock(time) == Some(3) && is_fraction && is_zone
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// The number that is written with so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    let is_number = text.len() == digits && text.bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A duration as Go's libraries write it: `1h30m`, `-1.5s`, `0`.
pub fn is_go_duration(text: &str) -> bool {
    go_time::duration(text).is_some()
}

fn is_flux_duration(text: &str) -> bool {
    is_go_duration(text)
        && text.ends_with(['s', 'm', 'h'])
        && text.starts_with(|it: char| it.is_ascii_digit())
}

/// The units come in their order, each once.
fn is_prometheus_duration(text: &str) -> bool {
    let mut rest = text;
    for unit in ["y", "w", "d", "h", "m", "s", "ms"] {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = &rest[digits..];
        let end = behind.find(|it: char| it.is_ascii_digit()).unwrap_or(behind.len());
        if digits > 0 && &behind[..end] == unit {
            rest = &behind[end..];
        }
    }
    text == "0" || rest.is_empty()
}

/// A duration as the format has it: Go's, or a number and a word such as `3 days` anywhere.
fn is_duration(text: &str) -> bool {
    const WORDS: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    const UNITS: [&str; 9] = ["ns", "us", "µs", "ms", "s", "m", "h", "d", "w"];
    let is_unit = |word: &str| {
        let word = word.to_lowercase();
        UNITS.contains(&&*word) || word == "hr" || WORDS.iter().any(|it| word.starts_with(it))
    };
    let is_word = |it: char| it.is_ascii_alphabetic() || it == 'µ';
    let behind_numbers = text.char_indices().filter(|it| it.1.is_ascii_digit()).map(|it| &text[it.0 + 1..]);
    let mut words = behind_numbers.map(|it| {
        let it = it.trim_start();
        &it[..it.find(|it| !is_word(it)).unwrap_or(it.len())]
    });
    is_go_duration(text) || words.any(is_unit)
}

/// An address, with or without the name of its owner.
fn is_email(text: &str) -> bool {
    let address = match text.trim().strip_suffix('>') {
        Some(rest) => rest.rsplit_once('<').map_or("", |it| it.1),
        None => text.trim(),
    };
    let is_plain =
        |it: &str| !it.is_empty() && !it.contains(|it: char| it.is_whitespace() || "<>,;".contains(it));
    let parts = address.rsplit_once('@');
    parts.is_some_and(|(user, host)| (is_plain(user) || user.starts_with('"')) && is_plain(host))
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or(text);
    matches!(digits.len(), 3 | 6) && digits.bytes().all(|it| it.is_ascii_hexdigit())
}

fn is_hostname(text: &str) -> bool {
    let is_fine = |it: char| it.is_ascii_alphanumeric() || it == '-' || !it.is_ascii();
    let is_label = |it: &str| {
        (1..=63).contains(&it.len()) && it.chars().all(is_fine) && !it.starts_with('-') && !it.ends_with('-')
    };
    text.len() <= 255 && text.strip_suffix('.').unwrap_or(text).split('.').all(is_label)
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    let is_number = !bits.is_empty() && bits.bytes().all(|it| it.is_ascii_digit());
    is_number && bits.parse::<u32>().is_ok_and(|it| it <= most)
}

fn is_mac(text: &str) -> bool {
    let is_of = |separator: char, width: usize| {
        let parts: Vec<&str> = text.split(separator).collect();
        let is_hex = |it: &&str| it.len() == width && it.bytes().all(|it| it.is_ascii_hexdigit());
        matches!(parts.len() * width, 12 | 16 | 40) && parts.iter().all(is_hex)
    };
    is_of(':', 2) || is_of('-', 2) || is_of('.', 4)
}

/// What Go takes for the target of a request: a path from the root, or anything behind a scheme.
fn is_uri(text: &str) -> bool {
    if text.bytes().any(|it| it.is_ascii_control()) {
        return false;
    }
    let Some((scheme, rest)) = text.split_once(':').filter(|_| !text.starts_with('/')) else {
        return text.starts_with('/');
    };
    let host = rest.strip_prefix("//").map(|it| &it[..it.find(['/', '?']).unwrap_or(it.len())]);
    scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'-' | b'.'))
        && !host.is_some_and(|it| it.contains(' '))
}

fn is_uuid(text: &str) -> bool {
    // The hyphens may be left out.
    let mut rest = text;
    [8, 4, 4, 4, 12].into_iter().all(|width| {
        rest = rest.strip_prefix('-').filter(|_| width != 8).unwrap_or(rest);
        let Some((part, behind)) = rest.split_at_checked(width) else { return false };
        rest = behind;
        part.bytes().all(|it| it.is_ascii_hexdigit())
    }) && rest.is_empty()
}

fn is_uuid_of(text: &str, version: char) -> bool {
    is_uuid(text) && text.replace('-', "").chars().nth(12) == Some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_forms() {
        for (format, right, wrong) in [
            (
                "byte",
                &["", "YQ==", "YWI=", "YWJj", "YW\nJj\n"][..],
                &["YQ", "Y===", "YQ=a", "a b=", "YQ==YQ=", "-_=="][..],
            ),
            (
                "cidr",
                &["10.0.0.0/8", "::/0", "10.1.2.3/32"],
                &["10.0.0.0", "10.0.0.0/33", "x/8", "10.0.0.0/"],
            ),
            ("date", &["2024-02-29"], &["2023-02-29", "2024-13-01", "24-01-01", "2024-01-01T00:00:00Z"]),
            (
                "date-time",
                &["2025-01-31T12:00:00Z", "2025-01-31t12:00:00.123456z", "2025-01-31T12:00:00+02:00"],
                &[
                    "yesterday",
                    "2025-01-31",
                    "2025-01-31 12:00:00Z",
                    "2025-01-31T12:00:00",
                    "2025-01-31T24:00:00Z",
                    "2025-01-31T12:00:00.Z",
                ],
            ),
            (
                "duration",
                &["0", "90s", "1h30m", "-1.5h", "100ms", "10 minutes", "3d", "22 ns", "1.5s"],
                &["", "s", "10", "1x", "ten minutes", "-"],
            ),
            ("email", &["a@b.c", "A B <a@b>"], &["a", "@b", "a@", "a b@c"]),
            ("hostname", &["web", "web.example.org", "1.2"], &["", "-a", "a_b", "a..b", "*.a"]),
            ("ipv4", &["10.0.0.1"], &["10.0.0", "10.0.0.256", "::1"]),
            ("ipv6", &["::1", "fe80::1"], &["10.0.0.1", ":::"]),
            (
                "mac",
                &["00:00:5e:00:53:01", "0000.5e00.5301", "02-00-5e-10-00-01"],
                &["00:00", "00:00:5e:00:53:zz"],
            ),
            (
                "uri",
                &["https://a.b/c", "/a", "mailto:a@b", "a:b"],
                &["", "a", "a b", "1a:b", "http://a b/", "/a\n"],
            ),
            (
                "uuid",
                &["123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"],
                &["", "123", "-123e4567-e89b-12d3-a456-42661417400"],
            ),
            ("uuid4", &["123e4567-e89b-42d3-a456-426614174000"], &["123e4567-e89b-12d3-a456-426614174000"]),
        ] {
            let check = FORMATS.iter().find(|it| it.0 == format).unwrap().1;
            right.iter().for_each(|it| assert!(check(it), "{format} {it:?}"));
            wrong.iter().for_each(|it| assert!(!check(it), "{format} {it:?}"));
        }
    }

    #[test]
    fn durations_of_prometheus_have_their_order() {
        for text in ["", "0", "30s", "1h30m", "15d", "1y2w3d4h5m6s7ms", "100ms"] {
            assert!(is_prometheus_duration(text), "{text}");
        }
        for text in ["30", "30 seconds", "30m1h", "1.5h", "1h1h", "-1s", "s"] {
            assert!(!is_prometheus_duration(text), "{text}");
        }
        for (text, expected) in [("10m0s", true), ("1.5h", true), ("1d", false), ("0", false), ("-1s", false)]
        {
            assert_eq!(is_flux_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_of_go_have_units() {
        for text in ["0", "1h", "1h30m", "+1.5s", ".5s", "1m30s", "5µs"] {
            assert!(is_go_duration(text), "{text}");
        }
        for text in ["", "1", "1d", "90 days", "30 s", "1h 30m", "h", "1.2.3s"] {
            assert!(!is_go_duration(text), "{text}");
        }
    }
}

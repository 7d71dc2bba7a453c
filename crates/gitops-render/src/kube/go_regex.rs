//! Go's regular expressions, which the API server has, in the spelling of the engine here.
//!
//! The two differ in little: what `\d`, `\s` and `\w` stand for, what may stand in brackets, which
//! braces are no repetition, and what is refused.

use std::fmt::Write as _;

/// Go repeats nothing more often.
const MOST: u32 = 1000;

/// The classes that have names.
const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// The pattern as the `regex` crate reads it.
///
/// # Errors
/// Why Go does not read it, if that is plain to see. What else is wrong the `regex` crate tells.
pub fn translated(pattern: &str) -> Result<String, String> {
    let mut reader = Reader { rest: pattern, out: String::new(), is_repeated: false };
    while let Some(next) = reader.rest.chars().next() {
        reader.part(next)?;
    }
    Ok(reader.out)
}

struct Reader<'p> {
    rest: &'p str,
    out: String,
    /// Whether a repetition stands right in front.
    is_repeated: bool,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn part(&mut self, next: char) -> Read<()> {
        let was_repeated = std::mem::take(&mut self.is_repeated);
        match next {
            '\\' => return self.escape(),
            '[' => return self.class(),
            '(' if self.rest.starts_with("(?") => return self.group(),
            '*' | '+' | '?' => {
                self.rest = &self.rest[1..];
                self.out.push(next);
                return self.repeated(was_repeated);
            }
            '{' => {
                if let Some(length) = repetition(self.rest)? {
                    self.out.push_str(&self.rest[..length]);
                    self.rest = &self.rest[length..];
                    return self.repeated(was_repeated);
                }
                self.out.push_str("\\{");
            }
            '}' | ']' => self.out.extend(['\\', next]),
            _ => self.out.push(next),
        }
        self.rest = &self.rest[next.len_utf8()..];
        Ok(())
    }

    /// What comes behind a repetition: a mark that it takes as little as it can, but no other one.
    fn repeated(&mut self, was_repeated: bool) -> Read<()> {
        if was_repeated {
            return Err("invalid nested repetition operator".to_owned());
        }
        if let Some(rest) = self.rest.strip_prefix('?') {
            self.out.push('?');
            self.rest = rest;
        }
        self.is_repeated = true;
        Ok(())
    }

    fn group(&mut self) -> Read<()> {
        let inner = &self.rest[2..];
        let is_named = inner.starts_with("P<") || inner.starts_with('<');
        if ["=", "!", "<=", "<!"].iter().any(|it| inner.starts_with(it)) {
            return Err("look-around is not supported".to_owned());
        }
        let flags = inner.find([':', ')']).map(|end| &inner[..end]);
        let has_flags = flags.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| b"imsU-".contains(&it)));
        if !is_named && !has_flags && !inner.starts_with(':') {
            return Err("invalid or unsupported Perl syntax: `(?`".to_owned());
        }
        self.out.push_str("(?");
        self.rest = inner;
        Ok(())
    }

    fn escape(&mut self) -> Read<()> {
        let Some(letter) = self.rest[1..].chars().next() else {
            return Err("trailing backslash at end of expression".to_owned());
        };
        let behind = &self.rest[1 + letter.len_utf8()..];
        let written = match letter {
            'd' | 's' | 'w' => format!("[{}]", shorthand(letter)),
            'D' | 'S' | 'W' => format!("[^{}]", shorthand(letter.to_ascii_lowercase())),
            'b' => "(?-u:\\b)".to_owned(),
            'A' | 'z' | 'B' => format!("\\{letter}"),
            'Q' => {
                let (text, rest) = behind.split_once("\\E").unwrap_or((behind, ""));
                self.out.push_str(&regex::escape(text));
                self.rest = rest;
                return Ok(());
            }
            'p' | 'P' => {
                let length = property(self.rest)?;
                self.out.push_str(&self.rest[..length]);
                self.rest = &self.rest[length..];
                return Ok(());
            }
            _ => {
                let found = self.character()?;
                write_char(&mut self.out, found);
                return Ok(());
            }
        };
        self.out.push_str(&written);
        self.rest = behind;
        Ok(())
    }

    /// What stands in brackets.
    fn class(&mut self) -> Read<()> {
        self.rest = &self.rest[1..];
        self.out.push('[');
        if let Some(rest) = self.rest.strip_prefix('^') {
            self.out.push('^');
            self.rest = rest;
        }
        let mut is_first = true;
        loop {
            if let Some(rest) = self.rest.strip_prefix(']').filter(|_| !is_first) {
                self.out.push(']');
                self.rest = rest;
                return Ok(());
            }
            is_first = false;
            self.item()?;
        }
    }

    /// An item of a class: a character, a range, or a class with a name.
    fn item(&mut self) -> Read<()> {
        if let Some(length) = self.rest.strip_prefix("[:").and_then(|it| it.find(":]")) {
            let name = &self.rest[2..2 + length];
            if !NAMED.contains(&name.strip_prefix('^').unwrap_or(name)) {
                return Err(format!("invalid character class range: `[:{name}:]`"));
            }
            self.out.push_str(&self.rest[..length + 4]);
            self.rest = &self.rest[length + 4..];
            return Ok(());
        }
        match self.rest.strip_prefix('\\').and_then(|it| it.chars().next()) {
            Some(letter @ ('d' | 's' | 'w')) => {
                self.out.push_str(shorthand(letter));
                self.rest = &self.rest[2..];
                return Ok(());
            }
            Some(letter @ ('D' | 'S' | 'W')) => {
                let _ = write!(self.out, "[^{}]", shorthand(letter.to_ascii_lowercase()));
                self.rest = &self.rest[2..];
                return Ok(());
            }
            Some('p' | 'P') => {
                let length = property(self.rest)?;
                self.out.push_str(&self.rest[..length]);
                self.rest = &self.rest[length..];
                return Ok(());
            }
            _ => {}
        }
        let low = self.character()?;
        write_char(&mut self.out, low);
        if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
            self.rest = &self.rest[1..];
            let high = self.character()?;
            if high < low {
                return Err("invalid character class range".to_owned());
            }
            self.out.push('-');
            write_char(&mut self.out, high);
        }
        Ok(())
    }

    /// A character, escaped or not.
    fn character(&mut self) -> Read<char> {
        let mut chars = self.rest.chars();
        let first = chars.next().ok_or("missing closing ]")?;
        self.rest = chars.as_str();
        if first != '\\' {
            return Ok(first);
        }
        let letter = chars.next().ok_or("trailing backslash at end of expression")?;
        self.rest = chars.as_str();
        let wrong = || format!("invalid escape sequence: `\\{letter}`");
        Ok(match letter {
            'a' => '\x07',
            'f' => '\x0c',
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'v' => '\x0b',
            'x' => {
                let (digits, rest) = match self.rest.strip_prefix('{') {
                    Some(it) => it.split_once('}').ok_or_else(wrong)?,
                    None => self.rest.split_at_checked(2).ok_or_else(wrong)?,
                };
                self.rest = rest;
                let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
                char::from_u32(number).ok_or_else(wrong)?
            }
            '0'..='7' => {
                let more = self.rest.bytes().take(2).take_while(|it| matches!(it, b'0'..=b'7')).count();
                // A digit alone would refer back to a group.
                if letter != '0' && more == 0 {
                    return Err(wrong());
                }
                let digits = format!("{letter}{}", &self.rest[..more]);
                self.rest = &self.rest[more..];
                u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32).ok_or_else(wrong)?
            }
            it if it.is_ascii() && !it.is_ascii_alphanumeric() => it,
            _ => return Err(wrong()),
        })
    }
}

/// The characters of a class that one letter stands for. Go takes those of ASCII only.
fn shorthand(letter: char) -> &'static str {
    match letter {
        'd' => "0-9",
        's' => "\\t\\n\\x0C\\r ",
        _ => "0-9A-Za-z_",
    }
}

/// The length of `\pN` or `\p{Greek}`.
fn property(text: &str) -> Read<usize> {
    let wrong = || "invalid character class range".to_owned();
    match text[2..].chars().next().ok_or_else(wrong)? {
        '{' => text.find('}').map(|it| it + 1).ok_or_else(wrong),
        it => Ok(2 + it.len_utf8()),
    }
}

/// The length of `{n}`, `{n,}` or `{n,m}`; other braces are characters.
fn repetition(text: &str) -> Read<Option<usize>> {
    let Some(end) = text.find('}') else { return Ok(None) };
    let (low, high) = text[1..end].split_once(',').unwrap_or((&text[1..end], &text[1..end]));
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !is_number(low) || !(is_number(high) || high.is_empty()) {
        return Ok(None);
    }
    let number = |it: &str| it.parse::<u32>().ok().filter(|it| *it <= MOST);
    let range = (number(low), if high.is_empty() { number(low) } else { number(high) });
    match range {
        (Some(low), Some(high)) if low <= high => Ok(Some(end + 1)),
        _ => Err(format!("invalid repeat count: `{}`", &text[..=end])),
    }
}

/// A character that means itself wherever it stands.
fn write_char(out: &mut String, it: char) {
    if it.is_alphanumeric() {
        out.push(it);
    } else {
        let _ = write!(out, "\\x{{{:X}}}", u32::from(it));
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_to_go() {
        for (pattern, yes, no) in [
            ("^[^[\\]]+$", "abc", "a[b"),
            ("^[[a]$", "[", "b"),
            ("^[a&&b]$", "&", "c"),
            ("^[+--]$", ",", "~"),
            ("^\\d+$", "12", "٣"),
            ("^\\w+$", "a_1", "é"),
            ("^[\\w-]+$", "a-b", "a b"),
            ("^[\\D]$", "x", "1"),
            ("^\\s$", "\t", "\u{a0}"),
            ("^a{,2}$", "a{,2}", "aa"),
            ("^{a}$", "{a}", "a"),
            ("^\\/a\\_\\-$", "/a_-", "a"),
            ("^\\Q(a)\\E$", "(a)", "a"),
            ("^[[:alpha:]]+$", "ab", "1"),
            ("^\\pL$", "é", "1"),
            ("^\\<$", "<", ""),
            ("^\\101[\\x{42}]$", "AB", "AC"),
            ("^(?:a|b)(?P<n>c)(?i:D)$", "acd", "ac"),
            ("^[]a]+$", "]a", "b"),
            ("^[a-]$", "-", "b"),
            ("^a{2}?$", "aa", "a"),
            ("\\bfoo\\b", "a foo b", "afoob"),
        ] {
            let regex = Regex::new(&translated(pattern).unwrap()).unwrap();
            assert!(regex.is_match(yes), "{pattern} {yes}");
            assert!(!regex.is_match(no), "{pattern} {no}");
        }
    }

    #[test]
    fn patterns_that_go_refuses_are_refused() {
        for pattern in [
            "(",
            ")",
            "[a",
            "a**",
            "a{2}{3}",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            "(?x)a",
            "\\1",
            "\\Z",
            "\\u0041",
            "a{1001}",
            "a{3,2}",
            "[b-a]",
            "\\",
            "[[:nothing:]]",
            "\\y",
            "*",
            "[\\",
            "\\x4",
        ] {
            let is_fine = translated(pattern).is_ok_and(|it| Regex::new(&it).is_ok());
            assert!(!is_fine, "{pattern}");
        }
    }
}

//! The text of an expression to tokens.

use std::sync::Arc;

use super::Problem;

/// A token of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A whole number. The sign in front of it is a token of its own.
    Int(u64),
    Uint(u64),
    Double(f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    Name(Arc<str>),
    Sign(&'static str),
    End,
}

/// Longer ones come first.
const SIGNS: [&str; 26] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")",
    "[", "]", "{", "}", "=", ";",
];

/// The tokens of a text with the places where they begin; the last one is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, u32)>, Problem> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = vec![];
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let token = lexer.token()?;
        let is_end = token == Token::End;
        found.push((token, start as u32));
        if is_end {
            return Ok(found);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']).len();
            let comment = rest[blanks..].starts_with("//");
            let length = if comment { rest[blanks..].find('\n').unwrap_or(rest.len() - blanks) } else { 0 };
            self.at += blanks + length;
            if !comment {
                return;
            }
        }
    }

    fn token(&mut self) -> Result<Token, Problem> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        let second = rest.as_bytes().get(1).copied().unwrap_or(0);
        if first.is_ascii_digit() || first == '.' && second.is_ascii_digit() {
            return self.number();
        }
        let prefix = ["br", "b", "r", ""].into_iter().map(str::len).zip(["br", "b", "r", ""]).find(|it| {
            let is_prefix = rest.get(..it.0).is_some_and(|text| text.eq_ignore_ascii_case(it.1));
            is_prefix && rest[it.0..].starts_with(['"', '\''])
        });
        if let Some((prefix, _)) = prefix {
            return self.literal(prefix);
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
            let length = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
            self.at += length;
            return Ok(Token::Name(rest[..length].into()));
        }
        let sign = SIGNS.iter().find(|it| rest.starts_with(**it));
        let sign = sign.ok_or_else(|| self.wrong(format!("syntax error: unexpected `{first}`")))?;
        self.at += sign.len();
        Ok(Token::Sign(sign))
    }

    fn wrong(&self, message: impl Into<String>) -> Problem {
        Problem { at: self.at as u32, message: message.into() }
    }

    fn number(&mut self) -> Result<Token, Problem> {
        let rest = self.rest();
        if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            let digits = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
            return self.whole(&hex[..digits], 16, 2 + digits);
        }
        let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(0);
        let mut length = whole;
        if rest[length..].starts_with('.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        if rest[length..].starts_with(['e', 'E']) {
            let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
            let exponent = digits(length + 1 + sign);
            length += if exponent > 0 { 1 + sign + exponent } else { 0 };
        }
        if length == whole {
            return self.whole(&rest[..whole], 10, whole);
        }
        let number = rest[..length].parse().map_err(|_| self.wrong("this is no number"))?;
        self.at += length;
        Ok(Token::Double(number))
    }

    fn whole(&mut self, digits: &str, radix: u32, length: usize) -> Result<Token, Problem> {
        let number = u64::from_str_radix(digits, radix).map_err(|_| self.wrong("invalid int literal"))?;
        let is_unsigned = self.rest()[length..].starts_with(['u', 'U']);
        self.at += length + usize::from(is_unsigned);
        Ok(if is_unsigned { Token::Uint(number) } else { Token::Int(number) })
    }

    /// A string, or bytes, behind a prefix of so many letters.
    fn literal(&mut self, prefix: usize) -> Result<Token, Problem> {
        let rest = self.rest();
        let letters = rest[..prefix].to_ascii_lowercase();
        let (is_raw, is_bytes) = (letters.contains('r'), letters.contains('b'));
        let one = &rest[prefix..=prefix];
        let three = one.repeat(3);
        let quote = if rest[prefix..].starts_with(&three) { &*three } else { one };
        let mut body = &rest[prefix + quote.len()..];
        let mut bytes = vec![];
        while !body.starts_with(quote) {
            let Some(next) = body.chars().next().filter(|it| quote.len() == 3 || !matches!(it, '\n' | '\r'))
            else {
                return Err(self.wrong("the string is not closed"));
            };
            let mut taken = next.len_utf8();
            if next == '\\' && !is_raw {
                taken = escape(body, is_bytes, &mut bytes).ok_or_else(|| {
                    let at = self.text.len() - body.len();
                    Problem { at: at as u32, message: "this escape is not known".to_owned() }
                })?;
            } else {
                bytes.extend_from_slice(&body.as_bytes()[..taken]);
            }
            body = &body[taken..];
        }
        let token = if is_bytes {
            Token::Bytes(bytes.into())
        } else {
            let text = String::from_utf8(bytes).map_err(|_| self.wrong("the string is not UTF-8"))?;
            Token::Str(text.into())
        };
        self.at = self.text.len() - body.len() + quote.len();
        Ok(token)
    }
}

/// Adds what an escape stands for; tells how many bytes of the text it takes.
fn escape(text: &str, is_bytes: bool, out: &mut Vec<u8>) -> Option<usize> {
    let letter = text[1..].chars().next()?;
    let code = |from: usize, digits: usize, radix: u32| {
        u32::from_str_radix(text.get(from..from + digits)?, radix).ok()
    };
    let (number, taken) = match letter {
        'a' => (7, 2),
        'b' => (8, 2),
        'f' => (12, 2),
        'n' => (10, 2),
        'r' => (13, 2),
        't' => (9, 2),
        'v' => (11, 2),
        '\\' | '?' | '"' | '\'' | '`' => (letter as u32, 2),
        'x' | 'X' => (code(2, 2, 16)?, 4),
        'u' if !is_bytes => (code(2, 4, 16)?, 6),
        'U' if !is_bytes => (code(2, 8, 16)?, 10),
        '0'..='3' => (code(1, 3, 8)?, 4),
        _ => return None,
    };
    if is_bytes {
        out.push(u8::try_from(number).ok()?);
    } else {
        out.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(taken)
}

//! URLs: absolute ones, and absolute paths, as Go's `ParseRequestURI` reads them.

use std::sync::Arc;

use super::{Called, Val};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
url string -> kubernetes.URL
isURL string -> bool
.getScheme kubernetes.URL -> string
.getHost kubernetes.URL -> string
.getHostname kubernetes.URL -> string
.getPort kubernetes.URL -> string
.getEscapedPath kubernetes.URL -> string
.getQuery kubernetes.URL -> map<string,list<string>>
";

/// The parts of a URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Url {
    scheme: String,
    user: String,
    host: String,
    path: String,
    query: String,
}

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    Ok(Some(match (name, args) {
        ("url", [Val::Str(it)]) => {
            meter.spend_bytes(it.len())?;
            let wrong = || Error::failed(format!("URL parse error during conversion from string: {it:?}"));
            Val::Url(Arc::new(parse(it).ok_or_else(wrong)?))
        }
        ("isURL", [Val::Str(it)]) => Val::Bool(parse(it).is_some()),
        ("getScheme", [Val::Url(it)]) => Val::string(&*it.scheme),
        ("getHost", [Val::Url(it)]) => Val::string(&*it.host),
        ("getHostname", [Val::Url(it)]) => Val::string(hostname(&it.host)),
        ("getPort", [Val::Url(it)]) => Val::string(port(&it.host)),
        ("getEscapedPath", [Val::Url(it)]) => Val::string(&*it.path),
        ("getQuery", [Val::Url(it)]) => query(&it.query),
        _ => return Ok(None),
    }))
}

fn parse(text: &str) -> Option<Url> {
    if text.bytes().any(|it| it < b' ' || it == 0x7f) || text.is_empty() {
        return None;
    }
    let scheme_end = text.find(|it: char| !(it.is_ascii_alphanumeric() || "+-.".contains(it)));
    let (scheme, rest) = match scheme_end {
        Some(end)
            if text[end..].starts_with(':') && text.starts_with(|it: char| it.is_ascii_alphabetic()) =>
        {
            (text[..end].to_ascii_lowercase(), &text[end + 1..])
        }
        _ if text.starts_with(':') => return None,
        _ => (String::new(), text),
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    // What has neither a scheme nor a slash in front is relative. `mailto:a` has no path.
    if !rest.starts_with('/') {
        return (!scheme.is_empty()).then(|| Url {
            scheme,
            user: String::new(),
            host: String::new(),
            path: String::new(),
            query: query.to_owned(),
        });
    }
    let (authority, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
        Some(it) => it.split_at(it.find('/').unwrap_or(it.len())),
        None => ("", rest),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let url = Url {
        scheme,
        user: user.to_owned(),
        host: host.to_owned(),
        path: escaped(path),
        query: query.to_owned(),
    };
    (is_host(host) && is_escaped_well(path) && is_escaped_well(user)).then_some(url)
}

fn is_host(host: &str) -> bool {
    let port = if host.starts_with('[') {
        let Some((_, behind)) = host.split_once(']') else { return false };
        behind
    } else {
        match host.find(':') {
            Some(at) => &host[at..],
            None => "",
        }
    };
    let is_port = port.is_empty() || port.starts_with(':') && port[1..].bytes().all(|it| it.is_ascii_digit());
    let is_allowed =
        |it: u8| it >= 0x80 || it.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&it);
    is_port && host.bytes().all(is_allowed)
}

fn is_escaped_well(path: &str) -> bool {
    let is_hex = |it: &str| it.len() >= 2 && it.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    path.split('%').skip(1).all(is_hex)
}

/// The path with what may not stand in it written as `%XX`.
fn escaped(path: &str) -> String {
    let mut out = String::new();
    for it in path.bytes() {
        if it.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/%[]".contains(&it) {
            out.push(char::from(it));
        } else {
            out.push_str(&format!("%{it:02X}"));
        }
    }
    out
}

fn hostname(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(it) => it.split(']').next().unwrap_or(it),
        None => host.split(':').next().unwrap_or(host),
    }
}

fn port(host: &str) -> &str {
    host.rsplit_once(']').map_or(host, |it| it.1).split_once(':').map_or("", |it| it.1)
}

/// The values of each name of a query.
fn query(text: &str) -> Val {
    let mut found: Vec<(String, Vec<Val>)> = vec![];
    for pair in text.split('&').filter(|it| !it.is_empty() && !it.contains(';')) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (unescaped(name), unescaped(value)) else { continue };
        match found.iter_mut().find(|it| it.0 == name) {
            Some((_, values)) => values.push(Val::string(value)),
            None => found.push((name, vec![Val::string(value)])),
        }
    }
    let entries = found.into_iter().map(|(name, values)| (Val::string(name), Val::list(values)));
    Val::Map(crate::cel::value::Map::Values(Arc::new(entries.collect())))
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
                rest = &behind[2..];
                u8::from_str_radix(digits, 16).ok()?
            }
            it => *it,
        });
    }
    String::from_utf8(bytes).ok()
}

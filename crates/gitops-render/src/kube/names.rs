//! What Kubernetes accepts as a name, a label, or the name of a port.

/// What is wrong with a text, in words that follow the text: `has …`, `is …`.
pub type Wrong = String;

/// The longest label of a domain name.
pub const LABEL: usize = 63;
/// The longest domain name.
pub const SUBDOMAIN: usize = 253;
/// The longest name of a port.
const PORT_NAME: usize = 15;

/// A label of a domain name (RFC 1123): `web-1`.
pub fn dns_label(text: &str) -> Option<Wrong> {
    longer_than(text, LABEL).or_else(|| lower_alphanumeric(text, "-"))
}

/// A label that does not start with a digit (RFC 1035): the name of a Service.
pub fn dns_1035_label(text: &str) -> Option<Wrong> {
    let starts_with_digit = text.starts_with(|it: char| it.is_ascii_digit());
    dns_label(text).or_else(|| starts_with_digit.then(|| "begins with a digit".to_owned()))
}

/// A domain name (RFC 1123): `web.example.org`.
pub fn dns_subdomain(text: &str) -> Option<Wrong> {
    longer_than(text, SUBDOMAIN)
        .or_else(|| lower_alphanumeric(text, "-."))
        .or_else(|| text.split('.').find_map(|it| if it.is_empty() { None } else { edges(it) }))
        .or_else(|| text.contains("..").then(|| "has two dots in a row".to_owned()))
}

/// A part of a path: the names of RBAC's objects.
pub fn path_segment(text: &str) -> Option<Wrong> {
    match text {
        "." | ".." => Some("means a directory".to_owned()),
        _ => text.chars().find(|it| matches!(it, '/' | '%')).map(has),
    }
}

/// The key of a label or an annotation: `app`, `example.org/app`.
pub fn qualified_name(text: &str) -> Option<Wrong> {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let of = |what: &str, wrong: Wrong| format!("{wrong} {what}");
    if let Some(prefix) = prefix {
        if prefix.is_empty() {
            return Some("has nothing before the `/`".to_owned());
        }
        if let Some(wrong) = dns_subdomain(prefix) {
            return Some(of("before the `/`", wrong));
        }
    }
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if name.contains('/') {
        return Some("has more than one `/`".to_owned());
    }
    label_text(name)
}

/// The value of a label, which may be empty.
pub fn label_value(text: &str) -> Option<Wrong> {
    if text.is_empty() { None } else { label_text(text) }
}

/// The key of a ConfigMap or a Secret: the name of a file.
pub fn file_key(text: &str) -> Option<Wrong> {
    let is_fine = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    match text {
        "" => Some("is empty".to_owned()),
        "." | ".." => Some("means a directory".to_owned()),
        _ if text.starts_with("..") => Some("begins with two dots".to_owned()),
        _ => longer_than(text, SUBDOMAIN).or_else(|| text.chars().find(|it| !is_fine(it)).map(has)),
    }
}

/// The name of a port (`IANA_SVC_NAME`).
pub fn port_name(text: &str) -> Option<Wrong> {
    longer_than(text, PORT_NAME)
        .or_else(|| lower_alphanumeric(text, "-"))
        .or_else(|| text.contains("--").then(|| "has two `-` in a row".to_owned()))
        .or_else(|| {
            let has_letter = text.bytes().any(|it| it.is_ascii_lowercase());
            (!has_letter).then(|| "has no letter".to_owned())
        })
}

fn label_text(text: &str) -> Option<Wrong> {
    let is_fine = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    longer_than(text, LABEL).or_else(|| text.chars().find(|it| !is_fine(it)).map(has)).or_else(|| edges(text))
}

fn lower_alphanumeric(text: &str, more: &str) -> Option<Wrong> {
    let is_fine = |it: &char| it.is_ascii_lowercase() || it.is_ascii_digit() || more.contains(*it);
    match text.chars().find(|it| !is_fine(it)) {
        Some(it) if it.is_ascii_uppercase() => Some(format!("has the capital letter `{it}`")),
        Some(it) => Some(has(it)),
        None => edges(text),
    }
}

fn edges(text: &str) -> Option<Wrong> {
    let is_edge = |it: Option<char>| it.is_some_and(|it| it.is_ascii_alphanumeric());
    if text.is_empty() {
        Some("is empty".to_owned())
    } else if !is_edge(text.chars().next()) {
        Some("does not begin with a letter or a digit".to_owned())
    } else if !is_edge(text.chars().next_back()) {
        Some("does not end with a letter or a digit".to_owned())
    } else {
        None
    }
}

fn longer_than(text: &str, most: usize) -> Option<Wrong> {
    (text.len() > most).then(|| format!("has {} characters, and at most {most} are allowed", text.len()))
}

fn has(it: char) -> Wrong {
    match it {
        ' ' => "has a space".to_owned(),
        '`' => "has a backtick".to_owned(),
        it if it.is_control() => format!("has the control character U+{:04X}", u32::from(it)),
        it => format!("has a `{it}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(check: fn(&str) -> Option<Wrong>, cases: &[(&str, Option<&str>)]) {
        for (text, wrong) in cases {
            assert_eq!(check(text).as_deref(), *wrong, "{text:?}");
        }
    }

    #[test]
    fn names_of_objects_follow_their_rfc() {
        is(
            dns_subdomain,
            &[
                ("web", None),
                ("web.example.org", None),
                ("1", None),
                ("Web", Some("has the capital letter `W`")),
                ("web_1", Some("has a `_`")),
                ("web-", Some("does not end with a letter or a digit")),
                ("web-.org", Some("does not end with a letter or a digit")),
                ("a..b", Some("has two dots in a row")),
            ],
        );
        assert!(dns_subdomain(&"a".repeat(253)).is_none());
        assert!(dns_subdomain(&"a".repeat(254)).is_some());
        is(dns_label, &[("web-1", None), ("a.b", Some("has a `.`"))]);
        is(dns_1035_label, &[("web-1", None), ("1-web", Some("begins with a digit"))]);
        is(
            path_segment,
            &[("system:Node_1", None), ("a/b", Some("has a `/`")), ("..", Some("means a directory"))],
        );
    }

    #[test]
    fn labels_have_keys_with_prefixes_and_values_that_may_be_empty() {
        is(
            qualified_name,
            &[
                ("app", None),
                ("app.kubernetes.io/name", None),
                ("App_1.x", None),
                ("/app", Some("has nothing before the `/`")),
                ("a/b/c", Some("has more than one `/`")),
                ("a/", Some("is empty")),
                ("Example.org/app", Some("has the capital letter `E` before the `/`")),
                ("my app", Some("has a space")),
            ],
        );
        is(
            label_value,
            &[("", None), ("v1.2_3-x", None), ("a b", Some("has a space")), ("x:1", Some("has a `:`"))],
        );
        assert!(label_value(&"a".repeat(64)).is_some());
    }

    #[test]
    fn the_name_of_a_port_has_a_letter() {
        is(
            port_name,
            &[
                ("http", None),
                ("8080", Some("has no letter")),
                ("a--b", Some("has two `-` in a row")),
                ("HTTP", Some("has the capital letter `H`")),
                ("prometheus-metrics", Some("has 18 characters, and at most 15 are allowed")),
            ],
        );
    }
}

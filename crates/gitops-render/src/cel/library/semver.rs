//! Versions as semver.org has them.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Called, Val};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
semver string -> kubernetes.Semver
semver string bool -> kubernetes.Semver
isSemver string -> bool
isSemver string bool -> bool
.major kubernetes.Semver -> int
.minor kubernetes.Semver -> int
.patch kubernetes.Semver -> int
.isLessThan kubernetes.Semver kubernetes.Semver -> bool
.isGreaterThan kubernetes.Semver kubernetes.Semver -> bool
.compareTo kubernetes.Semver kubernetes.Semver -> int
";

/// A version.
#[derive(Debug)]
pub(crate) struct Semver {
    numbers: [u64; 3],
    /// The parts of the pre-release.
    pre: Vec<String>,
}

pub(super) fn call(name: &str, args: &[Val], _: &Meter) -> Called {
    let wrong = || Error::failed("invalid semantic version");
    Ok(Some(match (name, args) {
        ("semver", [Val::Str(it)]) => Val::Semver(Arc::new(parse(it).ok_or_else(wrong)?)),
        ("semver", [Val::Str(it), Val::Bool(lenient)]) => {
            Val::Semver(Arc::new(parse(&normalized(it, *lenient)).ok_or_else(wrong)?))
        }
        ("isSemver", [Val::Str(it)]) => Val::Bool(parse(it).is_some()),
        ("isSemver", [Val::Str(it), Val::Bool(lenient)]) => {
            Val::Bool(parse(&normalized(it, *lenient)).is_some())
        }
        ("major", [Val::Semver(it)]) => Val::Int(it.numbers[0] as i64),
        ("minor", [Val::Semver(it)]) => Val::Int(it.numbers[1] as i64),
        ("patch", [Val::Semver(it)]) => Val::Int(it.numbers[2] as i64),
        ("isLessThan", [Val::Semver(a), Val::Semver(b)]) => Val::Bool(a.compare(b).is_lt()),
        ("isGreaterThan", [Val::Semver(a), Val::Semver(b)]) => Val::Bool(a.compare(b).is_gt()),
        ("compareTo", [Val::Semver(a), Val::Semver(b)]) => Val::Int(a.compare(b) as i64),
        _ => return Ok(None),
    }))
}

impl Semver {
    /// Which comes first. A pre-release comes before its release; build metadata means nothing.
    pub(in crate::cel) fn compare(&self, other: &Semver) -> Ordering {
        let number = |it: &str| it.parse::<u64>().ok();
        let parts = || {
            let pairs = self.pre.iter().zip(&other.pre).map(|(a, b)| match (number(a), number(b)) {
                (Some(a), Some(b)) => a.cmp(&b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => a.cmp(b),
            });
            let mut pairs = pairs.filter(|it| it.is_ne());
            pairs.next().unwrap_or_else(|| self.pre.len().cmp(&other.pre.len()))
        };
        let is_release = |it: &Semver| it.pre.is_empty();
        self.numbers.cmp(&other.numbers).then(is_release(self).cmp(&is_release(other))).then_with(parts)
    }
}

fn parse(text: &str) -> Option<Semver> {
    let (text, build) = text.split_once('+').map_or((text, None), |it| (it.0, Some(it.1)));
    let (core, pre) = text.split_once('-').map_or((text, None), |it| (it.0, Some(it.1)));
    let is_part = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    let has_zero = |it: &str| it.len() > 1 && it.starts_with('0') && it.bytes().all(|it| it.is_ascii_digit());
    if build.is_some_and(|it| !it.split('.').all(is_part)) {
        return None;
    }
    let pre: Vec<String> = pre.map_or_else(Vec::new, |it| it.split('.').map(str::to_owned).collect());
    if !pre.iter().all(|it| is_part(it) && !has_zero(it)) {
        return None;
    }
    let number = |it: &str| {
        let is_plain = !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()) && !has_zero(it);
        is_plain.then(|| it.parse::<u64>().ok().filter(|it| i64::try_from(*it).is_ok()))?
    };
    let numbers: Vec<u64> = core.split('.').map(number).collect::<Option<_>>()?;
    Some(Semver { numbers: numbers.try_into().ok()?, pre })
}

/// A version with what people leave out or write in front: `v1.2` is `1.2.0`.
fn normalized(text: &str, lenient: bool) -> String {
    if !lenient {
        return text.to_owned();
    }
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let trimmed = |it: &str| match it.trim_start_matches('0') {
        "" => "0".to_owned(),
        it => it.to_owned(),
    };
    let mut parts: Vec<String> = text[..end].split('.').map(trimmed).collect();
    while parts.len() < 3 && end == text.len() {
        parts.push("0".to_owned());
    }
    format!("{}{}", parts.join("."), &text[end..])
}

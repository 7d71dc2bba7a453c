//! Minor versions of Kubernetes 1, as people write them: `1.30,1.33-1.35`.

use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes 1 whose schemas are built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Minor(u32);

impl Minor {
    /// The oldest version.
    pub const FIRST: Minor = Minor(21);
    /// The newest version.
    pub const LAST: Minor = Minor(37);

    /// Kubernetes 1.`number`; `None` if its schemas are not built in.
    pub fn new(number: u32) -> Option<Minor> {
        (Minor::FIRST.0..=Minor::LAST.0).contains(&number).then_some(Minor(number))
    }

    /// The number behind the dot.
    pub fn number(self) -> u32 {
        self.0
    }
}

impl Default for Minor {
    /// The version that is meant if nobody says which.
    fn default() -> Minor {
        Minor(33)
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// Several minor versions, each once, in order. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minors(Vec<Minor>);

impl Minors {
    /// The versions in order, each once; the default version if there are none.
    pub fn new(mut versions: Vec<Minor>) -> Minors {
        if versions.is_empty() {
            versions.push(Minor::default());
        }
        versions.sort_unstable();
        versions.dedup();
        Minors(versions)
    }

    /// The versions, the oldest first.
    pub fn as_slice(&self) -> &[Minor] {
        &self.0
    }
}

impl Default for Minors {
    fn default() -> Minors {
        Minors::new(vec![])
    }
}

impl fmt::Display for Minors {
    /// `1.30, 1.33-1.35`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, run) in self.0.chunk_by(|a, b| a.0 + 1 == b.0).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            match run {
                [one] => write!(f, "{comma}{one}")?,
                [first, .., last] => write!(f, "{comma}{first}-{last}")?,
                [] => {}
            }
        }
        Ok(())
    }
}

/// Why a text names no versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MinorError {
    /// It is not written as versions are.
    #[error("`{0}` is no version: write something like `1.33`, `1.30,1.33` or `1.30-1.33`")]
    NoVersion(String),
    /// There are no schemas for it.
    #[error("the schemas of Kubernetes {first} to {last} are built in, those of {0} are not", first = Minor::FIRST, last = Minor::LAST)]
    NotBuiltIn(String),
    /// The end of a range comes before its beginning.
    #[error("`{0}` ends before it begins")]
    Backwards(String),
}

impl FromStr for Minor {
    type Err = MinorError;

    /// Reads `1.33`, `v1.33` and `1.33.2`.
    fn from_str(text: &str) -> Result<Minor, MinorError> {
        let wrong = || MinorError::NoVersion(text.to_owned());
        let bare = text.strip_prefix('v').unwrap_or(text);
        let mut parts = bare.split('.').map(str::parse::<u32>);
        let (Some(Ok(1)), Some(Ok(number)), patch, None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong());
        };
        if patch.is_some_and(|it| it.is_err()) {
            return Err(wrong());
        }
        Minor::new(number).ok_or_else(|| MinorError::NotBuiltIn(text.to_owned()))
    }
}

impl FromStr for Minors {
    type Err = MinorError;

    /// Reads versions and ranges of versions with commas between them: `1.30,1.33-1.35`.
    fn from_str(text: &str) -> Result<Minors, MinorError> {
        let mut versions = vec![];
        for part in text.split(',').map(str::trim) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last): (Minor, Minor) = (first.trim().parse()?, last.trim().parse()?);
            if last < first {
                return Err(MinorError::Backwards(part.to_owned()));
            }
            versions.extend((first.0..=last.0).map(Minor));
        }
        Ok(Minors::new(versions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_ranges_are_read_and_written() {
        for (text, shown) in [
            ("1.33", "1.33"),
            ("v1.33.2", "1.33"),
            ("1.35, 1.30,1.33-1.34", "1.30, 1.33-1.35"),
            ("1.30,1.30,1.31", "1.30-1.31"),
        ] {
            assert_eq!(text.parse::<Minors>().unwrap().to_string(), shown, "{text}");
        }
        assert_eq!(Minors::new(vec![]).as_slice(), [Minor::default()]);
    }

    #[test]
    fn what_is_no_version_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "`` is no version: write something like `1.33`, `1.30,1.33` or `1.30-1.33`"),
            ("33", "`33` is no version: write something like `1.33`, `1.30,1.33` or `1.30-1.33`"),
            ("1.33.x", "`1.33.x` is no version: write something like `1.33`, `1.30,1.33` or `1.30-1.33`"),
            ("1.99", "the schemas of Kubernetes 1.21 to 1.37 are built in, those of 1.99 are not"),
            ("1.35-1.30", "`1.35-1.30` ends before it begins"),
        ] {
            assert_eq!(text.parse::<Minors>().unwrap_err().to_string(), reason);
        }
    }
}

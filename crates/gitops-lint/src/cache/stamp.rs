//! What the system says about a file that changes whenever its content does.
//!
//! A program can set back when a file was written, but not when it was changed last (`ctime`). What was
//! changed so shortly before we looked that the clock of its disk may not tell a further change has no stamp.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// More than the coarsest clock of a disk needs for a step.
const MARGIN: Duration = Duration::from_secs(3);

/// Two equal stamps of a path mean equal content. Times are in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: i64,
    changed: i64,
}

impl Stamp {
    /// The stamp of the file at a path, to be taken before it is read; `None` where it would prove nothing.
    #[cfg(unix)]
    pub fn of(path: &Path) -> Option<Stamp> {
        use std::fs;
        use std::os::unix::fs::MetadataExt;
        use std::time::{SystemTime, UNIX_EPOCH};

        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        let found = fs::metadata(path).ok()?;
        let nanos = |seconds: i64, nanos: i64| seconds.checked_mul(1_000_000_000)?.checked_add(nanos);
        let modified = nanos(found.mtime(), found.mtime_nsec())?;
        let changed = nanos(found.ctime(), found.ctime_nsec())?;
        let latest = i64::try_from(now.checked_sub(MARGIN)?.as_nanos()).ok()?;
        // A disk that counts in seconds may have other habits, too.
        let is_fine = found.ctime_nsec() != 0;
        let stamp = Stamp { device: found.dev(), inode: found.ino(), size: found.size(), modified, changed };
        (is_fine && changed < latest && modified < latest).then_some(stamp)
    }

    /// Other systems have no time that a program cannot set back.
    #[cfg(not(unix))]
    pub fn of(_: &Path) -> Option<Stamp> {
        let _ = MARGIN;
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_just_written_has_no_stamp() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        assert_eq!(Stamp::of(&path), None);
        fs::write(&path, "a").unwrap();
        assert_eq!(Stamp::of(&path), None);
        // Whenever it says that it was written, it was changed just now.
        let file = fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
        assert_eq!(Stamp::of(&path), None);
    }

    #[test]
    fn a_file_that_nobody_touches_keeps_its_stamp() {
        let path = std::env::current_exe().unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(Stamp::of(&file).is_none_or(|it| Stamp::of(&file) == Some(it)));
        assert!(Stamp::of(&path) != Stamp::of(&file) || Stamp::of(&path).is_none());
    }
}

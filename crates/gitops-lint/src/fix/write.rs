//! Puts new content into a file, whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// Nobody may write to it.
    #[error("the file is read-only")]
    ReadOnly,
    /// Somebody else was faster.
    #[error("the file has changed in the meantime")]
    Changed,
    /// The system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Gives the file at `path`, which is no symbolic link, the content `new` if it still has the content
/// `old`. Its permissions, and its owner where that is allowed, stay.
pub fn write(path: &Path, old: &[u8], new: &[u8]) -> Result<(), NotWritten> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Err(NotWritten::Changed);
    }
    if metadata.permissions().readonly() {
        return Err(NotWritten::ReadOnly);
    }
    let neighbour = neighbour(path);
    let result = fill(&neighbour, new, &metadata).and_then(|()| {
        if fs::read(path)? != old {
            return Err(NotWritten::Changed);
        }
        Ok(fs::rename(&neighbour, path)?)
    });
    if result.is_err() {
        // It may not even be there.
        let _ = fs::remove_file(&neighbour);
    }
    result
}

/// A name beside `path` that nobody has, and no walk takes for a manifest.
fn neighbour(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.gitops-lint", process::id()))
}

fn fill(neighbour: &Path, content: &[u8], like: &Metadata) -> Result<(), NotWritten> {
    let mut file = File::create_new(neighbour)?;
    file.write_all(content)?;
    own(&file, like);
    file.set_permissions(like.permissions())?;
    // A crash leaves the old file or the new one, never an empty one.
    file.sync_all()?;
    Ok(())
}

/// Gives a file to the owner of another, if we may.
#[cfg(unix)]
fn own(file: &File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn own(_: &File, _: &Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_stays_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        fs::write(&path, "old").unwrap();
        assert!(matches!(write(&path, b"older", b"new"), Err(NotWritten::Changed)));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        write(&path, b"old", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert!(matches!(write(&dir.path().join("b"), b"", b""), Err(NotWritten::Io(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_and_a_file_that_is_read_only_is_left_alone() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        fs::write(&path, "old").unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o751);
        write(&path, b"old", b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o751);
        mode(0o444);
        assert!(matches!(write(&path, b"new", b"x"), Err(NotWritten::ReadOnly)));
        // A link that somebody has put there leads who knows where.
        symlink("a.yaml", dir.path().join("link")).unwrap();
        assert!(matches!(write(&dir.path().join("link"), b"new", b"x"), Err(NotWritten::Changed)));
    }
}

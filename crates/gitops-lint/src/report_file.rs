//! Writes a report to a file, whole or not at all.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where GitHub Actions collects what a step has to say. Steps add to it.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A file that a report can be written to.
#[derive(Debug)]
pub struct ReportFile {
    /// As it was given.
    pub path: PathBuf,
    way: Way,
}

/// How the report gets there.
#[derive(Debug)]
enum Way {
    /// Into a neighbour, which then takes the place of this file.
    Replace(PathBuf),
    /// Behind what is there.
    Append,
    /// As it comes: devices and pipes have no neighbours, and no place that could be taken.
    Stream,
}

impl ReportFile {
    /// Makes the folders of the file, and finds out whether it can be written. The file is not touched.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn prepare(path: &Path) -> io::Result<ReportFile> {
        let mut way = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => Way::Stream,
            Ok(_) => {
                // A link stays, and what it leads to is replaced.
                let real = fs::canonicalize(path)?;
                OpenOptions::new().append(true).open(&real)?;
                way_of(path, real)
            }
            Err(err) if err.kind() == io::ErrorKind::NotFound => way_of(path, path.to_owned()),
            Err(err) => return Err(err),
        };
        if let Way::Replace(real) = &mut way {
            *real = in_its_folder(real)?;
            let neighbour = neighbour(real)?;
            create_new(&neighbour)?;
            fs::remove_file(&neighbour)?;
        }
        Ok(ReportFile { path: path.to_owned(), way })
    }

    /// Whether a report that is written here would replace one that is written there.
    pub fn replaces(&self, other: &ReportFile) -> bool {
        match (&self.way, &other.way) {
            (Way::Replace(here), Way::Replace(there)) => here == there,
            _ => self.path == other.path,
        }
    }

    /// Writes the report.
    ///
    /// # Errors
    /// If that fails; a file that was there is then as it was.
    pub fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match &self.way {
            Way::Replace(real) => replace(real, write),
            Way::Append => fill(OpenOptions::new().append(true).create(true).open(&self.path)?, write),
            Way::Stream => fill(OpenOptions::new().write(true).open(&self.path)?, write),
        }
    }
}

/// The file in its folder as the system knows it. The folder is made.
fn in_its_folder(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    Ok(fs::canonicalize(folder)?.join(name))
}

fn way_of(path: &Path, real: PathBuf) -> Way {
    let is_summary = env::var_os(STEP_SUMMARY).is_some_and(|it| it == path.as_os_str());
    if is_summary { Way::Append } else { Way::Replace(real) }
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let neighbour = neighbour(path)?;
    let file = create_new(&neighbour)?;
    let written = fill(file, write).and_then(|()| {
        if let Ok(old) = fs::metadata(path) {
            fs::set_permissions(&neighbour, old.permissions())?;
        }
        fs::rename(&neighbour, path)
    });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&neighbour);
    }
    written
}

fn fill(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()
}

/// A hidden file in the same folder, so that a rename stays on the disk, and no check takes it for a
/// file of the repository.
fn neighbour(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", std::process::id()));
    Ok(path.with_file_name(hidden))
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_report_that_fails_half_way_leaves_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let file = ReportFile::prepare(&path).unwrap();
        let failed = file.write(|out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::Other.into())
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.write(|out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(dir.path()), ["report.json"]);
    }

    #[test]
    fn folders_are_made_and_links_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/report.json");
        ReportFile::prepare(&path).unwrap().write(|out| out.write_all(b"1")).unwrap();
        let link = dir.path().join("link.json");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        ReportFile::prepare(&link).unwrap().write(|out| out.write_all(b"2")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "2");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn what_cannot_be_a_report_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        for path in ["", "file/report.json", "."] {
            assert!(ReportFile::prepare(&dir.path().join(path)).is_err(), "{path:?}");
        }
        assert!(matches!(ReportFile::prepare(Path::new("/dev/null")).unwrap().way, Way::Stream));
    }
}

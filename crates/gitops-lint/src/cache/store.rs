//! The directory with the records: one file each, written whole, never more than a few.
//!
//! Everything lies in a folder of our own inside of the directory that was named, so that whatever else
//! is in there stays as it is.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::SystemTime;

use crate::cache::asked::digest;
use crate::cache::key::Key;
use crate::cache::record::Record;

/// The folder in the directory of the cache. The number is that of the format.
const FOLDER: &str = "results-v1";
/// What the name of a record ends with. No check takes it for data or a manifest.
const ENDING: &str = ".record";
/// The first word of a record.
const MAGIC: &str = "gitops-lint-result-v1";
/// So many records are kept, those that were used last.
const MOST_RECORDS: usize = 100;
/// So many bytes are kept; a record that is larger than a quarter of it is not written.
const MOST_BYTES: u64 = 100 * 1024 * 1024;

/// Says to backup programs what this is: <https://bford.info/cachedir/>.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# Results of gitops-lint. It may be deleted at any time.\n",
);
/// In a repository nobody wants to commit it.
const IGNORE: (&str, &str) = (".gitignore", "*\n");

/// The records on the disk.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The records in a directory, which need not exist.
    pub fn new(directory: &Path) -> Store {
        Store { folder: directory.join(FOLDER) }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}{ENDING}", key.0))
    }

    /// The record of this key, if there is one that can be read. Nothing else is one.
    pub fn load(&self, key: &Key) -> Option<Record> {
        let path = self.path(key);
        let found = fs::metadata(&path).ok()?;
        if !found.is_file() || found.len() > MOST_BYTES / 4 {
            return None;
        }
        let bytes = fs::read(&path).ok()?;
        let body = bytes.strip_prefix(MAGIC.as_bytes())?.strip_prefix(b" ")?;
        let (known, body) = body.split_at_checked(64)?;
        let body = body.strip_prefix(b"\n")?;
        if digest(body).as_bytes() != known {
            return None;
        }
        let record = serde_json::from_slice(body).ok()?;
        // Those that are used stay. If that cannot be noted, this one goes earlier than it should.
        let _ = File::options().append(true).open(&path).and_then(|it| it.set_modified(SystemTime::now()));
        Some(record)
    }

    /// Writes a record, and drops old ones.
    ///
    /// # Errors
    /// If the directory cannot be made or written.
    pub fn save(&self, key: &Key, record: &Record) -> io::Result<()> {
        let body = serde_json::to_vec(record)?;
        if body.len() as u64 > MOST_BYTES / 4 {
            return Ok(());
        }
        self.prepare()?;
        let head = format!("{MAGIC} {}\n", digest(&body));
        self.put(&self.path(key), &[head.as_bytes(), &body])?;
        self.prune();
        Ok(())
    }

    /// Makes the folder.
    fn prepare(&self) -> io::Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        for (name, text) in [TAG, IGNORE] {
            self.put(&self.folder.join(name), &[text.as_bytes()])?;
        }
        Ok(())
    }

    /// Writes a file into a neighbour, which then takes its place.
    fn put(&self, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // Messages may say what is only for those who can read the repository.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let neighbour = self.folder.join(format!("{}.new", process::id()));
        // Left behind by a process that had the same number, and was killed.
        let _ = fs::remove_file(&neighbour);
        let written = options.open(&neighbour).and_then(|mut file| {
            parts.iter().try_for_each(|it| file.write_all(it))?;
            fs::rename(&neighbour, path)
        });
        if written.is_err() {
            // The first error is the one to tell.
            let _ = fs::remove_file(&neighbour);
        }
        written
    }

    /// The records, those that were used last first.
    fn records(&self) -> Vec<(PathBuf, u64)> {
        let mut records: Vec<(SystemTime, PathBuf, u64)> = vec![];
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if let Ok(found) = entry.metadata()
                && found.is_file()
                && is_ours(&entry.file_name().to_string_lossy())
            {
                let time = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                records.push((time, entry.path(), found.len()));
            }
        }
        records.sort();
        records.into_iter().rev().map(|(_, path, size)| (path, size)).collect()
    }

    fn prune(&self) {
        let mut bytes = 0;
        for (index, (path, size)) in self.records().iter().enumerate() {
            bytes += size;
            if index >= MOST_RECORDS || bytes > MOST_BYTES {
                // Another process may have been faster.
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Removes all records, and the folders if nothing else is in them; tells how many records, and how many
    /// bytes they had.
    ///
    /// # Errors
    /// If one of them cannot be removed.
    pub fn clean(&self) -> io::Result<(usize, u64)> {
        let records = self.records();
        for (path, _) in &records {
            match fs::remove_file(path) {
                Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err),
                _ => {}
            }
        }
        for (name, _) in [TAG, IGNORE] {
            // It may not be there.
            let _ = fs::remove_file(self.folder.join(name));
        }
        // A folder with anything in it stays.
        let _ = fs::remove_dir(&self.folder);
        let _ = self.folder.parent().map(fs::remove_dir);
        Ok((records.len(), records.iter().map(|it| it.1).sum()))
    }
}

/// Whether a file has a name that we give: that of a record, or of one that is being written.
fn is_ours(name: &str) -> bool {
    let is_hex = |it: &str| it.len() == 32 && it.bytes().all(|it| it.is_ascii_hexdigit());
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    name.strip_suffix(ENDING).is_some_and(is_hex) || name.strip_suffix(".new").is_some_and(is_number)
}

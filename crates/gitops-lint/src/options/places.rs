//! The places on the disk that an options file names.

use std::path::{Path, PathBuf};

use crate::baseline::{self, absolute};
use crate::locations::{self, Found};
use crate::options::chain::{may_name, named_by, nearest};
use crate::options::file::OptionsFile;
use crate::options::look::{Look, Real};
use crate::options::mistake::Mistake;
use crate::options::toml::{Reader, Word};
use crate::packs;
use crate::policies::Place;

/// What to know about a path that leads nowhere.
const RELATIVE: &str = "paths are relative to the folder of this file";

/// What one file names. `None` where it names nothing.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Policies.
    pub policies: Option<Vec<Place>>,
    /// Data for policies.
    pub data: Option<Vec<Place>>,
    /// Schemas.
    pub locations: Option<Vec<Found>>,
    /// Accepted findings; nobody may have written them down yet.
    pub baseline: Option<PathBuf>,
}

/// Looks for what the file at `path` names; what is not there is a mistake.
pub fn find(reader: &mut Reader, file: &OptionsFile, path: &Path, look: &dyn Look) -> Places {
    let mut places = |words: &Option<Vec<Word>>| -> Option<Vec<Place>> {
        Some(words.as_ref()?.iter().filter_map(|it| place(reader, it, path, look)).collect())
    };
    let (policies, data) = (places(&file.policies), places(&file.data));
    let words = file.schema_locations.as_ref();
    let locations = words.map(|all| all.iter().filter_map(|it| location(reader, it, path, look)).collect());
    let baseline = file.baseline.as_ref().and_then(|it| writable(reader, it, path, look));
    Places { policies, data, locations, baseline }
}

fn place(reader: &mut Reader, word: &Word, path: &Path, look: &dyn Look) -> Option<Place> {
    match packs::named(Path::new(&word.text)) {
        Some(Ok(pack)) => Some(Place::Pack(pack)),
        Some(Err(failure)) => {
            reader.wrong(Mistake::new(word.at, failure.to_string()).help("`builtin:NAME` is a pack of ours"));
            None
        }
        None => resolve(reader, word, path, look).map(|it| Place::Disk(it.path)),
    }
}

fn location(reader: &mut Reader, word: &Word, path: &Path, look: &dyn Look) -> Option<Found> {
    let found = locations::find_in(path.parent().unwrap_or(path), &word.text, look);
    match found {
        Ok(found) => {
            let is_allowed = found.path().is_none_or(|it| may_name(path, it));
            if !is_allowed {
                reader.wrong(outside(word));
            }
            is_allowed.then_some(found)
        }
        Err(failure) => {
            let missing = matches!(failure, crate::Failure::NoSuchPath { .. });
            let message = if missing { format!("there is no `{}`", word.text) } else { failure.to_string() };
            let found = Mistake::new(word.at, message).help(RELATIVE);
            reader.wrong(found.meant(nearest(path, &word.text, look).as_deref()));
            None
        }
    }
}

/// The file that is to be read and written, absolute; it need not be there.
fn writable(reader: &mut Reader, word: &Word, path: &Path, look: &dyn Look) -> Option<PathBuf> {
    let named = named_by(path, &word.text);
    let Ok(on_disk) = absolute(&named) else { return resolve(reader, word, path, look).map(|it| it.path) };
    if on_disk.is_dir() {
        let message = format!("`{}` is a folder", word.text);
        let meant = format!("{}/{}", word.text.trim_end_matches('/'), baseline::FILE_NAME);
        reader.wrong(Mistake::new(word.at, message).help("name a file").meant(Some(&meant)));
        return None;
    }
    if !may_name(path, &on_disk) {
        reader.wrong(outside(word));
        return None;
    }
    Some(on_disk)
}

/// The file or folder that a file names, absolute and without symbolic links.
pub fn resolve(reader: &mut Reader, word: &Word, path: &Path, look: &dyn Look) -> Option<Real> {
    let Ok(found) = look.real(&named_by(path, &word.text)) else {
        let missing = Mistake::new(word.at, format!("there is no `{}`", word.text));
        let is_url = word.text.contains("://");
        let missing = missing.help(if is_url { "only files can be named: fetch it first" } else { RELATIVE });
        reader.wrong(missing.meant(nearest(path, &word.text, look).as_deref()));
        return None;
    };
    if !may_name(path, &found.path) {
        reader.wrong(outside(word));
        return None;
    }
    Some(found)
}

fn outside(word: &Word) -> Mistake {
    let message = format!("`{}` lies outside of the repository", word.text);
    Mistake::new(word.at, message)
        .help("what lies elsewhere is named by flags, or by a file that lies elsewhere")
}

//! An options file, and those that it builds upon.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gitops_render::{EntryKind, nearest_name};

use crate::Failure;
use crate::args::Color;
use crate::disk_tree::repository_of;
use crate::options::file::{self, OptionsFile};
use crate::options::find::NAMES;
use crate::options::look::Look;
use crate::options::mistake::{At, Mistake, Mistakes, Text};
use crate::options::places::{self, Places};
use crate::options::toml::{self, Reader, Word};

/// No options file is larger.
const MOST_BYTES: u64 = 1024 * 1024;

/// No more files build upon each other.
const MOST_FILES: usize = 10;

/// What the options files say.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// The files; each but the first builds upon the one before, and the last is the one that was meant.
    pub files: Vec<(OptionsFile, Places)>,
    /// Their texts, by the numbers of the files.
    pub texts: Vec<Text>,
}

/// Reads a file and those that it builds upon. The path is absolute, and `given` as somebody wrote it.
///
/// # Errors
/// All that is wrong in the files, if anything is.
pub fn read(
    path: &Path,
    look: &dyn Look,
    name: impl Fn(&Path) -> String,
    color: Color,
) -> Result<Chain, Failure> {
    let mut chain = Chain::default();
    let mut mistakes = vec![];
    let mut next = Some(path.to_owned());
    while let Some(path) = next.take() {
        let number = chain.texts.len();
        let bytes = content(&path, look)?;
        let is_small = bytes.is_some();
        let bytes = bytes.unwrap_or_default();
        chain.texts.push(Text { name: name(&path), path: path.clone(), bytes: Arc::clone(&bytes) });
        let mut reader = Reader { file: number, mistakes: vec![] };
        let text = text(&bytes, number, is_small, &mut reader.mistakes);
        let table = toml::parse(number, text, &mut reader.mistakes);
        let broken: Vec<usize> = lines_of(&reader.mistakes, &chain.texts[number]);
        let file = file::read(&mut reader, &table);
        let places = places::find(&mut reader, &file, &path, look);
        if let Some(extend) = &file.extend {
            next = extended(&mut reader, extend, (&path, look), &chain.texts);
        }
        // What a slip has made of the rest of its line is no mistake of its own.
        let syntax = broken.len();
        let text = &chain.texts[number];
        let counts =
            |index: usize, it: &Mistake| index < syntax || !broken.contains(&text.line(it.labels[0].0.start));
        let found = reader.mistakes.into_iter().enumerate().filter(|(index, it)| counts(*index, it));
        mistakes.extend(found.map(|it| it.1));
        chain.files.push((file, places));
    }
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|it| it.labels[0].0);
        return Err(Failure::Options(Box::new(Mistakes { all: mistakes, texts: chain.texts, color })));
    }
    chain.files.reverse();
    Ok(chain)
}

/// The bytes of a file; `None` if there are too many of them.
fn content(path: &Path, look: &dyn Look) -> Result<Option<Arc<[u8]>>, Failure> {
    let failed = |err| Failure::NoSuchPath { path: path.to_owned(), source: err };
    let real = look.real(path).map_err(failed)?;
    if real.kind != Some(EntryKind::File) {
        return Err(Failure::NoOptionsFile(path.to_owned()));
    }
    if real.size > MOST_BYTES {
        return Ok(None);
    }
    look.read(path).map(Some).map_err(failed)
}

/// The text of a file, as far as it is text.
fn text<'b>(bytes: &'b [u8], file: usize, is_small: bool, out: &mut Vec<Mistake>) -> &'b str {
    if !is_small {
        let message = format!("the options file has more than {} MB", MOST_BYTES / 1024 / 1024);
        out.push(Mistake::new(At::new(file, 0..0), message).help("name another file by --config"));
    }
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(err) => {
            let at = err.valid_up_to();
            let length = err.error_len().unwrap_or(bytes.len() - at);
            out.push(
                Mistake::new(At::new(file, at..at + length), "this is not UTF-8").help("save it as UTF-8"),
            );
            ""
        }
    }
}

fn lines_of(mistakes: &[Mistake], text: &Text) -> Vec<usize> {
    mistakes.iter().map(|it| text.line(it.labels[0].0.start)).collect()
}

/// The file that `extend` names in the file at `path`.
fn extended(
    reader: &mut Reader,
    extend: &Word,
    (path, look): (&Path, &dyn Look),
    read: &[Text],
) -> Option<PathBuf> {
    let named = places::resolve(reader, extend, path, look)?.path;
    let wrong = if look.is_dir(&named) {
        let meant = NAMES.iter().find(|it| look.is_file(&named.join(it)));
        let meant = meant.map(|it| format!("{}/{it}", extend.text.trim_end_matches('/')));
        let found = Mistake::new(extend.at, format!("`{}` is a folder", extend.text));
        found.help("name the file in it").meant(meant.as_deref())
    } else if read.iter().any(|it| it.path == named) {
        Mistake::new(extend.at, "options files build upon each other in a circle").help("drop one `extend`")
    } else if read.len() >= MOST_FILES {
        let message = format!("more than {MOST_FILES} options files build upon each other");
        Mistake::new(extend.at, message).help("put some of them together")
    } else {
        return Some(named);
    };
    reader.wrong(wrong);
    None
}

/// The path that a file names, which may be relative to its folder.
pub fn named_by(path: &Path, text: &str) -> PathBuf {
    path.parent().unwrap_or(path).join(text)
}

/// The same from a folder, without `.` and `..` where they can be told without looking.
pub fn joined(folder: &Path, text: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in Path::new(text).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    path
}

/// Whether a file may name a path: what a repository says must not make anybody read more of the machine
/// than the repository. What lies in no repository may name anything.
pub fn may_name(path: &Path, named: &Path) -> bool {
    repository_of(path).is_none_or(|it| named.starts_with(it))
}

/// The path that was most likely meant by one that is not there.
pub fn nearest(path: &Path, text: &str, look: &dyn Look) -> Option<String> {
    let (folder, name) = text.trim_end_matches('/').rsplit_once('/').unwrap_or(("", text));
    let real = look.real(&named_by(path, folder)).ok().filter(|it| may_name(path, &it.path))?;
    let names = look.names(&real.path);
    let nearest = nearest_name(name, names.iter().map(String::as_str))?;
    Some(if folder.is_empty() { nearest.to_owned() } else { format!("{folder}/{nearest}") })
}

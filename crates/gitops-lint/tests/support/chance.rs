//! Edits of a repository by chance, the same ones for the same seed.

// Not every test file uses all of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// A row of numbers, the same ones for the same seed.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// About one in so many, in order.
    pub fn some(&mut self, one_in: usize, of: &[&str]) -> Vec<String> {
        of.iter().filter(|_| self.below(one_in) == 0).map(|it| (*it).to_owned()).collect()
    }
}

/// Edits of the repository that it is about.
pub struct Chance {
    numbers: Numbers,
    top: PathBuf,
    /// The files as they were in the beginning.
    before: Vec<(PathBuf, Vec<u8>)>,
}

/// What options files may say.
const OPTIONS: &[&str] = &[
    "",
    "ignore = [\"SCH\"]\n",
    "exclude = [\"apps/\"]\n",
    "kubernetes-versions = [\"1.22\"]\n",
    "extend-select = [\"ALL\"]\n",
    "[[ignore]]\nrules = [\"POL000\"]\nkind = \"Deployment\"\nreason = \"x\"\n",
];

/// What may be added to a line.
const ENDS: &[&str] =
    &["  # gitops-lint: ignore[ALL] by chance", "  # gitops-lint: ignore[SCH001,POL000]", "x", ": [", " 7"];

/// Lines that may be put between others.
const LINES: &[&str] = &[
    "# gitops-lint: ignore-file[SCH] by chance",
    "---",
    "namePrefix: x-",
    "namespace: chance",
    "replicas: many",
];

impl Chance {
    /// Chance for what lies in a folder.
    pub fn new(seed: u64, top: &Path) -> Chance {
        let before = files(top).into_iter().map(|it| (it.clone(), fs::read(it).unwrap())).collect();
        Chance { numbers: Numbers::new(seed), top: top.to_owned(), before }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.numbers.below(end)
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        self.numbers.one(of)
    }

    /// Edits something, and tells what.
    pub fn edit(&mut self) -> String {
        let files = files(&self.top);
        if files.is_empty() {
            return self.undo();
        }
        let (path, other) = (&files[self.below(files.len())], &files[self.below(files.len())]);
        let top = self.top.clone();
        let name = |it: &Path| it.strip_prefix(&top).unwrap().display().to_string();
        let told = name(path);
        match self.below(16) {
            0 => {
                fs::remove_file(path).unwrap();
                format!("{told} is removed")
            }
            1 => {
                fs::rename(path, path.with_file_name("moved.yaml")).unwrap();
                format!("{told} is moved")
            }
            2 => {
                fs::copy(path, other).unwrap();
                format!("{told} is copied to {}", name(other))
            }
            3 => {
                fs::copy(path, other.with_file_name(path.file_name().unwrap())).unwrap();
                format!("{told} is copied beside {}", name(other))
            }
            4 => {
                let text = self.one(OPTIONS);
                fs::write(self.top.join("gitops-lint.toml"), text).unwrap();
                format!("options: {text}")
            }
            5 => self.undo(),
            _ => format!("{told}, {}", self.edit_line(path)),
        }
    }

    /// Makes all as it was in the beginning, and says so.
    pub fn undo(&self) -> String {
        for path in files(&self.top) {
            fs::remove_file(path).unwrap();
        }
        for (path, content) in &self.before {
            fs::write(path, content).unwrap();
        }
        "all as it was".to_owned()
    }

    fn edit_line(&mut self, path: &Path) -> String {
        let Ok(text) = fs::read_to_string(path) else { return "which is no text".to_owned() };
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return "which is empty".to_owned();
        }
        let at = self.below(lines.len());
        match self.below(6) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at].clone()),
            2 => lines[at] = lines[at].replace(['e', '1'], "2"),
            3 => lines.insert(at, self.one(LINES).to_owned()),
            4 => lines[at].push_str(self.one(ENDS)),
            _ => lines[at] = lines[at].split_inclusive(':').next().unwrap_or_default().to_owned(),
        }
        fs::write(path, lines.join("\n") + "\n").unwrap();
        format!("line {}", at + 1)
    }
}

/// The files of a repository, in order.
fn files(top: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut open = vec![top.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|it| it == ".git") {
                continue;
            }
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// Replaces words in all files of a folder.
pub fn replace(top: &Path, words: &[(&str, &str)]) {
    for path in files(top) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        fs::write(path, words.iter().fold(text, |text, (from, to)| text.replace(from, to))).unwrap();
    }
}

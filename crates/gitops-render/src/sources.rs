//! Every file that was read, each read once and parsed once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, RwLock};

use crate::cancel::Cancel;
use crate::rules::yml::marker_left_in;
use crate::source::{EntryKind, FileId, Position, RepoPath, SourceTree, Span, TreeEntry};
use crate::suggest;
use crate::yaml::{self, Dialect, Yaml};

/// Files larger than this are not read: nobody writes such a manifest by hand, and Kubernetes
/// would refuse it a hundred times over.
pub const MAX_FILE_SIZE: u64 = 32 * 1024 * 1024;

/// A file that could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot read `{path}`: {reason}")]
pub struct ReadError {
    /// The file.
    pub path: RepoPath,
    /// What stood in the way, in words.
    pub reason: String,
}

/// A file that was read.
pub struct SourceFile {
    /// Its number in [`Sources`].
    pub id: FileId,
    /// Its path, symbolic links resolved.
    pub path: RepoPath,
    bytes: Arc<[u8]>,
    lines: OnceLock<Vec<u32>>,
    yaml: OnceLock<Arc<Yaml>>,
}

impl SourceFile {
    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The content as text.
    ///
    /// # Errors
    /// The offset of the first byte that is not UTF-8.
    pub fn text(&self) -> Result<&str, usize> {
        std::str::from_utf8(&self.bytes).map_err(|err| err.valid_up_to())
    }

    /// The whole file as a span.
    pub fn span(&self) -> Span {
        Span { file: self.id, start: 0, end: self.bytes.len() as u32 }
    }

    /// The first byte, where findings about the file as a whole point.
    pub fn start(&self) -> Span {
        Span { file: self.id, start: 0, end: 0 }
    }

    /// The YAML documents in the file, parsed on first use.
    pub fn yaml(&self) -> &Arc<Yaml> {
        self.yaml.get_or_init(|| {
            let dialect = Dialect::of(self.path.file_name());
            let mut yaml = yaml::parse_bytes(self.id, &self.bytes, dialect);
            marker_left_in::explain(self.id, &self.bytes, &mut yaml.diagnostics);
            Arc::new(yaml)
        })
    }

    /// The YAML documents, if somebody has asked for them already.
    pub(crate) fn yaml_if_parsed(&self) -> Option<&Arc<Yaml>> {
        self.yaml.get()
    }

    /// The byte offset of the start of each line.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', &self.bytes);
            std::iter::once(0).chain(breaks.map(|index| index as u32 + 1)).collect()
        })
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.bytes.len() as u32);
        let line = self.line_starts().partition_point(|it| *it <= offset) - 1;
        let start = self.line_starts()[line] as usize;
        // A byte-order mark is no column of the first line.
        let start = if start == 0 && self.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { start };
        let before = self.bytes.get(start..offset as usize).unwrap_or_default();
        let column = String::from_utf8_lossy(before).chars().count() as u32 + 1;
        Position { line: line as u32 + 1, column }
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SourceFile").field(&self.path).finish()
    }
}

/// A cell that the first one to ask fills, while others who ask wait.
type Slot = Arc<OnceLock<Result<Arc<SourceFile>, ReadError>>>;

/// Every file read so far. Shared by threads; each file is read and parsed once.
pub struct Sources<'t> {
    tree: &'t dyn SourceTree,
    by_path: RwLock<HashMap<RepoPath, Slot>>,
    /// By their numbers, those of others among them who share theirs.
    all: Arc<RwLock<Vec<Arc<SourceFile>>>>,
    entries: RwLock<HashMap<RepoPath, Option<TreeEntry>>>,
    /// Files that others have read, by their paths.
    lent: HashMap<RepoPath, Arc<SourceFile>>,
    cancel: Cancel,
}

impl<'t> Sources<'t> {
    /// Nothing read yet.
    pub fn new(tree: &'t dyn SourceTree) -> Sources<'t> {
        Sources {
            tree,
            by_path: RwLock::default(),
            all: Arc::default(),
            entries: RwLock::default(),
            lent: HashMap::new(),
            cancel: Cancel::default(),
        }
    }

    /// Takes over what `others` have read and parsed so far of those files that are the same in this tree, of
    /// which `is_same` tells by their paths, symbolic links resolved. A span that points into one of them means
    /// the same in both.
    ///
    /// To be called before anything is read.
    #[must_use]
    pub fn lent_by(mut self, others: &Sources<'_>, is_same: impl Fn(&RepoPath) -> bool) -> Sources<'t> {
        // A file without content may be one that could not be read, which is found out again.
        let lent = others.files().into_iter().filter(|it| !it.bytes.is_empty() && is_same(&it.path));
        self.lent = lent.map(|it| (it.path.clone(), it)).collect();
        self.all = Arc::clone(&others.all);
        self
    }

    /// What is made of these files comes to its end when `cancel` says so.
    #[must_use]
    pub fn cancelled_by(self, cancel: Cancel) -> Sources<'t> {
        Sources { cancel, ..self }
    }

    /// Tells whether anybody still waits for what is made of these files.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// What stands at `path`, asked of the tree once.
    ///
    /// # Errors
    /// If the tree cannot tell.
    pub fn entry(&self, path: &RepoPath) -> Result<Option<TreeEntry>, ReadError> {
        if let Some(known) = self.entries.read().expect(UNPOISONED).get(path) {
            return Ok(known.clone());
        }
        let entry =
            self.tree.entry(path).map_err(|err| ReadError { path: path.clone(), reason: err.to_string() })?;
        self.entries.write().expect(UNPOISONED).insert(path.clone(), entry.clone());
        Ok(entry)
    }

    /// The names of what lies in the directory at `path`, in order.
    ///
    /// # Errors
    /// If there is no such directory, or the tree cannot read it.
    pub fn list(&self, path: &RepoPath) -> Result<Vec<String>, ReadError> {
        self.tree.list(path).map_err(|err| ReadError { path: path.clone(), reason: err.to_string() })
    }

    /// The path that `path`, which leads nowhere from the directory `dir`, was most likely meant to
    /// be, written in the same way.
    pub fn nearest(&self, dir: &RepoPath, path: &str) -> Option<String> {
        if path.is_empty() || path.starts_with('/') {
            return None;
        }
        let exists = |path: &str| {
            dir.join(path).and_then(|it| self.entry(&it).ok().flatten()).is_some_and(|it| it.real != *dir)
        };
        // The part that leads nowhere is a slip of one of its neighbours.
        let parts: Vec<&str> = path.split('/').collect();
        let is_good = |count: usize| count == 0 || exists(&parts[..count].join("/"));
        let good =
            (0..parts.len()).take_while(|it| is_good(*it) || parts[..*it].ends_with(&[".."])).last()?;
        let listed = self.tree.list(&dir.join(&parts[..good].join("/"))?).unwrap_or_default();
        let slip = suggest::nearest(parts[good], listed.iter().map(String::as_str)).map(|name| {
            let mut parts = parts.clone();
            parts[good] = name;
            parts.join("/")
        });
        // One level too high, or too low, or right here.
        let name = if parts.len() > 1 { parts[parts.len() - 1] } else { "" };
        let others =
            [format!("../{path}"), path.strip_prefix("../").unwrap_or_default().to_owned(), name.to_owned()];
        slip.into_iter().chain(others).find(|it| !it.is_empty() && exists(it))
    }

    /// The file at `path`, read on first use.
    ///
    /// # Errors
    /// If there is no such file, it is larger than [`MAX_FILE_SIZE`], or the tree cannot read it.
    pub fn open(&self, path: &RepoPath) -> Result<Arc<SourceFile>, ReadError> {
        let failed = |reason: &str| ReadError { path: path.clone(), reason: reason.to_owned() };
        let entry = self.entry(path)?.ok_or_else(|| failed("there is no such file"))?;
        if entry.kind == EntryKind::Dir {
            return Err(failed("it is a directory"));
        }
        if entry.size > MAX_FILE_SIZE {
            let (size, most) = (entry.size / 1_000_000, MAX_FILE_SIZE / 1_000_000);
            return Err(failed(&format!("it has {size} MB, and at most {most} MB are read")));
        }
        self.slot(&entry.real).get_or_init(|| self.read(&entry.real)).clone()
    }

    /// The file with this number.
    pub fn file(&self, id: FileId) -> Arc<SourceFile> {
        Arc::clone(&self.all.read().expect(UNPOISONED)[id.0 as usize])
    }

    /// Every file that was read so far, in an order that depends on threads.
    pub fn files(&self) -> Vec<Arc<SourceFile>> {
        let slots = self.by_path.read().expect(UNPOISONED);
        slots.values().filter_map(|it| it.get()?.as_ref().ok().cloned()).collect()
    }

    /// The path of a span's file, and the places of its first and its last-but-one byte.
    pub fn place(&self, span: Span) -> (RepoPath, Position, Position) {
        let file = self.file(span.file);
        (file.path.clone(), file.position(span.start), file.position(span.end))
    }

    /// The text of a span, as far as it is text.
    pub fn text_of(&self, span: Span) -> String {
        let file = self.file(span.file);
        let bytes = file.bytes().get(span.start as usize..span.end as usize).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// Takes in a file that cannot be read, with no content, so that a finding can point to it.
    pub fn open_unreadable(&self, path: &RepoPath) -> Arc<SourceFile> {
        let slot = self.slot(path);
        let file = slot.get_or_init(|| Ok(self.add(path.clone(), Arc::default())));
        file.as_ref().map_or_else(|_| self.add(path.clone(), Arc::default()), Arc::clone)
    }

    fn slot(&self, path: &RepoPath) -> Slot {
        if let Some(slot) = self.by_path.read().expect(UNPOISONED).get(path) {
            return Arc::clone(slot);
        }
        Arc::clone(self.by_path.write().expect(UNPOISONED).entry(path.clone()).or_default())
    }

    fn read(&self, path: &RepoPath) -> Result<Arc<SourceFile>, ReadError> {
        if let Some(file) = self.lent.get(path) {
            return Ok(Arc::clone(file));
        }
        let bytes =
            self.tree.read(path).map_err(|err| ReadError { path: path.clone(), reason: err.to_string() })?;
        Ok(self.add(path.clone(), bytes))
    }

    fn add(&self, path: RepoPath, bytes: Arc<[u8]>) -> Arc<SourceFile> {
        let mut all = self.all.write().expect(UNPOISONED);
        let id = FileId(all.len() as u32);
        let file = Arc::new(SourceFile { id, path, bytes, lines: OnceLock::new(), yaml: OnceLock::new() });
        all.push(Arc::clone(&file));
        file
    }
}

impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("files", &self.all.read().expect(UNPOISONED).len()).finish()
    }
}

/// Why a lock of ours cannot be poisoned.
const UNPOISONED: &str = "nothing panics while it holds a lock of the sources";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryTree;

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "\u{feff}é: 1\nbü: x");
        let sources = Sources::new(&tree);
        let file = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap();
        assert_eq!(file.position(3), Position { line: 1, column: 1 });
        assert_eq!(file.position(7), Position { line: 1, column: 4 });
        assert_eq!(file.position(file.bytes().len() as u32), Position { line: 2, column: 6 });
        assert_eq!(file.position(u32::MAX), Position { line: 2, column: 6 });
    }

    #[test]
    fn a_path_that_leads_nowhere_has_a_nearest_one() {
        let mut tree = MemoryTree::new();
        tree.insert("apps/web/deployment.yaml", "").insert("apps/web/kustomization.yaml", "");
        tree.insert("apps/patches/port.yaml", "").insert("base/web.yaml", "");
        let sources = Sources::new(&tree);
        let dir = RepoPath::root().join("apps/web").unwrap();
        for (path, nearest) in [
            ("deploymnet.yaml", Some("deployment.yaml")),
            ("deployment.yml", Some("deployment.yaml")),
            ("../patch/port.yaml", Some("../patches/port.yaml")),
            ("../patchs/port.yaml", Some("../patches/port.yaml")),
            ("../base", Some("../../base")),
            ("../deployment.yaml", Some("deployment.yaml")),
            ("patches/port.yaml", Some("../patches/port.yaml")),
            ("manifests/deployment.yaml", Some("deployment.yaml")),
            ("secret.yaml", None),
            ("../../../x", None),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(sources.nearest(&dir, path).as_deref(), nearest, "{path}");
        }
    }

    #[test]
    fn what_others_have_read_is_taken_over_where_it_is_the_same() {
        let path = |text: &str| RepoPath::root().join(text).unwrap();
        let (mut now, mut then) = (MemoryTree::new(), MemoryTree::new());
        now.insert("a.yaml", "a: 1").insert("b.yaml", "b: 1").insert("c.yaml", "c: 1");
        then.insert("a.yaml", "a: 1").insert("b.yaml", "b: 2").insert("d.yaml", "d: 1");
        let sources = Sources::new(&now);
        let a = sources.open(&path("a.yaml")).unwrap();
        for name in ["b.yaml", "c.yaml"] {
            sources.open(&path(name)).unwrap();
        }
        let others = Sources::new(&then).lent_by(&sources, |it| *it == path("a.yaml"));
        assert!(others.files().is_empty());
        assert!(Arc::ptr_eq(&others.open(&path("a.yaml")).unwrap(), &a));
        for (name, text) in [("b.yaml", "b: 2"), ("d.yaml", "d: 1")] {
            let file = others.open(&path(name)).unwrap();
            assert_eq!(file.bytes(), text.as_bytes());
            assert!(Arc::ptr_eq(&others.file(file.id), &file));
        }
        assert!(others.open(&path("c.yaml")).is_err());
        assert_eq!(others.files().len(), 3);
    }

    #[test]
    fn a_file_is_read_once() {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", "a: 1");
        let sources = Sources::new(&tree);
        let path = RepoPath::root().join("a.yaml").unwrap();
        assert!(Arc::ptr_eq(&sources.open(&path).unwrap(), &sources.open(&path).unwrap()));
        assert_eq!(sources.open(&RepoPath::root()).unwrap_err().reason, "it is a directory");
    }
}

//! Decides which files are checked as what.
//!
//! A repository is full of YAML that is not meant for the cluster: patches, values, charts, the
//! configuration of other tools. A file counts as a plain manifest if it holds an object, no
//! kustomization uses it, and nothing about it says that it is a part of something else.

mod looks;
mod orphans;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::kustomize;
use crate::node::Node;
use crate::rules::yml::{self, marker_left_in::is_template};
use crate::source::RepoPath;
use crate::sources::{ReadError, SourceFile, Sources};
use crate::words::Words;

#[doc(hidden)]
pub use orphans::applying_groups;

/// What is checked besides the kustomizations.
#[derive(Debug, Default)]
pub struct Entries {
    /// Plain manifest files, in order of path.
    pub manifests: Vec<RepoPath>,
    /// What is wrong with files that are no part of a kustomization.
    pub diagnostics: Vec<Diagnostic>,
}

impl Entries {
    /// Sorts `files` out, given the files that kustomizations use.
    ///
    /// Files that cannot be read as YAML are reported whatever they are, but for a chart's
    /// templates, which are none, and for files that a kustomization uses: whether those have to be
    /// YAML, only the build knows. What else may be said about YAML is said about manifests.
    pub fn find(sources: &Sources<'_>, files: &[RepoPath], used: &BTreeSet<RepoPath>) -> Entries {
        Entries::find_among(sources, files, used, &|_| true)
    }

    /// The same for those of the files only that somebody wants, by their paths with symbolic links resolved.
    pub fn find_among(
        sources: &Sources<'_>,
        files: &[RepoPath],
        used: &BTreeSet<RepoPath>,
        is_wanted: &dyn Fn(&RepoPath) -> bool,
    ) -> Entries {
        let mut entries = Entries::default();
        let mut opened: Vec<Arc<SourceFile>> = vec![];
        let goes_on = || !sources.cancel().is_cancelled();
        for path in files.iter().collect::<BTreeSet<_>>().into_iter().take_while(|_| goes_on()) {
            match sources.open(path) {
                Ok(file) => opened.push(file),
                Err(err) => entries.diagnostics.push(unreadable(sources, &err)),
            }
        }
        // Two names may lead to one file.
        opened.sort_by(|a, b| a.path.cmp(&b.path));
        opened.dedup_by_key(|it| it.id);
        let real = |it: &RepoPath| sources.entry(it).ok().flatten().map_or_else(|| it.clone(), |it| it.real);
        let used: &BTreeSet<RepoPath> = &used.iter().map(real).collect();
        let mut folders = Folders { sources, known: HashMap::new() };
        let looked: Vec<(&Arc<SourceFile>, Looks)> = opened
            .iter()
            .take_while(|_| goes_on())
            .filter(|it| used.contains(&it.path) || is_wanted(&it.path))
            .map(|file| (file, Looks::of(file, used, &mut folders)))
            .collect();
        let known = known(&looked, used);
        let mut unused = vec![];
        for (file, looks) in looked {
            let role = looks.role(&known);
            entries.add(file, role);
            if matches!(role, Role::Manifest | Role::Other) {
                unused.push(file);
            }
        }
        entries.diagnostics.extend(orphans::find(&unused, &opened, used, &mut folders));
        entries
    }

    fn add(&mut self, file: &SourceFile, role: Role) {
        if matches!(role, Role::Used | Role::Template) {
            return;
        }
        let yaml = file.yaml();
        if role == Role::Manifest || yaml.is_broken {
            self.diagnostics.extend(yaml.diagnostics.iter().cloned());
        }
        if role == Role::Manifest {
            self.diagnostics.extend(not_objects(&yaml.documents));
            self.manifests.push(file.path.clone());
        } else {
            self.diagnostics.extend(yaml.documents.iter().filter(|it| looks::is_half(it)).map(not_object));
        }
    }
}

/// The directories of the kustomizations among `files`, in order of path.
pub fn kustomizations(files: &[RepoPath]) -> Vec<RepoPath> {
    let found: BTreeSet<RepoPath> =
        files.iter().filter(|it| is_kustomization(it)).filter_map(RepoPath::parent).collect();
    found.into_iter().collect()
}

/// A finding about a file that cannot be read. It points to the file's first line.
pub fn unreadable(sources: &Sources<'_>, error: &ReadError) -> Diagnostic {
    yml::invalid_yaml::unreadable(sources.open_unreadable(&error.path).start(), &error.reason)
}

/// What a YAML file is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Objects that somebody applies as they are.
    Manifest,
    /// A kustomization, or a file that one uses.
    Used,
    /// Text that becomes YAML once it is rendered: a chart's template, or another tool's.
    Template,
    /// Anything else.
    Other,
}

/// Kind and name of an object.
type Identity = (Arc<str>, Arc<str>);

/// The names of the objects in a file.
pub fn names(file: &SourceFile) -> Vec<Arc<str>> {
    file.yaml().documents.iter().filter_map(identity).map(|it| it.1).collect()
}

fn identity(document: &Node) -> Option<Identity> {
    let text = |keys: &[&str]| document.path(keys)?.as_scalar().map(|it| Arc::clone(&it.text));
    Some((text(&["kind"])?, text(&["metadata", "name"])?))
}

/// Whether a path is that of a kustomization file.
fn is_kustomization(path: &RepoPath) -> bool {
    kustomize::FILE_NAMES.contains(&path.file_name())
}

/// What a file looks like by itself.
enum Looks {
    Like(Role),
    /// A manifest, unless all of these are variants of objects that are used.
    LikeVariants(Vec<Identity>),
}

impl Looks {
    fn of(file: &SourceFile, used: &BTreeSet<RepoPath>, folders: &mut Folders<'_, '_>) -> Looks {
        let path = &file.path;
        if used.contains(path) || is_kustomization(path) {
            return Looks::Like(Role::Used);
        }
        let folder = path.parent().unwrap_or_else(RepoPath::root);
        if let Some(chart) = folders.chart(&folder) {
            match path.relative_to(&chart).split('/').next() {
                Some("templates") => return Looks::Like(Role::Template),
                // Helm applies these as they are.
                Some("crds") => {}
                _ => return Looks::Like(Role::Other),
            }
        }
        // What calls itself a template, and is one, is rendered by some other tool.
        if looks::is_named_template(path) && file.yaml().diagnostics.iter().any(is_template) {
            return Looks::Like(Role::Template);
        }
        let documents = &file.yaml().documents;
        let objects: Vec<&Node> = documents.iter().filter(|it| looks::is_object(it)).collect();
        if objects.is_empty() {
            return Looks::Like(Role::Other);
        }
        if !folders.is_kustomized(&folder) {
            return Looks::Like(Role::Manifest);
        }
        // What lies around in a kustomization's folder without being named there is most likely a
        // patch that is not in use, or a variant of an object that is.
        if looks::is_named_patch(path) {
            return Looks::Like(Role::Other);
        }
        let whole = objects.into_iter().filter(|it| !looks::is_patch(it));
        match whole.map(identity).collect() {
            Some(identities) => Looks::LikeVariants(identities),
            None => Looks::Like(Role::Manifest),
        }
    }

    fn role(self, known: &HashSet<Identity>) -> Role {
        match self {
            Looks::Like(role) => role,
            Looks::LikeVariants(all) if all.iter().all(|it| known.contains(it)) => Role::Other,
            Looks::LikeVariants(_) => Role::Manifest,
        }
    }
}

/// Which of the objects that may be variants of used ones are that. Files that nobody has parsed as yet, and in
/// which none of their names stands, are left alone.
fn known(looked: &[(&Arc<SourceFile>, Looks)], used: &BTreeSet<RepoPath>) -> HashSet<Identity> {
    let variants = looked.iter().filter_map(|(_, it)| match it {
        Looks::Like(_) => None,
        Looks::LikeVariants(all) => Some(all),
    });
    let wanted: HashSet<&Identity> = variants.flatten().collect();
    let names = Words::new(wanted.iter().map(|it| &*it.1));
    let is_parsed = |it: &SourceFile| it.yaml_if_parsed().is_some();
    let used = looked.iter().map(|it| it.0).filter(|it| used.contains(&it.path));
    let may_have_one = |it: &&Arc<SourceFile>| !wanted.is_empty() && (is_parsed(it) || names.may_be_in(it));
    let all = used.filter(may_have_one).flat_map(|it| it.yaml().documents.iter().filter_map(identity));
    all.filter(|it| wanted.contains(it)).collect()
}

/// What is known about directories, each asked about once.
struct Folders<'a, 't> {
    sources: &'a Sources<'t>,
    known: HashMap<RepoPath, Folder>,
}

#[derive(Clone, Default)]
struct Folder {
    /// The innermost chart that the directory belongs to.
    chart: Option<RepoPath>,
    /// Whether it has a kustomization.
    is_kustomized: bool,
}

impl Folders<'_, '_> {
    fn chart(&mut self, folder: &RepoPath) -> Option<RepoPath> {
        self.get(folder).chart
    }

    /// Whether the directory has a kustomization, or is a part of one that has: `patches/` beside
    /// the kustomization file.
    fn is_kustomized(&mut self, folder: &RepoPath) -> bool {
        self.get(folder).is_kustomized || folder.parent().is_some_and(|it| self.get(&it).is_kustomized)
    }

    fn get(&mut self, path: &RepoPath) -> Folder {
        // From the inside out up to what is known, and back.
        let above = std::iter::successors(Some(path.clone()), RepoPath::parent);
        let unknown: Vec<RepoPath> = above.take_while(|it| !self.known.contains_key(it)).collect();
        for path in unknown.into_iter().rev() {
            let mut folder = path.parent().and_then(|it| self.known.get(&it).cloned()).unwrap_or_default();
            if self.has(&path, "Chart.yaml") {
                folder.chart = Some(path.clone());
            }
            folder.is_kustomized = kustomize::FILE_NAMES.iter().any(|it| self.has(&path, it));
            self.known.insert(path, folder);
        }
        self.known.get(path).cloned().unwrap_or_default()
    }

    fn has(&self, folder: &RepoPath, name: &str) -> bool {
        let path = folder.join(name);
        path.is_some_and(|it| self.sources.entry(&it).is_ok_and(|it| it.is_some()))
    }
}

/// The documents of a manifest file that are no objects.
fn not_objects(documents: &[Node]) -> impl Iterator<Item = Diagnostic> + '_ {
    documents.iter().filter(|it| !looks::is_named(it)).map(not_object)
}

fn not_object(document: &Node) -> Diagnostic {
    let has = |key: &str| document.get(key).is_some();
    let fields = match (has("apiVersion"), has("kind")) {
        (false, false) => "`apiVersion` and no `kind`",
        (false, true) => "`apiVersion`",
        (true, false) => "`kind`",
        (true, true) => "text as `apiVersion` and `kind`",
    };
    let first = document.as_map().and_then(|it| it.entries().first());
    yml::not_an_object::missing(first.map_or(document.origin.span, |it| it.key_span), fields)
}

#[cfg(test)]
mod tests;

//! What findings depend on, with places in the tree that is checked.

use std::env;
use std::path::Path;

use gitops_render::{Gvk, RepoPath};

use crate::args::FailOn;
use crate::check::existing;
use crate::disk_tree::DiskTree;
use crate::options::assume::Assumed;
use crate::options::environments::{Environment, Targets};
use crate::options::globs::Paths;
use crate::options::ignore::{Expires, IgnoreEntry, Place};
use crate::options::mistake::At;
use crate::options::narrowed::Narrowed;
use crate::options::select::{Layer, Selection};
use crate::options::tables;
use crate::options::toml::Word;
use crate::options::{Options, chain::Chain};

/// The part of what is in force that findings depend on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The versions of Kubernetes that objects must fit, by root.
    pub targets: Targets,
    /// Whether fields that a schema does not have, and keys that are there twice, are reported.
    pub strict: bool,
    /// From which severity on findings are a failure.
    pub fail_on: FailOn,
    /// Which rules are on, and how bad their findings are.
    pub selection: Selection,
    /// What the options file ignores, in its order.
    pub ignores: Vec<IgnoreEntry>,
    /// What is there, although it is not in the repository.
    pub assumed: Vec<Assumed>,
    /// What is left out.
    pub excluded: Excluded,
    /// What flags take away.
    pub narrowed: Narrowed,
}

/// What is left out.
#[derive(Clone, Debug, Default)]
pub struct Excluded {
    /// The files and folders.
    pub paths: Option<Paths>,
    /// Whether that is so for files that are named, too.
    pub is_forced: bool,
}

impl Excluded {
    /// Whether a file or folder is left out that was found in a folder that is not.
    pub fn found(&self, path: &RepoPath, is_folder: bool) -> bool {
        self.paths.as_ref().is_some_and(|it| it.holds_itself(path, is_folder))
    }

    /// Whether a file or folder is left out although somebody named it.
    pub fn named(&self, path: &RepoPath, is_folder: bool) -> bool {
        let Some(paths) = self.paths.as_ref().filter(|_| self.is_forced) else { return false };
        if is_folder { paths.holds_folder(path) } else { paths.holds(path) }
    }

    /// Whether a file is left out that was found, or named, among these files and folders.
    pub fn among(&self, path: &RepoPath, tops: &[RepoPath]) -> bool {
        let is_found = |top: &&RepoPath| {
            let mut above = std::iter::successors(Some(path.clone()), RepoPath::parent);
            let mut below = above.by_ref().take_while(|it| it != *top);
            path.is_within(top) && !below.any(|it| self.found(&it, it != *path))
        };
        !tops.iter().any(|top| is_found(&top) && !self.named(top, top != path))
    }
}

impl Settings {
    /// What is in force for a tree, which holds the options files.
    pub fn new(options: &Options, tree: &DiskTree) -> Settings {
        let Options { chain, flags, .. } = options;
        let files = || chain.files.iter().map(|it| &it.0);
        let located = Located { chain, tree };
        let mut environments: Vec<(usize, &tables::Environment)> = vec![];
        for file in files() {
            let is_new =
                |it: &&tables::Environment| file.environments.iter().all(|new| new.name.text != it.name.text);
            environments.retain(|it| is_new(&it.1));
            environments.extend(file.environments.iter().map(|it| (file.file, it)));
        }
        // Whoever asks for a version on the command line wants that one.
        let environments = environments.into_iter().filter(|_| flags.versions.is_none());
        let environments: Vec<Environment> =
            environments.filter_map(|(file, it)| located.environment(file, it)).collect();
        let ignores = files().flat_map(|file| file.ignores.iter().map(|it| located.ignore(file.file, it)));
        let assumed = files().flat_map(|file| file.assume.iter().map(|it| located.assumed(it)));
        Settings {
            targets: Targets::new(&options.versions.clone().unwrap_or_default(), &environments),
            strict: options.strict,
            fail_on: options.fail_on,
            selection: selection(options, &located),
            ignores: ignores.collect(),
            assumed: assumed.collect(),
            excluded: excluded(options, &located),
            narrowed: Narrowed::new(flags, chain),
        }
    }

    /// The same for tests of policies. These are asked for by the command, so that all their rules are on but
    /// for those that somebody turns off: a selection that is made for checks must not make them pass.
    pub fn of_tests(options: &Options, tree: &DiskTree) -> Settings {
        let located = Located { chain: &options.chain, tree };
        let widened = |mut it: Layer| {
            it.extend_select.extend(it.select.take().unwrap_or_default());
            it
        };
        let layers: Vec<Layer> = layers(options).into_iter().map(widened).collect();
        let overrides = overrides(options, &located).map(|(paths, it)| (paths, widened(it)));
        let selection = Selection::new(|_| true, &layers, overrides.collect());
        Settings { selection, ..Settings::new(options, tree) }
    }

    /// Whether a kind is assumed to be defined elsewhere.
    pub fn knows(&self, gvk: &Gvk) -> bool {
        super::assume::knows(&self.assumed, gvk)
    }
}

/// What is said about rules, but for what is said of some paths only.
pub fn rules_everywhere(options: &Options) -> Selection {
    Selection::new(|it| options.preset().has(it), &layers(options), vec![])
}

/// What is said about rules, the last on top.
fn layers(options: &Options) -> Vec<Layer> {
    let files = options.chain.files.iter().map(|it| it.0.layer.clone());
    files.chain([options.flags.layer()]).collect()
}

fn selection(options: &Options, located: &Located<'_>) -> Selection {
    let has_select = options.flags.rules.select.is_some();
    let overrides = overrides(options, located).map(|(paths, mut layer)| {
        if has_select {
            // Who selects on the command line wants that everywhere. What is ignored stays ignored.
            (layer.select, layer.extend_select) = (None, vec![]);
        }
        (paths, layer)
    });
    Selection::new(|it| options.preset().has(it), &layers(options), overrides.collect())
}

/// What is said about rules for some paths.
fn overrides<'a>(options: &'a Options, located: &'a Located<'_>) -> impl Iterator<Item = (Paths, Layer)> {
    let files = options.chain.files.iter().map(|it| &it.0);
    let all = files.flat_map(|file| file.overrides.iter().map(move |it| (file.file, it)));
    all.filter_map(|(file, it)| Some((located.paths(file, &it.paths)?, it.layer.clone())))
}

fn excluded(options: &Options, located: &Located<'_>) -> Excluded {
    let Options { chain, flags, .. } = options;
    let is_forced = flags.force_exclude.or_else(|| chain.last(|it| it.force_exclude)).unwrap_or(false);
    let paths = match &flags.exclude {
        Some(paths) => {
            let here = env::current_dir().ok().and_then(|it| existing(&it).ok());
            Some(located.seen_from(paths.clone(), here.as_deref().unwrap_or("".as_ref())))
        }
        None => {
            let last = chain.files.iter().rev().find_map(|(it, _)| Some((it.file, it.exclude.as_ref()?)));
            last.and_then(|(file, words)| located.paths(file, words))
        }
    };
    Excluded { paths, is_forced }
}

/// Files of options whose places in the tree are known.
struct Located<'a> {
    chain: &'a Chain,
    tree: &'a DiskTree,
}

impl Located<'_> {
    /// Patterns that stand in a file. The reader has checked them.
    fn paths(&self, file: usize, words: &[Word]) -> Option<Paths> {
        let paths = Paths::new(&words.iter().map(|it| it.text.clone()).collect::<Vec<_>>()).ok()?;
        let path = &self.chain.texts.get(file)?.path;
        Some(self.seen_from(paths, path.parent().unwrap_or(path)))
    }

    fn seen_from(&self, mut paths: Paths, folder: &Path) -> Paths {
        (paths.folder, paths.prefix) = self.tree.seen_from(folder);
        paths
    }

    fn place(&self, at: At) -> Place {
        let text = self.chain.texts.get(at.file);
        let file = text.and_then(|it| self.tree.path(&it.path)).unwrap_or_default();
        Place { file, start: at.start, end: at.end }
    }

    fn environment(&self, file: usize, it: &tables::Environment) -> Option<Environment> {
        let words = |text: String| Word { text, at: it.name.at };
        let folders = || it.folders().into_iter().map(words).collect();
        let paths = self.paths(file, &it.paths.clone().unwrap_or_else(folders))?;
        Some(Environment { paths, versions: it.versions.clone()? })
    }

    fn ignore(&self, file: usize, it: &tables::Ignore) -> IgnoreEntry {
        let expires = it.expires.as_ref().map(|((year, month, day), word)| Expires {
            year: *year,
            month: *month,
            day: *day,
            text: word.text.clone(),
            place: self.place(word.at),
        });
        IgnoreEntry {
            rules: it.rules.clone(),
            kind: it.kind.clone(),
            namespace: it.namespace.clone(),
            name: it.name.clone(),
            container: it.container.clone(),
            path: it.paths.as_ref().and_then(|words| self.paths(file, words)),
            reason: it.reason.clone(),
            expires,
            place: self.place(it.at),
        }
    }

    fn assumed(&self, it: &tables::Assume) -> Assumed {
        Assumed {
            gvk: Gvk::new(&it.api_version, &it.kind),
            namespace: it.namespace.clone(),
            name: it.name.clone(),
            labels: it.labels.clone(),
            place: self.place(it.at),
        }
    }
}

//! Takes the findings out that somebody has silenced: by a comment at their place, by an annotation of the
//! object, by an entry of the options file. In this order: what is closer to the finding counts first.
//!
//! `review` says afterwards what silences nothing.

mod entries;
mod review;

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::sync::Arc;
use std::time::SystemTime;

use gitops_render::suppress::{Day, Places, Suppression, Suppressions, is_mentioned, of_object};
use gitops_render::{
    Diagnostic, FileId, ObjectName, Rendered, RepoPath, Resource, SourceFile, Sources, Span,
};
use rayon::prelude::*;

use crate::findings;
use crate::lint::Found;
use crate::mute::{Mute, Muted, MutedBy};
use crate::options::Settings;

use entries::Entry;

/// What silences findings, and what it has silenced so far.
pub struct Silencer<'a> {
    sources: &'a Sources<'a>,
    settings: &'a Settings,
    today: Day,
    /// In order of path.
    files: Vec<OfFile>,
    by_file: HashMap<FileId, usize>,
    /// In order of the roots and objects that have them first.
    annotations: Vec<Annotation>,
    by_object: HashMap<Object, usize>,
    entries: Vec<Entry<'a>>,
    /// The objects by their names, if an entry asks for what is in them.
    resources: HashMap<Object, &'a Resource>,
    muted: BTreeMap<Key, Vec<Found>>,
}

/// An object of a root.
type Object = (RepoPath, Arc<ObjectName>);

/// The comments of a file.
struct OfFile {
    file: Arc<SourceFile>,
    suppressions: Suppressions,
    used: Used,
    /// Where findings are in it, once there is one.
    places: Option<Places>,
}

/// An annotation, which many objects may have from one place.
struct Annotation {
    suppressions: Suppressions,
    used: Used,
    /// Where it is rendered.
    roots: Vec<RepoPath>,
}

/// For each suppression, which of its rules have silenced something.
type Used = Vec<Vec<bool>>;

/// One thing that silences.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// A file, and one of its comments.
    Comment(usize, usize),
    Annotation(usize),
    Entry(usize),
}

fn unused(suppressions: &Suppressions) -> Used {
    suppressions.list.iter().map(|it| vec![false; it.rules.len()]).collect()
}

impl<'a> Silencer<'a> {
    /// Reads the comments of all files that have been opened, and the annotations of what is rendered.
    pub fn new(
        sources: &'a Sources<'a>,
        settings: &'a Settings,
        rendered: &'a [Rendered],
        today: Day,
    ) -> Silencer<'a> {
        let mut all = sources.files();
        all = all.into_par_iter().filter(|it| is_mentioned(it)).collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        let annotated = if all.is_empty() { &[] } else { rendered };
        let files: Vec<OfFile> = all
            .into_iter()
            .map(|file| (Suppressions::of_file(&file), file))
            .filter(|(found, _)| !found.list.is_empty() || !found.mistakes.is_empty())
            .map(|(suppressions, file)| OfFile {
                used: unused(&suppressions),
                suppressions,
                file,
                places: None,
            })
            .collect();
        let by_file = files.iter().enumerate().map(|(index, it)| (it.file.id, index)).collect();
        let mut silencer = Silencer {
            sources,
            settings,
            today,
            by_file,
            files,
            annotations: vec![],
            by_object: HashMap::new(),
            entries: settings.ignores.iter().map(|it| Entry::new(it, sources, today)).collect(),
            resources: HashMap::new(),
            muted: BTreeMap::new(),
        };
        silencer.read_annotations(annotated);
        if silencer.entries.iter().any(Entry::wants_object) {
            let of = |it: &'a Rendered| it.resources.iter().map(|object| (key_of(it, object), object));
            silencer.resources = rendered.iter().flat_map(of).collect();
        }
        silencer
    }

    fn read_annotations(&mut self, rendered: &[Rendered]) {
        let mut by_place: HashMap<Span, usize> = HashMap::new();
        for root in rendered {
            for resource in &root.resources {
                let Some((span, suppressions)) = of_object(resource) else { continue };
                let index = *by_place.entry(span).or_insert(self.annotations.len());
                if index == self.annotations.len() {
                    let used = unused(&suppressions);
                    self.annotations.push(Annotation { suppressions, used, roots: vec![] });
                }
                self.annotations[index].roots.push(root.root.clone());
                self.by_object.insert(key_of(root, resource), index);
            }
        }
    }

    /// Takes out what is silenced. Of a finding in several roots, it may be so in some of them.
    pub fn filter(&mut self, found: Vec<Found>) -> Vec<Found> {
        if self.files.is_empty() && self.annotations.is_empty() && self.entries.is_empty() {
            return found;
        }
        let mut of_file = self.settings.selection.by_file(self.sources);
        let mut kept = vec![];
        for (diagnostic, roots) in found {
            // What is not reported needs no silence.
            if of_file.verdict(&diagnostic).is_on {
                kept.extend(self.loud(diagnostic, roots));
            }
        }
        kept
    }

    /// The finding in those roots where nobody silences it.
    fn loud(&mut self, diagnostic: Diagnostic, roots: Vec<RepoPath>) -> Option<Found> {
        if let Some(key) = self.by_comment(&diagnostic) {
            self.muted.entry(key).or_default().push((diagnostic, roots));
            return None;
        }
        if roots.is_empty() {
            let key = self.by_entry(&diagnostic, None);
            let Some(key) = key else { return Some((diagnostic, roots)) };
            self.muted.entry(key).or_default().push((diagnostic, roots));
            return None;
        }
        let mut loud = vec![];
        for root in roots {
            let key = self.by_annotation(&diagnostic, &root);
            match key.or_else(|| self.by_entry(&diagnostic, Some(&root))) {
                Some(key) => self.muted.entry(key).or_default().push((diagnostic.clone(), vec![root])),
                None => loud.push(root),
            }
        }
        (!loud.is_empty()).then_some((diagnostic, loud))
    }

    fn by_comment(&mut self, found: &Diagnostic) -> Option<Key> {
        let span = found.span();
        let index = *self.by_file.get(&span.file)?;
        let OfFile { file, suppressions, used, places } = &mut self.files[index];
        let places = places.get_or_insert_with(|| Places::new(Arc::clone(file)));
        let about = suppressions.about(&places.of(span), found.rule);
        let mut good = about.into_iter().filter(|it| !suppressions.list[it.0].has_expired(self.today));
        let (comment, rule) = good.next()?;
        used[comment][rule] = true;
        Some(Key::Comment(index, comment))
    }

    fn by_annotation(&mut self, found: &Diagnostic, root: &RepoPath) -> Option<Key> {
        let object = found.object.as_ref().filter(|_| !self.by_object.is_empty())?;
        let index = *self.by_object.get(&(root.clone(), Arc::clone(object)))?;
        let Annotation { suppressions, used, .. } = &mut self.annotations[index];
        let it = suppressions.list.first()?;
        let rule = it.rules.iter().position(|it| it.names(found.rule))?;
        used[0][rule] = true;
        Some(Key::Annotation(index))
    }

    fn by_entry(&mut self, found: &Diagnostic, root: Option<&RepoPath>) -> Option<Key> {
        let (sources, resources) = (self.sources, &self.resources);
        let object = || {
            let key = (root?.clone(), Arc::clone(found.object.as_ref()?));
            resources.get(&key).copied()
        };
        let fits = |it: &Entry<'_>| !it.has_expired && it.fits(found, root, sources, &object);
        let index = self.entries.iter().position(fits)?;
        self.entries[index].is_used = true;
        Some(Key::Entry(index))
    }

    /// What was silenced, in the order of findings.
    pub fn into_muted(mut self) -> Vec<Muted> {
        let mut muted = vec![];
        for (key, found) in std::mem::take(&mut self.muted) {
            let mute = self.mute(key);
            let findings = findings::merge(self.sources, &self.settings.selection, found);
            muted.extend(findings.into_iter().map(|finding| Muted { finding, mute: mute.clone() }));
        }
        muted.sort_by_cached_key(|it| findings::order(self.sources, &it.finding));
        muted
    }

    fn mute(&self, key: Key) -> Mute {
        let of = |by, it: &Suppression| Mute { by, reason: it.reason.clone(), place: Some(it.span) };
        match key {
            Key::Comment(file, index) => of(MutedBy::Comment, &self.files[file].suppressions.list[index]),
            Key::Annotation(index) => of(MutedBy::Annotation, &self.annotations[index].suppressions.list[0]),
            Key::Entry(index) => {
                let it = &self.entries[index];
                Mute { by: MutedBy::Options, reason: it.entry.reason.clone(), place: it.place }
            }
        }
    }
}

fn key_of(root: &Rendered, resource: &Resource) -> Object {
    (root.root.clone(), resource.object_name())
}

/// The day by the clock, or by `SOURCE_DATE_EPOCH` for those who want the same answer tomorrow.
pub fn today() -> Day {
    let fixed = env::var("SOURCE_DATE_EPOCH").ok().and_then(|it| it.trim().parse::<i64>().ok());
    let since =
        || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs() as i64);
    Day::of_seconds(fixed.unwrap_or_else(since))
}

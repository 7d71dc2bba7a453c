//! Chooses the fixes of one pass: of those that touch the same text the first one is made, and the others
//! wait for the next pass.

use std::collections::BTreeMap;
use std::sync::Arc;

use gitops_render::{Edit, FileId, Fix, MemoryTree, RepoPath, Safety, SourceFile, Sources};

use crate::findings::Finding;

/// A file in which something is fixed.
#[derive(Debug)]
pub struct Mended {
    /// Where it is, symbolic links resolved.
    pub path: RepoPath,
    /// What is in it.
    pub old: Arc<[u8]>,
    /// What will be.
    pub new: Arc<[u8]>,
    /// How many findings are fixed by that.
    pub count: usize,
}

/// The files in which something can be fixed, by the first of those fixes that touch the same text.
pub fn step(
    findings: &[Finding],
    sources: &Sources<'_>,
    upto: Safety,
    may_write: &dyn Fn(&RepoPath) -> bool,
) -> Vec<Mended> {
    let mut by_file: BTreeMap<FileId, Vec<&Fix>> = BTreeMap::new();
    for fix in findings.iter().filter_map(|it| it.diagnostic.fix.as_deref()) {
        let Some(file) = fix.edits.first().map(|it| it.span.file) else { continue };
        if fix.safety <= upto && fix.edits.iter().all(|it| it.span.file == file) {
            by_file.entry(file).or_default().push(fix);
        }
    }
    let files = by_file.into_iter().map(|(id, fixes)| (sources.file(id), fixes));
    files
        .filter(|(file, _)| may_write(&file.path))
        .filter_map(|(file, fixes)| {
            let (new, count) = mended(&file, &fixes)?;
            Some(Mended { path: file.path.clone(), old: file.bytes().into(), new, count })
        })
        .collect()
}

/// A file with as many of the fixes as go together.
fn mended(file: &SourceFile, fixes: &[&Fix]) -> Option<(Arc<[u8]>, usize)> {
    let chosen = choose(fixes);
    let all = applied(file, &chosen).filter(|it| is_as_good(file, it));
    let (content, made) = match all {
        Some(content) => (content, chosen),
        // One of them does not do what it promised: find out which.
        None => one_by_one(file, &chosen)?,
    };
    // Two findings may have one and the same fix.
    let count = fixes.iter().filter(|it| made.iter().any(|made| made.edits == it.edits)).count();
    (content != file.bytes()).then(|| (content.into(), count))
}

fn one_by_one<'f>(file: &SourceFile, fixes: &[&'f Fix]) -> Option<(Vec<u8>, Vec<&'f Fix>)> {
    let (mut content, mut made) = (None, vec![]);
    for fix in fixes {
        made.push(*fix);
        match applied(file, &made).filter(|it| is_as_good(file, it)) {
            Some(good) => content = Some(good),
            None => drop(made.pop()),
        }
    }
    Some((content?, made))
}

/// The fixes that do not touch the text of an earlier one.
fn choose<'f>(fixes: &[&'f Fix]) -> Vec<&'f Fix> {
    let mut chosen: Vec<&Fix> = vec![];
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for fix in fixes {
        if fix.edits.iter().all(|it| is_free(&taken, it)) {
            taken.extend(fix.edits.iter().map(|it| (it.span.start, it.span.end)));
            chosen.push(fix);
        }
    }
    chosen
}

/// Whether an edit keeps a distance to those that are made. To touch is as bad as to overlap: where two
/// texts are put in at one place, nobody knows which comes first.
fn is_free(taken: &BTreeMap<u32, u32>, edit: &Edit) -> bool {
    // Those that are taken do not overlap, so the last one that begins before the end reaches furthest.
    taken.range(..=edit.span.end).next_back().is_none_or(|(_, end)| *end < edit.span.start)
}

/// The content after the edits; `None` if they overlap or lie outside.
fn applied(file: &SourceFile, fixes: &[&Fix]) -> Option<Vec<u8>> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|it| &it.edits).collect();
    edits.sort_by_key(|it| (it.span.start, it.span.end));
    let (bytes, mut out, mut done) = (file.bytes(), vec![], 0);
    for edit in edits {
        out.extend_from_slice(bytes.get(done..edit.span.start as usize)?);
        out.extend_from_slice(edit.text.as_bytes());
        done = edit.span.end as usize;
    }
    out.extend_from_slice(bytes.get(done..)?);
    Some(out)
}

/// Whether the new content can be read as well as the old one.
fn is_as_good(file: &SourceFile, content: &[u8]) -> bool {
    let mut tree = MemoryTree::new();
    tree.insert(file.path.as_str(), content);
    let sources = Sources::new(&tree);
    let Ok(new) = sources.open(&file.path) else { return false };
    let (new, old) = (new.yaml(), file.yaml());
    (old.is_broken || !new.is_broken) && new.diagnostics.len() <= old.diagnostics.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gitops_render::{Span, rules};

    const TEXT: &str = "a: b # ü\nc: d\n";

    /// Start, end and new text of each edit.
    type Edits<'a> = &'a [(u32, u32, &'a str)];

    /// The text after one pass, and how many findings were fixed.
    fn stepped(fixes: &[(Edits<'_>, Safety)], upto: Safety) -> Option<(String, usize)> {
        let mut tree = MemoryTree::new();
        tree.insert("a.yaml", TEXT);
        let sources = Sources::new(&tree);
        let start = sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap().start();
        let finding = |(edits, safety): &(Edits<'_>, Safety)| {
            let edit = |it: &(u32, u32, &str)| Edit {
                span: Span { start: it.0, end: it.1, ..start },
                text: it.2.to_owned(),
            };
            let edits = edits.iter().map(edit).collect();
            let fix = Fix { message: String::new(), edits, safety: *safety };
            let diagnostic = rules::find("KUS003").unwrap().at(start, "x").fix(Some(fix));
            Finding { diagnostic, roots: vec![], repeats: vec![] }
        };
        let findings: Vec<Finding> = fixes.iter().map(finding).collect();
        let mut step = step(&findings, &sources, upto, &|_| true);
        let Mended { new, count, .. } = step.pop()?;
        Some((String::from_utf8(new.to_vec()).unwrap(), count))
    }

    #[test]
    fn what_touches_an_earlier_edit_waits() {
        use Safety::Safe;
        let put = |text, count| Some((text, count));
        for (edits, expected) in [
            (vec![&[(3, 4, "x")][..], &[(13, 14, "y")]], put("a: x # ü\nc: y\n".to_owned(), 2)),
            // The same place twice, once in the middle of a longer one, and side by side.
            (vec![&[(3, 4, "x")], &[(3, 4, "y")]], put("a: x # ü\nc: d\n".to_owned(), 1)),
            (vec![&[(0, 1, "x")], &[(0, 4, "")]], put("x: b # ü\nc: d\n".to_owned(), 1)),
            (vec![&[(0, 1, "x")], &[(1, 1, "y")]], put("x: b # ü\nc: d\n".to_owned(), 1)),
            // A fix is made as a whole or not at all.
            (vec![&[(3, 4, "x")], &[(3, 4, "y"), (13, 14, "y")]], put("a: x # ü\nc: d\n".to_owned(), 1)),
            (vec![&[(3, 4, "x")], &[(3, 4, "x")]], put("a: x # ü\nc: d\n".to_owned(), 2)),
            (vec![&[(3, 4, "b")]], None),
        ] {
            let fixes: Vec<_> = edits.iter().map(|it| (*it, Safe)).collect();
            assert_eq!(stepped(&fixes, Safe), expected, "{edits:?}");
        }
    }

    #[test]
    fn what_would_break_the_file_is_not_made() {
        let fixes = [
            (&[(3, 4, "[")][..], Safety::Safe),
            (&[(10, 11, "e")], Safety::Safe),
            (&[(7, 8, "")], Safety::Safe),
            (&[(0, 1, "e")], Safety::Safe),
        ];
        // Neither an open bracket, nor half a character, nor a key that is there twice.
        assert_eq!(stepped(&fixes, Safety::Safe), Some(("a: b # ü\ne: d\n".to_owned(), 1)));
    }

    #[test]
    fn unsafe_fixes_are_made_when_they_are_asked_for() {
        let fixes = [(&[(3, 4, "x")][..], Safety::Unsafe)];
        assert_eq!(stepped(&fixes, Safety::Safe), None);
        assert_eq!(stepped(&fixes, Safety::Unsafe).unwrap().1, 1);
    }
}

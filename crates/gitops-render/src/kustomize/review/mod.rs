//! What is worth saying about a kustomization that kustomize builds without a word: fields that are
//! on their way out, what is not pinned, steps that do more or less than was meant.

mod deprecated;
mod edit;
mod lists;
mod remote;
mod rendered;
mod selectors;

use crate::diagnostic::Diagnostic;
use crate::kustomize::file::Text;
use crate::kustomize::plan::Target;
use crate::node::{Map, Node};
use crate::rules::kus;
use crate::source::RepoPath;
use crate::sources::SourceFile;

pub(crate) use lists::lost_lists;
pub(crate) use rendered::rendered;
pub(crate) use selectors::changed_selectors;

use remote::Pin;

#[cfg(test)]
mod tests;

/// What there is to say about a file that has been read without complaint.
pub(crate) fn file(dir: &RepoPath, source: &SourceFile) -> Vec<Diagnostic> {
    let Some(map) = source.yaml().documents.first().and_then(Node::as_map) else { return vec![] };
    let mut found = deprecated::fields(dir, source, map);
    found.extend(disabled_hashes(map));
    found.extend(unversioned_charts(map));
    found
}

/// Says which of the entries may lead to something else tomorrow.
pub(crate) fn pins<'e>(entries: impl Iterator<Item = &'e (Text, Target)>) -> Vec<Diagnostic> {
    let remote = entries.filter(|(_, target)| matches!(target, Target::Remote));
    let found = remote.filter_map(|(text, _)| match remote::pin(&text.value) {
        Pin::Missing => Some(kus::remote_unpinned::no_ref(text.span, &text.value)),
        Pin::Moves(name) => Some(kus::remote_unpinned::moves(text.span, &text.value, name)),
        Pin::Fixed | Pin::Unknown => None,
    });
    found.collect()
}

/// The value of a field. kustomize does not mind the case of its name.
fn field<'m>(map: &'m Map, name: &str) -> Option<&'m Node> {
    map.entries().iter().find(|it| it.key.eq_ignore_ascii_case(name)).map(|it| &it.node)
}

fn maps<'m>(map: &'m Map, name: &str) -> impl Iterator<Item = &'m Map> {
    field(map, name).and_then(Node::as_seq).unwrap_or_default().iter().filter_map(Node::as_map)
}

/// Generators, and the options that all of them have.
fn disabled_hashes(map: &Map) -> Vec<Diagnostic> {
    let generators: Vec<&Map> = maps(map, "configMapGenerator").chain(maps(map, "secretGenerator")).collect();
    let shared = field(map, "generatorOptions").filter(|_| !generators.is_empty());
    let options = generators.iter().filter_map(|it| field(it, "options")).chain(shared);
    let values = options.filter_map(|it| field(it.as_map()?, "disableNameSuffixHash"));
    let disabled = values.filter(|it| it.as_scalar().is_some_and(|it| it.bool() == Some(true)));
    disabled.map(|it| kus::hash_disabled::disabled(it.origin.span)).collect()
}

fn unversioned_charts(map: &Map) -> Vec<Diagnostic> {
    let text = |chart: &Map, name: &str| {
        let node = field(chart, name).filter(|it| it.as_scalar().is_some_and(|it| !it.text.is_empty()))?;
        Some((node.as_scalar()?.text.to_string(), node.origin.span))
    };
    let mut found = vec![];
    let fields = [
        ("helmCharts", ["name", "repo", "version"]),
        ("helmChartInflationGenerator", ["chartName", "chartRepoUrl", "chartVersion"]),
    ];
    for (charts, [name, repo, version]) in fields {
        for chart in maps(map, charts).filter(|it| text(it, repo).is_some() && text(it, version).is_none()) {
            found.extend(text(chart, name).map(|(name, at)| kus::chart_unversioned::unversioned(at, &name)));
        }
    }
    found
}

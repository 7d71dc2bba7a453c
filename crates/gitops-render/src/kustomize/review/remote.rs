//! Whether a URL leads to the same thing every day.

/// What a URL says of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pin<'u> {
    /// It names a tag or a commit, or something that could be one.
    Fixed,
    /// It names something that moves.
    Moves(&'u str),
    /// It names nothing, and so means the default branch.
    Missing,
    /// Nobody can tell.
    Unknown,
}

/// Names that nobody gives to a tag.
const MOVING: &[&str] =
    &["main", "master", "HEAD", "head", "develop", "development", "dev", "trunk", "latest", "nightly"];

/// Hosts of Git repositories, whose URLs kustomize takes for one without further marks.
const GIT_HOSTS: &[&str] = &["github.com", "gitlab.com", "bitbucket.org"];

pub(super) fn pin(url: &str) -> Pin<'_> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let parameters = query.split('&').filter_map(|it| it.split_once('='));
    let mut wanted = parameters.filter(|(key, value)| matches!(*key, "ref" | "version") && !value.is_empty());
    if let Some((_, name)) = wanted.next() {
        return of_name(name);
    }
    let is_web = address.starts_with("http://") || address.starts_with("https://");
    let bare = address.split_once("://").map_or(address, |it| it.1);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = host.strip_prefix("www.").unwrap_or(host);
    let parts: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    let is_file = is_web && [".yaml", ".yml", ".json"].iter().any(|it| path.ends_with(it));
    if is_file && !path.contains(".git/") && !path.contains("//") {
        return of_file(host, &parts);
    }
    let is_git = !is_web
        || GIT_HOSTS.contains(&host)
        || path.contains("//")
        || parts.iter().any(|it| it.ends_with(".git") || *it == "_git");
    if is_git { Pin::Missing } else { Pin::Unknown }
}

/// A branch, a tag or a commit.
fn of_name(name: &str) -> Pin<'_> {
    let branch = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("heads/"));
    match branch {
        Some(branch) => Pin::Moves(branch),
        None if MOVING.contains(&name) => Pin::Moves(name),
        None => Pin::Fixed,
    }
}

/// A single file, by the layout of the host.
fn of_file<'u>(host: &str, parts: &[&'u str]) -> Pin<'u> {
    let of_parts = |rest: &[&'u str]| match rest {
        ["refs", "heads", branch, ..] => Pin::Moves(branch),
        ["refs", ..] => Pin::Fixed,
        [name, ..] => of_name(name),
        [] => Pin::Unknown,
    };
    match (host, parts) {
        ("raw.githubusercontent.com", [_, _, rest @ ..]) => of_parts(rest),
        ("github.com", [_, _, "releases", "download", ..]) => Pin::Fixed,
        ("github.com" | "bitbucket.org", [_, _, "raw" | "blob", rest @ ..]) => of_parts(rest),
        _ => match parts.iter().position(|it| *it == "-").map(|it| &parts[it + 1..]) {
            Some(["raw", rest @ ..]) => of_parts(rest),
            _ => {
                let moving = parts.iter().find(|it| MOVING.contains(it));
                moving.map_or(Pin::Unknown, |it| Pin::Moves(it))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_pinned_by_a_tag_or_a_commit() {
        for (url, expected) in [
            ("https://github.com/a/b//config?ref=v1.2.3", Pin::Fixed),
            ("https://github.com/a/b/config?timeout=90s&ref=release-1.2", Pin::Fixed),
            ("https://github.com/a/b?version=v1", Pin::Fixed),
            ("https://github.com/a/b/config?ref=main", Pin::Moves("main")),
            ("https://github.com/a/b/config?ref=refs/heads/v1", Pin::Moves("v1")),
            ("https://github.com/a/b/config?ref=", Pin::Missing),
            ("github.com/a/b/config", Pin::Missing),
            ("git@github.com:a/b//config", Pin::Missing),
            ("ssh://git@example.org/a/b.git//config?ref=0123abc", Pin::Fixed),
            ("git::https://example.org/a/b", Pin::Missing),
            ("https://example.org/a/b.git", Pin::Missing),
            ("https://example.org/a", Pin::Unknown),
            ("https://raw.githubusercontent.com/a/b/v1.0/x.yaml", Pin::Fixed),
            ("https://raw.githubusercontent.com/a/b/master/x.yaml", Pin::Moves("master")),
            ("https://raw.githubusercontent.com/a/b/refs/heads/x/x.yaml", Pin::Moves("x")),
            ("https://raw.githubusercontent.com/a/b/refs/tags/x/x.yaml", Pin::Fixed),
            ("https://github.com/a/b/releases/download/v1/x.yaml", Pin::Fixed),
            ("https://github.com/a/b/releases/latest/download/x.yaml", Pin::Moves("latest")),
            ("https://github.com/a/b/raw/main/x.yaml", Pin::Moves("main")),
            ("https://gitlab.com/a/g/b/-/raw/master/x.yaml", Pin::Moves("master")),
            ("https://gitlab.com/a/g/b/-/raw/v1/x.yaml", Pin::Fixed),
            ("https://storage.googleapis.com/tekton/latest/x.yaml", Pin::Moves("latest")),
            ("https://storage.googleapis.com/tekton/previous/v0.1/x.yaml", Pin::Unknown),
            ("https://", Pin::Unknown),
            ("", Pin::Missing),
        ] {
            assert_eq!(pin(url), expected, "{url}");
        }
    }
}

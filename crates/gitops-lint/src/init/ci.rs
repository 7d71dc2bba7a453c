//! The workflow that `init` writes: the example in `examples/`, for the repository's main branch.

use std::fs;
use std::path::Path;

use crate::args::CiArg;

use super::checkout::Checkout;
use super::{Piece, Step, is_there};

const GITHUB: &str = include_str!(concat!(env!("GITOPS_LINT_EXAMPLES"), "/github/pull-request.yml"));
const GITLAB: &str = include_str!(concat!(env!("GITOPS_LINT_EXAMPLES"), "/gitlab/.gitlab-ci.yml"));

const WORKFLOWS: &str = ".github/workflows";
const WORKFLOW: &str = ".github/workflows/gitops-lint.yml";
const PIPELINE: &str = ".gitlab-ci.yml";

/// Who runs the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub Actions.
    GitHub,
    /// GitLab's pipelines.
    GitLab,
}

impl Forge {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Forge::GitHub => "GitHub",
            Forge::GitLab => "GitLab",
        }
    }
}

impl CiArg {
    /// The forge that is asked for.
    pub fn forge(self) -> Option<Forge> {
        match self {
            CiArg::Github => Some(Forge::GitHub),
            CiArg::Gitlab => Some(Forge::GitLab),
            CiArg::None => None,
        }
    }
}

/// The forge of the remote, or else the one whose files are there.
pub fn found(checkout: &Checkout) -> Option<Forge> {
    of_host(checkout.host().as_deref()).or_else(|| of_files(&checkout.top))
}

/// What there is to say about the forge, if it is another one than was found, or none.
pub fn remark(asked: Option<CiArg>, found: Option<Forge>, checkout: &Checkout) -> Option<String> {
    match (asked.map(CiArg::forge), found) {
        (Some(Some(wanted)), _) if found != Some(wanted) => {
            Some(format!("{}, because `--ci` asks for it", wanted.name()))
        }
        (None, None) if checkout.is_git => {
            Some("no workflow, because the forge is not known: `--ci` says for which one to write".to_owned())
        }
        _ => None,
    }
}

fn of_host(host: Option<&str>) -> Option<Forge> {
    // `github.example.com` is a GitHub, too.
    let is_called = |name: &str| host.is_some_and(|it| it.split('.').any(|it| it == name));
    match () {
        () if is_called("github") => Some(Forge::GitHub),
        () if is_called("gitlab") => Some(Forge::GitLab),
        () => None,
    }
}

fn of_files(top: &Path) -> Option<Forge> {
    match () {
        () if top.join(WORKFLOWS).is_dir() => Some(Forge::GitHub),
        () if top.join(PIPELINE).is_file() => Some(Forge::GitLab),
        () => None,
    }
}

/// What is done for a forge.
pub fn piece(forge: Forge, checkout: &Checkout) -> Piece {
    match forge {
        Forge::GitHub if runs_it_already(&checkout.top.join(WORKFLOWS)) => {
            Piece { path: WORKFLOWS, step: Step::Keep("a workflow runs gitops-lint already") }
        }
        Forge::GitHub => {
            let text = GITHUB.replace("branches: [main]", &format!("branches: [{}]", checkout.branch));
            Piece::new(&checkout.top, WORKFLOW, text)
        }
        Forge::GitLab => pipeline(&checkout.top),
    }
}

fn pipeline(top: &Path) -> Piece {
    let path = top.join(PIPELINE);
    let step = match fs::read_to_string(&path) {
        Ok(text) if text.contains("gitops-lint") => Step::Keep("it runs gitops-lint already"),
        _ if is_there(&path) => Step::Advise(without_head(GITLAB)),
        _ => Step::Write(GITLAB.to_owned()),
    };
    Piece { path: PIPELINE, step }
}

/// The text without the comment that it opens with.
pub fn without_head(text: &str) -> String {
    text.lines().skip_while(|it| it.starts_with('#')).map(|it| format!("{it}\n")).collect()
}

/// Whether a workflow in the folder speaks of us.
fn runs_it_already(folder: &Path) -> bool {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let mut workflows = files.filter(|it| it.extension().is_some_and(|it| it == "yml" || it == "yaml"));
    workflows.any(|it| fs::read_to_string(it).is_ok_and(|it| it.contains("gitops-lint")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forge_of_ones_own_is_known_by_its_name() {
        for (host, forge) in [
            ("github.com", Some(Forge::GitHub)),
            ("github.example.org", Some(Forge::GitHub)),
            ("gitlab.example.org", Some(Forge::GitLab)),
            ("notgithub.com", None),
            ("codeberg.org", None),
        ] {
            assert_eq!(of_host(Some(host)), forge, "{host}");
        }
    }

    #[test]
    fn the_example_names_a_branch_that_can_be_replaced() {
        assert_eq!(GITHUB.matches("branches: [main]").count(), 1);
        assert!(without_head(GITLAB).starts_with("gitops-lint:\n"));
    }
}

//! Git as it answers for real repositories.

use std::fs;

use gitops_render::{EntryKind, RepoPath, SourceTree};

use super::testing::{Repo, git};
use super::{BaseTree, Git, GitError};
use crate::disk_tree::DiskTree;
use crate::walk::{self, Wanted};

fn path(text: &str) -> RepoPath {
    RepoPath::root().join(text).unwrap()
}

fn repository(repo: &Repo) -> Git {
    Git::around(&repo.top).unwrap()
}

fn fails(repo: &Repo, name: &str) -> String {
    repository(repo).merge_base(name).unwrap_err().to_string()
}

#[test]
fn everything_that_names_a_commit_leads_to_where_the_branch_began() {
    let Some(repo) = Repo::new() else { return };
    let first = repo.write("a.yaml", "a: 1\n").commit("first words");
    repo.git(&["tag", "-a", "-m", "t", "v1"]);
    repo.git(&["branch", "feature"]);
    repo.write("a.yaml", "a: 2\n").commit("on main");
    repo.git(&["checkout", "--quiet", "feature"]);
    let second = repo.write("b.yaml", "b: 1\n").commit("on the feature");
    let git = repository(&repo);
    for (name, expected) in [
        ("main", &first),
        ("v1", &first),
        ("HEAD", &second),
        ("HEAD~1", &first),
        ("feature@{0}", &second),
        (":/first", &first),
        (&*first, &first),
        (&first[..8], &first),
    ] {
        let found = git.merge_base(name).unwrap();
        assert_eq!((&found.id, &*found.name), (expected, name));
    }
    repo.git(&["checkout", "--quiet", "--detach", "main"]);
    assert_eq!(git.merge_base("feature").unwrap().id, first);
    assert!(Git::around(&repo.top.join("a.yaml")).unwrap().merge_base("main").is_ok());
}

#[test]
fn a_name_that_leads_nowhere_is_answered() {
    let Some(repo) = Repo::new() else { return };
    let first = repo.write("a.yaml", "a: 1\n").commit("one");
    repo.git(&["update-ref", "refs/remotes/origin/trunk", &first]);
    repo.git(&["branch", "release-candidate"]);
    for (name, words) in [
        ("trunk", "there is no commit `trunk`: did you mean `origin/trunk`?"),
        ("release-canddiate", "did you mean `release-candidate`?"),
        ("mian", "did you mean `main`?"),
        ("", "there is no commit ``"),
        ("--all", "there is no commit `--all`: `git branch --all` and `git tag` list what there is"),
        ("main..HEAD", "it is a range; name the commit that it starts from"),
        ("0123456789012345678901234567890123456789", "there is no commit `0123"),
        ("HEAD:a.yaml", "`HEAD:a.yaml` is a file, and not a commit"),
        ("HEAD^{tree}", "`HEAD^{tree}` is a directory, and not a commit"),
    ] {
        let told = fails(&repo, name);
        assert!(told.contains(words), "{told}");
    }
    repo.git(&["remote", "add", "origin", "../nowhere"]);
    assert!(fails(&repo, "origin/other").contains("`git fetch origin other:refs/remotes/origin/other`"));
}

#[test]
fn a_shallow_clone_says_how_deep_to_fetch() {
    let Some(repo) = Repo::new() else { return };
    let first = repo.write("a.yaml", "a: 1\n").commit("one");
    repo.write("a.yaml", "a: 2\n").commit("two");
    let shallow = repo.beside("shallow");
    let url = format!("file://{}", repo.top.display());
    git(repo.top.parent().unwrap(), &["clone", "--quiet", "--depth=1", &url, "shallow"]);
    let shallow = Git::around(&shallow).unwrap();
    for name in ["HEAD~1", &*first, "nothing-like-it"] {
        let told = shallow.merge_base(name).unwrap_err().to_string();
        assert!(told.contains("`fetch-depth: 0`") && told.contains("`GIT_DEPTH: 0`"), "{told}");
    }
    git(&repo.beside("shallow"), &["fetch", "--quiet", "--depth=1", "origin", &first]);
    let told = shallow.merge_base(&first).unwrap_err().to_string();
    assert!(told.contains("no commit in common: this clone is shallow"), "{told}");
}

#[test]
fn a_partial_clone_says_how_to_get_what_it_lacks() {
    let Some(repo) = Repo::new() else { return };
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.write("a.yaml", "a: 1\n").commit("one");
    repo.write("a.yaml", "a: 2\n").commit("two");
    let url = format!("file://{}", repo.top.display());
    git(repo.top.parent().unwrap(), &["clone", "--quiet", "--filter=blob:none", &url, "partial"]);
    let partial = Git::around(&repo.beside("partial")).unwrap();
    let around = DiskTree::around([partial.top()]).unwrap();
    let made = |name: &str| BaseTree::new(&partial, &around, &partial.merge_base(name).unwrap());
    assert!(made("HEAD").is_ok());
    let told = made("HEAD~1").unwrap_err().to_string();
    assert!(told.contains("this clone is partial") && told.contains("`git diff HEAD~1 > "), "{told}");
}

#[test]
fn what_is_no_repository_to_compare_in_is_told() {
    let Some(repo) = Repo::new() else { return };
    assert_eq!(fails(&repo, "main"), "there is no commit `main`: the repository has no commits yet");
    let first = repo.write("a.yaml", "a: 1\n").commit("one");
    repo.git(&["checkout", "--quiet", "--orphan", "empty"]);
    assert!(fails(&repo, "main").starts_with("the current branch has no commits yet"));
    repo.git(&["commit", "--quiet", "--allow-empty", "-m", "another beginning"]);
    assert_eq!(fails(&repo, &first), format!("`{first}` and the current branch have no commit in common"));

    let elsewhere = repo.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    assert!(matches!(Git::around(&elsewhere), Err(GitError::NoRepository(_))));
    git(&elsewhere, &["init", "--quiet", "--bare"]);
    assert!(matches!(Git::around(&elsewhere), Err(GitError::Bare(_))));
    let other = repo.beside("other");
    fs::create_dir(&other).unwrap();
    git(&other, &["init", "--quiet"]);
    let both = [repo.top.clone(), other];
    assert!(matches!(Git::around_all(&both), Err(GitError::TwoRepositories(..))));
}

#[test]
fn a_worktree_has_its_own_branch() {
    let Some(repo) = Repo::new() else { return };
    let first = repo.write("a.yaml", "a: 1\n").commit("one");
    repo.git(&["worktree", "add", "--quiet", "-b", "side", "../side"]);
    let side = repo.beside("side");
    fs::write(side.join("b.yaml"), "b: 1\n").unwrap();
    git(&side, &["add", "."]);
    git(&side, &["commit", "--quiet", "-m", "two"]);
    let found = Git::around(&side).unwrap();
    assert_eq!(found.top(), side);
    assert_eq!(found.merge_base("main").unwrap().id, first);
}

/// What stands at a path: `-` nothing, `/` a directory, or the text of a file, with where it is.
fn told(tree: &dyn SourceTree, at: &str) -> String {
    match tree.entry(&path(at)).unwrap() {
        None => "-".to_owned(),
        Some(it) if it.kind == EntryKind::Dir => "/".to_owned(),
        Some(it) => {
            let text = tree.read(&it.real).unwrap();
            assert_eq!(it.size, text.len() as u64, "{at}");
            format!("{} {}", it.real, String::from_utf8_lossy(&text))
        }
    }
}

#[test]
#[cfg(unix)]
fn the_tree_of_a_commit_is_what_a_checkout_of_it_would_be() {
    use std::os::unix::fs::symlink;
    let Some(repo) = Repo::new() else { return };
    let link = |to: &str, name: &str| symlink(to, repo.top.join(name)).unwrap();
    repo.write("base/a.yaml", "1").write("base/deep/b.yaml", "2").write("gone/c.yaml", "3");
    repo.write("turns/into-file/x.yaml", "4").write("becomes-link.yaml", "5").write(".gitignore", "*.env\n");
    link("base", "linked");
    link("a.yaml", "base/link.yaml");
    link("../../beside/p.yaml", "base/leaves.yaml");
    link("/etc/passwd", "absolute");
    link("loop", "loop");
    link("nothing.yaml", "dangles.yaml");
    repo.write("späce d.yaml", "6");
    fs::create_dir_all(repo.beside("beside")).unwrap();
    fs::write(repo.beside("beside/p.yaml"), "7").unwrap();
    let first = repo.commit("one");
    repo.write("base/a.yaml", "changed").remove("gone").remove("turns/into-file");
    repo.write("turns/into-file", "a file").write("new/n.yaml", "n").write("base/new.yaml", "n");
    repo.remove("becomes-link.yaml").remove("linked").write("linked/own.yaml", "o");
    link("base/a.yaml", "becomes-link.yaml");
    repo.commit("two");
    repo.write("secret.env", "ignored").write("untracked/u.yaml", "u").write("späce d.yaml", "not committed");

    let git = repository(&repo);
    let around = DiskTree::around([&repo.top]).unwrap().beside([&repo.beside("beside")]);
    let commit = git.commit(&first).unwrap();
    let tree = BaseTree::new(&git, &around, &commit).unwrap();
    for (at, expected) in [
        ("repo/base/a.yaml", "repo/base/a.yaml 1"),
        ("repo/base/link.yaml", "repo/base/a.yaml 1"),
        ("repo/linked/deep/b.yaml", "repo/base/deep/b.yaml 2"),
        ("repo/linked/own.yaml", "-"),
        ("repo/gone/c.yaml", "repo/gone/c.yaml 3"),
        ("repo/gone", "/"),
        ("repo", "/"),
        ("repo/turns/into-file/x.yaml", "repo/turns/into-file/x.yaml 4"),
        ("repo/turns/into-file", "/"),
        ("repo/becomes-link.yaml", "repo/becomes-link.yaml 5"),
        ("repo/becomes-link.yaml/x", "-"),
        ("repo/base/leaves.yaml", "beside/p.yaml 7"),
        ("repo/absolute", "-"),
        ("repo/loop", "-"),
        ("repo/dangles.yaml", "-"),
        ("repo/new/n.yaml", "-"),
        ("repo/new", "-"),
        ("repo/base/new.yaml", "-"),
        ("repo/untracked", "-"),
        ("repo/untracked/u.yaml", "-"),
        ("repo/späce d.yaml", "repo/späce d.yaml 6"),
        ("repo/secret.env", "repo/secret.env ignored"),
        ("beside/p.yaml", "beside/p.yaml 7"),
    ] {
        assert_eq!(told(&tree, at), expected, "{at}");
    }
    assert_eq!(tree.list(&path("repo/base")).unwrap(), ["a.yaml", "deep", "leaves.yaml", "link.yaml"]);
    assert_eq!(tree.list(&path("repo/gone")).unwrap(), ["c.yaml"]);
    assert!(tree.list(&path("repo/new")).is_err());
    let changed: Vec<String> = tree.changed().iter().map(ToString::to_string).collect();
    let expected = "base/a.yaml base/new.yaml becomes-link.yaml gone/c.yaml linked linked/own.yaml new/n.yaml \
                    späce d.yaml turns/into-file turns/into-file/x.yaml untracked/u.yaml";
    assert_eq!(changed.join(" ").replace("repo/", ""), expected);
}

#[test]
fn a_walk_through_a_commit_finds_what_a_walk_through_its_checkout_finds() {
    let Some(repo) = Repo::new() else { return };
    repo.write(".gitignore", "/out/\n*.gen.yaml\n!keep.gen.yaml\n!.shown\n")
        .write("apps/.gitignore", "local.*\n");
    repo.write("apps/.ignore", "!local.yml\n").write(".git/info/exclude", "private.yaml\n");
    for name in ["a", "out/b", "apps/x.gen", "apps/keep.gen", "apps/local", "deep/local", "apps/private"] {
        repo.write(&format!("{name}.yaml"), "a: 1\n");
    }
    for name in
        [".hidden/a.yaml", ".shown/a.yaml", "apps/local.yml", "a.txt", "apps/Kustomization", "apps/p.rego"]
    {
        repo.write(name, "a: 1\n");
    }
    repo.git(&["add", "--all", "--force"]);
    let first = repo.commit("with files that are ignored though tracked");
    let around = DiskTree::around([&repo.top]).unwrap();
    let paths = [repo.top.clone()];
    let walk = |wanted: Wanted| walk::walk(&around, &paths, wanted, 1).files;
    let all = [Wanted::Yaml, Wanted::Rego, Wanted::Constraints];
    let then = all.map(walk);
    assert!(then[0].contains(&path("apps/local.yml")) && !then[0].contains(&path("apps/local.yaml")));

    repo.remove("apps").remove("a.yaml").write(".gitignore", "deep\n").write("new.yaml", "a: 1\n");
    repo.commit("another");
    let git = repository(&repo);
    let tree = BaseTree::new(&git, &around, &git.commit(&first).unwrap()).unwrap();
    for (wanted, then) in all.into_iter().zip(then) {
        let now = walk(wanted);
        assert_ne!(now, then, "{wanted:?}");
        assert_eq!(tree.walk(&paths, wanted, &now).files, then, "{wanted:?}");
    }
    repo.write("apps/x.gen.yaml", "a: 1\n");
    let named = tree.walk(&[repo.top.join("apps/x.gen.yaml")], Wanted::Yaml, &[]);
    assert_eq!((named.files, named.named), (vec![path("apps/x.gen.yaml")], vec![path("apps/x.gen.yaml")]));
}

#[test]
fn a_submodule_is_there_if_it_is_at_the_same_commit() {
    let Some(repo) = Repo::new() else { return };
    let library = repo.beside("library");
    fs::create_dir(&library).unwrap();
    git(&library, &["init", "--quiet"]);
    let publish = |text: &str| {
        fs::write(library.join("a.yaml"), text).unwrap();
        git(&library, &["add", "."]);
        git(&library, &["commit", "--quiet", "-m", "publish"]);
    };
    publish("one");
    repo.git(&["submodule", "--quiet", "add", "../library", "lib"]);
    let first = repo.commit("with the first");
    let second = repo.write("a.yaml", "a: 1\n").commit("same library");
    publish("two");
    repo.git(&["submodule", "--quiet", "update", "--remote"]);
    let third = repo.commit("with the second");
    let around = DiskTree::around([&repo.top]).unwrap();
    let git = repository(&repo);
    let told = |commit: &str| {
        let tree = BaseTree::new(&git, &around, &git.commit(commit).unwrap()).unwrap();
        (told(&tree, "lib"), told(&tree, "lib/a.yaml"), tree.unknown_submodules())
    };
    assert_eq!(told(&third), ("/".to_owned(), "lib/a.yaml two".to_owned(), vec![]));
    for commit in [&first, &second] {
        assert_eq!(told(commit), ("/".to_owned(), "-".to_owned(), vec![path("lib")]));
    }
}

#[test]
fn nothing_is_written() {
    let Some(repo) = Repo::new() else { return };
    let first = repo.write("a.yaml", "a: 1\n").commit("one");
    repo.write("a.yaml", "a: 2\n");
    let state = || {
        let walk =
            ignore::WalkBuilder::new(&repo.top).standard_filters(false).sort_by_file_path(Ord::cmp).build();
        let files = walk.map(|it| it.unwrap()).filter(|it| it.file_type().unwrap().is_file());
        files.map(|it| (it.path().to_owned(), fs::read(it.path()).unwrap())).collect::<Vec<_>>()
    };
    let before = state();
    // Touched, so that Git would like to note in its index that nothing has changed.
    repo.write("b.yaml", "").remove("b.yaml").write("a.yaml", "a: 1\n");
    let git = repository(&repo);
    let around = DiskTree::around([&repo.top]).unwrap();
    let tree = BaseTree::new(&git, &around, &git.merge_base(&first).unwrap()).unwrap();
    assert_eq!(told(&tree, "a.yaml"), "a.yaml a: 1\n");
    assert!(tree.changed().is_empty());
    repo.write("a.yaml", "a: 2\n");
    assert_eq!(state(), before);
}

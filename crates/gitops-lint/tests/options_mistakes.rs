//! Bad options files: what a person reads, and the next step in each case.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use support::{GOOD, Ran, Repo};

fn repo(options: &[u8]) -> Repo {
    let repo = Repo::new();
    repo.file("web.yaml", GOOD).file("base.toml", "").file("gitops-lint.toml", options);
    repo
}

#[track_caller]
fn refused(repo: &Repo) -> String {
    let Ran { code, stdout, stderr } = repo.run(&["check"]);
    assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
    assert!(!stderr.contains("panicked") && stderr.len() < 20_000, "{stderr}");
    stderr
}

/// Options files with lines of the frames that they give.
const FRAMES: &[(&str, &[&str])] = &[
    (
        "selct = []\n",
        &["× the options file has no key `selct`", "[gitops-lint.toml:1:1]", "help: did you mean `select`?"],
    ),
    ("[tool.gitops-lint]\n", &["has no key `tool`", "help: there is extend, kubernetes-versions,"]),
    (
        "[environments.prod]\nkubernetes-version = \"1.33\"\n",
        &["an environment has no key `kubernetes-version`", "did you mean `kubernetes-versions`?"],
    ),
    (
        "[[overrides]]\npath = [\"a\"]\nignore = [\"KUS\"]\n",
        &["an override has no key `path`", "did you mean `paths`?"],
    ),
    ("[[ignore]]\nnmae = \"a\"\n", &["`[[ignore]]` has no key `nmae`", "did you mean `name`?"]),
    ("exclude = \"x\"\n", &["`exclude` is text, and a list is wanted", "help: write `exclude = [\"…\"]`"]),
    ("environments = []\n", &["a table is wanted", "help: write `[environments]`"]),
    ("overrides = \"x\"\n", &["a list of tables is wanted", "help: write `[[overrides]]`"]),
    ("policies = [[]]\n", &["`policies` is a list, and text is wanted", "help: write `policies = \"…\"`"]),
    ("strict.x = 1\n", &["true or false is wanted", "help: write `true` or `false`"]),
    (
        "severity.KUS001 = \"fatal\"\n",
        &["`KUS001` cannot be `fatal`", "help: it is one of `error`, `warning`, `info`, `off`"],
    ),
    ("[severity]\nKUS = false\n", &["`KUS` is true or false, and a word is wanted", "`off`, in quotes"]),
    ("[[ignore]]\nreason = \"x\"\n", &["this would ignore every finding", "help: say which: `rules`"]),
    ("[[ignore]]\nname = \"web-[\"\n", &["`web-[` is no pattern of names", "help: `*`, `?`, `[a-z]`"]),
    ("exclude = [\"{a\"]\n", &["`{a` is no pattern of paths", "help: write it as in .gitignore"]),
    (
        "[[ignore]]\nrules = [\"KUS\"]\nexpires = 2026-02-30\n",
        &["invalid date", "help: write a day that there is, like `2026-12-31`"],
    ),
    (
        "strict = true\nstrict = false\n",
        &["the key `strict` is there twice", "[gitops-lint.toml:2:1]", "help: write it once"],
    ),
    ("[severity]\n[severity]\n", &["the key `severity` is there twice", "help: write it once"]),
    (
        "ignore = [\"KUS\"]\n[[ignore]]\nname = \"x\"\n",
        &["`ignore` is there twice", "`[[ignore]]` are one list"],
    ),
    ("strict = tru\n", &["[gitops-lint.toml:1:10]", "help: write `true` or `false`, or text in quotes"]),
    ("fail-on = error\n", &["[gitops-lint.toml:1:11]", "help: in TOML it is `key = \"text\"`"]),
    ("strict: true\n", &["help: this is TOML, not YAML: write `strict = …`"]),
    ("select = [\"KUS\"\nstrict = true\n", &["[gitops-lint.toml:2:1]", "help: in TOML it is"]),
    ("strict = true\0\n", &["help: drop the control character"]),
    ("strict = true\r\nselct = []\r\n", &["[gitops-lint.toml:2:1]", "did you mean `select`?"]),
    ("\u{feff}selct = []\n", &["[gitops-lint.toml:1:1]", "did you mean `select`?"]),
    ("extend = \"bas.toml\"\n", &["there is no `bas.toml`", "help: did you mean `base.toml`?"]),
    ("extend = \"https://example.com/x.toml\"\n", &["help: only files can be named: fetch it first"]),
    ("extend = \"gitops-lint.toml\"\n", &["build upon each other in a circle", "help: drop one `extend`"]),
];

#[test]
fn each_mistake_is_shown_with_the_next_step() {
    let mut wrong = vec![];
    for (text, parts) in FRAMES {
        let told = refused(&repo(text.as_bytes()));
        for part in parts.iter().chain(&["error: `gitops-lint.toml` has 1 mistake: nothing is checked\n"]) {
            if !told.contains(part) {
                wrong.push(format!("{text}\n   lacks {part}\n{told}"));
            }
        }
        let count = |what: &str| told.lines().filter(|it| it.trim_start().starts_with(what)).count();
        if count("× ") != 1 || count("help: ") != 1 {
            wrong.push(format!("{text}\n   is not one mistake with one help\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_text_and_no_end_is_refused() {
    let nested =
        |open: &str, close: &str| format!("x = {}1{}", open.repeat(3000), close.repeat(3000)).into_bytes();
    for (bytes, part) in [
        (b"select = [\"\xff\xfe\"]\n".to_vec(), "help: save it as UTF-8"),
        ("# x\n".repeat(1_300_000).into_bytes(), "help: name another file by --config"),
        (nested("[", "]"), "values are nested too deep from here"),
        (nested("{a=", "}"), "values are nested too deep from here"),
        (format!("a{} = 1\n", ".a".repeat(300)).into_bytes(), "help: no option has more than three"),
    ] {
        let told = refused(&repo(&bytes));
        assert!(told.contains(part) && told.contains("help: "), "{part}: {told}");
    }
}

#[test]
fn what_is_called_so_and_is_no_file_is_no_options_file() {
    let repo = repo(b"");
    repo.file(".gitops-lint.toml", "");
    let both = "error: `.` has both `gitops-lint.toml` and `.gitops-lint.toml`: keep one of them\n";
    assert_eq!(refused(&repo), both);
    fs::remove_file(repo.path("gitops-lint.toml")).unwrap();
    fs::remove_file(repo.path(".gitops-lint.toml")).unwrap();
    fs::create_dir(repo.path("gitops-lint.toml")).unwrap();
    let told = refused(&repo);
    assert!(
        told.starts_with("error: `gitops-lint.toml` is no file: options are in a file of this name,"),
        "{told}"
    );
    fs::remove_dir(repo.path("gitops-lint.toml")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("none.toml", repo.path("gitops-lint.toml")).unwrap();
        let told = refused(&repo);
        assert!(told.starts_with("error: cannot read `gitops-lint.toml`: "), "{told}");
        assert_eq!(repo.run(&["check", "--isolated"]).code, Some(0));
    }
}

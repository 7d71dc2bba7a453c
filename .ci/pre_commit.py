"""Commits to a repository in which pre-commit runs our hooks, and sees what comes of it: see .ci/pre-commit."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
BUILD = "--build" in sys.argv[1:]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.0.0
"""
CAPACITY = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
"""
BASE = """\
resources: [deployment.yaml]
configMapGenerator:
  - name: settings
    envs: [settings.env]
"""
OVERLAY = """\
resources: [../../base]
patches:
  - path: capacity.yaml
"""
POLICY = """\
package main

import rego.v1

deny contains msg if {
    input.kind == "Deployment"
    msg := "no Deployment is allowed"
}
"""
GOOD = {
    "gitops-lint.toml": 'exclude = ["/generated/"]\n',
    "apps/web/base/kustomization.yaml": BASE,
    "apps/web/base/deployment.yaml": DEPLOYMENT,
    "apps/web/base/settings.env": "MODE=fast\n",
    "apps/web/overlays/prod/kustomization.yaml": OVERLAY,
    "apps/web/overlays/prod/capacity.yaml": CAPACITY,
    "README.md": "# Apps\n",
}
BROKEN = CAPACITY.replace("3", '"none"')
PATCH = "apps/web/overlays/prod/capacity.yaml"


def run(where, *words, **environment):
    ran = subprocess.run(
        words,
        cwd=where,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
    )
    return ran.returncode, ran.stdout


def must(where, *words):
    code, printed = run(where, *words)
    if code:
        raise AssertionError(f"{words} ended with {code}: {printed}")
    return printed.strip()


class Repository:
    """A repository with one good commit, and one of our hooks in it."""

    def __init__(self, work, hooks, hook):
        self.top = Path(work) / "repository"
        self.top.mkdir()
        must(self.top, "git", "init", "-q", "-b", "main")
        for name, it in [("user.name", "test"), ("user.email", "test@example.com"), ("commit.gpgsign", "false")]:
            must(self.top, "git", "config", name, it)
        rev = must(hooks, "git", "rev-parse", "HEAD")
        self.write(**{".pre-commit-config.yaml": f"repos:\n- repo: {hooks}\n  rev: {rev}\n  hooks:\n  - {hook}\n"})
        self.write(**GOOD)
        must(self.top, "git", "add", "--all")
        must(self.top, "git", "commit", "-q", "-m", "good")
        must(self.top, "pre-commit", "install")

    def write(self, **files):
        for name, text in files.items():
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, *words, **files):
        """Whether a commit with these files is taken, and what was printed."""
        self.write(**files)
        if not words:
            must(self.top, "git", "add", "--all")
        code, printed = run(self.top, "git", "commit", "-m", "change")
        return code == 0, printed

    def undo(self):
        must(self.top, "git", "reset", "-q", "--hard")

    def passes(self, what, *words, **files):
        is_taken, printed = self.commit(*words, **files)
        expect(what, is_taken, of=printed)
        return printed

    def is_refused(self, what, place, code, **files):
        before = must(self.top, "git", "rev-parse", "HEAD")
        is_taken, printed = self.commit(**files)
        expect(what, not is_taken, must(self.top, "git", "rev-parse", "HEAD") == before, of=printed)
        expect(f"{what}, at its place", code in printed, f"[{place}" in printed, of=printed)
        self.undo()


def expect(what, *is_so, of=""):
    if not all(is_so):
        raise AssertionError(f"{what}: {is_so} {of}")
    print(f"ok      {what}")


def commits(repo):
    repo.is_refused("a broken patch is refused at its line", f"{PATCH}:6:13]", "SCH001", **{PATCH: BROKEN})
    repo.passes("a good one passes", **{PATCH: CAPACITY.replace("3", "5")})
    repo.is_refused(
        "a changed base is checked through its overlay",
        PATCH,
        "KUS004",
        **{"apps/web/base/deployment.yaml": DEPLOYMENT.replace("name: web\nspec", "name: website\nspec")},
    )
    repo.is_refused(
        "the file of a generator is checked through its kustomization",
        "apps/web/base/settings.env:2:",
        "KUS",
        **{"apps/web/base/settings.env": "MODE=fast\nMODE=slow\n"},
    )
    repo.is_refused(
        "a changed policy is asked about what is there",
        "apps/web/base/deployment.yaml:",
        "no Deployment is allowed",
        **{"policies/deny.rego": POLICY},
    )
    repo.passes("JSON and YAML of others pass", **{"package.json": "{}\n", "values.yaml": "replicas: none\n"})
    repo.passes("an excluded file is left alone", **{"generated/broken.yaml": BROKEN})
    printed = repo.passes("a text passes", **{"README.md": "# All apps\n"})
    expect("and the hook is not even run", "Skipped" in printed, of=printed)


def moves(repo):
    base = "apps/web/base"
    must(repo.top, "git", "mv", f"{base}/deployment.yaml", f"{base}/web.yaml")
    repo.passes("a renamed file passes", **{f"{base}/kustomization.yaml": BASE.replace("deployment.yaml", "web.yaml")})
    must(repo.top, "git", "rm", "-q", PATCH)
    kustomization = "apps/web/overlays/prod/kustomization.yaml"
    repo.passes("a deleted patch passes", **{kustomization: "resources: [../../base]\n"})
    must(repo.top, "git", "mv", f"{base}/web.yaml", f"{base}/site.yaml")
    repo.is_refused("a rename that a kustomization does not know of is refused", f"{base}/kustomization.yaml:1:", "KUS")


def stages(repo):
    """pre-commit puts away what is not staged, and so the hook sees what will be committed."""
    repo.write(**{"README.md": "# Again\n", "apps/web/base/settings.env": "MODE=slow\n"})
    must(repo.top, "git", "add", "--all")
    repo.passes("what is not staged is not checked", "staged", **{PATCH: BROKEN})
    expect("and is still there", (repo.top / PATCH).read_text() == BROKEN)
    repo.undo()


def ranges(repo):
    """As a CI runs it."""
    code, printed = run(repo.top, "pre-commit", "run", "--all-files")
    expect("all files pass", code == 0, of=printed)
    must(repo.top, "git", "commit", "-q", "--no-verify", "--allow-empty", "-m", "nothing")
    repo.write(**{PATCH: BROKEN})
    must(repo.top, "git", "commit", "-q", "--no-verify", "--all", "-m", "broken")
    code, printed = run(repo.top, "pre-commit", "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    expect("a range of commits is checked", code == 1, f"[{PATCH}:6:13]" in printed, of=printed)
    code, printed = run(repo.top, "pre-commit", "run", "--all-files")
    expect("all files are checked", code == 1, printed.count("SCH001") == 1, of=printed)


def news(repo):
    """A repository with findings of old, in which a commit answers for its own: `args: [--base, HEAD]`."""
    old = {"apps/web/overlays/prod/kustomization.yaml": OVERLAY.replace("resources:", "commonLabels: {}\nresources:")}
    repo.write(**old)
    must(repo.top, "git", "add", "--all")
    must(repo.top, "git", "commit", "-q", "--no-verify", "-m", "old")
    expect("there is something to find", run(repo.top, "gitops-lint", "check")[0] == 1)
    repo.passes("what was there before does not stop a commit", **{PATCH: CAPACITY.replace("3", "5")})
    repo.is_refused("what the commit brings in does", f"{PATCH}:6:13]", "SCH001", **{PATCH: BROKEN})


def hooks(work):
    """A repository with the hooks of this one, as somebody else would clone it."""
    top = Path(work) / "hooks"
    top.mkdir()
    names = must(TOP, "git", "ls-files", "--cached", "--others", "--exclude-standard") if BUILD else ""
    for name in [".pre-commit-hooks.yaml", *names.splitlines()]:
        if (TOP / name).is_file():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, top / name)
    must(top, "git", "init", "-q")
    must(top, "git", "add", "--all")
    name = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    must(top, "git", *name, "commit", "-q", "-m", "hooks")
    return top


def main():
    manifest = (TOP / ".pre-commit-hooks.yaml").read_text()
    assert re.findall(r"^- id: (.+)$", manifest, re.M) == ["gitops-lint", "gitops-lint-system", "gitops-lint-docker"]
    # The program that Rust has built is on the PATH already, unless pre-commit is to build it.
    built = "id: gitops-lint" if BUILD else "{id: gitops-lint, language: system}"
    with tempfile.TemporaryDirectory() as work:
        os.environ |= {"PRE_COMMIT_HOME": f"{work}/home", "PRE_COMMIT_COLOR": "never", "NO_COLOR": "1"}
        # A hook of Git that runs this has told its children which repository is meant.
        for name in [it for it in os.environ if it.startswith("GIT_")]:
            del os.environ[name]
        cloned = hooks(work)
        system = "id: gitops-lint-system"
        compared = f"{{{system}, args: [--base, HEAD]}}"
        for hook, tests in [(system, [commits, moves, stages, ranges]), (compared, [news]), (built, [commits])]:
            print(f"{hook}:")
            for test in tests:
                with tempfile.TemporaryDirectory() as own:
                    test(Repository(own, cloned, hook))


main()

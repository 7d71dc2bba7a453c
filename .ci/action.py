"""Runs the scripts of action.yml and of the release as GitHub's runner would, and lints those of all workflows.

See .ci/workflows.

What the runner does is little: it fills in `${{ … }}`, decides `if`, gives a script files to write outputs, paths
and the summary to, and stops at the first that fails. Other actions are not run, only named.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

TOP = Path(__file__).resolve().parent.parent
LINT = Path(sys.argv[1])
ACTION = YAML(typ="safe").load(TOP / "action.yml")
SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
VERSION = re.search(r'^\[workspace\.package\]\nversion = "(.+)"', (TOP / "Cargo.toml").read_text(), re.M)[1]
LINUX = "x86_64-unknown-linux-musl"


class Job:
    """A job with nothing in it but our action, in a folder of its own."""

    def __init__(self, work, event=None, server=None, path=""):
        self.temp = Path(tempfile.mkdtemp(dir=work))
        self.workspace = self.temp / "workspace"
        self.workspace.mkdir()
        self.path = [path] if path else []
        self.contexts = {
            "github": {"action_path": str(TOP), "server_url": server or "https://github.com", "event": event or {}},
            "runner": {"os": "Linux", "arch": "X64", "temp": str(self.temp), "tool_cache": str(self.temp / "tools")},
        }

    def value(self, expression):
        """What `inputs.paths`, or the first of several that is something, stands for; nothing is an empty text."""
        first, _, others = expression.partition("||")
        if others:
            return self.value(first) or self.value(others)
        here = self.contexts
        for word in expression.strip().split("."):
            here = here.get(word, "") if isinstance(here, dict) else ""
        return here

    def filled(self, text):
        return re.sub(r"\$\{\{(.+?)\}\}", lambda it: str(self.value(it[1])), text)

    def holds(self, condition):
        def part(text):
            left, sign, right = re.fullmatch(r"(\S+) (==|!=) '(.*)'", text.strip()).groups()
            return (self.value(left) == right) == (sign == "==")

        return all(part(it) for it in condition.split("&&"))

    def run(self, **inputs):
        """The exit code of the action, what it printed, its outputs, its summary, and the actions it uses."""
        given = {name: it.get("default", "") for name, it in ACTION["inputs"].items()}
        given.update({name.replace("_", "-"): it for name, it in inputs.items()})
        self.contexts |= {"inputs": given, "steps": {}}
        self.printed, self.used, self.summary = "", [], ""
        code = 0
        for step in ACTION["runs"]["steps"]:
            if code or ("if" in step and not self.holds(step["if"])):
                continue
            if "uses" in step:
                self.used.append(step["uses"].split("@")[0])
            else:
                code = self.script(step)
        outputs = {name: self.filled(it["value"]) for name, it in ACTION["outputs"].items()}
        return code, outputs

    def script(self, step):
        files = {name: self.temp / name for name in ["GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"]}
        for file in files.values():
            file.write_text("")
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        environment = {name: self.filled(it) for name, it in step.get("env", {}).items()}
        ran = subprocess.run(
            [*SHELL, str(script)],
            cwd=self.workspace / self.filled(step.get("working-directory", ".")),
            env={**os.environ, "PATH": os.pathsep.join([*self.path, os.environ["PATH"]]), **environment}
            | {name: str(it) for name, it in files.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        self.printed += ran.stdout
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        self.path = [*reversed(files["GITHUB_PATH"].read_text().split("\n")[:-1]), *self.path]
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        self.contexts["steps"][step["id"]] = {"outputs": dict(it.split("=", 1) for it in lines)}
        return ran.returncode


def expect(what, *is_so, of=""):
    if not all(is_so):
        raise AssertionError(f"{what}: {is_so} {of}")


def installed(work, name):
    """A folder with the program, to be put on the PATH."""
    folder = Path(tempfile.mkdtemp(dir=work))
    shutil.copy(LINT, folder / name)
    return str(folder)


def stub(work, name, script):
    """A folder with a program that is a script."""
    folder = Path(tempfile.mkdtemp(dir=work))
    (folder / name).write_text(f"#!/usr/bin/env bash\nset -euo pipefail\n{script}")
    (folder / name).chmod(0o755)
    return str(folder)


def git(where, *words):
    name = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    ran = subprocess.run(["git", *name, *words], cwd=where, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def a_clean_repository_passes(work):
    job = Job(work, path=installed(work, "gitops-lint"))
    shutil.copytree(TOP / "testdata/repos/ml-platform", job.workspace, dirs_exist_ok=True)
    git(job.workspace, "init", "-q")
    code, outputs = job.run(install="none")
    expect("the exit code", code == 0, outputs["exit-code"] == "0", of=job.printed)
    expect("the counts", outputs["errors"] == "0", outputs["warnings"] == "0")
    expect("nobody asked for an upload", job.used == [])


def findings_are_annotated_counted_and_uploaded_before_the_job_fails(work):
    job = Job(work, path=installed(work, "gitops-lint"))
    shutil.copytree(TOP / "testdata/repos/ml-platform-broken", job.workspace / "deploy")
    git(job.workspace, "init", "-q")
    code, outputs = job.run(install="none", working_directory="deploy", sarif="true", args="  -p\npolicies\n")
    expect("the exit code", code == 1, outputs["exit-code"] == "1", of=job.printed)
    summary = json.loads(Path(outputs["json"]).read_text())["summary"]
    expect("there are some", summary["errors"] > 0)
    expect("the counts", [outputs["errors"], outputs["warnings"]] == [str(summary[it]) for it in ["errors", "warnings"]])
    notes = re.findall(r"^::(?:error|warning|notice) file=deploy/", job.printed, re.M)
    expect("annotations", len(notes) == sum(summary[it] for it in ["errors", "warnings", "infos"]), of=notes)
    expect("the summary", "gitops-lint" in job.summary, "| " in job.summary)
    expect("SARIF", json.loads(Path(outputs["sarif"]).read_text())["version"] == "2.1.0")
    expect("the upload", job.used == ["github/codeql-action/upload-sarif"])


def what_cannot_run_fails_without_an_upload(work):
    job = Job(work, path=installed(work, "gitops-lint"))
    code, outputs = job.run(install="none", sarif="true", summary="false")
    expect("the exit code", code == 2, outputs["exit-code"] == "2", outputs["sarif"] == "")
    expect("no upload", job.used == [], job.summary == "")


def inputs_are_words_and_never_scripts(work):
    arguments = stub(work, "gitops-lint", 'printf "<%s>\\n" "$@"\n')
    hostile = ['$(touch pwned)', '`touch pwned`', '"; touch pwned; "', "'; touch pwned; '", "a b", "*"]
    job = Job(work, path=arguments)
    code, _ = job.run(install="none", paths="\n".join(hostile), args="--config\na b.toml", fail_on='"; touch pwned; "')
    expect("it runs", code == 0, of=job.printed)
    words = re.findall(r"^<(.*)>$", job.printed, re.M)
    expect("each line is a word", words[words.index("--") + 1 :] == hostile, of=words)
    expect("arguments", words[words.index("--config") + 1] == "a b.toml")
    expect("nothing ran", list(job.temp.rglob("pwned")) == [])
    for name in ["version", "install"]:
        job = Job(work, path=arguments)
        code, _ = job.run(**{"install": "none", name: "0.1.0$(touch pwned)\nours=x"})
        expect(f"{name} is refused", code == 2, list(job.temp.rglob("pwned")) == [], of=job.printed)


def the_base_is_that_of_the_pull_request(work):
    arguments = stub(work, "gitops-lint", 'printf "<%s>\\n" "$@"\n')
    origin = Path(tempfile.mkdtemp(dir=work))
    git(origin, "init", "-q", "-b", "main")
    for message in ["base", "head"]:
        git(origin, "commit", "-q", "--allow-empty", "-m", message)
    base = git(origin, "rev-parse", "HEAD~1")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    pull_request = {"pull_request": {"base": {"sha": base}}}

    def words(event, **inputs):
        job = Job(work, event=event, path=arguments)
        git(job.workspace, "clone", "-q", "--depth=1", f"file://{origin}", ".")
        code, _ = job.run(install="none", **inputs)
        expect("it runs", code == 0, of=job.printed)
        found = re.findall(r"^<(.*)>$", job.printed, re.M)
        return job, found[found.index("--base") + 1] if "--base" in found else None

    job, found = words(pull_request)
    expect("the base of the pull request", found == base)
    expect("it was fetched", git(job.workspace, "cat-file", "-t", base) == "commit")
    expect("a merge group has one", words({"merge_group": {"base_sha": base}})[1] == base)
    expect("a push has none", words({})[1] is None)
    expect("none", words(pull_request, base="none")[1] is None)
    expect("a base that is named", words({}, base="origin/main")[1] == "origin/main")


def of_release(job, step, where, **environment):
    """Runs a script of the workflow that makes releases."""
    steps = YAML(typ="safe").load(TOP / ".github/workflows/release.yml")["jobs"][job]["steps"]
    script = next(it["run"] for it in steps if step in [it.get("name"), it.get("id")])
    return subprocess.run(
        [*SHELL, "-c", script], cwd=where, env={**os.environ, **environment}, capture_output=True, text=True
    )


def released(work):
    """What the workflow packs for Linux, of a program that says so: the folder of the archive and its checksum."""
    source = Path(tempfile.mkdtemp(dir=work))
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]:
        shutil.copy(TOP / name, source)
    built = source / "target" / LINUX / "release"
    built.mkdir(parents=True)
    shutil.copy(Path(stub(work, "gitops-lint", "echo the release\n")) / "gitops-lint", built)
    ran = of_release("binary", "Pack", source, TARGET=LINUX, VERSION=VERSION)
    expect("it is packed", ran.returncode == 0, of=ran.stderr)
    return source / "dist"


def a_release_is_that_of_the_tag(work):
    for tag, code in [(f"v{VERSION}", 0), ("v9.9.9", 1), (VERSION, 1)]:
        out = Path(work) / "out"
        ran = of_release("version", "version", TOP, TAG=tag, GITHUB_OUTPUT=str(out))
        expect(f"{tag} is judged", ran.returncode == code, of=ran.stdout)
    expect("the version is told", out.read_text() == f"version={VERSION}\n")


def a_release_has_notes_and_good_archives(work):
    shelf = released(work)
    gh = stub(work, "gh", 'printf "<%s>\\n" "$@"\ncat notes.md\n')
    where = shelf.parent

    def run(version):
        return of_release("release", "Release", where, VERSION=version, PATH=f"{gh}:{os.environ['PATH']}")

    changes = "# Changelog\n\n## [Unreleased]\n\n- later\n\n## [9.9.9-rc.1] - 2030-01-01\n\n- now\n\n## [9.9.8]\n\n- once\n"
    (where / "CHANGELOG.md").write_text(changes)
    ran = run("9.9.9-rc.1")
    expect("it is made", ran.returncode == 0, "<v9.9.9-rc.1>" in ran.stdout, "<--prerelease>" in ran.stdout, of=ran)
    expect("its notes are its own", "- now" in ran.stdout, "- later" not in ran.stdout, "- once" not in ran.stdout)
    expect("no notes, no release", run("9.9.7").returncode == 1)
    next(shelf.glob("*.tar.gz")).write_bytes(b"something else")
    expect("no good archive, no release", run("9.9.8").returncode != 0)


def a_release_is_verified(work):
    name = f"gitops-lint-{VERSION}-{LINUX}"
    shelf = released(work)
    checksum = shelf / f"{name}.tar.gz.sha256"
    digest = checksum.read_text().split()[0]
    # A server that knows one folder, and cargo that says what it is asked.
    tools = stub(work, "curl", f'for last; do :; done\n[[ $last == https://forge.example/*/v{VERSION}/* ]] || exit 3\n'
                 f'while [[ $1 != --output ]]; do shift; done\ncp "{shelf}/${{last##*/}}" "$2"\n')
    shutil.copy(Path(stub(work, "cargo", 'echo "cargo $*"\nfor last; do :; done\nmkdir -p "$last/bin"\n'
                          'printf "#!/bin/sh\\necho from source\\n" >"$last/bin/gitops-lint"\n'
                          'chmod +x "$last/bin/gitops-lint"\n')) / "cargo", tools)

    def run(given, **inputs):
        checksum.write_text(checksum.read_text().replace(digest, given))
        job = Job(work, server="https://forge.example", path=tools)
        if "arch" in inputs:
            job.contexts["runner"]["arch"] = inputs.pop("arch")
        code, outputs = job.run(**inputs)
        checksum.write_text(checksum.read_text().replace(given, digest))
        return code, outputs, job.printed, job.used

    code, _, printed, used = run(digest)
    expect("a good one runs", code == 0, "the release" in printed, used == ["actions/cache"], of=printed)
    for install in ["auto", "release"]:
        code, _, printed, _ = run("0" * 64, install=install)
        expect("a bad one does not", code == 2, "the checksum" in printed, "cargo" not in printed, of=printed)
    code, _, printed, _ = run(digest, version="9.9.9", install="release")
    expect("there is none of that version", code == 2, "cannot download version 9.9.9" in printed, of=printed)
    code, _, printed, _ = run(digest, version="9.9.9")
    expect("nor can it be built", code == 2, f"the source of the action is {VERSION}" in printed, of=printed)
    for inputs in [{"install": "source"}, {"arch": "RISCV64"}]:
        code, _, printed, _ = run(digest, **inputs)
        expect("it is built", code == 0, "cargo install --locked" in printed, "from source" in printed, of=printed)
    code, _, printed, _ = run(digest, arch="RISCV64", install="release")
    expect("no binary for that", code == 2, "set install to source" in printed, of=printed)


def the_pipeline_of_gitlab_writes_its_reports(work):
    job = YAML(typ="safe").load(TOP / "examples/gitlab/.gitlab-ci.yml")["gitops-lint"]
    where = Path(tempfile.mkdtemp(dir=work))
    shutil.copytree(TOP / "testdata/repos/ml-platform-broken", where, dirs_exist_ok=True)
    git(where, "init", "-q")
    path = os.pathsep.join([installed(work, "gitops-lint"), os.environ["PATH"]])
    for line in job["script"]:
        ran = subprocess.run(["sh", "-c", line], cwd=where, env={**os.environ, "PATH": path}, capture_output=True, text=True)
        expect("findings fail it", ran.returncode == 1, "SCH001" in ran.stdout, of=ran)
    for report in job["artifacts"]["reports"].values():
        expect(f"{report} is there", (where / report).stat().st_size > 100)
    arguments = stub(work, "gitops-lint", 'printf "<%s>\\n" "$@"\n')
    path = os.pathsep.join([arguments, os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc"}
    ran = subprocess.run(["sh", "-c", job["script"][0]], env=environment, capture_output=True, text=True)
    expect("a merge request has a base", ran.stdout.endswith("<--base>\n<abc>\n"), of=ran)


def scripts(document, where=""):
    """All `run:` scripts, and where they stand."""
    if isinstance(document, dict):
        if isinstance(document.get("run"), str):
            yield where, document["run"]
        for name, it in document.items():
            yield from scripts(it, f"{where}/{name}")
    elif isinstance(document, list):
        for index, it in enumerate(document):
            yield from scripts(it, f"{where}/{index}")


def scripts_are_sound(work):
    count = 0
    for file in ["action.yml", *sys.argv[2:]]:
        for where, script in scripts(YAML(typ="safe").load(TOP / file)):
            count += 1
            expect(f"{file}{where} has an expression in a script, which is how scripts are injected", "${{" not in script)
            ran = subprocess.run(["shellcheck", "--shell=bash", "-"], input=script, capture_output=True, text=True)
            expect(f"{file}{where}: {ran.stdout}", ran.returncode == 0)
    expect("there are scripts", count > 5)


def main():
    tests = [
        scripts_are_sound,
        inputs_are_words_and_never_scripts,
        the_base_is_that_of_the_pull_request,
        a_release_is_that_of_the_tag,
        a_release_has_notes_and_good_archives,
        a_release_is_verified,
        the_pipeline_of_gitlab_writes_its_reports,
        what_cannot_run_fails_without_an_upload,
        a_clean_repository_passes,
        findings_are_annotated_counted_and_uploaded_before_the_job_fails,
    ]
    failed = 0
    for test in tests:
        with tempfile.TemporaryDirectory() as work:
            try:
                test(Path(work))
                print(f"ok      {test.__name__}")
            except AssertionError as err:
                failed += 1
                print(f"FAILED  {test.__name__}: {err}")
    sys.exit(failed > 0)


main()

#!/usr/bin/env python3
"""Compares gitops-lint with kustomize on a real repository, with kubeconform on generated manifests, or with conftest.

  benches/compare.py REPO [--directories N] [--rounds N]
  benches/compare.py --generated N [--with-kustomize]
  benches/compare.py --manifests N
  benches/compare.py --policies MANIFESTS
  benches/compare.py --daily REPO [--directories N]

Prints the time of `kustomize build` for N of the repository's directories one after the other, of one
`gitops-lint check` of the whole repository, of `gitops-lint render` for the same directories and for a small one
alone, and of `gitops-lint render --all` for the whole repository, and the ratios between them.

With --generated there is no repository: a directory of N objects with name prefix, namespace, labels, images and 200
patches is made and rendered. kustomize takes minutes for 4,000 of them, so that it has to be asked for.

With --manifests N objects are made that stand in files of ten, and checked: all of them, and one file with one object of
each of some kinds. kubeconform is asked to check the same, strictly, if it is on the PATH or KUBECONFORM names a command;
it fetches schemas from the network, so that the first round is not counted, unless that command names a cache or a folder of them.

With --policies the six rules of benches/policies are asked about a directory of manifests by `gitops-lint check`, which
checks schemas and all of its own rules along; without policies, for the difference; and by `conftest test`, if it is on
the PATH.

With --daily it is what a team does all day, in a copy of the repository that is one of Git: N of its files are named one
by one, as a hook does, without a cache, and compared with `kustomize build` of the directory whose kustomization is
nearest; all of it is checked without the cache, with one that is empty, and with one that is full; and `--help` is shown.
Here the time on the clock is told, too.

Times are user plus system time of the processes, so that a busy machine does not matter much; each
is the best of several rounds.

kustomize is `kustomize`, or `kubectl`, whichever is on the PATH first; KUSTOMIZE names another command, such as
`kubectl kustomize`. Without one there is nothing to compare, which is said. GITOPS_LINT names the binary; it is
target/release/gitops-lint by default.
"""
import argparse
import glob
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

FILE_NAMES = {"kustomization.yaml", "kustomization.yml", "Kustomization"}


def kustomize_command():
    if os.environ.get("KUSTOMIZE"):
        return shlex.split(os.environ["KUSTOMIZE"])
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    return None


def run(command, accepted=(0,)):
    """-> user plus system seconds of the command, or None if it fails"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in accepted:
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(command):
    """-> user plus system seconds, and peak memory in MiB, of a command that may find something"""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit("failed: " + " ".join(command))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def clocked(command, rounds, accepted=(0, 1), before=lambda: None, cwd=None):
    """The least user plus system time, and the least time on the clock, in milliseconds; None if it fails"""
    found = []
    for _ in range(rounds):
        before()
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) not in accepted:
            return None
        found.append((usage.ru_utime + usage.ru_stime, time.monotonic() - start))
    return min(it[0] for it in found) * 1000, min(it[1] for it in found) * 1000


def kustomizations(repo):
    for directory, folders, files in os.walk(repo):
        folders[:] = sorted(it for it in folders if not it.startswith("."))
        if FILE_NAMES & set(files):
            yield directory


def usable(repo, kustomize, count):
    """The first directories that kustomize builds, each a good way from the one before."""
    found = list(kustomizations(repo))
    step = max(1, len(found) // (count * 2))
    chosen = []
    for directory in found[::step] + found:
        if directory not in chosen and run([*kustomize, directory]) is not None:
            chosen.append(directory)
        if len(chosen) == count:
            break
    return chosen


def best(rounds, commands, accepted=(0,)):
    """The least total time of all commands over the rounds."""
    totals = []
    for _ in range(rounds):
        times = [run(it, accepted) for it in commands]
        if None in times:
            sys.exit("failed: " + " ".join(commands[times.index(None)]))
        totals.append(sum(times))
    return min(totals)


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{0}
spec:
  replicas: 1
  selector:
    matchLabels: {{app: web-{0}}}
  template:
    metadata:
      labels: {{app: web-{0}}}
    spec:
      serviceAccountName: web-{0}
      containers:
      - name: web
        image: registry.example.com/web:1.0.{0}
        envFrom:
        - configMapRef: {{name: web-{0}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web-{0}}}
spec:
  selector: {{app: web-{0}}}
  ports:
  - port: 80
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: web-{0}}}
data: {{level: info}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: web-{0}}}
---
"""

KUSTOMIZATION = """\
resources: [all.yaml]
namePrefix: pre-
namespace: prod
labels:
- pairs: {team: shop}
  includeSelectors: true
images:
- name: registry.example.com/web
  newTag: "2.0"
patches:
"""

PATCHES = ["""\
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: web-{0}}}
    spec: {{replicas: 3}}
""", """\
- target: {{kind: Deployment, name: web-{0}}}
  patch: |-
    - {{op: replace, path: /spec/replicas, value: 3}}
"""]


def generate(directory, count, patches=200):
    """Writes a kustomization with so many objects, four of them for each application."""
    with open(os.path.join(directory, "all.yaml"), "w") as file:
        file.writelines(DEPLOYMENT.format(it) for it in range(count // 4))
    with open(os.path.join(directory, "kustomization.yaml"), "w") as file:
        file.write(KUSTOMIZATION)
        file.writelines(PATCHES[it % 2].format(it * (count // 4) // patches) for it in range(patches))


def compare_generated(count, ours, kustomize, rounds):
    with tempfile.TemporaryDirectory() as directory:
        generate(directory, count)
        render = best(rounds, [[ours, "render", directory]])
        print(f"gitops-lint render, {count} generated objects          {render:8.3f} s")
        if kustomize:
            theirs = best(1, [[*kustomize, directory]])
            print(f"{' '.join(kustomize)}, the same {theirs:8.3f} s   {theirs / render:6.1f} times as long")


def compare_policies(manifests, ours, rounds):
    here = os.path.dirname(os.path.abspath(__file__))
    policies = os.path.join(here, "policies")
    check = [ours, "check", manifests, "--output-format", "json"]
    with_rules = best(rounds, [[*check, "-p", policies]], accepted=(0, 1))
    without = best(rounds, [check], accepted=(0, 1))
    print(f"gitops-lint check, six rules and all of its own  {with_rules:8.3f} s")
    print(f"the same without the six rules                   {without:8.3f} s   {with_rules - without:6.3f} s for the rules")
    if not shutil.which("conftest"):
        print("skipped: conftest is not on the PATH")
        return
    theirs = best(rounds, [["conftest", "test", "-p", policies, manifests]], accepted=(0, 1))
    print(f"conftest, the six rules                          {theirs:8.3f} s   {theirs / with_rules:6.1f} times as long")


def changed_files(repo, count):
    """Files that a kustomization lies beside or above, each a good way from the one before, with that directory."""
    found = []
    for directory, folders, files in os.walk(repo):
        folders[:] = sorted(it for it in folders if not it.startswith("."))
        above = directory
        while above != repo and not any(os.path.exists(os.path.join(above, it)) for it in FILE_NAMES):
            above = os.path.dirname(above)
        if above != repo:
            found += [(os.path.join(directory, it), above) for it in sorted(files) if it.endswith((".yaml", ".env"))]
    return found[:: max(1, len(found) // count)][:count]


def compare_daily(repo, ours, kustomize, count, rounds):
    ours = os.path.abspath(ours)
    with tempfile.TemporaryDirectory() as place:
        copy, cache = os.path.join(place, "repo"), os.path.join(place, "cache")
        shutil.copytree(repo, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        subprocess.run(["git", "init", "--quiet", copy], check=True)
        cpu, clock = clocked([ours, "--help"], rounds * 5)
        print(f"gitops-lint --help                               {cpu:8.1f} ms  {clock:8.1f} ms on the clock")
        check = [ours, "check", "--no-cache"]
        for path, directory in changed_files(copy, count):
            cpu, clock = clocked([*check, path], rounds, cwd=copy) or sys.exit(f"failed: {path}")
            theirs = clocked([*kustomize, directory], rounds, accepted=(0,)) if kustomize else None
            ratio = f"   {cpu / theirs[0]:6.2f} of kustomize's time for its directory" if theirs else ""
            print(f"{cpu:8.1f} ms  {clock:8.1f} ms on the clock  {os.path.relpath(path, copy)}{ratio}")
        cached = [ours, "check", "--cache-dir", cache, copy]
        none, _ = clocked([*check, copy], rounds)
        empty, _ = clocked(cached, rounds, before=lambda: shutil.rmtree(cache, ignore_errors=True))
        full, _ = clocked(cached, rounds)
        print(f"gitops-lint check, without a cache               {none:8.1f} ms")
        print(f"the same with an empty cache                     {empty:8.1f} ms   {empty / none:6.2f} times as long")
        print(f"the same with what the run before has kept       {full:8.1f} ms   {none / full:6.1f} times faster")


CUSTOM = {
    "HelmRelease": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  interval: 10m
  chart: {spec: {chart: web, version: 1.x, sourceRef: {kind: HelmRepository, name: charts}}}
""",
    "Certificate": """\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web}
spec: {secretName: web, dnsNames: [web.example.com], issuerRef: {name: letsencrypt, kind: ClusterIssuer}}
""",
}


def compare_manifests(count, ours, rounds):
    command = shlex.split(os.environ.get("KUBECONFORM", "kubeconform"))
    kubeconform = [*command, "-strict"] if shutil.which(command[0]) else None
    versions = ["--kubernetes-version", "1.31-1.35"]
    with tempfile.TemporaryDirectory() as directory:
        all_files, one = os.path.join(directory, "all"), os.path.join(directory, "one")
        os.mkdir(all_files)
        os.mkdir(one)
        documents = [it for index in range((count + 3) // 4) for it in DEPLOYMENT.format(index).split("---\n")[:-1]]
        for start in range(0, count, 10):
            with open(os.path.join(all_files, f"{start:06}.yaml"), "w") as file:
                file.write("---\n".join(documents[start : min(start + 10, count)]))
        for kind, text in {"Deployment": documents[0], "ConfigMap": documents[2], **CUSTOM}.items():
            path = os.path.join(one, f"{kind}.yaml")
            with open(path, "w") as file:
                file.write(text)
            for title, more in (("one version", []), ("five versions", versions)):
                time, memory = min(measured([ours, "check", path, *more]) for _ in range(rounds * 5))
                print(f"gitops-lint check, one {kind}, {title:13}  {time * 1000:8.1f} ms {memory:6.1f} MiB")
        time, memory = min(measured([ours, "check", all_files]) for _ in range(rounds))
        print(f"gitops-lint check, {count} objects               {time:8.3f} s  {memory:6.1f} MiB")
        if kubeconform is None:
            print("skipped: kubeconform is not on the PATH")
            return
        measured([*kubeconform, all_files])
        theirs, memory = min(measured([*kubeconform, all_files]) for _ in range(rounds))
        print(f"{' '.join(kubeconform)}, the same            {theirs:8.3f} s  {memory:6.1f} MiB   {theirs / time:6.1f} times as long")


def smallest(directories):
    """The directory with the least in it, which is mostly start-up time."""
    def size(directory):
        return sum(os.path.getsize(it) for it in glob.glob(os.path.join(directory, "**"), recursive=True))
    return min(directories, key=size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", nargs="?")
    parser.add_argument("--generated", type=int, metavar="N")
    parser.add_argument("--with-kustomize", action="store_true")
    parser.add_argument("--policies", metavar="MANIFESTS")
    parser.add_argument("--manifests", type=int, metavar="N")
    parser.add_argument("--daily", metavar="REPO")
    parser.add_argument("--directories", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    ours = os.environ.get("GITOPS_LINT", os.path.join(here, "../target/release/gitops-lint"))
    if args.manifests:
        return compare_manifests(args.manifests, ours, args.rounds)
    kustomize = kustomize_command()
    if args.generated:
        return compare_generated(args.generated, ours, kustomize if args.with_kustomize else None, args.rounds)
    if args.daily:
        return compare_daily(args.daily, ours, kustomize, args.directories, args.rounds)
    if args.policies:
        return compare_policies(args.policies, ours, args.rounds)
    if args.repo is None:
        parser.error("which repository?")
    if kustomize is None:
        print("skipped: neither kustomize nor kubectl is on the PATH")
        return
    directories = usable(args.repo, kustomize, args.directories)
    if not directories:
        sys.exit(f"kustomize builds none of the directories in {args.repo}")
    theirs = best(args.rounds, [[*kustomize, it] for it in directories])
    # Findings are no failure here.
    check = best(args.rounds, [[ours, "check", args.repo, "--output-format", "json"]], accepted=(0, 1))
    render = best(args.rounds, [[ours, "render", it] for it in directories], accepted=(0, 1))
    with tempfile.TemporaryDirectory() as out:
        every = best(args.rounds, [[ours, "render", "--all", "--out-dir", out, args.repo]], accepted=(0, 1))
    small = smallest(directories)
    times = 20
    small_theirs = best(args.rounds, [[*kustomize, small]] * times) / times
    small_ours = best(args.rounds, [[ours, "render", small]] * times) / times
    count, total = len(directories), len(list(kustomizations(args.repo)))
    each_theirs, each_ours = theirs / count, every / total
    print(f"{' '.join(kustomize)}, {count} directories one by one    {theirs:8.3f} s")
    print(f"gitops-lint render, the same directories         {render:8.3f} s   {theirs / render:6.1f} times faster")
    print(f"the smallest of them: {small_theirs * 1000:.1f} ms and {small_ours * 1000:.1f} ms"
          f"                            {small_theirs / small_ours:6.1f} times faster")
    print(f"gitops-lint render --all, {total} directories       {every:8.3f} s   "
          f"{each_theirs / each_ours:6.1f} times faster for each")
    print(f"gitops-lint check, the whole repository          {check:8.3f} s   {check / theirs:6.2f} of kustomize's time")


if __name__ == "__main__":
    main()

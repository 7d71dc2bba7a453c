#!/usr/bin/env python3
"""Compares gitops-lint with kustomize on a real repository, in one run.

  benches/compare.py REPO [--directories N] [--rounds N]

Prints the time of `kustomize build` for N of the repository's directories one after the other, of one
`gitops-lint check` of the whole repository, and of `gitops-lint render` for the same directories, and the ratios
between them. Times are user plus system time of the processes, so that a busy machine does not matter much; each
is the best of several rounds.

kustomize is `kustomize`, or `kubectl`, whichever is on the PATH first; KUSTOMIZE names another command, such as
`kubectl kustomize`. Without one there is nothing to compare, which is said. GITOPS_LINT names the binary; it is
target/release/gitops-lint by default.
"""
import argparse
import os
import resource
import shlex
import shutil
import subprocess
import sys

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
    """-> user plus system seconds and peak memory in MiB of the command, or None if it fails"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in accepted:
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo")
    parser.add_argument("--directories", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    ours = os.environ.get("GITOPS_LINT", os.path.join(here, "../target/release/gitops-lint"))
    kustomize = kustomize_command()
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
    count = len(directories)
    print(f"{' '.join(kustomize)}, {count} directories one by one    {theirs:8.3f} s")
    print(f"gitops-lint render, the same directories         {render:8.3f} s   {theirs / render:6.1f} times faster")
    print(f"gitops-lint check, the whole repository          {check:8.3f} s   {check / theirs:6.2f} of kustomize's time")


if __name__ == "__main__":
    main()

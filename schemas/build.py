#!/usr/bin/env python3
"""Makes `kubernetes.txt.zst` and `custom.txt.zst`, the archives of schemas that gitops-lint embeds.

Downloads the packages of packages.tsv by name, verifies their checksums, and writes what validation needs as lines
of tab-separated text (README.md describes them). Needs Python 3.9, pip, npm, cargo, and the `zstd` program (or
Python 3.14, which has its own).

    schemas/build.py            writes the archives
    schemas/build.py --check    says whether the committed archives hold what the packages hold
"""

import hashlib
import pathlib
import subprocess
import sys

import custom
import kubernetes
import packages

HERE = pathlib.Path(__file__).resolve().parent


def main():
    with packages.downloaded() as found:
        versions = kubernetes.definitions(found)
        texts = {
            "kubernetes.txt.zst": kubernetes.archive_text(versions),
            "custom.txt.zst": custom.archive_text(found, versions[kubernetes.LAST]),
        }
    if sys.argv[1:] == ["--check"]:
        stale = [it for it, text in texts.items() if decompress((HERE / it).read_bytes()) != text.encode()]
        print(f"{', '.join(stale)} differ from what the packages hold" if stale else "the archives are up to date")
        sys.exit(1 if stale else 0)
    for name, text in texts.items():
        archive = HERE / name
        archive.write_bytes(compress(text.encode()))
        digest = hashlib.sha256(text.encode()).hexdigest()
        print(f"{name}: {archive.stat().st_size} bytes; unpacked {len(text.encode())} bytes, sha256 {digest}")


def compress(data):
    try:
        from compression import zstd
    except ImportError:
        return subprocess.run(["zstd", "-19", "-c", "-q"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return zstd.compress(data, level=19)


def decompress(data):
    try:
        from compression import zstd
    except ImportError:
        return subprocess.run(["zstd", "-dc", "-q"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return zstd.decompress(data)


if __name__ == "__main__":
    main()

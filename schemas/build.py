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
import sys

import archive
import custom
import kubernetes
import packages

# The crate embeds what lies in its own folder, so that it is whole when it is packaged.
EMBEDDED = pathlib.Path(__file__).resolve().parent.parent / "crates/gitops-render/schemas"


def main():
    with packages.downloaded() as found:
        versions = kubernetes.definitions(found)
        archives = {
            "kubernetes.txt.zst": kubernetes.archive_texts(versions),
            "custom.txt.zst": custom.archive_texts(found, versions[kubernetes.LAST]),
        }
    if sys.argv[1:] == ["--check"]:
        stale = [it for it, texts in archives.items() if archive.unpack((EMBEDDED / it).read_bytes()) != texts]
        print(f"{', '.join(stale)} differ from what the packages hold" if stale else "the archives are up to date")
        sys.exit(1 if stale else 0)
    for name, texts in archives.items():
        data = archive.pack(texts)
        (EMBEDDED / name).write_bytes(data)
        text = "".join(texts).encode()
        digest = hashlib.sha256(text).hexdigest()
        print(f"{name}: {len(data)} bytes in {len(texts)} texts; unpacked {len(text)} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()

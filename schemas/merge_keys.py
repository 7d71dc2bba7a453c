#!/usr/bin/env python3
"""Writes crates/gitops-render/src/kube/merge_keys.tsv: which lists a strategic merge patch merges.

kustomize takes merge keys from the OpenAPI document of Kubernetes 1.21 and from nowhere else. The
PyPI package kubernetes-validate carries its definitions (Apache-2.0); only names of types, fields
and merge keys are taken over.

    python3 schemas/merge_keys.py              # downloads the package with pip
    python3 schemas/merge_keys.py ARCHIVE      # uses a copy that is there already
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "kubernetes-validate==1.24.1"
SHA256 = "705416be22f53a46799137d6a217a4cdb72f2205f9133241fa9bb0a7e84ac8f6"
MEMBER = "/kubernetes-json-schema/v1.21.0-local/_definitions.json"
OUTPUT = pathlib.Path(__file__).parent.parent / "crates/gitops-render/src/kube/merge_keys.tsv"

HEADER = """\
# Which lists of Kubernetes 1.21 a strategic merge patch merges. Made by schemas/merge_keys.py.
# root <apiVersion> <kind> <type>: the type of an object.
# field <type> <field> <type of the value or of a list's elements, or -> <merge keys, or set, or ->
# Only types from which a merged list can be reached are here. `Object` has metadata and no other.
"""

OBJECT = "Object"
METADATA = [("metadata", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", None)]


def download(directory):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--dest", directory, PACKAGE], check=True)
    return next(pathlib.Path(directory).glob("*.tar.gz"))


def definitions(archive):
    digest = hashlib.sha256(pathlib.Path(archive).read_bytes()).hexdigest()
    if digest != SHA256:
        sys.exit(f"{archive}: the checksum is {digest}, not {SHA256}")
    with tarfile.open(archive) as tar:
        member = next(it for it in tar if it.name.endswith(MEMBER))
        return json.load(tar.extractfile(member))["definitions"]


def reference(schema):
    return schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else None


def merged_list(schema):
    """The merge keys of a list, an empty list for a set, None for a list that is replaced."""
    strategies = schema.get("x-kubernetes-patch-strategy", "").split(",")
    if schema.get("type") != "array" or "merge" not in strategies:
        return None
    if "x-kubernetes-list-map-keys" in schema:
        return schema["x-kubernetes-list-map-keys"]
    key = schema.get("x-kubernetes-patch-merge-key")
    return [key] if key else []


def fields(schema):
    """(field, type behind it or None, merge keys or None) of everything a patch walks into."""
    for name, value in sorted(schema.get("properties", {}).items()):
        keys = merged_list(value)
        if keys is not None:
            yield name, reference(value["items"]), keys
        elif reference(value):
            yield name, reference(value), None
        elif reference(value.get("additionalProperties", {})):
            yield name, reference(value["additionalProperties"]), "map"


def reaching(types):
    """The types from which some merged list can be reached."""
    reach = {name for name, its in types.items() if any(isinstance(keys, list) for _, _, keys in its)}
    while True:
        more = {name for name, its in types.items() if any(child in reach for _, child, _ in its)}
        if more <= reach:
            return reach
        reach |= more


def short(name):
    return name.removeprefix("io.k8s.api.").rsplit(".pkg.apis.", 1)[-1]


def table(defs):
    types = {name: list(fields(schema)) for name, schema in defs.items()}
    reach = reaching(types)
    walked = {name: [it for it in types[name] if it[1] in reach or isinstance(it[2], list)] for name in reach}
    roots, wanted = [], []
    for name, schema in defs.items():
        # kustomize passes over types that stand for several kinds.
        kinds = schema.get("x-kubernetes-group-version-kind", [])
        if len(kinds) == 1 and name in reach:
            group, version = kinds[0]["group"], kinds[0]["version"]
            api_version = f"{group}/{version}" if group else version
            its_type = OBJECT if walked[name] == METADATA else name
            roots.append(f"root\t{api_version}\t{kinds[0]['kind']}\t{short(its_type)}")
            wanted.append(its_type)
    rows, seen = [], set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        for field, child, keys in METADATA if name == OBJECT else walked[name]:
            if keys == "map":
                sys.exit(f"{name}.{field}: merged lists in a map's values need a column of their own")
            lists = "-" if keys is None else ",".join(keys) or "set"
            rows.append(f"field\t{short(name)}\t{field}\t{short(child) if child in reach else '-'}\t{lists}")
            if child in reach:
                wanted.append(child)
    return sorted(roots) + sorted(rows)


def main():
    with tempfile.TemporaryDirectory() as directory:
        archive = sys.argv[1] if len(sys.argv) > 1 else download(directory)
        rows = table(definitions(archive))
    OUTPUT.write_text(HEADER + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main()

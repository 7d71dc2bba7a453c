#!/usr/bin/env python3
"""Makes `kubernetes.txt.zst`, the archive of schemas that gitops-lint embeds.

Downloads the pinned packages by name with pip, verifies their checksums, and writes what validation needs as lines
of tab-separated text (README.md describes them). Needs Python 3.9, pip, and the `zstd` program (or Python 3.14,
which has its own).

    schemas/build.py            writes the archive
    schemas/build.py --check    says whether the committed archive holds what the packages hold
"""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ARCHIVE = HERE / "kubernetes.txt.zst"

# name, version, file, SHA-256 of the file
PACKAGE = (
    "kubernetes-validate",
    "1.37.0",
    "kubernetes_validate-1.37.0-py3-none-any.whl",
    "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
)
FIRST, LAST = 25, 37  # Kubernetes 1.25 to 1.37

DROPPED = {"description", "$schema", "$id", "default", "example", "x-kubernetes-unions", "x-kubernetes-group-version-kind"}
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
# Types that stand in for `oneOf`s of the source: a value matches one of two scalar types, so no `oneOf` is needed.
REWRITTEN = {
    INT_OR_STRING: {"type": ["integer", "string"], "format": "int-or-string"},
    QUANTITY: {"type": ["number", "string"], "format": "quantity"},
}


def main():
    text = archive_text(download())
    if sys.argv[1:] == ["--check"]:
        same = decompress(ARCHIVE.read_bytes()) == text.encode()
        print("the archive is up to date" if same else "the archive differs from what the packages hold")
        sys.exit(0 if same else 1)
    ARCHIVE.write_bytes(compress(text.encode()))
    digest = hashlib.sha256(text.encode()).hexdigest()
    print(f"{ARCHIVE.name}: {ARCHIVE.stat().st_size} bytes; unpacked {len(text)} bytes, sha256 {digest}")


def download():
    """Returns the definitions of each minor version, read out of the verified package."""
    name, version, file, checksum = PACKAGE
    with tempfile.TemporaryDirectory() as folder:
        command = ["download", "--no-deps", "--only-binary", ":all:", "--dest", folder, f"{name}=={version}"]
        subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *command], check=True)
        package = pathlib.Path(folder, file)
        found = hashlib.sha256(package.read_bytes()).hexdigest()
        if found != checksum:
            sys.exit(f"{file} has the checksum {found}, but {checksum} is pinned")
        with zipfile.ZipFile(package) as wheel:
            path = "kubernetes_validate/kubernetes-json-schema/v1.{}.0-local/_definitions.json"
            return {it: json.loads(wheel.read(path.format(it)))["$defs"] for it in range(FIRST, LAST + 1)}


def archive_text(versions):
    """Returns the content of the archive. Equal input gives equal text."""
    enums = read_enums()
    kinds, bodies = {}, {}
    for minor, definitions in versions.items():
        bit = 1 << (minor - FIRST)
        for name, definition in definitions.items():
            # DeleteOptions and WatchEvent list every group; nobody writes them into a file.
            named = definition.get("x-kubernetes-group-version-kind", [])
            for it in named if len(named) == 1 else []:
                key = (it["group"], it["version"], it["kind"], name)
                kinds[key] = kinds.get(key, 0) | bit
            schema = REWRITTEN.get(name) or cleaned(definition, name)
            add_enums(schema, enums, name)
            is_object = definition.get("properties", {}).keys() >= {"apiVersion", "kind"}
            if is_object:  # the object was looked up by these two
                for field in ("apiVersion", "kind"):
                    schema["properties"][field].pop("enum", None)
            body = json.dumps(schema, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
            by_body = bodies.setdefault(name, {})
            by_body[body] = by_body.get(body, 0) | bit
    unused = [f"{it[0]} {it[1]}" for it, used in enums.items() if not used["used"] and known(it, bodies)]
    if unused:
        sys.exit(f"enums.tsv names fields that no version has: {unused}")
    lines = ["gitops-lint-schemas\t1", f"kubernetes\t{FIRST}\t{LAST}"]
    for (group, version, kind, name), mask in sorted(kinds.items()):
        lines.append(f"kind\t{group}\t{version}\t{kind}\t{name}\t{mask:x}")
    for name, by_body in sorted(bodies.items()):
        for body, mask in by_body.items():
            lines.append(f"definition\t{name}\t{mask:x}\t{body}")
    return "\n".join(lines) + "\n"


def cleaned(schema, place, required=False):
    """Returns a schema without prose and without `null`.

    In the source a value is nullable unless it is a required property, and so it says nothing: the reader of the
    archive adds `null` by the same rule.
    """
    out = {}
    for key, value in schema.items():
        if key in DROPPED:
            continue
        if key == "properties":
            needed = schema.get("required", [])
            value = {it: cleaned(sub, f"{place}.{it}", it in needed) for it, sub in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            value = cleaned(value, f"{place}[]")
        elif key == "type":
            nullable = isinstance(value, list)
            value = [it for it in value if it != "null"][0] if nullable else value
            # JSONSchemaProps says otherwise in two places.
            if nullable == required and "JSONSchemaProps" not in place:
                sys.exit(f"{place} does not follow the rule about null")
        elif key in ("oneOf", "anyOf", "allOf", "not"):
            sys.exit(f"{place} has a {key}, which nobody has thought about")
        out[key] = value
    return out


def read_enums():
    """Returns {(definition's suffix, field): {values, used}}."""
    rows = [it.split("\t") for it in (HERE / "enums.tsv").read_text().splitlines() if not it.startswith("#")]
    return {(definition, field): {"values": values.split("|"), "used": False} for definition, field, values in rows}


def known(key, bodies):
    return any(it.endswith("." + key[0]) for it in bodies)


def add_enums(schema, enums, name):
    """Writes the values of enums.tsv into the properties of a definition."""
    suffix = ".".join(name.split(".")[-3:])
    if not name.startswith("io.k8s.api."):
        return
    for field, sub in schema.get("properties", {}).items():
        for marker in (field, field + "[]"):
            entry = enums.get((suffix, marker))
            if entry is None:
                continue
            entry["used"] = True
            # "" is "not set" to the API server: where a field may be absent, it may be empty.
            empty = [] if field in schema.get("required", []) else [""]
            target = sub["items"] if marker.endswith("[]") else sub
            target["enum"] = entry["values"] + empty


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

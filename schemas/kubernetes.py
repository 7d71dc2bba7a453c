"""The archive of Kubernetes' own kinds, in several versions."""

import json
import pathlib
import re
import sys

import archive

HERE = pathlib.Path(__file__).resolve().parent

FIRST, LAST = 21, 37  # Kubernetes 1.21 to 1.37
OLD = 24  # the last version that the old package has
BLOCK = 150_000  # bytes that are unpacked for one kind

DROPPED = {"description", "$schema", "$id", "default", "example", "x-kubernetes-unions", "x-kubernetes-group-version-kind"}
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
# How the documentation calls a field deprecated. A sentence about a part of it says so in other words.
DEPRECATED = re.compile(r"\bDeprecated[.:] |\bDEPRECATED\b|\bfield is deprecated\b")
# Deprecated fields of which nobody needs to hear: what only controllers write, kinds that are old altogether, and
# `preserveUnknownFields: false`, which an upgrade from the old API asks for.
NOT_WRITTEN = re.compile(
    r"Status$|SystemInfo$|ListMeta$|ObjectMeta$|DeleteOptions$|v\d+(alpha|beta)\d+\.|discovery\.v1\.|FlockerVolumeSource$|"
    r"CustomResourceDefinitionSpec$"
)
# Types that stand in for `oneOf`s of the source: a value matches one of two scalar types, so no `oneOf` is needed.
REWRITTEN = {
    INT_OR_STRING: {"type": ["integer", "string"], "format": "int-or-string"},
    QUANTITY: {"type": ["number", "string"], "format": "quantity"},
}


def definitions(packages):
    """Returns the definitions of each minor version."""
    versions = {}
    for minor in range(FIRST, LAST + 1):
        release, folder = ("1.24.1", "src/") if minor <= OLD else ("1.37.0", "")
        path = f"{folder}kubernetes_validate/kubernetes-json-schema/v1.{minor}.0-local/_definitions.json"
        text = packages[f"kubernetes-validate=={release}"][path].decode()
        document = json.loads(text.replace('"#/definitions/', '"#/$defs/'))
        versions[minor] = document["$defs"] if "$defs" in document else document["definitions"]
    return versions


def archive_texts(versions):
    """Returns the texts of the archive: the index, and the blocks of definitions. Equal input gives equal texts."""
    check_deprecated(versions)
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
            schema = REWRITTEN.get(name) or cleaned(definition, name, has_null=minor > OLD)
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
    packages = {}
    for name, by_body in sorted(bodies.items()):
        lines = [f"{name}\t{mask:x}\t{body}\n" for body, mask in by_body.items()]
        packages[package(name)] = packages.get(package(name), "") + "".join(lines)
    blocks = archive.blocks(sorted(packages.items(), key=lambda it: (not is_common(it[0]), it[0])), BLOCK)
    index = ["gitops-lint-schemas\t2", f"kubernetes\t{FIRST}\t{LAST}"]
    index += ["\t".join(["block", *names]) for names, _ in blocks]
    index += ["\t".join(["kind", *key, f"{mask:x}"]) for key, mask in sorted(kinds.items())]
    return ["\n".join(index) + "\n"] + [text for _, text in blocks]


def package(name):
    """`io.k8s.api.core` of `io.k8s.api.core.v1.Pod`."""
    return ".".join(name.split(".")[:-2])


def is_common(package):
    """Whether the definitions of most kinds refer to those of a package."""
    return package == "io.k8s.api.core" or package.startswith("io.k8s.apimachinery.")


def cleaned(schema, place, required=False, has_null=True):
    """Returns a schema without prose and without `null`.

    In the newer package a value is nullable unless it is a required property, and so it says nothing: the reader of
    the archive adds `null` by the same rule. The older one knows no `null`.
    """
    out = {}
    for key, value in schema.items():
        if key in DROPPED:
            continue
        if key == "properties":
            needed = schema.get("required", [])
            value = {it: cleaned(sub, f"{place}.{it}", it in needed, has_null) for it, sub in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            value = cleaned(value, f"{place}[]", False, has_null)
        elif key == "type":
            nullable = isinstance(value, list)
            value = [it for it in value if it != "null"][0] if nullable else value
            # JSONSchemaProps says otherwise in two places.
            if has_null and nullable == required and "JSONSchemaProps" not in place:
                sys.exit(f"{place} does not follow the rule about null")
        elif key in ("oneOf", "anyOf", "allOf", "not"):
            sys.exit(f"{place} has a {key}, which nobody has thought about")
        out[key] = value
    return out


def check_deprecated(versions):
    """Ends the program unless deprecated_fields.tsv lists the fields that the documentation calls deprecated."""
    told = {}
    for minor, definitions in versions.items():
        for name, definition in definitions.items():
            for field, schema in definition.get("properties", {}).items():
                if DEPRECATED.search(schema.get("description", "")) and not NOT_WRITTEN.search(name):
                    told.setdefault((".".join(name.split(".")[-3:]), field), minor)
    rows = [it.split("\t") for it in (HERE.parent / "crates/gitops-render/schemas/deprecated_fields.tsv").read_text().splitlines() if not it.startswith("#")]
    # A value of a field is told of in the prose about the field.
    listed = {(of, field): since for of, field, since, _ in rows if "=" not in field}
    late = [it for it, since in listed.items() if int(since or FIRST) > max(told.get(it, FIRST), FIRST)]
    if listed.keys() != told.keys() or late:
        sys.exit(f"deprecated_fields.tsv and the documentation differ: {sorted(listed.keys() ^ told.keys())} {late}")


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

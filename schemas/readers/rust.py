"""Reads schemas out of crates made by kopium: one struct for each mapping, one enum for each list of values.

What the Rust code does not say (patterns, bounds, defaults, `oneOf`) is not there.
"""

import re

RENAMED = re.compile(r'rename\s*=\s*"((?:[^"\\]|\\.)*)"')
GENERIC = re.compile(r"^(?:std::collections::)?(\w+)<(.*)>$")
SCALARS = {
    "String": {"type": "string"},
    "bool": {"type": "boolean"},
    "f64": {"type": "number"},
    "f32": {"type": "number"},
    "i32": {"type": "integer", "format": "int32"},
    "i64": {"type": "integer"},
    "u32": {"type": "integer"},
    "u64": {"type": "integer"},
    "IntOrString": {"x-kubernetes-int-or-string": True},
    "serde_json::Value": {"x-kubernetes-preserve-unknown-fields": True},
    "()": {"x-kubernetes-preserve-unknown-fields": True},
}
# Types of k8s-openapi.
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
KNOWN = {"Condition": FREE, "ObjectReference": FREE}


def kinds(files):
    """Yields (group, version, kind, schema of `spec`) for each kind that a crate has."""
    for path, text in sorted(files.items()):
        if path.startswith("src/") and not path.endswith(("lib.rs", "mod.rs")):
            source = Source(text.decode())
            for kube, struct in source.roots:
                yield (*kube, source.mapping(struct))


class Source:
    """One file: the structs and enums in it."""

    def __init__(self, text):
        self.structs, self.enums, self.roots = {}, {}, []
        attributes = []
        lines = (it.strip() for it in text.splitlines())
        for line in lines:
            if line.startswith("#["):
                attributes.append(line)
            elif found := re.match(r"pub struct (\w+)", line):
                self.structs[found[1]] = list(fields(lines)) if line.endswith("{") else []
                kube = re.search(r'kube\(group = "(.*?)", version = "(.*?)", kind = "(.*?)"', " ".join(attributes))
                if kube:
                    self.roots.append((kube.groups(), found[1]))
                attributes = []
            elif found := re.match(r"pub enum (\w+)", line):
                self.enums[found[1]] = list(values(lines))
                attributes = []

    def mapping(self, struct):
        properties, required = {}, []
        for name, kind, is_defaulted in self.structs[struct]:
            properties[name] = self.type(kind)
            if not is_defaulted:
                required.append(name)
        out = {"type": "object", "properties": properties}
        if not properties:  # a mapping that the CRD says nothing about
            out = dict(FREE)
        if required:
            out["required"] = sorted(required)
        return out

    def type(self, name):
        if generic := GENERIC.match(name):
            return self.generic(generic[1], generic[2])
        if name in SCALARS or name in KNOWN:
            return dict(SCALARS.get(name) or KNOWN[name])
        if name in self.enums:
            return {"type": "string", "enum": self.enums[name]}
        return self.mapping(name)

    def generic(self, outer, inner):
        if outer in ("Option", "Box"):
            return self.type(inner)
        if outer == "Vec":
            return {"type": "array", "items": self.type(inner)}
        value = self.type(inner.split(", ", 1)[1])  # BTreeMap<String, …>
        return {"type": "object", "additionalProperties": value}


def fields(lines):
    """Yields (name in JSON, type, whether it may be left out) up to the end of a struct."""
    attributes = ""
    for line in lines:
        if line == "}":
            return
        if line.startswith("#["):
            attributes += line
        elif found := re.match(r"pub (?:r#)?(\w+): (.*),$", line):
            renamed = RENAMED.search(attributes)
            yield (renamed[1] if renamed else found[1], found[2], "default" in attributes)
            attributes = ""


def values(lines):
    """Yields the values up to the end of an enum."""
    renamed = None
    for line in lines:
        if line == "}":
            return
        if line.startswith("#["):
            renamed = RENAMED.search(line) or renamed
        elif found := re.match(r"(?:r#)?(\w+),$", line):
            yield renamed[1] if renamed else found[1]
            renamed = None

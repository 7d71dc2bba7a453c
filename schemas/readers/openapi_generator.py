"""Reads schemas out of Python clients made by the OpenAPI generator: `openapi_types` and `attribute_map` of each class.

`required` is left out: the models demand what the CRDs do not.
"""

import ast
import re

SCALARS = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string"},
    "object": {"x-kubernetes-preserve-unknown-fields": True},
}


def classes(files, folder):
    """Returns {class: {name in JSON: type}}."""
    found = {}
    for path, text in sorted(files.items()):
        if not path.startswith(folder):
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                tables = {it.targets[0].id: it.value for it in node.body if isinstance(it, ast.Assign)}
                if "attribute_map" in tables:
                    names = ast.literal_eval(tables["attribute_map"])
                    types = ast.literal_eval(tables["openapi_types"])
                    found[node.name] = {names[it]: types[it] for it in types}
    return found


def mapping(all_classes, name, native):
    """Returns the schema of a class; `native` gives the schema of a type of Kubernetes by its short name."""

    def convert(name, around):
        if name in SCALARS:
            return dict(SCALARS[name])
        if generic := re.match(r"(list|dict)[\[(](?:str, )?(.*)[\])]$", name):
            inner = convert(generic[2], around)
            if generic[1] == "list":
                return {"type": "array", "items": inner}
            return {"type": "object", "additionalProperties": inner}
        if name not in all_classes:
            return native(name)
        if name in around:  # a type that holds itself
            return {"x-kubernetes-preserve-unknown-fields": True}
        around = (*around, name)
        properties = {it: convert(kind, around) for it, kind in all_classes[name].items()}
        if not properties:
            return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        return {"type": "object", "properties": properties}

    return convert(name, ())

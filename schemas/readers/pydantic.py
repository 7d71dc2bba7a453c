"""Reads schemas out of pydantic models, without importing them: the annotations of each class."""

import ast

ANY = {"x-kubernetes-preserve-unknown-fields": True}
SCALARS = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "Any": ANY,
}


class Models:
    """The classes of one module."""

    def __init__(self, text):
        body = ast.parse(text).body
        self.classes = {it.name: it for it in body if isinstance(it, ast.ClassDef)}

    def mapping(self, name, around=()):
        """Returns the schema of a class."""
        if name not in self.classes or name in around:
            return dict(ANY)
        properties, required = {}, []
        for field in self.classes[name].body:
            if not isinstance(field, ast.AnnAssign):
                continue
            schema, alias = self.annotated(field.annotation, (*around, name))
            name_in_json = alias or field.target.id
            properties[name_in_json] = schema
            if field.value is None:
                required.append(name_in_json)
        if not properties:
            return {"type": "object", **ANY}
        return {"type": "object", "properties": properties, **({"required": sorted(required)} if required else {})}

    def annotated(self, annotation, around):
        """Returns the schema of a field and the name that it has in JSON, if that is another."""
        if not (isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Annotated"):
            return self.type(annotation, around), None
        kind, field = annotation.slice.elts
        alias = [it.value.value for it in field.keywords if it.arg == "alias"]
        return self.type(kind, around), alias[0] if alias else None

    def type(self, annotation, around):
        if isinstance(annotation, ast.Name):
            return dict(SCALARS[annotation.id]) if annotation.id in SCALARS else self.mapping(annotation.id, around)
        if not isinstance(annotation, ast.Subscript):
            return dict(ANY)
        outer, inner = ast.unparse(annotation.value), annotation.slice
        if outer in ("Optional", "Annotated"):
            return self.annotated(inner if outer == "Optional" else annotation, around)[0]
        if outer == "List":
            return {"type": "array", "items": self.type(inner, around)}
        if outer == "Dict":
            return {"type": "object", "additionalProperties": self.type(inner.elts[1], around)}
        if outer == "Literal":
            return {"type": "string", "enum": [ast.literal_eval(it) for it in getattr(inner, "elts", [inner])]}
        if outer == "Union" and {ast.unparse(it) for it in inner.elts} == {"int", "str"}:
            return {"x-kubernetes-int-or-string": True}
        return dict(ANY)

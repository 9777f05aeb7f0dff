"""Diagnostics for machines: JSON, SARIF, GitHub annotations, JUnit."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report import FORMATS, Report, renderer
from agpc.compiler.report.diagnostics import Diagnostic, Label
from agpc.compiler.report.source import PolicyFile, Source, Span

TEXT = "package a\nuse b\nenum e = x\n"
FILES = [PolicyFile(Source("a.agp", TEXT), "policies/a b,c.agp")]
ERROR = Diagnostic(
    "AGP1103",
    "unknown package `b`: 100%",
    (Label(Span("a.agp", 2, 5, 2, 6), "here"), Label(Span("a.agp", 1, 1, 1, 10), "from here")),
    help="declare it,\nor leave it out",
    notes=("there is no b",),
)
WARNING = Diagnostic("AGP1206", "it reads `x`", (Label(Span("a.agp", 2, 1, 3, 5)),))
PLACELESS = Diagnostic("AGP5006", "there is no `bind`")


def report(*diagnostics: Diagnostic) -> Report:
    return Report.of(diagnostics or (WARNING, ERROR, PLACELESS), FILES)


def test_json_says_everything() -> None:
    document = json.loads(renderer("json")(report()))
    assert document["summary"] == {"error": 2, "warning": 1, "info": 0, "silenced": 0}
    assert [each["code"] for each in document["diagnostics"]] == ["AGP5006", "AGP1206", "AGP1103"]
    assert document["diagnostics"][2] == {
        "code": "AGP1103",
        "severity": "error",
        "message": "unknown package `b`: 100%",
        "labels": [
            {
                "file": "policies/a b,c.agp",
                "line": 2,
                "column": 5,
                "end_line": 2,
                "end_column": 6,
                "text": "here",
            },
            {
                "file": "policies/a b,c.agp",
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 10,
                "text": "from here",
            },
        ],
        "help": "declare it,\nor leave it out",
        "notes": ["there is no b"],
        "witnesses": [],
        "fixes": [],
        "fingerprint": document["diagnostics"][2]["fingerprint"],
    }
    assert document["baseline"] is None


# What the SARIF 2.1.0 schema asks of the parts that we write, with nothing else let in.
TEXT_SCHEMA = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
LOCATION_SCHEMA = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "message": TEXT_SCHEMA,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~%/-]+$"}},
                    "additionalProperties": False,
                },
                "region": {
                    "type": "object",
                    "required": ["startLine", "startColumn", "endLine", "endColumn"],
                    "additionalProperties": {"type": "integer", "minimum": 1},
                },
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
LEVEL_SCHEMA = {"enum": ["none", "note", "warning", "error"]}
SARIF_SCHEMA = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": [
                                                "id",
                                                "shortDescription",
                                                "fullDescription",
                                                "help",
                                            ],
                                            "properties": {
                                                "fullDescription": TEXT_SCHEMA,
                                                "help": {
                                                    "type": "object",
                                                    "required": ["text", "markdown"],
                                                    "additionalProperties": {"type": "string"},
                                                },
                                                "helpUri": {"type": "string", "format": "uri"},
                                                "properties": {"type": "object"},
                                                "id": {"type": "string"},
                                                "shortDescription": TEXT_SCHEMA,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "properties": {"level": LEVEL_SCHEMA},
                                                    "additionalProperties": False,
                                                },
                                            },
                                            "additionalProperties": False,
                                        },
                                    },
                                },
                                "additionalProperties": False,
                            }
                        },
                        "additionalProperties": False,
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": LEVEL_SCHEMA,
                                "message": TEXT_SCHEMA,
                                "locations": {"type": "array", "items": LOCATION_SCHEMA},
                                "relatedLocations": {"type": "array", "items": LOCATION_SCHEMA},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                            },
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}


def sarif(*diagnostics: Diagnostic) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(renderer("sarif")(report(*diagnostics)))
    Draft202012Validator(SARIF_SCHEMA).validate(document)
    return document


def test_sarif_has_the_shape_of_its_schema_and_points_at_its_rules() -> None:
    (run,) = sarif()["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["AGP1103", "AGP1206", "AGP5006"]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])
    placeless, warning, error = run["results"]
    assert "locations" not in placeless
    assert warning["level"] == "warning"
    assert error["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "policies/a%20b%2Cc.agp"},
        "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 6},
    }
    assert error["relatedLocations"][0]["message"] == {"text": "from here"}


def test_sarif_of_nothing_is_whole() -> None:
    document = json.loads(renderer("sarif")(Report.of((), FILES)))
    Draft202012Validator(SARIF_SCHEMA).validate(document)
    assert document["runs"][0]["results"] == []


def fingerprints(text: str, *lines: int) -> list[str]:
    found = [
        Diagnostic("AGP1103", "unknown package `b`", (Label(Span("a.agp", line, 5, line, 7)),))
        for line in lines
    ]
    document = json.loads(
        renderer("sarif")(Report.of(found, [PolicyFile(Source("a.agp", text), "a.agp")]))
    )
    results = document["runs"][0]["results"]
    return [each["partialFingerprints"]["agpcFinding/v2"] for each in results]


def test_a_fingerprint_survives_edits_elsewhere_and_tells_twins_apart() -> None:
    assert fingerprints("package a\nuse b\n", 2) == fingerprints("package a\n\n# new\nuse b\n", 4)
    assert fingerprints("package a\nuse b\n", 2) != fingerprints("package a\nuse bb\n", 2)
    one, other = fingerprints("package a\nuse b\nuse b\n", 2, 3)
    assert one != other


# What GitLab's own schema of a finding asks (app/validators/json_schemas/codeclimate.json), and what its
# documentation says of each field beside it.
GITLAB_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "type": {"const": "issue"},
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "pattern": "^AGP[0-9]{4}$"},
            "categories": {"type": "array", "items": {"type": "string"}},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}:[0-9]+$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/].*"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": {"type": "integer", "minimum": 1},
                    },
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
}


def test_gitlab_has_what_its_schema_asks_and_no_fingerprint_twice() -> None:
    found = json.loads(renderer("gitlab")(report(WARNING, WARNING, ERROR, PLACELESS)))
    Draft202012Validator(GITLAB_SCHEMA).validate(found)
    assert [each["check_name"] for each in found] == ["AGP5006", "AGP1206", "AGP1206", "AGP1103"]
    assert found[3]["location"] == {"path": "policies/a b,c.agp", "lines": {"begin": 2, "end": 2}}
    assert len({each["fingerprint"] for each in found}) == 4
    assert json.loads(renderer("gitlab")(Report.of((), FILES))) == []


def test_github_annotations_are_escaped_and_have_columns_on_one_line_only() -> None:
    lines = renderer("github")(report()).splitlines()
    assert lines == [
        "::error title=AGP5006::there is no `bind`",
        "::warning file=policies/a b%2Cc.agp,line=2,endLine=3,title=AGP1206::it reads `x`",
        (
            "::error file=policies/a b%2Cc.agp,line=2,endLine=2,col=5,endColumn=6,title=AGP1103::"
            "unknown package `b`: 100%25%0Athere is no b%0Ahelp: declare it,%0Aor leave it out"
        ),
    ]


@given(st.text())
@settings(max_examples=100)
def test_no_text_starts_a_second_github_command(text: str) -> None:
    diagnostic = Diagnostic("AGP1001", text, (Label(Span(text, 1, 1, 1, 2)),), help=text)
    shown = renderer("github")(Report.of([diagnostic], [PolicyFile(Source(text, ""), text)]))
    assert shown.count("\n") == 1
    assert "\r" not in shown
    properties = shown[len("::error ") :].split("::")[0]
    assert [each.partition("=")[0] for each in properties.split(",")] == [
        "file", "line", "endLine", "col", "endColumn", "title",
    ]  # fmt: skip


def test_junit_has_a_case_for_each_finding_and_for_each_clean_file() -> None:
    files = [*FILES, PolicyFile(Source("clean.agp", "package c\n"), "policies/clean.agp")]
    shown = renderer("junit")(Report.of((WARNING, ERROR), files))
    root = ElementTree.fromstring(shown)
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    clean, warning, error = root.iter("testcase")
    assert (clean.get("classname"), len(clean)) == ("policies/clean.agp", 0)
    assert warning.find("failure") is None
    failure = error.find("failure")
    assert failure is not None
    assert failure.get("message") == "unknown package `b`: 100%"
    assert error.get("name") == "AGP1103 at 2:5"


@given(st.text())
@settings(max_examples=100)
def test_every_text_is_well_formed_xml_and_json(text: str) -> None:
    diagnostic = Diagnostic("AGP1001", text, (Label(Span("a.agp", 1, 1, 1, 2), text),), help=text)
    found = Report.of([diagnostic], [PolicyFile(Source("a.agp", text), text)])
    (case,) = ElementTree.fromstring(renderer("junit")(found)).iter("testcase")
    assert len(case) == 1
    assert json.loads(renderer("json")(found))["diagnostics"][0]["message"] == text
    sarif_message = json.loads(renderer("sarif")(found))["runs"][0]["results"][0]["message"]
    if "](" not in text and not re.search(r"\{\d+\}", text):
        assert sarif_message["text"].startswith(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see [the fix](https://x.example)", r"see \[the fix\](https://x.example)"),
        (r"see [a\](1)", r"see \[a\\\](1)"),
        ("`[1, 2]` is a list", "`[1, 2]` is a list"),
        ("`{0}` and {}", "`{{0}}` and {{}}"),
        ('{"a": {}}', '{"a": {}}'),
    ],
)
def test_no_text_is_a_link_or_a_placeholder_in_sarif(text: str, shown: str) -> None:
    span = Span("a.agp", 1, 1, 1, 2)
    labels = (Label(span, "here"), Label(span, text))
    found = Report.of([Diagnostic("AGP1001", text, labels)], FILES)
    (result,) = json.loads(renderer("sarif")(found))["runs"][0]["results"]
    assert result["message"]["text"] == shown
    assert result["relatedLocations"][0]["message"]["text"] == shown


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_deterministic_and_ends_its_last_line(format: str) -> None:
    shown = renderer(format)(report())
    assert shown == renderer(format)(report())
    assert shown.endswith("\n")


def test_the_fixes_of_sarif_mend_what_was_mistyped() -> None:
    lines = [
        "package p",
        'agent bot = "spiffe://t.example/bot"',
        'intent work "w"',
        "enum currency = EUR, USD",
        "tool pay { sort: currency action post(amount: number) }",
        "grant g { to bott for work allow pay.post when args.amont < 5 and resource.sort == EURO }",
        "grant h { to bot for wrok allow pay.pots }",
    ]
    source = Source("p.agp", "\n".join(lines))
    found = compile_sources([source]).diagnostics
    shown = renderer("sarif")(Report.of(found, [PolicyFile(source, "p.agp")]))
    fixes = [fix for each in json.loads(shown)["runs"][0]["results"] for fix in each["fixes"]]
    assert len(fixes) == 5
    for fix in reversed(fixes):
        (replacement,) = fix["artifactChanges"][0]["replacements"]
        region = replacement["deletedRegion"]
        line = lines[region["startLine"] - 1]
        before, behind = line[: region["startColumn"] - 1], line[region["endColumn"] - 1 :]
        lines[region["startLine"] - 1] = f"{before}{replacement['insertedContent']['text']}{behind}"
    mended = compile_sources([Source("p.agp", "\n".join(lines))])
    assert mended.diagnostics == ()

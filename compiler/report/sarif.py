"""Diagnostics as SARIF 2.1.0, which code-scanning services read."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from ... import __version__
from . import Report, full_text, witnesses
from .codes import CODES, Severity
from .diagnostics import Diagnostic
from .fingerprints import fingerprint, numbered
from .pages import page_of
from .source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SECURITY: dict[Severity, str] = {"error": "8.0", "warning": "5.0", "info": "2.0"}
"""CVSS-like scores, which GitHub reads as high, medium and low."""
LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def render(report: Report) -> str:
    """Render one run, with a rule for each code that was found."""
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run_of(report)]}
    return json.dumps(document, indent=2) + "\n"


def run_of(report: Report, category: str | None = None) -> dict[str, Any]:
    """Give one run; where a document has several, each has a category, which services tell them apart by."""
    codes = sorted({each.code for each, _ in everything(report)})
    return {
        **({} if category is None else {"automationDetails": {"id": f"{category}/"}}),
        "tool": {
            "driver": {
                "name": "agpc",
                "semanticVersion": __version__,
                **({"informationUri": report.pages} if report.pages else {}),
                "rules": [describe_rule(code, report) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": results(report, codes),
    }


def everything(report: Report) -> list[tuple[Diagnostic, dict[str, str] | None]]:
    """Give all that was found, and of what is not told why, as SARIF says it."""
    known = {"kind": "external", "justification": "in the baseline"}
    return [
        *((each, None) for each in report.diagnostics),
        *((each, known) for each in report.known or ()),
        *(
            (each, {"kind": "inSource", "justification": reason})
            for each, reason in report.suppressed
        ),
    ]


def describe_rule(code: str, report: Report) -> dict[str, Any]:
    """Give what SARIF calls a reporting descriptor, with what GitHub shows of it."""
    known = CODES[code]
    page = report.page(code)
    read = f"`agpc rule {code}` prints what it means, and what to do about it"
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": f"{known.title[0].upper()}{known.title[1:]}. {read}."},
        "help": {
            "text": f"{read}{f': {page}' if page else ''}.",
            "markdown": page_of(code) or f"**{known.title}**. {read}.",
        },
        **({"helpUri": page} if page else {}),
        "defaultConfiguration": {"level": LEVELS[known.severity]},
        "properties": {
            "tags": ["security", "policy"],
            **({"security-severity": SECURITY[known.severity]} if is_security(code) else {}),
        },
    }


def is_security(code: str) -> bool:
    """Whether a finding is about what a policy permits, and not about how it is written."""
    return code[3] in "234"


def results(report: Report, codes: list[str]) -> list[dict[str, Any]]:
    """Give a result for each diagnostic."""
    found: list[dict[str, Any]] = []
    listed = everything(report)
    names = numbered(fingerprint(each, report) for each, _ in listed)
    for (diagnostic, suppression), name in zip(listed, names, strict=True):
        result: dict[str, Any] = {
            "ruleId": diagnostic.code,
            "ruleIndex": codes.index(diagnostic.code),
            "level": LEVELS[diagnostic.severity],
            "message": message(full_text(diagnostic)),
            "partialFingerprints": {"agpcFinding/v2": name},
        }
        if suppression is not None:
            result["suppressions"] = [suppression]
        if requests := witnesses(diagnostic):
            result["properties"] = {"witnesses": requests}
        if fixes := fixes_of(diagnostic, report):
            result["fixes"] = fixes
        if diagnostic.labels:
            result["locations"] = [location(diagnostic.labels[0].span, report)]
        if len(diagnostic.labels) > 1:
            result["relatedLocations"] = [
                {
                    **location(label.span, report),
                    **({"message": message(label.text)} if label.text else {}),
                }
                for label in diagnostic.labels[1:]
            ]
        found.append(result)
    return found


def message(text: str) -> dict[str, str]:
    """Give a plain text message, in which nothing that a policy says is read as a link or a placeholder.

    What could be read as neither is left as it is, for viewers that show escapes.
    """
    if "](" in text:
        text = re.sub(r"[\[\]\\]", r"\\\g<0>", text)
    if re.search(r"\{\d+\}", text):
        text = text.replace("{", "{{").replace("}", "}}")
    return {"text": text}


def location(span: Span, report: Report) -> dict[str, Any]:
    """Give a place as a location."""
    return {"physicalLocation": place(span, report)}


def place(span: Span, report: Report) -> dict[str, Any]:
    """Give a file and a region of it; SARIF, too, counts from 1 and excludes the end."""
    return {
        "artifactLocation": {
            "uri": quote(report.path(span.file), safe="/", errors="surrogateescape")
        },
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


def fixes_of(diagnostic: Diagnostic, report: Report) -> list[dict[str, Any]]:
    """Give the fixes that are whole: what has to be filled in is for an editor."""
    return [
        {
            "description": message(fix.title),
            "artifactChanges": [
                {
                    "artifactLocation": place(edits[0][0], report)["artifactLocation"],
                    "replacements": [
                        {
                            "deletedRegion": place(span, report)["region"],
                            "insertedContent": {"text": text},
                        }
                        for span, text in edits
                    ],
                }
            ],
        }
        for fix, edits in report.fixes(diagnostic)
        if not fix.has_hole
    ]

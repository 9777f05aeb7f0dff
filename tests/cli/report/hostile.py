"""A policy that says the same thing everywhere, and the report of it in all forms."""

from __future__ import annotations

import json
from dataclasses import replace

from agpc.cli.commands.releasing import report as command
from agpc.cli.report.gather import gathered
from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import review
from agpc.compiler.ir.printing.conditions import string_text
from agpc.compiler.lowering.names.controls import Catalogue, Framework
from agpc.compiler.report import Report
from agpc.compiler.report.source import PolicyFile, Source
from agpc.compiler.telling.difference_json import document
from agpc.targets.emission import Options
from agpc.targets.registry import load_target

AT = 1_795_000_000 * 10**9
NASTY = [
    "<script>alert(1)</script>", "</title><script>x</script>", "\" onmouseover=\"x", "' autofocus onfocus='x",
    "</style><img src=x onerror=x>", "<!--", "-->", "]]>", "<svg/onload=x>", "&lt;b&gt;", "{{ 7*7 }}", "{% raw %}",
    "\u202egnp.exe", "\u200b", "\x00", "\x1b[31m", "\r\n# heading", "\n\n<div>\n", "a|b", "`", "``` \n", "\\|", "[x](javascript:x)",
    "![x](http://x)", "http://evil.example", "@everyone", "#1", "*b*", "javascript:alert(1)", "\ufffe", "\U000e0041", "e\u0301", "",
]  # fmt: skip

PLAIN = "x"


def policy(texts: list[str]) -> str:
    owner, contact, purpose, because, name, condition, role, step = map(string_text, texts)
    return f"""
package shop
owner {owner} contact {contact}
controls acme:A2
agent bot = "spiffe://acme.example/bot"
intent sell {purpose}
tool till {{ action open(s: string) }}
grant selling {{
    to bot for sell
    allow till.open when args.s in ["k", {condition}] require approval by "k", {role}
    allow till.open as step when args.s like "k*" require step_up {step}
    oblige notify(channel: {condition})
}}
forbid some {{ deny till.open when args.s == {condition} because {because} }}
test {name} {{
    agent bot for sell
    call till.open(s: {condition})
    at 2026-01-01T00:00:00Z
    expect permit
}}
"""


def forms(
    texts: list[str], reason: str = "why", path: str = "shop.agp", title: str = "t"
) -> dict[str, str]:
    text = policy([each or PLAIN for each in texts]).replace(
        "grant selling", f"# agpc: allow AGP4101 -- {reason}\ngrant selling"
    )
    file = PolicyFile(Source("shop.agp", text), path)
    catalogue = Catalogue((Framework("acme", title, title, {"A2": title, "B": title}, title),))
    found = review([file.source], Settings(controls=catalogue), at=AT)
    report = Report.of(found.diagnostics, [file], suppressed=found.suppressed)
    assert found.policy is not None, found.diagnostics
    before = replace(found.policy, allows=found.policy.allows[:1])
    audit = gathered(
        found.policy,
        [file],
        found,
        report,
        catalogue,
        AT,
        {
            name: (load_target(name).emit(found.policy, Options()), True)
            for name in ("cedar", "rego")
        },
        command.tests_of(found.policy, report),
        since=title,
        changes=json.loads(document(compare(before, found.policy))),
    )
    return {format: command.written(audit, format) for format in command.FORMATS}

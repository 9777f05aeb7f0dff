"""docs/service/api.md: its table is that of the routes, its codes are all there are, and its answers are what a service gives."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from agpc.service.core.tasks.evaluating import OTHER_POLICY
from docs.blocks import DOCS
from docs.served_page import typed

PAGE = DOCS / "service" / "api.md"
SERVICE = DOCS.parent / "service"
TABLE = re.compile(
    r"(?<=UPDATE_DOCS=1 pytest tests/docs/test_service_api.py -->\n\n).*?(?=\n\n<!-- until)",
    re.DOTALL,
)


def table(document: Any) -> str:
    """The routes of an OpenAPI document, as the page has them."""
    lines = ["| | role | |", "| --- | --- | --- |"]
    for path, item in document["paths"].items():
        for method, each in item.items():
            needs = ", ".join(re.findall(r"`\w+`", each["description"])) or "none"
            names = [f"`{p['name']}`" for p in each.get("parameters", ()) if p["in"] == "query"]
            takes = f" ({', '.join(names)})" if names else ""
            lines.append(f"| `{method.upper()} {path}` | {needs} | {each['summary']}{takes} |")
    return "\n".join(lines)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl, which the page uses")
def test_the_page_shows_what_a_caller_sees(tmp_path: Path) -> None:
    with (
        typed(PAGE, tmp_path) as (port, run),
        urlopen(f"http://127.0.0.1:{port}/openapi.json") as answer,
    ):
        made = table(json.load(answer))
    assert run == 6
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(TABLE.sub(made.replace("\\", r"\\"), PAGE.read_text()), encoding="utf-8")
    assert TABLE.findall(PAGE.read_text(encoding="utf-8")) == [made]


def codes() -> set[tuple[str, str]]:
    """The status and the code of each problem that the source of the service makes."""
    found = {("503", OTHER_POLICY), ("404", "no_route"), ("405", "no_method")}
    for path in SERVICE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) >= 3:
                match node.args[:2]:
                    case [ast.Constant(value=int(status)), ast.Constant(value=str(code))]:
                        found.add((str(status), code))
    return {each for each in found if re.fullmatch("[45][0-9][0-9]", each[0])}


def test_the_page_has_each_code_of_a_problem_and_no_other() -> None:
    rows = re.findall(r"^\| ([45]\d\d) \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {
        (status, code) for status, row in rows for code in re.findall(r"`(\w+)`", row)
    } == codes()

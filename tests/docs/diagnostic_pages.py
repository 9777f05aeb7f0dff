"""The pages in docs/diagnostics that are made from the source: the index, and those of findings.

A finding of the analysis has its page as the docstring of its module. An example there that has no package
stands after the declarations of `PRELUDE`; the page shows them, so that what is copied from it compiles.
`UPDATE_DOCS=1 pytest tests/docs` writes what these tests compare with; the pages of other codes are written by
hand.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path

from agpc.compiler.analysis.run import FINDINGS
from agpc.compiler.report.codes import CODES
from docs.blocks import DOCS

PAGES = DOCS / "diagnostics"
INDEX = PAGES / "README.md"
TABLE_STARTS = "| code | severity | title |\n| --- | --- | --- |\n"

PRELUDE = """\
language 2
package finance
owner "payments" contact "payments@acme.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
"""


def heading(code: str) -> str:
    """How the page of a code starts."""
    return f"# {code}: {CODES[code].title}\n\nSeverity: {CODES[code].severity}.\n"


def page_of_finding(code: str) -> str:
    """The page of a finding, from the docstring of the module that finds it."""
    docstring = import_module(f"agpc.compiler.analysis.findings.{FINDINGS[code]}").__doc__
    assert docstring is not None
    start = docstring.index("## What it means")
    text = re.sub(
        r"^```agp\n(?!language )", f"```agp\n{PRELUDE}", docstring[start:], flags=re.MULTILINE
    )
    return f"{heading(code)}\n{text.rstrip()}\n"


def index() -> str:
    """The index: what is written by hand above the table, and a row for each code that has a page."""
    written = INDEX.read_text(encoding="utf-8").partition(TABLE_STARTS)[0]
    rows = (
        f"| [{code}]({code}.md) | {each.severity} | {each.title} |\n"
        for code, each in CODES.items()
        if (PAGES / f"{code}.md").exists()
    )
    return written + TABLE_STARTS + "".join(rows)


def same(page: Path, text: str) -> bool:
    """Whether a page has this text; with `UPDATE_DOCS` it gets it first."""
    if os.environ.get("UPDATE_DOCS"):
        page.write_text(text, encoding="utf-8")
    return page.exists() and page.read_text(encoding="utf-8") == text

"""The catalogue of the standards' controls that a policy can give evidence for.

`controls.json` has the identifiers and titles of each framework; spaces in an identifier are
written `-`, as in `nist-ai-rmf-1.0:GOVERN-1.2`.
"""

from __future__ import annotations

import json
import pkgutil
from functools import cache

from ..report.diagnostics import Diagnostics, at
from ..syntax import tree as syntax
from ..text.suggestions import did_you_mean


@cache
def catalogue() -> dict[str, str]:
    """The title of every control, by `framework:id`."""
    # importlib.resources takes longer to import
    content = pkgutil.get_data(__package__, "controls.json")
    assert content is not None
    return {
        f"{framework}:{id}": title
        for framework, entry in json.loads(content).items()
        for id, title in entry["controls"].items()
    }


def check_controls(clauses: list[syntax.Controls], diagnostics: Diagnostics) -> tuple[str, ...]:
    """Give the known identifiers that clauses name, sorted; report the others."""
    found: set[str] = set()
    for clause in clauses:
        for name in clause.ids:
            if name.text in catalogue():
                found.add(name.text)
                continue
            framework = name.text.partition(":")[0]
            frameworks = {each.partition(":")[0] for each in catalogue()}
            diagnostics.append(
                at(
                    "AGP1108",
                    name.span,
                    f"the catalogue has no control `{name.text}`"
                    if framework in frameworks
                    else f"the catalogue has no framework `{framework}`",
                    help=did_you_mean(name.text, catalogue())
                    if framework != name.text
                    else _frameworks(framework, frameworks),
                )
            )
    return tuple(sorted(found))


def _frameworks(word: str, frameworks: set[str]) -> str:
    """Advice where no control was named, but at most a framework."""
    meant = [each for each in sorted(frameworks) if each.startswith(word.lower())]
    first = next(each for each in catalogue() if each.startswith(meant[0] if meant else "owasp"))
    shown = ", ".join(f"`{each}`" for each in meant or sorted(frameworks))
    return f"write each control with its framework, as in `{first}`; frameworks are {shown}"

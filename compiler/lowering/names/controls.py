"""The catalogue of the controls that a policy can give evidence for: the standards' and a project's own.

`controls.json` has the identifiers and titles of the standards; spaces in an identifier are
written `-`, as in `nist-ai-rmf-1.0:GOVERN-1.2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING

from ...packaged import packaged
from ...report.diagnostics import at
from ...structs import Struct
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean

if TYPE_CHECKING:
    from .names import Names


class Framework(Struct):
    """Controls that are published together: their titles, by identifier.

    `source` is the file that a project has them in; None for a standard that ships with the compiler.
    """

    id: str
    name: str
    version: str
    controls: Mapping[str, str]
    source: str | None = None


@cache
def standards() -> tuple[Framework, ...]:
    """The frameworks that ship with the compiler, sorted."""
    import json  # by policies that name controls

    assert __package__ is not None
    content = packaged(__package__, "controls.json")
    return tuple(
        Framework(id, entry["name"], entry["version"], entry["controls"])
        for id, entry in sorted(json.loads(content).items())
    )


class Catalogue(Struct, slots=False):
    """The standards, and beside them the frameworks of a project; no two have the same `id`."""

    own: tuple[Framework, ...] = ()

    @cached_property
    def frameworks(self) -> tuple[Framework, ...]:
        """All of them: a project's own first, each part in the order of the identifiers."""
        return (*sorted(self.own, key=lambda each: each.id), *standards())

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of every control, by `framework:id`."""
        return {
            f"{each.id}:{id}": title
            for each in self.frameworks
            for id, title in each.controls.items()
        }

    def meant(self, text: str) -> tuple[str, ...]:
        """The controls that a label means: the one of that name, or those of a project's own without framework."""
        if text in self.titles:
            return (text,)
        return tuple(f"{each.id}:{text}" for each in self.own if text in each.controls)


STANDARDS = Catalogue()


def check_controls(clauses: list[syntax.Controls], names: Names) -> tuple[str, ...]:
    """Give the known identifiers that clauses name, sorted; report the others."""
    found: set[str] = set()
    for clause in clauses:
        for name in clause.ids:
            meant = names.catalogue.meant(name.text)
            if len(meant) == 1:
                names.note(name, "control", meant[0])
                found.add(meant[0])
                continue
            told = (
                _more_than_one(name.text, meant) if meant else _unknown(name.text, names.catalogue)
            )
            names.diagnostics.append(at("AGP1108", name.span, told[0], help=told[1]))
    return tuple(sorted(found))


def _more_than_one(text: str, meant: tuple[str, ...]) -> tuple[str, str | None]:
    listed = " and ".join(f"`{each}`" for each in meant)
    return f"`{text}` is more than one control", f"write {listed}, or one of them"


def _unknown(text: str, catalogue: Catalogue) -> tuple[str, str | None]:
    """What to say of a label that no framework has, and what was meant."""
    framework = text.partition(":")[0]
    frameworks = {each.id for each in catalogue.frameworks}
    if framework in frameworks:
        message = f"the catalogue has no control `{text}`"
    else:
        message = f"the catalogue has no framework `{framework}`"
    if framework != text:
        return message, did_you_mean(text, catalogue.titles) or did_you_mean(framework, frameworks)
    labels = [label for each in catalogue.own for label in each.controls]
    return message, did_you_mean(text, labels) or _frameworks(framework, catalogue)


def _frameworks(word: str, catalogue: Catalogue) -> str:
    """Advice where no control was named, but at most a framework."""
    frameworks = [each.id for each in catalogue.frameworks]
    meant = [each for each in sorted(frameworks) if each.startswith(word.lower())]
    start = meant[0] if meant else "owasp"
    first = next(each for each in catalogue.titles if each.startswith(start))
    shown = ", ".join(f"`{each}`" for each in meant or sorted(frameworks))
    return f"write each control with its framework, as in `{first}`; frameworks are {shown}"

"""Rego modules: a package's rules laid out in files that are not too long to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from ...compiler.structs import Struct, field
from . import text

IMPORTABLE = (
    "agents",
    "evidence",
    "hosts",
    "matching",
    "request",
    "starts",
    "values",
    "vocabulary",
    "windows",
)
TEST_PACKAGE = "agpc.decision_test"
MOST_LINES = 450  # in a file; Regal wants at most 500


class Files(Struct, frozen=False):
    """Files by path; no two have paths that differ in letter case alone."""

    by_path: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def add(self, path: str, content: str) -> None:
        """Add a file at a path that nothing else has."""
        self._taken.add(path.casefold())
        self.by_path[path] = content

    def add_module(
        self, stem: str, package: str, about: str, rules: Iterable[str | tuple[str, ...]]
    ) -> None:
        """Add a package's rules, in as many files as they need.

        What a rule needs comes with it in a tuple, and stands in the same file, behind all rules.
        Only tests are in files called so, since whoever deploys a bundle may leave those out.
        """
        is_tests = package == TEST_PACKAGE
        end = "_test.rego" if is_tests else ".rego"
        for page in _pages((rule,) if isinstance(rule, str) else rule for rule in rules):
            path, number = f"{stem}{end}", 1
            while path.casefold() in self._taken or (path.endswith("_test.rego") and not is_tests):
                number += 1
                path = f"{stem}-{number}{end}"
            self.add(path, _module(package, about, page))


def render(template: str, view: Mapping[str, object]) -> str:
    """Fill in a template; without a newline at the end."""
    return _ENVIRONMENT.get_template(f"{template}.rego.j2").render(view).strip("\n")


def _pages(rules: Iterable[tuple[str, ...]]) -> Iterator[list[str]]:
    firsts: list[str] = []
    needed: list[str] = []
    lines = 0
    for first, *rest in rules:
        length = sum(part.count("\n") + 2 for part in (first, *rest))
        if firsts and lines + length > MOST_LINES:
            yield firsts + needed
            firsts, needed, lines = [], [], 0
        firsts.append(first)
        needed += rest
        lines += length
    if firsts:
        yield firsts + needed


def _module(package: str, about: str, rules: list[str]) -> str:
    code = "\n".join(
        line for rule in rules for line in rule.split("\n") if not line.lstrip().startswith("#")
    )
    used = text.names(code)
    module = render(
        "module",
        {
            "about": about,
            "imports": [f"data.agpc.{name}" for name in IMPORTABLE if name in used],
            "is_long": code.count("\n") > MOST_LINES,
            "package": package,
            "rules": rules,
        },
    )
    return f"{module}\n"


_ENVIRONMENT = Environment(
    loader=PackageLoader(__package__),
    autoescape=False,
    lstrip_blocks=True,
    trim_blocks=True,
    undefined=StrictUndefined,
)
_ENVIRONMENT.filters.update(body=text.body, term=text.excused, yaml=text.yaml)

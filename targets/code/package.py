"""The files of a generated program: its rules in parts, and the constants that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ...compiler.ir import nodes as ir
from ...compiler.ir.documentation import line_of_rule
from ...compiler.structs import Struct
from ..templates import templates_of
from .conditions import ConditionWriter
from .constants import Constants
from .names import FunctionNames, imports_of, words_in
from .rules import binding_test_of, test_of

RULES_IN_A_FILE = 500  # what compiles a file takes memory in proportion to it


class RuleView(Struct):
    """A rule as the template lays it out: a comment, functions, and the rule itself."""

    heading: str
    doc: str
    """What comments of the policy say of it, in a line; nothing where they say nothing."""
    functions: tuple[str, ...]
    definition: str

    @property
    def code(self) -> tuple[str, ...]:
        """All that is code."""
        return (*self.functions, self.definition)


class Files(Struct):
    """What a language calls the files of a program, and what stands in those of its rules."""

    suffix: str
    index: str
    """The file that stands for its folder."""
    names: Mapping[str, tuple[str, ...]]
    """What generated code may name, by the module that defines it."""
    comment: Callable[[str], str]
    rule: Callable[[ir.Rule, str | None, str | None], str]
    """A rule, written with the names of the functions that tell whether it applies, and whether it binds."""
    always: frozenset[str] = frozenset()
    """What every part of the rules names."""


class Package:
    """Collects the files of one program, by path inside it."""

    def __init__(self, templates: str, language: Files) -> None:
        """Start without files; the templates are those of a package."""
        self.files: dict[str, str] = {}
        self._templates = templates_of(templates)
        self._language = language

    def render(self, path: str, template: str | None = None, /, **view: object) -> None:
        """Make a file from a template, which is called as the file is unless it is named."""
        found = self._templates.get_template(f"{template or path}.j2")
        self.files[path] = found.render(**view)

    def add_rules(self, rules: Iterable[ir.Rule], constants: Constants) -> None:
        """Make the files of rules, and of the constants that they need."""
        language, suffix = self._language, self._language.suffix
        views = list(_views(rules, constants, language))
        definitions = list(constants)
        self.render(
            f"constants{suffix}",
            imports=imports_of(language.names, words_in(each.expression for each in definitions)),
            definitions=[
                (each.name, each.expression, language.comment(each.origin)) for each in definitions
            ],
        )
        parts = [views[at : at + RULES_IN_A_FILE] for at in range(0, len(views), RULES_IN_A_FILE)]
        names = [f"part_{number}" for number in range(1, len(parts) + 1)]
        self.render(f"rules/{language.index}{suffix}", f"rules{suffix}", parts=names)
        for name, part in zip(names, parts, strict=True):
            words = words_in(code for view in part for code in view.code)
            self.render(
                f"rules/{name}{suffix}",
                f"part{suffix}",
                imports=imports_of(language.names, words | language.always),
                constants=[each.name for each in definitions if each.name in words],
                rules=part,
            )


def _views(rules: Iterable[ir.Rule], constants: Constants, language: Files) -> Iterator[RuleView]:
    """Prepare rules."""
    conditions, names = ConditionWriter(constants), FunctionNames()
    for rule in rules:
        effect = "forbid" if isinstance(rule, ir.Forbid) else "allow"
        written: list[str] = []
        called: list[str | None] = []
        for kind, test in (
            (effect, test_of(rule, conditions)),
            ("binds", binding_test_of(rule, conditions)),
        ):
            name = None if test is None else names.name(kind, rule.id)
            called.append(name)
            if test is not None and name is not None:
                written += constants.dialect.syntax.functions(name, test)
        yield RuleView(
            heading=language.comment(f"{rule.id} ({rule.span})"),
            doc=language.comment(line_of_rule(constants.policy, rule)),
            functions=tuple(written),
            definition=language.rule(rule, called[0], called[1]),
        )

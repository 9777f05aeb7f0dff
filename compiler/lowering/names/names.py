"""Names: what each package declares, and what a name written in a package means.

Each kind of declaration has a namespace of its own in its package. A name without a dot is the
package's own; `PKG.NAME` is a used package's. Files that share a package share its names and its
`use` lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Literal, TypeAlias, TypeVar, cast

from ...ir.roots import NEW_SCALARS, ROOTS, SCALARS
from ...report.diagnostics import (
    Diagnostic,
    Diagnostics,
    Label,
    at,
)
from ...report.fixes import Edit, Fix, replaced
from ...report.source import Span
from ...structs import Struct, field
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from .controls import STANDARDS, Catalogue
from .extents import Extents
from .mentions import Meant, Mentions, Noted

Kind: TypeAlias = Literal[
    "agent", "intent", "resource", "type", "set", "condition", "rule", "meter", "source", "group",
    "terms",
]  # fmt: skip

Agents: TypeAlias = syntax.AgentDeclaration | syntax.AgentsDeclaration
Types: TypeAlias = syntax.LevelDeclaration | syntax.EnumDeclaration
Declaration: TypeAlias = (
    Agents
    | syntax.IntentDeclaration
    | syntax.ResourceDeclaration
    | Types
    | syntax.SetDeclaration
    | syntax.LetDeclaration
    | syntax.RuleDeclaration
    | syntax.MeterDeclaration
    | syntax.SourceDeclaration
    | syntax.GroupDeclaration
    | syntax.TermsDeclaration
)
D_co = TypeVar("D_co", bound=Declaration, covariant=True)

KINDS: dict[type[syntax.Node], Kind] = {
    syntax.AgentDeclaration: "agent",
    syntax.AgentsDeclaration: "agent",
    syntax.IntentDeclaration: "intent",
    syntax.ResourceDeclaration: "resource",
    syntax.LevelDeclaration: "type",
    syntax.EnumDeclaration: "type",
    syntax.SetDeclaration: "set",
    syntax.LetDeclaration: "condition",
    syntax.RuleDeclaration: "rule",
    syntax.MeterDeclaration: "meter",
    syntax.SourceDeclaration: "source",
    syntax.GroupDeclaration: "group",
    syntax.TermsDeclaration: "terms",
}
RESERVED: dict[Kind, tuple[str, ...]] = {
    "agent": ("any", "agent"),
    "intent": ("any", "intent"),
    "resource": ("any", *ROOTS),
    "type": (*(each for each in SCALARS if each not in NEW_SCALARS), *ROOTS),
    "set": tuple(ROOTS),
    "condition": tuple(ROOTS),
    "rule": (),
    "meter": tuple(ROOTS),
    "source": ("said", "quoted", *ROOTS),
    "group": ("any", *ROOTS),
    "terms": (),
}


class Declared(Struct, Generic[D_co]):
    """A declaration and the package that it stands in."""

    package: str
    node: D_co

    @property
    def name(self) -> str:
        """The fully qualified name."""
        return f"{self.package}.{self.node.name.text}"


class PackageTable(Struct, frozen=False):
    """What the files of one package say together."""

    name: str
    span: Span
    uses: dict[str, syntax.Name] = field(default_factory=dict)
    declared: dict[Kind, dict[str, Declared[Declaration]]] = field(
        default_factory=lambda: {kind: {} for kind in RESERVED}
    )
    owners: list[syntax.OwnerClause] = field(default_factory=list)
    controls: list[syntax.Controls] = field(default_factory=list)
    fields: list[syntax.ContextDeclaration] = field(default_factory=list)
    extensions: list[syntax.ExtendDeclaration] = field(default_factory=list)
    has_starts: bool = False
    """Whether a file of version 2 declares an intent, so that tasks of all of them can be started by calls."""


class Names:
    """The packages of a policy set, and the look-up of names in them."""

    def __init__(
        self,
        files: Iterable[syntax.File],
        diagnostics: Diagnostics,
        catalogue: Catalogue = STANDARDS,
    ) -> None:
        """Collect the declarations of all files; those without a package are left out."""
        self.diagnostics = diagnostics
        self.catalogue = catalogue
        self.packages: dict[str, PackageTable] = {}
        self.extents = Extents(self)
        self.mentions = Mentions()
        self.lost: set[str] = set()
        """Words that may be declared where something could not be made sense of, which is reported.

        The fields that the vocabulary cannot make sense of come to those that no file could read.
        """
        self._unreadable: list[Span] = []
        for file in files:
            self.lost |= file.lost
            self._unreadable += file.unreadable
            if file.package is not None:
                self._collect(file.package, file.statements)
                if file.language is not None:
                    declared = any(type(e) is syntax.IntentDeclaration for e in file.statements)
                    self.packages[file.package.text].has_starts |= declared
        self._check_uses()

    def reporting_to(self, diagnostics: Diagnostics) -> Names:
        """Give the same names to somebody who asks what was found on the way, by itself."""
        other = Names.__new__(Names)
        vars(other).update(vars(self))
        other.diagnostics = diagnostics
        return other

    def _collect(self, package: syntax.Name, statements: tuple[syntax.Statement, ...]) -> None:
        table = self.packages.get(package.text)
        if table is None:
            if package.text.split(".")[0] in ROOTS:
                self.diagnostics.append(
                    at(
                        "AGP1105",
                        package.span,
                        f"a package cannot be called `{package.text}`",
                        help="its first part means something in conditions: choose another",
                    )
                )
            table = self.packages[package.text] = PackageTable(package.text, package.span)
        for statement in statements:
            match statement:
                case syntax.Use(package=used):
                    table.uses.setdefault(used.text, used)
                case syntax.OwnerClause():
                    table.owners.append(statement)
                case syntax.Controls():
                    table.controls.append(statement)
                case syntax.ContextDeclaration():
                    table.fields.append(statement)
                case syntax.ExtendDeclaration():
                    table.extensions.append(statement)
                case _ if type(statement) in KINDS:
                    self._declare(table, KINDS[type(statement)], cast(Declaration, statement))
                case _:
                    pass

    def _declare(self, table: PackageTable, kind: Kind, node: Declaration) -> None:
        name = node.name
        if name.text in RESERVED[kind]:
            self.diagnostics.append(
                at(
                    "AGP1105",
                    name.span,
                    f"`{name.text}` cannot be the name of {article(kind)}",
                    help="the language uses this word itself: choose another name",
                )
            )
            return
        before = table.declared[kind].get(name.text)
        if before is not None:
            self.diagnostics.append(twice(name, before.node.name, kind))
            return
        table.declared[kind][name.text] = Declared(table.name, node)

    def _check_uses(self) -> None:
        for table in self.packages.values():
            for used in table.uses.values():
                if used.text not in self.packages:
                    self.miss(
                        used.text, self._no_package(used.text, used.span, ", or take the line out")
                    )

    def _no_package(self, package: str, span: Span, otherwise: str = "") -> Diagnostic:
        return at(
            "AGP1103",
            span,
            f"there is no package `{package}` among these files",
            help=did_you_mean(package, self.packages)
            or f"give its files to the compiler too{otherwise or f', and add `use {package}`'}",
        )

    def _is_declared(self, package: str, name: str) -> bool:
        """Whether a package declares a name, of whatever kind."""
        return any(self.find(kind, package, name) is not None for kind in KINDS.values())

    def all(self, kind: Kind) -> Iterator[Declared[Declaration]]:
        """Every declaration of a kind, in all packages."""
        for table in self.packages.values():
            yield from table.declared[kind].values()

    def visible(self, package: str) -> tuple[str, ...]:
        """The packages whose names a package may write: itself, and those it uses."""
        used = self.packages[package].uses if package in self.packages else {}
        return (package, *(each for each in used if each in self.packages and each != package))

    def find(self, kind: Kind, package: str, text: str) -> Declared[Declaration] | None:
        """Look up a name without a word about failure."""
        prefix, _, last = text.rpartition(".")
        holder = prefix or package
        table = self.packages.get(holder)
        found = table.declared[kind].get(last) if table else None
        is_visible = found is None or holder == package or holder in self.visible(package)
        return found if is_visible else None

    def resolve(self, kind: Kind, package: str, name: syntax.Name) -> Declared[Declaration] | None:
        """Look up a name, or say why it cannot be found."""
        found = self.find(kind, package, name.text)
        if found is not None:
            self.mentions.noted.append((name, kind, found.name))
        elif not self.is_of_missing_package(package, name.text):
            self.miss(name.text, self._unknown(kind, package, name.text, name.span))
        return found

    def note(self, node: syntax.Name | syntax.Text, noted: Noted, meant: Meant) -> None:
        """Note what a name means where it was not looked up by `resolve`."""
        self.mentions.noted.append((node, noted, meant))

    def is_of_missing_package(self, package: str, text: str) -> bool:
        """Whether a name is of a package that is used and is not there, which its `use` line is told."""
        prefix = text.rpartition(".")[0]
        table = self.packages.get(package)
        return table is not None and prefix in table.uses and prefix not in self.packages

    def is_unreadable(self, span: Span) -> bool:
        """Whether something in a stretch of text could not be read, which has been reported."""
        return any(each.lies_in(span) for each in self._unreadable)

    def miss(self, name: str, diagnostic: Diagnostic) -> None:
        """Report that a name is not declared, unless the mistake may be in its declaration."""
        if self.lost.isdisjoint(name.split(".")):
            self.diagnostics.append(diagnostic)

    def agent(self, package: str, name: syntax.Name) -> Declared[Agents] | None:
        """Look up an agent or a family."""
        return cast("Declared[Agents] | None", self.resolve("agent", package, name))

    def intent(self, package: str, name: syntax.Name) -> Declared[syntax.IntentDeclaration] | None:
        """Look up an intent."""
        return cast(
            "Declared[syntax.IntentDeclaration] | None", self.resolve("intent", package, name)
        )

    def resource(
        self, package: str, name: syntax.Name
    ) -> Declared[syntax.ResourceDeclaration] | None:
        """Look up a resource."""
        return cast(
            "Declared[syntax.ResourceDeclaration] | None", self.resolve("resource", package, name)
        )

    def _unknown(self, kind: Kind, package: str, text: str, span: Span) -> Diagnostic:
        if kind in ("agent", "intent") and text in ("all", "everyone", "every", "anyone"):
            help = f"write `any {kind}`"
            fixes = replaced(help, span, f"any {kind}")
            message = f"there is no {WORDS[kind]} `{text}`"
            return at("AGP1101", span, message, help=help, fixes=fixes)
        out_of_reach = self.out_of_reach(package, text, span)
        if out_of_reach is not None:
            return out_of_reach
        for other in KINDS.values():
            if other != kind and self.find(other, package, text) is not None:
                return at(
                    "AGP1101",
                    span,
                    f"`{text}` is {article(other)}, and here {article(kind)} is needed",
                )
        return at(
            "AGP1101",
            span,
            f"there is no {WORDS[kind]} `{text}`",
            help=did_you_mean(text, self.written(kind, package)) or _meant(kind, text),
        )

    def out_of_reach(self, package: str, text: str, span: Span) -> Diagnostic | None:
        """Say it where a name is of a package that is not there, or not used."""
        prefix = text.rpartition(".")[0]
        if prefix in self.packages and prefix not in self.visible(package):
            return at(
                "AGP1103",
                span,
                f"package `{prefix}` is not used here",
                help=f"add `use {prefix}`",
                fixes=(
                    Fix(
                        f"add `use {prefix}`",
                        (Edit(span, f"use {prefix}", "behind package"),),
                        "likely",
                    ),
                ),
            )
        if prefix and prefix not in self.packages and not self._is_declared(package, prefix):
            return self._no_package(prefix, span)
        return None

    def written(self, kind: Kind, package: str) -> Iterator[str]:
        """The names of a kind as this package would write them."""
        for holder in self.visible(package):
            for name in self.packages[holder].declared[kind]:
                yield name if holder == package else f"{holder}.{name}"


def _meant(kind: Kind, text: str) -> str | None:
    """What to write in place of a name that nothing is near to."""
    if kind == "condition" and text.lower() in ("approved", "approval", "confirmed", "reviewed"):
        return (
            'an approval is `unless approval by "role:NAME"`, or `require approval by "role:NAME"`'
        )
    if kind == "condition" and text.lower() in ("mfa", "step_up", "stepup", "otp"):
        return 'a step-up is `unless step_up "mfa"`, or `require step_up "mfa"`'
    if kind == "agent" and text.lower() in ("nobody", "none", "no_one", "noone"):
        return "what nobody may do is `assert no agent can …`, or a forbid without `to`"
    name = text[:40]
    declare = {
        "agent": f'declare it: `agent {name} = "spiffe://…"`',
        "intent": f'declare it: `intent {name} "…"`',
        "resource": f"declare it: `tool {name} {{ action … }}`",
        "terms": f"declare them: `terms {name} {{ … }}`",
        "set": f'declare it, `set {name} = ["…"]`, or write a list in brackets',
        "condition": f"declare it, `let {name} = …`, or compare something, as in `args.amount <= 500`",
    }.get(kind)
    return None if "." in text else declare


WORDS: dict[Kind, str] = {
    "agent": "agent or family",
    "intent": "intent",
    "resource": "resource",
    "type": "type",
    "set": "set",
    "condition": "named condition",
    "rule": "grant or forbid",
    "meter": "meter",
    "source": "source",
    "group": "group",
    "terms": "block of terms",
}


def article(kind: Kind) -> str:
    """A kind of declaration with its article, for messages."""
    return f"{'an' if WORDS[kind][0] in 'aeiou' else 'a'} {WORDS[kind]}"


def twice(name: syntax.Name, before: syntax.Name, what: str) -> Diagnostic:
    """Say that a name is declared twice."""
    return at(
        "AGP1102",
        name.span,
        f"`{name.text}` is declared twice",
        label="declared again here",
        also=(Label(before.span, f"first declared here, as {what}"),),
    )

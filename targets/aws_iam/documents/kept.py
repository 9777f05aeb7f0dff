"""The documents that have been made, each under its path, and those that do not fit."""

from __future__ import annotations

import json

from ....compiler.ir import nodes as ir
from ....compiler.report.diagnostics import Diagnostic, Diagnostics, Label
from ....compiler.structs import Struct, field
from ...emission import Artifact
from ...file_names import Paths
from ..language.statement import Statement
from .documents import Document, TooLarge, Writer
from .left_out import IDENTITY, SESSION, LeftOut

SOURCE_MAP = "sids.json"

FEWER_RULES = "share the rules out among agents or intents, or say them in fewer words"


class KeptFiles(Struct, frozen=False):
    """The files of an emission. What is too large is an error; or is left out, if that is wanted."""

    writer: Writer
    leaves_out: bool
    diagnostics: Diagnostics
    files: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    written: dict[str, Document] = field(default_factory=dict)
    left_out: LeftOut = field(default_factory=LeftOut)
    _paths: Paths = field(default_factory=Paths)
    _sources: dict[str, dict[str, list[dict[str, str]]]] = field(default_factory=dict)

    def split(
        self,
        stem: str,
        what: str,
        artifact: Artifact,
        statements: tuple[Statement, ...],
        limits: tuple[int, int],
        *,
        readable: bool,
        blamed: ir.Agent | ir.Binding,
    ) -> None:
        """Keep what may be shared out among several documents."""
        try:
            documents = self.writer.split(statements, *limits) if statements else []
        except TooLarge as problem:
            self._too_large(what, artifact, problem, blamed)
            return
        for number, document in enumerate(documents, 1):
            part = "" if len(documents) == 1 else f".{number}"
            self._add(stem + part, artifact, document, readable=readable)

    def one(
        self,
        stem: str,
        what: str,
        artifact: Artifact,
        statements: tuple[Statement, ...],
        limit: int,
        agent: ir.Agent,
        *,
        readable: bool = True,
        is_template: bool = False,
        help: str = FEWER_RULES,
    ) -> None:
        """Keep what has to be one document."""
        document = self.writer.document(statements, is_template=is_template)
        if document.size > limit:
            largest = self.writer.largest(statements)
            self._too_large(what, artifact, TooLarge(document.size, limit, largest), agent, help)
        else:
            self._add(stem, artifact, document, readable=readable)

    def _add(self, stem: str, artifact: Artifact, document: Document, *, readable: bool) -> None:
        """Keep one document; a number tells paths apart that differ in case alone."""
        path = self._paths.take(stem, ".json")
        self.files[path] = document.readable if readable else document.compact
        self.artifacts[path] = artifact
        self.written[path] = document
        self._sources[path] = {sid: _sources(each) for sid, each in document.statements.items()}

    def _too_large(
        self,
        what: str,
        artifact: Artifact,
        problem: TooLarge,
        blamed: ir.Agent | ir.Binding,
        help: str = FEWER_RULES,
    ) -> None:
        """Report a document that does not fit; nothing is widened to make it fit."""
        rules = problem.largest.rules[:1]  # none, where it is about an agent
        part = (Label(each.span, "the largest part") for each in rules)
        error = Diagnostic(
            "AGP5002",
            f"{what} has {problem}",
            (Label(blamed.span), *part),
            notes=tuple(f"the largest part is of `{each.id}`" for each in rules),
            help=help,
        )
        if self.leaves_out and artifact.kind in (IDENTITY, SESSION):
            self.left_out.add(artifact, error)
        else:
            self.diagnostics.append(error)

    def add_source_map(self) -> None:
        """Add the map from Sids to what is behind them."""
        text = json.dumps(self._sources, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        self.files[SOURCE_MAP] = text
        self.artifacts[SOURCE_MAP] = Artifact("source map")


def _sources(statement: Statement) -> list[dict[str, str]]:
    """The rules behind a statement, or the agent that it is about, with their lines."""
    if statement.about is not None:
        return [{"agent": statement.about.name, "source": str(statement.about.span)}]
    return [{"rule": each.id, "source": str(each.span)} for each in statement.rules]

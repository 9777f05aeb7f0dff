"""What is wrong with a policy set, as `agpc check` says it: the compiler's part at once, the analysis's when it is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from time import time_ns

from lsprotocol import types

from ..compiler.analysis.answers import Answers
from ..compiler.check.project.baseline import BaselineError, Entry, beyond, read_baseline
from ..compiler.check.review.review import Review, judged
from ..compiler.report import Report
from ..compiler.report.diagnostics import Diagnostic
from ..compiler.report.source import Source
from ..compiler.structs import Struct
from .carried import carried
from .diagnostics import ANALYSIS, SOURCE, shown, trouble
from .disk import look
from .positions import Lines
from .sets import Trouble
from .snapshot import Snapshot
from .uris import path_of, uri_of


class Analysed(Struct):
    """What the analysis found in a snapshot."""

    snapshot: Snapshot
    found: tuple[Diagnostic, ...]


class Checked(Struct):
    """All that is said of a snapshot: by the compiler and by the analysis, which has had its turn where `is_whole`."""

    snapshot: Snapshot
    compiled: tuple[Diagnostic, ...]
    analysed: tuple[Diagnostic, ...]
    troubles: tuple[Trouble, ...]
    is_whole: bool

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """What both say."""
        return (*self.compiled, *self.analysed)

    def in_file(self, name: str) -> tuple[Diagnostic, ...]:
        """What stands in a file; what has no place stands in the first."""
        first = self.snapshot.files[0].source.name if self.snapshot.files else ""
        return tuple(
            each
            for each in self.found
            if (each.labels[0].span.file if each.labels else first) == name
        )


class Checking:
    """Checks snapshots. What the analysis found stays until it has had another turn, where its lines are as they were."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._analysed: dict[str, Analysed] = {}
        self._baselines: dict[Path, tuple[tuple[int, ...], list[Entry] | str]] = {}

    def at_once(self, snapshot: Snapshot) -> Checked:
        """What the compiler says, and what is left of the last analysis."""
        review = judged(_sources(snapshot), snapshot.compilation, snapshot.settings, None)
        found, troubles = self._new(review, snapshot)
        before = self._analysed.get(snapshot.home.key)
        if before is None:
            return Checked(snapshot, found, (), troubles, False)
        if before.snapshot is snapshot:
            return Checked(snapshot, found, before.found, troubles, True)
        kept = tuple(carried(before.found, _by_name(before.snapshot), _by_name(snapshot)))
        return Checked(snapshot, found, kept, troubles, False)

    def analyse(self, snapshot: Snapshot, answers: Answers, watch: Callable[[], None]) -> Analysed:
        """What the analysis says. Takes its time, and calls `watch` again and again."""
        review = judged(
            _sources(snapshot),
            snapshot.compilation,
            snapshot.settings,
            snapshot.names_in,
            lambda code: watch(),
            answers,
            time_ns(),
        )
        found, _ = self._new(review, snapshot)
        first = judged(_sources(snapshot), snapshot.compilation, snapshot.settings, None)
        known = set(self._new(first, snapshot)[0])
        return Analysed(snapshot, tuple(each for each in found if each not in known))

    def keep(self, analysed: Analysed) -> None:
        """Take up what the analysis found."""
        self._analysed[analysed.snapshot.home.key] = analysed

    def forget(self, key: str) -> None:
        """Forget a set."""
        self._analysed.pop(key, None)

    def _new(
        self, review: Review, snapshot: Snapshot
    ) -> tuple[tuple[Diagnostic, ...], tuple[Trouble, ...]]:
        """What a review found that is not in the baseline, in order."""
        home = snapshot.home
        report = Report.of(review.diagnostics, snapshot.files, statement=review.statement)
        if home.baseline is None:
            return report.diagnostics, ()
        entries = self._entries(home.baseline)
        if isinstance(entries, str):
            file = home.settings.file
            return report.diagnostics, (Trouble(uri_of(str(file or home.baseline)), entries),)
        return beyond(report, entries, review.looked_for).diagnostics, ()

    def _entries(self, path: Path) -> list[Entry] | str:
        """What a baseline has, read again if it looks otherwise than it did; or what is wrong with it."""
        now = look(path)
        known = self._baselines.get(path)
        if known is None or known[0] != now or not now:
            try:
                found: list[Entry] | str = read_baseline(path)
            except BaselineError as error:
                found = str(error)
            known = self._baselines[path] = (now, found)
        return known[1]


def by_document(checked: Checked) -> dict[str, list[types.Diagnostic]]:
    """What is said of each document, by its address; also of those of which nothing is said."""
    snapshot = checked.snapshot
    found: dict[str, list[types.Diagnostic]] = {
        uri: [] for each in snapshot.files for uri in snapshot.uris_of(each.source.name)
    }
    first = snapshot.files[0].source.name if snapshot.files else None
    for source, said in ((SOURCE, checked.compiled), (ANALYSIS, checked.analysed)):
        for each in said:
            name = each.labels[0].span.file if each.labels else first
            for uri in () if name is None else snapshot.uris_of(name):
                found[uri].append(shown(each, snapshot, source))
    for one in (*snapshot.troubles, *checked.troubles):
        found.setdefault(one.uri, []).append(trouble(one.message, _place(one, snapshot)))
    return found


def _place(one: Trouble, snapshot: Snapshot) -> types.Range | None:
    """Where in a file of settings its mistake is: the message says the line, or the setting."""
    path = path_of(one.uri)
    if path is None or not path.endswith(".toml"):
        return None
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except (OSError, ValueError):
        return None
    lines = Lines(text, snapshot.encoding)
    if match := re.search(r"\(at line (\d+), column (\d+)\)", one.message):
        start = lines.offset_of(int(match[1]), int(match[2]))
        return lines.between(start, min(start + 1, len(text)))
    for key in reversed(re.findall(r"`([^`]+)`", one.message.partition("toml`")[2])):
        for part in reversed(key.split(".")):
            if match := re.search(
                rf"(?m)^[^#\n]*?(?P<key>(?<![\w-]){re.escape(part)}(?![\w-]))", text
            ):
                return lines.between(*match.span("key"))
    return None


def _sources(snapshot: Snapshot) -> list[Source]:
    return [each.source for each in snapshot.files]


def _by_name(snapshot: Snapshot) -> dict[str, Source]:
    return {each.source.name: each.source for each in snapshot.files}

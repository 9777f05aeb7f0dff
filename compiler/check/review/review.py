"""All that is to be said of a policy: what the compiler, the analysis and the silences find."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...analysis.answers import Answers
from ...analysis.run import DATED, FINDINGS, analyze
from ...ir import nodes as ir
from ...report.codes import CODES
from ...report.diagnostics import Diagnostic
from ...report.source import Source, Span
from ...structs import Struct, field
from ...syntax import tree as syntax
from ..compiling.compile import Compilation, compile_sources
from ..compiling.memory import Memory
from ..compiling.unused import unused_names
from ..project.settings import Settings
from .anchors import anchors
from .said_of_files import UNDOCUMENTING, undated, undocumenting
from .silence import OWN, quiet


class ReviewKept(Struct):
    """What one review leaves for the next of the same files."""

    compiled: Memory = field(default_factory=Memory)
    answers: Answers = field(default_factory=Answers)


class Review(Struct):
    """What came of a policy set; `policy` is None if it does not compile.

    `silenced` counts the findings that remarks in the policy took out of `diagnostics`.
    """

    policy: ir.Policy | None
    diagnostics: tuple[Diagnostic, ...]
    silenced: int
    suppressed: tuple[tuple[Diagnostic, str], ...] = ()
    """Those findings, each with the reason that its remark gives."""

    looked_for: frozenset[str] = frozenset()
    """The codes of which there would be findings if there were something to find."""

    statement: Callable[[Span], str] = str
    """Names the statement that a place is in."""


def review(
    sources: Sequence[Source],
    settings: Settings,
    *,
    analysis: bool = True,
    watch: Callable[[str], None] | None = None,
    kept: ReviewKept | None = None,
    at: int | None = None,
) -> Review:
    """Compile and, where it compiles, analyse; then judge as the settings and the silences say.

    `watch` is told what is looked for next. With what the last review kept, only what has changed since
    then takes time. `at` is the time from which it is told which grants are over.
    """
    kept = kept or ReviewKept()
    compilation = compile_sources(sources, kept.compiled, settings.controls)
    names_in = kept.compiled.names_known() if analysis else None
    return judged(sources, compilation, settings, names_in, watch, kept.answers, at)


def judged(
    sources: Sequence[Source],
    compilation: Compilation,
    settings: Settings,
    names_in: Callable[[syntax.File], frozenset[str]] | None,
    watch: Callable[[str], None] | None = None,
    answers: Answers | None = None,
    at: int | None = None,
) -> Review:
    """Analyse what is compiled, where it compiles, and judge it; without `names_in` it is judged alone."""
    found = list(compilation.diagnostics)
    policy = compilation.policy
    if policy is not None:
        found.extend(undated(compilation.files))
        found.extend(undocumenting(compilation.files))
    analysed = names_in is not None and policy is not None
    if analysed:
        assert policy is not None and names_in is not None
        found.extend(unused_names(compilation.files, names_in))
        wanted = [code for code in FINDINGS if settings.looks_for(code)]
        found.extend(analyze(policy, settings.limits, wanted, watch, answers, at))

    def looked_for(code: str) -> bool:
        """Whether the finding would have been reported; those of targets are not looked for here."""
        if at is None and code in DATED:
            return False
        if policy is None or CODES[code].severity == "error" or not settings.looks_for(code):
            return False
        if code == UNDOCUMENTING:
            return True
        return code < "AGP2" or (analysed and (code in FINDINGS or code == "AGP6101"))

    quieted = quiet(settings.judge(found), compilation.files, sources, looked_for)
    remarks = settings.judge(quieted.remarks)
    own = (each for each in OWN if settings.looks_for(each))
    return Review(
        policy,
        (*quieted.diagnostics, *remarks),
        quieted.silenced,
        quieted.suppressed,
        frozenset() if policy is None else frozenset([*filter(looked_for, CODES), *own]),
        anchors(compilation.files),
    )

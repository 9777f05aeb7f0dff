"""What there is to say about the thing under the cursor: a name, a word of the language, a clause, a remark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from ...compiler.check.review.silence import CODE, SILENCE
from ...compiler.ir.starts import START
from ...compiler.lowering.names.definitions import Target
from ...compiler.lowering.uses import Use
from ...compiler.report.codes import CODES
from ...compiler.report.pages import page_of
from ...compiler.report.source import Span
from ...compiler.syntax import tree as syntax
from ..markup import Block, Code, Items, Line, Listing, Paragraph, Strong, item, said
from ..snapshot import Snapshot
from ..words import BUILT_IN, KEYWORDS, OTHERS, ROOTS, TYPES
from .about.access import KeptAnswers, WhoCan, about_access
from .about.rules import about_rules, credential_in_words, validity_in_words
from .about.things import About

Found = tuple[Span, Callable[[], list[Block]]]
"""What a hover is about, and what there is to say, which may take a moment."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|\"[^\"]*\"))*")
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"?|#.*')
MOST_THINGS = 4
"""Things that one word stands for, of which all is said."""


def hover(
    snapshot: Snapshot, name: str, line: int, column: int, asked: KeptAnswers, now: float
) -> Found | None:
    """What to say about a place; None where there is nothing."""
    tree = snapshot.tree_of(name)
    package = tree.package.text if tree.package is not None else ""
    remark = _remark(snapshot, tree, line, column)
    if remark is not None:
        return remark
    use = snapshot.compilation.uses.at(name, line, column)
    if use is not None:
        return _of_use(About(snapshot, package, now), use, asked)
    found = _of_word(snapshot, tree, name, line, column, package, now)
    return found and _with_starters(snapshot, package, found, asked)


def _of_use(about: About, use: Use, asked: KeptAnswers) -> Found:
    """About what a name stands for; who can call it is found out later."""
    blocks: list[Block] = []
    for target in use.targets[:MOST_THINGS]:
        blocks += [each for each in about.blocks(target) if each not in blocks]
    if len(use.targets) > MOST_THINGS:
        blocks.append(said(f"and {len(use.targets) - MOST_THINGS} more"))
    capability = _capability(about, use.target)
    policy = about.policy
    if policy is None or capability is None:
        return use.span, lambda: blocks

    def later() -> list[Block]:
        found: WhoCan = asked.who_can(policy, capability)
        return [*blocks, *about_access(policy, found, about.package)]

    return use.span, later


def _with_starters(snapshot: Snapshot, package: str, found: Found, asked: KeptAnswers) -> Found:
    """What is said of a word, and of the start of an intent who can start tasks for it, which is found out later."""
    span, tell = found
    policy, line = snapshot.policy, snapshot.source_of(span.file).lines()[span.line - 1]
    path = next((e for e in _PATH.finditer(line) if _holds(e, span.end_column)), None)
    intent, _, word = ("", "", "") if path is None else path[0].rpartition(".")
    names = snapshot.names
    declared = names.find("intent", package, intent) if word == START and intent else None
    if policy is None or declared is None or names.find("resource", package, intent) is not None:
        return found
    capability = f"{declared.name}.{START}"
    if capability not in policy.declared_actions:
        return found

    def later() -> list[Block]:
        who: WhoCan = asked.who_can(policy, capability)
        return [*tell(), *about_access(policy, who, package)]

    return span, later


def _capability(about: About, target: Target) -> str | None:
    """What a name stands for that can be called."""
    if about.policy is None or target.kind != "action":
        return None
    return target.name if target.name in about.policy.declared_actions else None


# --- Words of the language, and clauses -----------------------------------------------------------


def _of_word(
    snapshot: Snapshot,
    tree: syntax.File,
    name: str,
    line: int,
    column: int,
    package: str,
    now: float,
) -> Found | None:
    text = snapshot.source_of(name).lines()
    if line > len(text):
        return None
    text_of_line = text[line - 1]
    for opaque in _STRING_OR_COMMENT.finditer(text_of_line):
        if opaque.start() < column - 1 < opaque.end():
            return None
    path = next((each for each in _PATH.finditer(text_of_line) if _holds(each, column)), None)
    if path is None:
        return None
    start, word, before = path.start(), path[0], ""
    for match in _WORD.finditer(path[0]):
        if path.start() + match.end() >= column - 1:
            start, word, before = path.start() + match.start(), match[0], path[0][: match.start()]
            break
    sentence = _sentence(word, before, path[0], text_of_line[path.end() :])
    if sentence is None:
        return None
    span = Span(name, line, start + 1, line, start + 1 + len(word))
    blocks: list[Block] = [Listing(before + word), Paragraph(prose(sentence))]
    if not before:
        blocks += _of_clause(snapshot, tree, word, line, column, package, now)
    return span, lambda: blocks


def _holds(match: re.Match[str], column: int) -> bool:
    return match.start() <= column - 1 <= match.end()


def _sentence(word: str, before: str, path: str, after: str) -> str | None:
    """The sentence of a word, if it is one of the language there."""
    if before:
        return BUILT_IN.get(before + word) or (
            OTHERS.get(word) if word in ("start", "before") else None
        )
    if path != word or word in ("now", "args", "it"):
        return ROOTS.get(word)
    if after.lstrip()[:1] in (":", "?"):
        return None  # the name of a field
    return KEYWORDS.get(word) or TYPES.get(word) or OTHERS.get(word)


def prose(sentence: str) -> Line:
    """A sentence of ours, in which what stands between backticks is code."""
    parts = sentence.split("`")
    return tuple(Code(each) if at % 2 else each for at, each in enumerate(parts) if each)


def _of_clause(
    snapshot: Snapshot,
    tree: syntax.File,
    word: str,
    line: int,
    column: int,
    package: str,
    now: float,
) -> Iterator[Block]:
    """What there is to say of the clause that a word begins, beside what the word means."""
    clause = _clause_at(tree.statements, line, column)
    policy = snapshot.compilation.policy
    if clause is None or policy is None:
        return
    for rule in policy.allows:
        if not rule.span.lies_in(clause[0].span):
            continue
        match clause[1]:
            case syntax.ValidClause() if rule.validity is not None:
                yield Items((item(*validity_in_words(rule.validity, now)),))
            case syntax.CredentialClause() if rule.credential is not None:
                yield Items((item(*credential_in_words(rule.credential)),))
            case syntax.AllowClause(span=span) if word == "allow":
                if rule.span.lies_in(span):
                    yield from about_rules([rule], package, snapshot.names.catalogue, now)
                    return
                continue
            case _:
                pass
        if not isinstance(clause[1], syntax.AllowClause):
            return


def _clause_at(
    statements: Iterable[syntax.Statement], line: int, column: int
) -> tuple[syntax.RuleDeclaration, syntax.Clause] | None:
    for statement in statements:
        if isinstance(statement, syntax.RuleDeclaration) and statement.span.holds(line, column):
            for clause in statement.clauses:
                if clause.span.holds(line, column):
                    return statement, clause
    return None


# --- Remarks --------------------------------------------------------------------------------------


def _remark(snapshot: Snapshot, tree: syntax.File, line: int, column: int) -> Found | None:
    """About a code in a remark that silences it."""
    for comment in tree.comments:
        if comment.span.line != line or not comment.span.holds(line, column):
            continue
        match = SILENCE.fullmatch(comment.text)
        if match is None:
            return None
        for found in CODE.finditer(comment.text, match.start("codes"), match.end("codes")):
            first = comment.span.column + found.start()
            last = comment.span.column + found.end()
            if first <= column <= last and found[0] in CODES:
                span = Span(comment.span.file, line, first, line, last)
                return span, partial(about_code, found[0])
        return None
    return None


def about_code(code: str) -> list[Block]:
    """What a code of a finding means, as its page says."""
    blocks: list[Block] = [
        said(Strong(code), ": ", *prose(CODES[code].title), f" ({CODES[code].severity})")
    ]
    page = page_of(code)
    if page is not None and (match := re.search(r"## What it means\n(.*?)\n\n", page, re.DOTALL)):
        plain = re.sub(r"[*]|\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(match[1].split()))
        blocks.append(Paragraph(prose(plain)))
    return blocks

"""Sids: names that tell people whose statement it is, and that edits elsewhere do not change.

INVARIANT: what a statement is called depends on the rules and agents that are named alike, on the
other statements of its own rule in the same document, and on nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence

from ....compiler.ir import nodes as ir
from ....compiler.structs import Struct
from ..language.statement import Statement

_LONGEST = 48  # characters; before a number, and what tells two statements of one agent apart
_DIGEST = 8


class Sids(Struct):
    """The words that stand for each rule and each agent."""

    rules: dict[str, str]
    agents: dict[str, str]
    reserved: frozenset[str]
    """What the first statement of some rule is called, wherever it stands."""

    @staticmethod
    def of(policy: ir.Policy) -> Sids:
        """Those of a policy; packages are left out where that leaves no doubt."""
        packages = sorted((each.name for each in policy.packages), key=len, reverse=True)
        rules = _words((each.id for each in policy.rules), packages)
        agents = _words((each.name for each in policy.agents), packages)
        return Sids(rules, agents, frozenset(rules.values()))

    def name(self, statement: Statement, taken: Container[str]) -> str:
        """A Sid that no other statement of a document has, nor could have by its own rule."""
        base = self._base(statement)
        own = self.rules[statement.rules[0].id] if statement.rules else None
        sid, number = base, 1
        while sid in taken or (sid in self.reserved and sid != own):
            number += 1
            sid = f"{base}{number}"
        return sid

    def _base(self, statement: Statement) -> str:
        """What a statement is called where there is no other of its rule, or agent."""
        if statement.rules:
            return self.rules[statement.rules[0].id] + ("Guard" if statement.is_guard else "")
        agent, title = statement.about, statement.title
        if agent is not None and title.startswith(agent.name + "."):
            return self.agents[agent.name] + _camel(title[len(agent.name) :])
        return _camel(title)


def _words(names: Iterable[str], packages: Sequence[str]) -> dict[str, str]:
    """One word for each name: without its package, else with it, else with a digest of the name."""
    short = {name: _camel(_without_package(name, packages)) for name in names}
    long = {name: _camel(name) for name in short}
    alike, still_alike = Counter(short.values()), Counter(long.values())
    found = {}
    for name, word in short.items():
        if alike[word] == 1 and word:
            found[name] = _cut(word, name)
        elif still_alike[long[name]] == 1 and long[name] not in alike and word:
            found[name] = _cut(long[name], name)
        else:
            found[name] = _digested(word, name)
    return found


def _cut(word: str, name: str) -> str:
    """A word, with a digest for what there is no room for."""
    return word if len(word) <= _LONGEST else _digested(word, name)


def _digested(word: str, name: str) -> str:
    """The beginning of a word, and a digest of what it stands for."""
    digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:_DIGEST]
    return (word[: _LONGEST - _DIGEST] or "Rule") + digest


def _without_package(name: str, packages: Sequence[str]) -> str:
    """A name without the longest package that it is of."""
    return next((name[len(p) + 1 :] for p in packages if name.startswith(p + ".")), name)


def _camel(name: str) -> str:
    """The letters and digits of a name, each word with a capital."""
    words = re.split(r"[^0-9A-Za-z]+", name)
    return "".join(each[:1].upper() + each[1:] for each in words)

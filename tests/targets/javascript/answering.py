"""The module of a policy, for tests of the library."""

from __future__ import annotations

from engines.hand_policies import POLICY
from engines.javascript import Module

from .modules import module_of

_LIBRARY: list[Module] = []


def module_of_library() -> Module:
    """The module of a policy, for tests of the library by Hypothesis."""
    if not _LIBRARY:
        _LIBRARY.append(module_of(POLICY))
    return _LIBRARY[0]

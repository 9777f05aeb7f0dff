"""The library as a module of one policy."""

from __future__ import annotations

import pytest
from engines.hand_policies import POLICY
from engines.javascript import Module

from .modules import module_of


@pytest.fixture(scope="module")
def library() -> Module:
    return module_of(POLICY)

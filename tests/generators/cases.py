"""A policy and a request about it, together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir

from .policies import FEATURES, policies
from .requests import requests


def cases(
    *,
    features: Iterable[str] = FEATURES,
    of: Callable[[ir.Policy], st.SearchStrategy[Any]] = requests,
    user_block: bool | None = None,
) -> st.SearchStrategy[tuple[ir.Policy, Any]]:
    """Pairs of a policy and a request, which `of` makes for the policy."""
    return policies(features=features, user_block=user_block).flatmap(
        lambda policy: st.tuples(st.just(policy), of(policy))
    )

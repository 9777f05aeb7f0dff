"""Policies of every kind, those with facts too, and requests about them: what all evaluators are compared on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir

from .facts import fact_policies, requests_with_facts
from .policies import FEATURES, policies
from .records import recorded_requests
from .requests import requests


def general_policies(features: Iterable[str] = FEATURES) -> st.SearchStrategy[ir.Policy]:
    """Any well-typed policy; one in four is of nothing but facts."""
    plain = policies(features=features)
    return st.one_of(plain, plain, plain, fact_policies())


def general_requests(policy: ir.Policy, **options: bool) -> st.SearchStrategy[Any]:
    """Requests about a policy; of facts those that a record gives, and others that nobody would."""
    if not any(each.name == "p.calls" for each in policy.meters):  # of the vocabulary of facts
        return requests(policy, **options)
    return st.one_of(recorded_requests(policy), requests_with_facts(policy))

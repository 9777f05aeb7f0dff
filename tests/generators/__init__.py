"""Hypothesis strategies that every test shares: policies, requests, and text that attacks.

`policies()` gives well-typed `ir.Policy` values, small and with vocabularies that collide, and
`policies_with_tests()` such with tests that expect all that tests can expect;
`requests(policy)` gives requests about one: aimed at a rule so that its edges are met, aimed and
then broken, or about nothing in particular.
"""

from .cases import cases
from .edits import deletions, without_field
from .policies import FEATURES, WRITTEN, policies
from .requests import aimed_requests, broken_requests, random_requests, requests
from .scenarios import policies_with_tests
from .texts import NAMES, hostile_text

__all__ = [
    "FEATURES",
    "NAMES",
    "WRITTEN",
    "aimed_requests",
    "broken_requests",
    "cases",
    "deletions",
    "hostile_text",
    "policies",
    "policies_with_tests",
    "random_requests",
    "requests",
    "without_field",
]

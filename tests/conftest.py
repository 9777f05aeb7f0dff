"""Hypothesis profiles: `default` for every day, `ci` that is the same each time and so need not be long, `fuzz` for hours.

`HYPOTHESIS_PROFILE` or `--hypothesis-profile` chooses one; `ci` is the default where `CI` is set.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "default", max_examples=60, deadline=None, print_blob=True, suppress_health_check=SLOW
)
settings.register_profile(
    "ci", settings.get_profile("default"), max_examples=15, derandomize=True, database=None
)
settings.register_profile("fuzz", settings.get_profile("default"), max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default")
)

# Whoever runs the tests may ignore SIGINT, as shells do behind `&`, and the processes that tests
# start and end with it would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

collect_ignore = [
    "forking/stand_in.py",  # a program that tests start
    "examples/agentdojo_run.py",  # a program of the environment that has AgentDojo
    "guard/dojo/dojo_server.py",  # and programs that a guard starts
    *(f"guard/mcp/{each}_server.py" for each in ("conformance", "hostile", "listing")),
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what was collected alone: looking for garbage among all tests takes a fifth of collecting and of running them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their argument and place: they are what formats and clocks make of them.

    `tests/test_collection.py` holds all ids against another clock, seed and machine.
    """
    return argname if isinstance(val, bytes) else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write golden files anew")

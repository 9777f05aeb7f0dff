"""The Python target decides as the reference interpreter does, down to the last reason."""

from __future__ import annotations

from dataclasses import asdict

from generators import policies, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.emission import Options
from agpc.targets.python import TARGET, evaluator

from .generated import imported


@given(st.data())
@settings(suppress_health_check=list(HealthCheck))
def test_memory_decides_as_the_interpreter(data: st.DataObject) -> None:
    policy = data.draw(policies())
    compiled = evaluator(policy)
    for _ in range(8):
        request = data.draw(requests(policy, json_only=False, surrogates=True))
        assert compiled.decide(request) == interpreter.decide(policy, request)


@given(st.data())
@settings(suppress_health_check=list(HealthCheck))
def test_generated_package_decides_as_the_interpreter(data: st.DataObject) -> None:
    policy = data.draw(policies())
    with imported(TARGET.emit(policy, Options()).files) as package:
        for _ in range(4):
            request = data.draw(requests(policy, json_only=False, surrogates=True))
            assert asdict(package.decide(request)) == asdict(interpreter.decide(policy, request))


@given(st.data())
def test_order_of_rules_is_irrelevant(data: st.DataObject) -> None:
    policy = data.draw(policies())
    turned = ir.Policy(
        **{
            **vars_of(policy),
            "allows": policy.allows[::-1],
            "forbids": policy.forbids[::-1],
        }
    )
    request = data.draw(requests(policy))
    assert evaluator(turned).decide(request) == evaluator(policy).decide(request)


def vars_of(policy: ir.Policy) -> dict[str, object]:
    return {name: getattr(policy, name) for name in policy.__dataclass_fields__}

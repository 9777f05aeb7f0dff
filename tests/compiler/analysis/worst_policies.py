"""Policies that ask as much of the analysis as policies can."""

from __future__ import annotations

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

HEAD = """package p
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool t { n: int name: string a: bool b: bool c: bool ip: ip tags: [string] action x }
"""


def policy_of(condition: str, more: str = "") -> ir.Policy:
    when = f" when {condition}" if condition else ""
    text = f"{HEAD}grant g {{\n to bot\n for pay\n allow t.x{when}\n}}\n{more}"
    compilation = compile_sources([Source("p.agp", text)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def alternatives(count: int) -> str:
    return " and ".join(
        f'(resource.n == {n} or resource.name like "a{n}*" or has resource.{"abc"[n % 3]})'
        for n in range(count)
    )

"""What a comparison tells of tests: one whose expectation turned round stands first."""

from __future__ import annotations

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.check.compile import compile_sources
from agpc.compiler.report.source import Source


def test_a_test_that_expects_other_terms_is_told_first() -> None:
    grant = "grant g { to a for i allow t.go credential ttl 15m }\n"
    head = (
        'package p\nagent a = "spiffe://t.example/a"\nintent i "i"\ntool t { action go }\n' + grant
    )
    block = 'test "leases" { agent a for i call t.go() expect permit%s }\n'
    told = []
    for before, after in ((" with credential ttl 15m", ""), ("", ""), ("", " with no obligation")):
        base, changed = (
            compile_sources([Source("p.agp", head + block % each)]).policy
            for each in (before, after)
        )
        assert base is not None and changed is not None
        told.append([each.text for each in compare(base, changed).also if each.first])
    assert told == [
        ["the test `leases` expects `permit`, `permit with credential ttl 15m` before"],
        [],
        ["the test `leases` expects `permit with no obligation`, `permit` before"],
    ]

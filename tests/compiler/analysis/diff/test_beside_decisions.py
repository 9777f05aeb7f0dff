"""What a comparison tells of tests: one whose expectation turned round stands first."""

from __future__ import annotations

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.check.compiling.compile import compile_sources
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


def test_a_delegation_to_a_family_that_became_another_is_told_in_names_that_can_be_written() -> (
    None
):
    text = (
        'language 2\npackage p\nagent a = "spiffe://t.example/a"\nagents b = "spiffe://t.example/%s"\n'
        'intent i "i"\nintent j "j"\ntool t { action go }\n'
        "grant g { to a, b for i, j allow t.go }\ndelegate a for i to b for j\n"
    )
    base, head = (compile_sources([Source("p.agp", text % each)]).policy for each in ("b/*", "c/*"))
    assert base is not None and head is not None
    told = [each.text for each in compare(base, head).also if each.kind == "delegation"]
    assert told == [
        "`delegate p.a for p.i to p.b for p.j` is about something else now: its chains are of other agents"
    ]


def test_sizes_of_lists_of_records_are_compared() -> None:
    text = (
        'language 2\npackage p\nagent a = "spiffe://t.example/a"\nintent i "i"\n'
        "tool t { write action go(files: [{ path: string }]) }\n"
        "grant g { to a for i allow t.go when size args.files <= %d }\n"
    )
    base, head = (compile_sources([Source("p.agp", text % each)]).policy for each in (2, 3))
    assert base is not None and head is not None
    assert [each.change for each in compare(base, head).changes] == ["more"]


def test_a_meter_that_is_defined_otherwise_changes_no_test() -> None:
    text = (
        'language 2\npackage p\nagent a = "spiffe://t.example/a"\nagent b = "spiffe://t.example/b"\n'
        'intent i "i"\ntool t { action go(x: string) }\nmeter m = count of t.go per agent within %s\n'
        "source s = %s\n"
        "grant g { to a, b for i allow t.go when m <= 2 and args.x from s }\ndelegate a for i to b for i\n"
        'test "one" { agent a for i said "y" did t.go(x: "y") %s ago call t.go(x: "y")'
        " at 2026-11-24T10:00:00Z expect permit }\n"
        'test "for another" { agent b for i after [a for i] call t.go() at 2026-11-24T10:00:00Z expect deny }\n'
    )
    told = []
    for now in (("2h", "said, task", "5m"), ("1h", "said", "6m")):
        base, head = (
            compile_sources([Source("p.agp", text % each)]).policy
            for each in (("1h", "said", "5m"), now)
        )
        assert base is not None and head is not None
        told.append([each.text for each in compare(base, head).also if each.kind == "test"])
    assert told == [[], ["1 test of before went or changed", "1 test came"]]

"""Silences: what they hold for, what they need, and what is said of those that do not hold."""

from __future__ import annotations

import pytest

from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import Review, review
from agpc.compiler.check.review.silence import OWN, can_be_silenced
from agpc.compiler.format.formatter import format_source
from agpc.compiler.report.codes import CODES
from agpc.compiler.report.source import Source

START = 'language 2 package shop\nowner "shop" contact "shop@acme.example"\ntool till { action open, refund }\n'


def reviewed(text: str, settings: Settings | None = None, **options: bool) -> Review:
    return reviewed_whole(START + text, settings, **options)


def reviewed_whole(text: str, settings: Settings | None = None, **options: bool) -> Review:
    return review([Source("shop.agp", text)], settings or Settings(), **options)


def said(text: str, settings: Settings | None = None, **options: bool) -> list[tuple[str, str]]:
    """The codes, each with the text that it points at; the number of silenced findings comes last."""
    found = reviewed(text, settings, **options)
    lines = (START + text).split("\n")
    shown = []
    for each in found.diagnostics:
        span = each.labels[0].span
        end = span.end_column - 1 if span.line == span.end_line else None
        shown.append((each.code, lines[span.line - 1][span.column - 1 : end]))
    return [*sorted(shown), ("silenced", str(found.silenced))]


SILENT = [("silenced", "1")]


@pytest.mark.parametrize(
    "text",
    [
        "forbid f { deny any } # agpc: allow AGP4301 -- known",
        "# agpc: allow AGP4301 -- known\nforbid f { deny any }",
        "# agpc: allow AGP4301 -- known\n\n# about the next rule\n\nforbid f { deny any }",
        "#agpc:allow AGP4301 --known\nforbid f { deny any }",
        "## agpc:  allow  AGP4301  --  known\nforbid f { deny any }",
        "forbid f {  # agpc: allow AGP4301 -- known\n    deny any\n}",
        "forbid f {\n    deny any\n}  # agpc: allow AGP4301 -- known",
        "# agpc: allow AGP4301 -- known\r\nforbid f {\r\n    deny any\r\n}\r\n",
    ],
)
def test_a_finding_is_silenced_from_its_line_and_from_above(text: str) -> None:
    assert said(text) == SILENT
    formatted = format_source(Source("shop.agp", START + text))
    assert reviewed_whole(formatted).silenced == 1


def test_what_does_not_compile_is_told_all_the_same() -> None:
    found = reviewed("# agpc: allow AGP1101 -- known\nforbid f { deny tills.open }")
    assert (found.policy, found.silenced) == (None, 0)
    assert [each.code for each in found.diagnostics] == ["AGP1101", "AGP6003"]


GRANT = """\
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
{0}grant g {{
    to bot
    for sell
    {1}allow till.open as a
        require approval by "role:boss"
    {2}allow till.refund as b
        require approval by "role:boss"
    credential ttl 1h
    revoke when age(now) > 1h
    valid until 2027-01-01
}}
"""
REMARK = "# agpc: allow AGP4302 -- the task is short\n"
LATE = ("AGP4302", 'approval by "role:boss"')


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("", "", ""), [LATE, LATE, ("silenced", "0")]),
        ((REMARK, "", ""), [("silenced", "2")]),
        (("", REMARK, ""), [LATE, ("silenced", "1")]),
        (("", "", REMARK), [LATE, ("silenced", "1")]),
        (("", REMARK, REMARK), [("silenced", "2")]),
    ],
)
def test_a_silence_holds_for_all_that_starts_on_its_line(
    places: tuple[str, str, str], expected: list[tuple[str, str]]
) -> None:
    settings = Settings(ignore=("AGP2", "AGP3"))
    assert said(GRANT.format(*places), settings) == expected


def test_one_remark_may_silence_several_codes_and_several_remarks_one_line() -> None:
    one = "# agpc: allow AGP4301, AGP6101 -- known\nset s = [1] forbid f { deny any }"
    two = "# agpc: allow AGP4301 -- known\n# agpc: allow AGP6101 -- known\n" + one.split("\n")[1]
    assert said(one) == said(two) == [("silenced", "2")]


def test_a_silence_holds_for_no_other_line_and_no_other_code() -> None:
    text = "# agpc: allow AGP4301 -- known\nforbid f { deny any }\nforbid g { deny any }"
    assert ("AGP4301", "forbid g { deny any }") in said(text, Settings(ignore=("AGP2",)))
    other = "# agpc: allow AGP4104 -- known\nforbid f { deny any }"
    assert said(other) == [
        ("AGP4301", "forbid f { deny any }"),
        ("AGP6002", "AGP4104"),
        ("silenced", "0"),
    ]


@pytest.mark.parametrize("reason", ["", " --", " -- ", " -- ...", " -- -- !"])
def test_without_a_reason_nothing_is_silenced(reason: str) -> None:
    remark = f"# agpc: allow AGP4301{reason}"
    assert said(f"{remark}\nforbid f {{ deny any }}") == [
        ("AGP4301", "forbid f { deny any }"),
        ("AGP6001", remark.rstrip()),
        ("silenced", "0"),
    ]


@pytest.mark.parametrize("code", ["AGP9999", "AGP3101", "AGP2999", "AGP6001", "AGP43", "unending"])
def test_what_cannot_be_silenced_is_told(code: str) -> None:
    text = f"# agpc: allow {code}, AGP4301 -- known\nforbid f {{ deny any }}"
    assert said(text) == [("AGP6003", code), ("silenced", "1")]


@pytest.mark.parametrize(
    "remark",
    [
        "# agpc: ignore AGP4301 -- known",
        "# agpc: allow",
        "# agpc: allow -- known",
        "# agpc: allow AGP4301 AGP4104 -- known",
        "# agpc: allow AGP4301,, AGP4104 -- known",
        "# agpc: allow AGP4301 - known",
        "# AGPC: allow AGP4301 -- known",
        "# agpc allow AGP4301 -- known",
        "# agpc:",
    ],
)
def test_what_looks_like_a_silence_and_is_none_is_told(remark: str) -> None:
    assert said(f"{remark}\nforbid f {{ deny any }}") == [
        ("AGP4301", "forbid f { deny any }"),
        ("AGP6004", remark),
        ("silenced", "0"),
    ]


def test_a_comment_about_agpc_is_no_remark() -> None:
    text = '# agpc says why.\nforbid f { deny any because "No." }'
    assert said(text) == [("silenced", "0")]


def test_text_in_a_string_is_no_remark() -> None:
    text = 'forbid f { deny any because "# agpc: allow AGP4301" }'
    assert said(text) == [("silenced", "0")]


def test_an_error_is_not_silenced_even_where_its_code_is_named() -> None:
    text = "# agpc: allow AGP3101 -- known\nassert no agent can till.open"
    grant = GRANT.format("", "", "")
    found = reviewed(grant + text)
    assert {"AGP3101", "AGP6003"} <= {each.code for each in found.diagnostics}


def test_only_what_was_looked_for_can_be_missed() -> None:
    text = '# agpc: allow AGP4301, AGP4501 -- known\nforbid f { deny any because "No." }'
    assert said(text) == [("AGP6002", "AGP4301"), ("silenced", "0")]
    assert said(text, analysis=False) == [("silenced", "0")]
    assert said(text, Settings(ignore=("AGP43",))) == [("silenced", "0")]
    everything = said(text, Settings(select=("AGP4",)))
    assert [each for each in everything if each[0] == "AGP6002"] == [
        ("AGP6002", "AGP4301"),
        ("AGP6002", "AGP4501"),
    ]
    target = '# agpc: allow AGP5003 -- known\nforbid f { deny any because "No." }'
    assert said(target) == [("silenced", "0")]


def test_a_warning_of_the_compiler_is_silenced_with_and_without_analysis() -> None:
    text = (
        "context { region?: string }\n"
        "# agpc: allow AGP1206 -- meant\n"
        'forbid f { deny any when context.region == "x" because "No." }'
    )
    assert said(text) == said(text, analysis=False) == SILENT


def test_a_finding_that_the_project_makes_an_error_can_be_silenced_with_a_reason() -> None:
    settings = Settings(severity={"AGP4301": "error"})
    assert said("# agpc: allow AGP4301 -- known\nforbid f { deny any }", settings) == SILENT


def test_behind_a_clause_it_does_not_hold_for_the_whole_rule() -> None:
    text = "forbid f {\n    deny any  # agpc: allow AGP4301 -- known\n}"
    assert said(text) == [
        ("AGP4301", "forbid f {"),
        ("AGP6002", "AGP4301"),
        ("silenced", "0"),
    ]


def test_a_silence_at_the_end_of_a_file_silences_nothing() -> None:
    assert said("# agpc: allow AGP4301 -- known") == [("AGP6002", "AGP4301"), ("silenced", "0")]


def test_every_code_is_either_silenceable_or_has_to_stay_visible() -> None:
    visible = {code for code in CODES if not can_be_silenced(code)}
    errors = {code for code, each in CODES.items() if each.severity == "error"}
    assert visible == errors | {"AGP2999", *OWN}

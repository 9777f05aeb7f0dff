"""What a decision says is written as the compiler writes what a test expects."""

from __future__ import annotations

from agpc.compiler.testing.expected import terms_of
from agpc.runtime.decision import Decision


def test_reasons_stand_in_the_order_of_the_compiler_whatever_has_to_be_escaped_in_them() -> None:
    said = Decision("deny", rules=("p.f", "p.g"), reasons=('\u0085""', "forbidden by p.g"))
    assert terms_of(said).reasons == ("forbidden by p.g", '\u0085""')

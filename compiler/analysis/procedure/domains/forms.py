"""Texts of one form: domains, email addresses, URLs, hosts; and what lies below a domain.

Of these conditions ask only which one it is, and of domains and hosts whether they lie below another. So members
are found without walking: there is no end of names below a domain, and only a few can be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

from ....meaning.request import reader_of_form
from ....structs import Struct
from ..verdict import Undetermined
from .texts import Glob, OneOf, State, Texts

_MOST_TRIED = 2_000  # names below a domain, more than a policy leaves out of it


class Form(Struct):
    """All texts of one form."""

    name: str
    written: str
    """One of them, of which a label of the domain is `{}`."""

    def contains(self, text: str) -> bool:
        """Whether a text is one, as equal ones are written."""
        return reader_of_form(self.name)(text) == text

    def members(self, of: Texts) -> Iterator[str]:
        """The texts of this form that are in a set. Raises `Undetermined`."""
        from .....runtime.hosts import is_below

        below = [each.domain for each in of.inside if isinstance(each, Below)]
        deepest = max(below, key=len, default="")
        if any(not is_below(deepest, each) for each in below):
            return  # two domains of which neither is below the other
        left_out = [each for each in of.outside if isinstance(each, Below)]
        if deepest and any(is_below(deepest, each.domain) for each in left_out):
            return
        names = (self.written.format(label) for label in _labels())
        if deepest:
            names = (each for name in _labels() for each in (f"{name}.{deepest}",))
            if of.contains(deepest):
                yield deepest
        for name in islice(names, _MOST_TRIED):
            if of.contains(name):
                yield name
        raise Undetermined("too few names are known that are not left out")


def _labels() -> Iterator[str]:
    """Labels that read well, without end."""
    yield from ("x", "y", "z")
    yield from (f"x{number}" for number in count(1))


class Below(Struct):
    """A domain and all domains below it; the state is that of either."""

    domain: str

    def contains(self, text: str) -> bool:
        """Whether a host is the domain, or below it."""
        from .....runtime.hosts import is_below

        return is_below(text, self.domain) is True

    def letters(self) -> frozenset[str]:
        """The characters of the domain, and the dot before it."""
        return frozenset(f".{self.domain}")

    def start(self) -> State:
        """Nothing has been read."""
        itself, inner = self._both()
        return itself.start(), inner.start()

    def step(self, state: State, letter: str) -> State:
        """Read a character of the domain itself, or of one below it."""
        assert isinstance(state, tuple)
        itself, inner = self._both()
        return itself.step(state[0], letter), inner.step(state[1], letter)

    def accepts(self, state: State) -> bool:
        """Whether it is the domain, or below it."""
        assert isinstance(state, tuple)
        itself, inner = self._both()
        return itself.accepts(state[0]) or inner.accepts(state[1])

    def _both(self) -> tuple[OneOf, Glob]:
        return OneOf(frozenset((self.domain,))), Glob(f"*.{self.domain}")


FORMS = {
    "domain": Form("domain", "{}.example"),
    "host": Form("host", "{}.example"),
    "email": Form("email", "ann@{}.example"),
    "url": Form("url", "https://{}.example/"),
}

"""What a tool gave back: what is recorded of it, and whether it may be passed on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from ...compiler.ir import nodes as ir
from ...monitor.values import is_plain
from ...runtime.facts import ABSENT
from ...runtime.strict_json import NotJSON, read_request
from .enforcement import canonical
from .vocabulary import Tool


@dataclass(frozen=True, slots=True)
class Returned:
    """What a tool gave back: `given` is passed on as it is, `value` is recorded."""

    given: Any
    value: Any = ABSENT
    """The result as JSON: structured content, or text. ABSENT where it gave nothing back."""
    failed: bool = False
    """Whether the tool itself said that it failed."""
    partial: bool = False
    """Whether there is more in it than `value` has, as a picture: what a source reads of it is then unknown."""
    made_of: Callable[[Any], Any] | None = None
    """Makes what is passed on of another value alone, where a part of it may not be; None if that cannot be."""

    def with_value(self, value: Any) -> Returned | None:
        """Give it with another value, and nothing of the one before; None if that cannot be."""
        if self.made_of is None:
            return None
        return replace(self, value=value, given=self.made_of(value), partial=False)


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """What is told of a result: its value, or a digest alone of one whose values are unknown."""

    result: Any = ABSENT
    digest: str | None = None


NOTHING = RecordedResult()
_log = logging.getLogger(__name__)


def recorded(returned: Returned, tool: Tool | None, longest: int) -> RecordedResult:
    """Give what is told of a result."""
    value = returned.value
    if value is ABSENT and not returned.partial:
        return NOTHING
    is_read = tool is not None and tool.result_is_read
    if value is ABSENT or (returned.partial and is_read) or not is_plain(value):
        return RecordedResult(digest=digest_of(value))
    if len(canonical(value)) > longest:
        return RecordedResult(digest=digest_of(value))
    return RecordedResult(result=value)


def fits(returned: Returned, tool: Tool | None) -> bool:
    """Whether a result is what the policy declares, as far as a source reads it. An error of the tool is none.

    What no source reads passes whatever it is, and is said in the log: nobody knows a value of it.
    """
    if tool is None or returned.failed or returned.value is ABSENT or tool.reads_needed is None:
        return True
    if tool.reads_needed(returned.value) is None:
        return False
    if tool.reads_result is not None and tool.reads_result(returned.value) is None:
        _log.warning(
            "a result of `%s` is not as declared, in a part that no source reads", tool.capability
        )
    return True


def value_of(text: str, tool: Tool) -> Any:
    """Give the text of a result as a value: as JSON where the policy declares a result that is no string.

    Tools that give nothing but text write JSON into it.
    """
    if tool.result in (None, ir.STRING):
        return text
    try:
        return read_request(text)
    except NotJSON:
        return text


def read_of(given: Any, texts: Sequence[Any]) -> Returned:
    """Give what a resource holds by the text of each of its parts; of one that has another thing, or none, there is more."""
    whole = [each for each in texts if isinstance(each, str)]
    return Returned(given, "\n".join(whole), partial=not texts or len(whole) != len(texts))


def text_of(value: Any) -> str:
    """Write a value as the text of a result."""
    return value if type(value) is str else json.dumps(value, ensure_ascii=False)


def digest_of(value: Any) -> str:
    """Give the digest of a value, be it no JSON."""
    try:
        content = canonical(value)
    except (TypeError, ValueError, RecursionError):
        content = _written(value)
    return f"sha256:{sha256(content).hexdigest()}"


def _written(value: Any) -> bytes:
    try:
        return json.dumps(value, default=repr, skipkeys=True).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, RecursionError):
        return b""

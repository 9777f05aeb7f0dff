"""`governed`: a function that is called only as the policy permits, each call decided and recorded before it is made."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, cast

from ...runtime.facts import ABSENT
from ..enforcing import denials
from ..enforcing.asking import Asker
from ..enforcing.enforcement import Asked, Refused, settled
from ..enforcing.governed import Lost, NotNow
from ..enforcing.results import Returned
from ..enforcing.vocabulary import Tool
from .session import Session

P = ParamSpec("P")
R = TypeVar("R")
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What a call says beside its arguments, each worked out of these: of its resource, and of the context."""

    resource_id: Callable[[Arguments], str] | None = None
    properties: Callable[[Arguments], Mapping[str, Any]] | None = None
    context: Callable[[Arguments], Mapping[str, Any]] | None = None


_NOTHING = About()


def governed(
    session: Session,
    capability: str,
    *,
    about: About | None = None,
    asker: Asker | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a function called only as the policy permits: `@governed(session, "desk.shop.lookup")`.

    Its parameters are those that the policy declares, by their names. It gets arguments made anew of the JSON that was
    decided, and gives what it gives; where it is not called, `Denied`, `Waiting` or `NotNow` is raised, whose text is for
    a model. Raises `TypeError` for a function that is not what the policy declares.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        call = _Call.of(session, capability, function, about or About(), asker)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def waits(*given: P.args, **named: P.kwargs) -> Any:
                return await call.made(given, named)

            return cast("Callable[P, R]", waits)

        @functools.wraps(function)
        def blocks(*given: P.args, **named: P.kwargs) -> R:
            if (why := session.closed_to_calls) is not None:
                raise NotNow(denials.not_now(why))
            found: R = session.run(call.made(given, named))
            return found

        return blocks

    return wrap


@dataclass(frozen=True, slots=True)
class _Call:
    """Calls of one function."""

    session: Session
    tool: Tool
    function: Callable[..., Any]
    signature: inspect.Signature
    about: About
    asker: Asker | None
    rest: str | None = field(default=None)
    """The parameter that takes what nobody declared, of a tool that is open."""

    @classmethod
    def of(
        cls,
        session: Session,
        capability: str,
        function: Callable[..., Any],
        about: About,
        asker: Asker | None,
    ) -> _Call:
        tool = session.guard.enforcement.vocabulary.tools.get(capability)
        if tool is None:
            raise TypeError(f"the policy declares no `{capability}`")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("a generator is called bit by bit: give the result as a whole")
        signature = inspect.signature(function)
        return cls(
            session, tool, function, signature, about, asker, _checked(tool, signature, capability)
        )

    async def made(self, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Make one call, if it is permitted."""
        bound = self.signature.bind(*given, **named)  # a TypeError, as without a guard
        bound.apply_defaults()
        arguments = dict(bound.arguments)
        if self.rest is not None:
            arguments |= arguments.pop(self.rest)
        about = self.about
        if (
            about != _NOTHING
        ):  # it is asked about the arguments as they are decided, whoever changes them meanwhile
            with suppress(Refused):  # which the guard says and records
                arguments = settled(arguments)
        asked = Asked(
            self.session.task,
            self.tool.type,
            self.tool.action,
            arguments,
            None if about.resource_id is None else about.resource_id(arguments),
            {} if about.properties is None else about.properties(arguments),
            {} if about.context is None else about.context(arguments),
        )
        result = await self.session.guard.call(asked, self._performed, self.asker)
        return result.given

    async def _performed(self, decided: dict[str, Any]) -> Returned:
        names = [each for each in self.signature.parameters if each != self.rest]
        arguments: dict[str, Any] = {name: decided[name] for name in names}
        if self.rest is not None:
            arguments[self.rest] = {
                name: decided[name] for name in decided if name not in arguments
            }
        bound = inspect.BoundArguments(self.signature, cast("Any", arguments))
        if inspect.iscoroutinefunction(self.function):
            given = await cast("Awaitable[Any]", self.function(*bound.args, **bound.kwargs))
        else:
            try:
                given = await asyncio.to_thread(self.function, *bound.args, **bound.kwargs)
            except (
                asyncio.CancelledError
            ) as gone:  # the thread goes on, and nobody hears how it ends
                raise Lost from gone
        return _returned(given)


def _returned(given: Any) -> Returned:
    """What is recorded of what a function gives: JSON as it is, of anything else that it is something."""
    if inspect.isawaitable(given) or isinstance(given, Iterator | AsyncIterator):
        if inspect.iscoroutine(given):
            given.close()  # of which nothing ran
        raise TypeError(
            "a function that is governed gives its result as a whole: no coroutine, generator or iterator"
        )
    if given is None:
        return Returned(None)
    try:
        return Returned(given, settled(given), made_of=lambda value: value)
    except Refused:
        return Returned(given, ABSENT, partial=True)


def _checked(tool: Tool, signature: inspect.Signature, capability: str) -> str | None:
    """See that a function has the parameters that the policy declares; give the one that takes the rest, if there is one."""
    declared = {each.name: each for each in tool.parameters}
    rest = None
    names = set()
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD and tool.is_open:
            rest = name
        elif parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise TypeError(f"`{capability}` takes what it declares, and `*{name}` takes anything")
        elif name not in declared and not tool.is_open:
            raise TypeError(f"the policy declares no argument `{name}` of `{capability}`")
        else:
            names.add(name)
    for name, each in declared.items():
        if name not in names and not each.optional:
            raise TypeError(f"the function has no parameter `{name}`, which `{capability}` needs")
    return rest

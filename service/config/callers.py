"""Who may call, and who is asked: the tables `callers` and `people` of `service.toml`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from ...runtime.values import read_time
from ..core.people.names import ROLE, why_no_name
from .identity import WorkloadRole
from .kinds import Name, Pattern, Table, listed
from .oidc import OIDC
from .secrets import SecretFrom


def _digest(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(
            "the hash of a key is 64 hexadecimal digits, as `agpc serve --new-key` prints it"
        )
    return value


def _person(value: str) -> str:
    """Take what may name a person, or a role of one."""
    why = why_no_name(value)
    if why is not None:
        raise ValueError(f"the name of a person, or of a role, {why}")
    return value


PersonRole = Annotated[str, AfterValidator(_person), Field(min_length=1, max_length=512)]


def _time(value: str) -> str:
    if read_time(value) is None:
        raise ValueError("a time is written like `2026-11-28T10:00:00Z`")
    return value


OWN_NAMES = ("system", "loopback", "nobody")
"""What the trail and the log call who is no caller: the service, and whoever has no key."""


def _of_program(value: Any) -> Any:
    if isinstance(value, list | tuple) and "approve" in value:
        raise ValueError("a program approves nothing: people do, who stand in `people`")
    return listed(value)


class CallerEntry(Table):
    """Who may call, and what for. `agpc serve --new-key NAME --role ROLE` makes one."""

    name: Name = Field(description="How events and logs name the caller.")
    roles: Annotated[
        tuple[WorkloadRole, ...], BeforeValidator(_of_program), Field(min_length=1)
    ] = Field(
        description="What it may do: `decide` calls, `start` tasks and hand over what was said, report an "
        "`outcome`, `admin`ister, `read` tasks, calls, the trail and metrics, get a `lease` for tasks of its own agents, bring the events of a `signal` transmitter, "
        "`confirm` for the user of a task whom it has in front of it: what that user confirms, and no approval."
    )
    agents: Annotated[tuple[Pattern, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="For which agents it may decide and start: SPIFFE IDs, or patterns of them as policies write them. Without any, for none.",
    )
    reserves: bool = Field(
        default=False,
        description="Whether its evaluations that bring an approval (`context.approval`) are decided for good, and recorded "
        "as calls: they use the approval up. It has to do what is permitted, and may not ask just to see.",
    )
    key_sha256: Annotated[str | SecretFrom, BeforeValidator(_digest)] = Field(
        description="The SHA-256 of its key, in hexadecimal; or where that stands."
    )

    @model_validator(mode="after")
    def _for_somebody(self) -> CallerEntry:
        if self.name in OWN_NAMES:
            raise ValueError(
                f"`{self.name}` is what the service calls itself, or whoever has no key: choose another `name`"
            )
        if {"decide", "start", "lease", "confirm"} & set(self.roles) and not self.agents:
            raise ValueError(
                "who may `decide`, `start`, `confirm` or get a `lease` says for which `agents`"
            )
        return self


class PersonEntry(Table):
    """A person who may be asked, and who signs in with a key. `agpc serve --new-key ID --person --role ROLE` makes one."""

    id: Annotated[str, AfterValidator(_person), Field(min_length=1, max_length=512)] = Field(
        description='Whom policies and the trail name, like `"user:ann"`.'
    )
    roles: Annotated[tuple[PersonRole, ...], BeforeValidator(listed)] = Field(
        default=(), description='What policies ask for, like `"role:controller"`.'
    )
    read: bool = Field(
        default=False,
        description="Whether the person also sees tasks, calls and the trail, and not only what they are asked.",
    )
    key_sha256: Annotated[str | SecretFrom | None, BeforeValidator(_digest)] = Field(
        default=None,
        description="The SHA-256 of their key, in hexadecimal; or where that stands. Without one they sign in with a passkey.",
    )
    enrol_sha256: Annotated[str | None, BeforeValidator(_digest)] = Field(
        default=None,
        description="The SHA-256 of a code with which they make one passkey, as `agpc serve --new-passkey ID` prints it.",
    )
    enrol_until: Annotated[str, AfterValidator(_time)] | None = Field(
        default=None, description="Until when that code is good, like `2026-11-28T10:00:00Z`."
    )

    @model_validator(mode="after")
    def _with_an_end(self) -> PersonEntry:
        if self.id.startswith(ROLE):
            raise ValueError(f"`{self.id}` is the name of a role, and of no person")
        if (self.enrol_sha256 is None) != (self.enrol_until is None):
            raise ValueError("`enrol_sha256` and `enrol_until` go together")
        return self


def check_roles(people: tuple[PersonEntry, ...], oidc: OIDC | None) -> None:
    """Raise `ValueError` where a role is called as a person is: what policies ask of people stands in one place for both."""
    ids = {each.id for each in people}
    given = [("people.roles", each.roles) for each in people]
    given += [] if oidc is None else [("oidc.roles", each) for each in oidc.roles.values()]
    for where, many in given:
        for role in many:
            if role in ids:
                raise ValueError(
                    f"`{role}` of `{where}` is a person, whose id nobody has as a role"
                )

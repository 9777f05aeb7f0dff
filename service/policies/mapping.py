"""The request mapping: how requests that others send become requests of the policy.

It is data beside the policy and part of its digest. It renames, and finds the task; it can give a request no
evidence, since none of the names in `RESERVED` ever comes from it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ...runtime.values import is_spiffe_segment
from .documents import Document, named

Name = Annotated[str, AfterValidator(named)]

RESERVED = frozenset(
    {
        *("time", "task", "user", "approvals", "step_up"),
        *("meters", "sources", "delegation", "starter"),
    }
)
"""What `context` holds that decides by itself: only the store and the clock say it."""

ID = "{id}"


def _template(value: str) -> str:
    if value.count(ID) > 1 or "{" in value.replace(ID, "") or "}" in value.replace(ID, ""):
        raise ValueError(f"a template has `{ID}` once, or not at all, and no other braces")
    return named(value)


Template = Annotated[str, AfterValidator(_template)]


def filled(template: str, given: str) -> str | None:
    """Put an id in its place; None if it is no segment of a SPIFFE ID, which would make it name somebody else."""
    if ID not in template:
        return template
    return template.replace(ID, given) if is_spiffe_segment(given) else None


class SubjectAlias(Document):
    """A type of subject that others send: an agent, or the person on whose behalf one acts.

    `ids` gives the SPIFFE IDs of some by name, `id` those of all others, as a template; without both an id is the
    SPIFFE ID itself. Of a person it is the agent that these find: by what stands in the caller's context under
    `agent_in`, or one and the same without it. The person has to be the user of the task, and is never made so.
    """

    as_: Literal["agent", "user"] = Field(alias="as")
    id: Template | None = None
    ids: dict[Name, Name] = {}
    agent_in: Name | None = None
    user: Template | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.as_ == "agent" and (self.agent_in is not None or self.user is not None):
            raise ValueError("`agent_in` and `user` belong to a subject that is the user")
        if self.as_ == "user" and self.agent_in is None and (self.id is None or ID in self.id):
            raise ValueError("say which agent acts: `agent_in`, or an `id` without `{id}`")
        return self

    def agent_id(self, given: str) -> str | None:
        """Give the SPIFFE ID of an agent that others call so; None if it cannot be one."""
        found = self.ids.get(given)
        if found is not None:
            return found
        if self.id is not None:
            return filled(self.id, given)
        return None if self.ids else given

    def user_id(self, given: str) -> str | None:
        """Give the id of a person whom others call so."""
        if self.user is None:
            return given
        return self.user.replace(ID, given)


class TaskAlias(Document):
    """Which task a request is of, always one that the store has.

    `id` is always this one; `context` names what tells its id in the caller's context; `intent` is the one active task
    of the agent under that intent, and none if there are two.
    """

    id: Name | None = None
    intent: Name | None = None
    context: Name | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.id, self.intent, self.context)) != 1:
            raise ValueError("say one of `id`, `intent` and `context`")
        return self


class ResourceAlias(Document):
    """A type of resource that others send.

    `as` is what the policy calls it; or the `tools` are named by the id of the resource, as `tools/call` has it, each
    as a capability. With `conformance` arguments that nobody declared are dropped, and no call of it is enforced.
    """

    as_: Name | None = Field(default=None, alias="as")
    actions: dict[Name, Name] = {}
    tools: dict[Name, Name] = {}
    conformance: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.as_ is None) == (not self.tools):
            raise ValueError("say either `as` or `tools`")
        if self.tools and self.conformance:
            raise ValueError("`tools` are called, so that they are nothing for `conformance`")
        if any(not each.rpartition(".")[0] for each in self.tools.values()):
            raise ValueError("a tool is a capability, `RESOURCE.ACTION`")
        return self


class RequestMapping(Document):
    """How requests whose type of subject stands in `subjects` become requests of the policy; others stay as they are.

    Of the caller's context nothing passes but what `context` names, by the name that the policy has for it.
    """

    subjects: dict[Name, SubjectAlias] = {}
    resources: dict[Name, ResourceAlias] = {}
    actions: dict[Name, Name] = {}
    context: dict[Name, Name] = {}
    task: TaskAlias | None = None

    @model_validator(mode="after")
    def _gives_no_evidence(self) -> Self:
        for each in self.context.values():
            if each in RESERVED:
                raise ValueError(f"`{each}` never comes from a caller's context")
        return self

    @property
    def conformance(self) -> frozenset[str]:
        """The types of resources, by both names, of which no call is enforced."""
        marked = [(name, each.as_) for name, each in self.resources.items() if each.conformance]
        return frozenset(name for pair in marked for name in pair if name is not None)


NO_MAPPING = RequestMapping()

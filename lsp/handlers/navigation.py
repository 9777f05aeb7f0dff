"""From a word to what it stands for, and to all other places of that; another name for it."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from ..features import calls, navigation, rename
from ..registry import Here, asked, asked_of_all
from ..session import Session


@asked(types.TEXT_DOCUMENT_DEFINITION)
def definition(here: Here, params: types.DefinitionParams) -> list[types.Location] | None:
    """Where it is declared."""
    return navigation.definition(here.snapshot, here.name, *here.place(params.position))


@asked(types.TEXT_DOCUMENT_DECLARATION)
def declaration(here: Here, params: types.DeclarationParams) -> list[types.Location] | None:
    """The same: a declaration is what defines."""
    return navigation.definition(here.snapshot, here.name, *here.place(params.position))


@asked(types.TEXT_DOCUMENT_TYPE_DEFINITION)
def type_definition(here: Here, params: types.TypeDefinitionParams) -> list[types.Location] | None:
    """Where its type is declared."""
    return navigation.type_definition(here.snapshot, here.name, *here.place(params.position))


@asked(types.TEXT_DOCUMENT_REFERENCES)
def references(here: Here, params: types.ReferenceParams) -> list[types.Location] | None:
    """Where it is written."""
    return navigation.references(
        here.snapshot,
        here.name,
        *here.place(params.position),
        with_declaration=params.context.include_declaration,
    )


@asked(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def highlights(
    here: Here, params: types.DocumentHighlightParams
) -> list[types.DocumentHighlight] | None:
    """Where it is written in this document."""
    return navigation.highlights(here.snapshot, here.name, *here.place(params.position))


@asked(types.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(
    here: Here, params: types.PrepareRenameParams
) -> types.PrepareRenamePlaceholder | None:
    """What would be renamed."""
    return rename.prepare(here.snapshot, here.name, *here.place(params.position))


@asked(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True), later=True)
def renamed(here: Here, params: types.RenameParams) -> Callable[[], types.WorkspaceEdit | None]:
    """The edits that rename it: of the set as it is now, which is compiled beside other answers."""
    editing = here.editing
    memory = here.session.snapshots.kept(here.snapshot).compiled.for_another()
    place = (here.name, *here.place(params.position))
    return here.if_it_stays(lambda: rename.rename(editing, memory, place, params.new_name))


@asked(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
def prepare_calls(
    here: Here, params: types.CallHierarchyPrepareParams
) -> list[types.CallHierarchyItem] | None:
    """The agent or intent whose delegations are asked for."""
    return calls.prepare(here.snapshot, here.name, *here.place(params.position))


@asked_of_all(types.CALL_HIERARCHY_INCOMING_CALLS)
def incoming(
    session: Session, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    """Who hands tasks to an agent, or may start tasks of an intent."""
    here = session.here(params.item.uri)
    return None if here is None else calls.incoming(here.snapshot, params.item)


@asked_of_all(types.CALL_HIERARCHY_OUTGOING_CALLS)
def outgoing(
    session: Session, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """To whom an agent hands tasks, and which it may start."""
    here = session.here(params.item.uri)
    return None if here is None else calls.outgoing(here.snapshot, params.item)

"""What an author is offered while typing."""

from __future__ import annotations

from lsprotocol import types

from ..features.completion.answer import TRIGGERS, completion
from ..features.signatures import signature_help
from ..registry import Here, asked


@asked(
    types.TEXT_DOCUMENT_COMPLETION,
    types.CompletionOptions(trigger_characters=TRIGGERS),
)
def complete(here: Here, params: types.CompletionParams) -> types.CompletionList | None:
    """What may be written at a place."""
    return completion(here.snapshot, here.name, params.position, here.session.able)


@asked(
    types.TEXT_DOCUMENT_SIGNATURE_HELP,
    types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[":"]),
)
def signature(here: Here, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """What a call takes."""
    return signature_help(here.snapshot, here.name, params.position)

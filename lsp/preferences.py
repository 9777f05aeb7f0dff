"""What a client can show, and what its author wants to see: `initializationOptions`, or the settings below `agpc`.

```json
{"inlayHints": {"daysLeft": true, "credentials": true, "meant": true, "types": true},
 "codeLenses": {"tests": true, "access": true, "meeting": true, "coverage": true}}
```
What is not said is as it was; what is no such setting is passed over.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

HINTS = ("daysLeft", "credentials", "meant", "types")
LENSES = ("tests", "access", "meeting", "coverage")
DEFAULT = {"inlayHints": HINTS, "codeLenses": LENSES}


class Preferences:
    """What is shown, and how."""

    def __init__(self) -> None:
        """Show everything, as plain text."""
        self.markup = types.MarkupKind.PlainText
        self.can_refresh_lenses = False
        self._off: set[tuple[str, str]] = set()

    def initialize(self, params: types.InitializeParams) -> None:
        """Take what the client can, and what it says at the beginning."""
        document = params.capabilities.text_document
        formats = document.hover.content_format if document and document.hover else None
        if formats and types.MarkupKind.Markdown in formats:
            self.markup = types.MarkupKind.Markdown
        workspace = params.capabilities.workspace
        lenses = workspace.code_lens if workspace else None
        self.can_refresh_lenses = bool(lenses and lenses.refresh_support)
        self.take(params.initialization_options)

    def take(self, settings: Any) -> None:
        """Take settings, alone or below `agpc`."""
        if isinstance(settings, dict) and isinstance(settings.get("agpc"), dict):
            settings = settings["agpc"]
        if not isinstance(settings, dict):
            return
        for group, names in DEFAULT.items():
            said = settings.get(group)
            for name in names:
                value = said if isinstance(said, bool) else None
                if isinstance(said, dict):
                    value = said.get(name)
                if value is True:
                    self._off.discard((group, name))
                elif value is False:
                    self._off.add((group, name))

    def hints(self, name: str) -> bool:
        """Whether a kind of hints is shown."""
        return ("inlayHints", name) not in self._off

    def lenses(self, name: str) -> bool:
        """Whether a kind of lenses is shown."""
        return ("codeLenses", name) not in self._off

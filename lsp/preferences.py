"""What an author wants to see: `initializationOptions`, or the settings below `agpc`.

```json
{"inlayHints": {"daysLeft": true, "credentials": true, "meant": true, "types": true},
 "codeLenses": {"tests": true, "access": true, "meeting": true, "coverage": true}}
```
What is not said is as it was; what is no such setting is passed over.
"""

from __future__ import annotations

from typing import Any

HINTS = ("daysLeft", "credentials", "meant", "types")
LENSES = ("tests", "access", "meeting", "coverage")
DEFAULT = {"inlayHints": HINTS, "codeLenses": LENSES}


class Preferences:
    """What is shown."""

    def __init__(self) -> None:
        """Show everything."""
        self._off: set[tuple[str, str]] = set()

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

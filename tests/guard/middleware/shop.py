"""What the tools of an agent do, whichever framework it is written with: each notes that it ran."""

from __future__ import annotations

import asyncio
from typing import Any


class Ran:
    """The functions of the tools, and what of them ran."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    async def lookup(self, order: str, deep: bool | None = None) -> dict[str, Any]:
        """Look an order up."""
        self.done.append(("lookup", order))
        return {"total": 5, "customer": "joe@mail.example"}

    async def refund(self, order: str, amount: float) -> str:
        """Give money back."""
        self.done.append(("refund", order, amount))
        return "done"

    async def note(self, text: str) -> str:
        """Write a note."""
        self.done.append(("note", text))
        if text == "hang":
            await asyncio.Event().wait()
        if text == "fail":
            raise RuntimeError("the ink is empty")
        return "written"

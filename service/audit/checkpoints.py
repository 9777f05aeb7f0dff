"""Checkpoints (C2SP tlog-checkpoint): what the log was at a size, signed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass

from .notes import Signer
from .tree import Edge


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The three lines of a checkpoint."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def signed(signer: Signer, edge: Edge) -> str:
    """Give the signed checkpoint of a log as it is; its origin is the name of the key."""
    return signer.sign(Checkpoint(signer.name, edge.size, edge.root()).text)


def read(note: str) -> Checkpoint:
    """Read a checkpoint that this log has signed itself, without a look at the signature. Raises `ValueError`."""
    origin, size, root, *_ = note.split("\n")
    return Checkpoint(origin, int(size), b64decode(root, validate=True))

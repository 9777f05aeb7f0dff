"""Who the processor is to a gateway, and which gateways it believes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """How the processor shows who it is, and which gateways it believes: files of certificates and a key."""

    certificate: Path
    key: Path
    clients: Path

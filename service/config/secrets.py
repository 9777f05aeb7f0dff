"""Secrets, which stand in files or in the environment, and never in `service.toml` or in what is printed."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_BYTES = 64 * 1024
A_SECRET = 'a secret has a place: `{ file = "PATH" }` or `{ env = "NAME" }`'


class SecretError(Exception):
    """A secret cannot be read; the message says where it was looked for, and nothing of what it is."""


class SecretFrom(BaseModel):
    """Where a secret stands: `{ file = "PATH" }` or `{ env = "NAME" }`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    file: str | None = Field(
        default=None, min_length=1, description="A file that holds it, on one line."
    )
    env: str | None = Field(default=None, min_length=1, description="An environment variable.")

    @model_validator(mode="after")
    def _one(self) -> SecretFrom:
        if (self.file is None) == (self.env is None):
            raise ValueError(A_SECRET)
        return self

    def read(self, root: Path) -> bytes:
        """Give the secret, without the line end that editors put behind it. Raises `SecretError`."""
        if self.env is not None:
            found = os.environb.get(os.fsencode(self.env))
            if not found:
                raise SecretError(f"there is no environment variable `{self.env}`, or it is empty")
            return found
        assert self.file is not None
        try:
            with (root / self.file).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "a NUL byte in its name"
            raise SecretError(f"cannot read the secret in `{self.file}`: {why}") from None
        secret = content.rstrip(b"\r\n")
        if not secret or len(content) > MAX_BYTES:
            raise SecretError(f"the file `{self.file}` holds no secret: it is empty, or too large")
        return secret

    def read_text(self, root: Path) -> str:
        """Give a secret that is text. Raises `SecretError`."""
        try:
            return self.read(root).decode("utf-8")
        except UnicodeDecodeError:
            raise SecretError(f"the secret in {self} is not UTF-8") from None

    def __str__(self) -> str:
        """Say where it stands."""
        return f"`{self.file}`" if self.env is None else f"the environment variable `{self.env}`"

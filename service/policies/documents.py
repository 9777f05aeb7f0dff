"""Documents that people write beside a policy: read from files, strictly, with every problem in one error."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ...runtime.strict_json import NotJSON, read_request
from ...runtime.values import is_identity

MAX_BYTES = 32 * 1024 * 1024  # of one file
_MOST_SHOWN = 20


class DocumentError(ValueError):
    """A document is not what it has to be; prints as a line for each thing that is wrong."""


class Document(BaseModel):
    """What people write: unknown names are mistakes, and nothing is taken for something else."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True
    )


M = TypeVar("M", bound=Document)


def read_document(kind: type[M], path: str | os.PathLike[str]) -> M:
    """Read a TOML or JSON file, by the end of its name. Raises `DocumentError`."""
    name = os.fspath(path)
    try:
        content = _content(Path(name))
        if name.endswith(".toml"):
            data: Any = tomllib.loads(content.decode("utf-8"))
        elif name.endswith(".json"):
            data = read_request(content)
        else:
            raise DocumentError(f"`{name}` is neither TOML nor JSON, by the end of its name")
    except OSError as error:
        raise DocumentError(
            f"`{name}` cannot be read: {(error.strerror or 'an error').lower()}"
        ) from None
    except UnicodeDecodeError:
        raise DocumentError(f"`{name}` is not UTF-8") from None
    except (tomllib.TOMLDecodeError, NotJSON) as error:
        raise DocumentError(f"`{name}`: {error}") from None
    except RecursionError:
        raise DocumentError(f"`{name}` is nested too deeply") from None
    return validated(kind, data, name)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise DocumentError(f"`{path}` is larger than {MAX_BYTES} bytes")
    return content


def validated(kind: type[M], data: object, name: str) -> M:
    """Give data its type. Raises `DocumentError`, which names the parts that are wrong."""
    try:
        # By way of JSON, for which a list may be a tuple of the model.
        return kind.model_validate_json(json.dumps(data, allow_nan=False))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        lines = [f"`{name}`: {_place(each['loc'])}{_said(each['msg'])}" for each in found]
        more = len(lines) - _MOST_SHOWN
        lines = [*lines[:_MOST_SHOWN], *[f"and {more} more"] * (more > 0)]
        raise DocumentError("\n".join(lines)) from None
    except (TypeError, ValueError, RecursionError):
        raise DocumentError(f"`{name}` holds what JSON has no words for") from None


def _place(steps: tuple[str | int, ...]) -> str:
    """Write where something stands, as `subjects.user.id: `."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps]
    return f"{''.join(parts).removeprefix('.')}: " if parts else ""


def _said(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def named(value: str) -> str:
    """Give what names something; a validator of models."""
    if not is_identity(value) or len(value) > 1024:
        raise ValueError("this is no name: 1 to 1,024 characters of whole text")
    return value


def canonical(data: object) -> bytes:
    """Write JSON in its one form: keys sorted, no white space, ASCII."""
    return json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode("ascii")

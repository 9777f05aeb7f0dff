"""Reading `service.toml`: every problem at once, each with its line and a way out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .lines import line_of
from .models import Loaded, Settings
from .secrets import A_SECRET

MAX_BYTES = 1024 * 1024
_FORMS = ("str", "SecretFrom", "function-after[_one(), SecretFrom]")  # as pydantic names them


class ConfigError(Exception):
    """Settings cannot be used; each problem is a sentence that names the file, the line and the key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems."""
        super().__init__("; ".join(problems))
        self.problems = problems


def read_settings(path: Path | None, flags: Mapping[str, Any]) -> Loaded:
    """Read a file, put what the command line says over it, and check the whole. Raises `ConfigError`.

    A flag of None was not given; one with a dot, `limits.rate`, stands in a table.
    """
    text = "" if path is None else _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        raise ConfigError((f"`{path}` is not TOML: {said[:1].lower()}{said[1:]}",)) from None
    except (RecursionError, ValueError):
        raise ConfigError((f"`{path}` is not TOML that can be read",)) from None
    given = {name for name, value in flags.items() if value is not None}
    for name in given:
        _put(document, name.split("."), flags[name])
    try:
        settings = Settings.model_validate(document)
    except ValidationError as error:
        told = [each for each in error.errors(include_url=False) if not _of_the_other_form(each)]
        problems = (_said(each, path, text, given) for each in told)
        raise ConfigError(tuple(dict.fromkeys(problems))) from None
    root = Path() if path is None else path.parent
    kept = {name: flags[name] for name in given}
    return Loaded(settings=settings, root=root, file=path, flags=kept)


def where_of(path: Path | None, place: Sequence[str | int]) -> str:
    """Say where a key of the settings stands: the file, and the line if it has one."""
    try:
        line = None if path is None else line_of(_text(path), place)
    except ConfigError:  # it went away since it was read
        line = None
    return ("settings" if path is None else f"`{path}`") + (
        "" if line is None else f", line {line}"
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigError((f"`{path}` is larger than {MAX_BYTES // 1024} KiB",))
        return content.decode("utf-8")
    except OSError as error:
        raise ConfigError((f"cannot read `{path}`: {error.strerror}",)) from None
    except UnicodeDecodeError:
        raise ConfigError((f"`{path}` is not UTF-8",)) from None
    except ValueError:
        raise ConfigError((f"`{path}` has a NUL byte in its name",)) from None


def _put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # which the model says of the file
        document = inner
    document[keys[-1]] = value


def _of_the_other_form(error: ErrorDetails) -> bool:
    """Whether a problem is that a value, which may be text or a place of a secret, is not the one that it is not."""
    is_table = isinstance(error["input"], dict)
    other = "str" if is_table else "SecretFrom"
    return len(error["loc"]) > 1 and str(error["loc"][-1]) in (other, *_FORMS[2:] * (not is_table))


def _said(error: ErrorDetails, path: Path | None, text: str, given: set[str]) -> str:
    """Say one problem, without the value: it may be a secret that stands where it should not."""
    place = [each for each in error["loc"] if each not in _FORMS]
    key = ".".join(str(each) for each in place)
    if key in given:
        where = f"`--{key.rpartition('.')[2].replace('_', '-')}`"
    else:
        line = None if path is None else line_of(text, place)
        at = "" if line is None else f", line {line}"
        where = ("settings" if path is None else f"`{path}`{at}") + (f": `{key}`" if key else "")
    if error["type"] == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _keys_at(place[:-1]), n=1)
        return f"{where}: there is no such key" + (f"; did you mean `{near[0]}`?" if near else "")
    if error["type"] == "missing":
        return f"{where}: this key is needed"
    if error["type"] == "model_type":
        is_secret = error.get("ctx", {}).get("class_name") == "SecretFrom"
        return f"{where}: {A_SECRET if is_secret else 'this is a table, with keys of its own'}"
    if error["type"] == "tuple_type":
        return f"{where}: input should be a list"
    if error["type"] == "too_short":
        return f"{where}: at least one is needed"
    if error["type"] == "string_pattern_mismatch":
        return f"{where}: this is not written as it has to be"
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message[:1].lower()}{message[1:]}"


def _keys_at(place: list[str | int]) -> list[str]:
    """The keys that the table at a place may have."""
    model: type[BaseModel] = Settings
    for each in place:
        if isinstance(each, int):
            continue
        if each not in model.model_fields:
            return []
        inner = list(_models(model.model_fields[each].annotation))
        if not inner:
            return []
        model = inner[0]
    return list(model.model_fields)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models(each)]

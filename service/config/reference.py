"""docs/service/configuration.md, made of the models, so that it says what is."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .models import Settings
from .secrets import SecretFrom

BEGIN = """# Configuration of the service

`agpc serve --config service.toml`. Options of `agpc serve` ([cli.md](../cli.md#agpc-serve)) go before the file, and paths
in it start where it stands. A key that is not here is refused, with its line and the one that was probably meant; so is
a value of another type. Durations are written `"30s"`, `"15m"`, `"1h30m"`, `"180d"`.

Secrets stand in no file of settings, but where a table says: `{ file = "PATH" }` or `{ env = "NAME" }`. None is ever
printed.

```toml
listen = "0.0.0.0:8443"
public_url = "https://agp.example.org"
store = { env = "AGPC_STORE" }
policies = ["policies"]

[tls]
cert = "tls/cert.pem"
key = "tls/key.pem"

[[callers]]
name = "gateway"
roles = ["decide", "outcome"]
agents = ["spiffe://example.org/ns/*/sa/payments"]
key_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
```

<!-- What follows is made by service/config/reference.py: UPDATE_DOCS=1 pytest tests/service/config -->
"""


def page() -> str:
    """Write the page."""
    return "\n".join([BEGIN, *_table("Top", Settings, "")]).rstrip() + "\n"


def _table(title: str, model: type[BaseModel], prefix: str) -> Iterator[str]:
    heading = "## Keys" if not prefix else f"## `{title}`"
    yield from (heading, "", "| key | value | without it | |", "| --- | --- | --- | --- |")
    inner: list[tuple[str, type[BaseModel], str]] = []
    for name, field in model.model_fields.items():
        found = _model(field.annotation)
        if found is not None and found is not SecretFrom:
            kinds = get_origin(_plain(field.annotation))
            many, named = kinds is tuple, kinds is dict
            place = f"[{prefix}{name}.NAME]" if named else f"[{prefix}{name}]"
            place = f"[{place}]" if many else place
            inner.append((place, found, f"{prefix}{name}."))
            kind = "tables" if many or named else "a table"
            yield f"| `{name}` | {kind}, below | {_default(field)} | {field.description} |"
        else:
            yield f"| `{name}` | {_kind(field)} | {_default(field)} | {field.description} |"
    yield ""
    for place, each, below in inner:
        yield from _table(place, each, below)


def _model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for each in get_args(annotation):
        if (found := _model(each)) is not None:
            return found
    return None


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "refused"
    if value is None or value in ((), {}, "") or isinstance(value, BaseModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        listed = ", ".join(f'"{each}"' for each in value)
        return f"`[{listed}]`"
    if _is_duration(field):
        return f'`"{value}s"`'
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _kind(field: FieldInfo) -> str:
    if _is_duration(field):
        return "a duration"
    bounds = {}
    for each in field.metadata:
        for name in ("ge", "le"):
            if getattr(each, name, None) is not None:
                bounds[name] = getattr(each, name)
    kind = _named(field.annotation)
    if kind == "a whole number" and bounds:
        least, most = bounds.get("ge"), bounds.get("le")
        kind += f" of {least:,}" + (f" to {most:,}" if most is not None else " or more")
    return kind


def _named(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _named(arguments[0])
    if origin is Literal:
        return ", ".join(f'`"{each}"`' for each in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_named(each) for each in arguments if each is not type(None))
    if origin is tuple:
        return f"a list: {_named(arguments[0])}"
    if origin is dict:
        return f"a table: text, and {_named(arguments[1])} for each"
    if annotation is SecretFrom:
        return "the place of a secret"
    return {str: "text", bool: "`true`, `false`", int: "a whole number"}[annotation]


def _is_duration(field: FieldInfo) -> bool:
    """Whether a number of seconds is written with its units."""
    readers = {getattr(getattr(each, "func", None), "__name__", "") for each in _metadata(field)}
    return bool(readers & {"_seconds", "_days"})


def _metadata(field: FieldInfo) -> Iterator[Any]:
    yield from field.metadata
    for each in (field.annotation, *get_args(field.annotation)):
        if get_origin(each) is Annotated:
            yield from get_args(each)[1:]

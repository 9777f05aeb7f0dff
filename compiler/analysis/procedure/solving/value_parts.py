"""Parts of values: a cube says something of a URL and of its host by two keys that stand for one place.

They are there, absent or malformed together, and where the whole is one of a few, its parts are theirs.
What else relates them is left to whoever asks the interpreter of the request that is found.
"""

from __future__ import annotations

from typing import Any

from ....ir import nodes as ir
from ....meaning.request import part
from ....structs import changed
from ..cubes.cube import Cube, CubeKey
from ..domains.texts import OneOf, Texts
from ..domains.values import Body, Values, holds


def with_parts_together(cube: Cube) -> Cube:
    """Give a cube in which what is said of parts is said of the whole, as far as it is seen."""
    if not any(ir.part_of(key.type) is not None for key in cube.values):
        return cube
    places: dict[tuple[str, tuple[str, ...]], list[CubeKey]] = {}
    for key in cube.values:
        if not key.aged:
            places.setdefault((key.root, key.path), []).append(key)
    values = dict(cube.values)
    for keys in places.values():
        if len(keys) > 1 and any(ir.part_of(key.type) is not None for key in keys):
            _put_together(values, [key for key in keys if ir.has_form(key.type)])
    return Cube(values, cube.relations)


def _put_together(values: dict[CubeKey, Values], keys: list[CubeKey]) -> None:
    wholes = {ir.whole_type(key.type) for key in keys}
    if len(wholes) > 1:
        return  # two declarations of it, of which a call has one
    absent = all(values[key].absent for key in keys)
    malformed = all(values[key].malformed for key in keys)
    is_there = all(values[key].body is not None for key in keys)
    for key in keys:
        body = values[key].body if is_there else None
        values[key] = Values(absent, malformed, body)
    whole = next((key for key in keys if isinstance(key.type, ir.Scalar)), None)
    if whole is None or not is_there:
        return
    body = values[whole].body
    finite = _texts_of(body)
    if finite is None:
        return
    parts = [key for key in keys if isinstance(key.type, ir.PartOf)]
    fitting = [text for text in finite if all(_fits(text, key, values[key].body) for key in parts)]
    assert isinstance(body, Texts)
    only = Texts(frozenset((OneOf(frozenset(fitting)),)), form=body.form)
    values[whole] = changed(values[whole], body=only if fitting else None)


def _texts_of(body: Body | None) -> list[str] | None:
    """The texts of a set that lists them."""
    if not isinstance(body, Texts):
        return None
    listed = [each for each in body.inside if isinstance(each, OneOf)]
    if not listed:
        return None
    return sorted(text for text in listed[0].texts if body.contains(text))


def _fits(text: str, key: CubeKey, body: Body | None) -> bool:
    assert isinstance(key.type, ir.PartOf)
    found = part(text, key.type)
    return found is not None and body is not None and holds(body, found)


def put_together(whole: ir.Type, parts: dict[ir.PartName, Any]) -> str:
    """Write a value that has these parts, of a type that has parts; what nobody says is as plain as can be."""
    if whole == ir.EMAIL:
        return f"ann@{parts.get('domain', 'mail.example')}"
    scheme = str(parts.get("scheme", "https"))
    from .....runtime.hosts import DEFAULT_PORTS

    port = int(parts.get("port", DEFAULT_PORTS.get(scheme, 443)))
    host = str(parts.get("host", "host.example"))
    written = f"[{host}]" if ":" in host else host
    query = f"?{parts['query']}" if parts.get("query") else ""
    shown = "" if port == DEFAULT_PORTS.get(scheme) else f":{port}"
    return f"{scheme}://{written}{shown}{parts.get('path', '/')}{query}"


def has_parts(value: object, whole: ir.Type, parts: dict[ir.PartName, Any]) -> bool:
    """Whether a value has these parts."""
    assert isinstance(whole, ir.Scalar)
    return all(part(value, ir.PartOf(whole, name)) == each for name, each in parts.items())

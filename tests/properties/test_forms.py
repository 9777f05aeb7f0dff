"""Dates, domains, email addresses and URLs are the same to every engine, and to readers that are not ours."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines.hand_policies import POLICY
from engines.javascript import NO_NODE, Module, node
from engines.rego import Opa, find_opa
from generators.near_misses import near_misses, urls
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agpc.runtime import hosts, values
from agpc.targets.emission import Options
from agpc.targets.registry import load_target

READERS: dict[str, Callable[[object], Any]] = {
    "date": values.read_date,
    "domain": hosts.read_domain,
    "email": hosts.read_email,
    "email_domain": hosts.read_email_domain,
    "host": hosts.read_host,
    "url": hosts.read_url,
    "url_scheme": hosts.read_url_scheme,
    "url_host": hosts.read_url_host,
    "url_port": hosts.read_url_port,
    "url_path": hosts.read_url_path,
    "url_query": hosts.read_url_query,
}
TEXTS = st.lists(near_misses(), min_size=20, max_size=80)
TRICKS = Path(__file__).parents[1] / "conformance"


def read(text: str) -> list[Any]:
    return [each(text) for each in READERS.values()]


def differing(texts: list[str], found: list[Any]) -> list[Any]:
    return [
        (text, dict(zip(READERS, zip(read(text), theirs, strict=True), strict=True)))
        for text, theirs in zip(texts, found, strict=True)
        if read(text) != theirs
    ]


@cache
def tricks() -> tuple[str, ...]:
    """The texts of the conformance cases."""
    found = {
        value
        for name in ("dates", "domains", "emails", "urls")
        for case in json.loads((TRICKS / f"{name}.json").read_text("utf-8"))["cases"]
        for value in case["set"].values()
        if isinstance(value, str) and "\ud800" not in value
    }
    return tuple(sorted(found))


@cache
def library() -> Module:
    process = node()
    assert process is not None
    return process.load(dict(load_target("javascript").emit(POLICY, Options()).files))


@pytest.mark.skipif(node() is None, reason=NO_NODE)
@given(TEXTS)
@example(list(tricks()))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_javascript_reads_them_as_python_does(texts: list[str]) -> None:
    body = """
        const read = (name) => module[`read${name}`](text) ?? null;
        return ["Domain", "Email", "EmailDomain", "Host", "Url", "UrlScheme", "UrlHost", "UrlPort",
                "UrlPath", "UrlQuery"].map(read);
    """
    found = library().run(body, texts, "library/hosts.js")
    body = "return module.readDate(text) ?? null"
    days = library().run(body, texts, "library/times.js")
    assert differing(texts, [[day, *rest] for day, rest in zip(days, found, strict=True)]) == []


@pytest.mark.skipif(find_opa() is None, reason="there is no OPA")
@given(TEXTS)
@example(list(tricks()))
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_rego_reads_them_as_python_does(texts: list[str]) -> None:
    path = find_opa()
    assert path is not None
    files = load_target("rego").emit(POLICY, Options()).files
    asked = ", ".join(
        f"[x | x := data.agpc.{'values' if name == 'date' else 'hosts'}.{name}(text)]"
        for name in READERS
    )
    with TemporaryDirectory() as folder:
        opa = Opa(path, files, Path(folder))
        opa.input.write_text(json.dumps(texts), encoding="utf-8")
        query = f"[[{asked}] | text := input[_]]"
        done = opa.run("eval", "--bundle", opa.folder, "--input", opa.input, query)
    answers = json.loads(done)["result"][0]["expressions"][0]["value"]
    found = [[each[0] if each else None for each in answer] for answer in answers]
    assert differing(texts, found) == []


@given(st.one_of(urls(), near_misses()))
@settings(max_examples=500)
def test_the_standard_library_takes_what_is_a_url_apart_alike(text: str) -> None:
    url = hosts.split_url(text)
    if url is None:
        return
    judged = urlsplit(text)
    assert (judged.scheme, judged.hostname, judged.username) == (url.scheme, url.host, None)
    assert (judged.port or hosts.DEFAULT_PORTS[url.scheme]) == url.port
    assert ((judged.path or "/"), judged.query, judged.fragment) == (url.path, url.query or "", "")
    if (url.host[-1].isdigit() and "." in url.host) or ":" in url.host:
        assert (
            hosts.read_domain(url.host) is not None
            or str(ipaddress.ip_address(url.host)) == url.host
        )
    assert hosts.split_url(hosts.write_url(url)) == url


@pytest.mark.skipif(node() is None, reason=NO_NODE)
@given(st.lists(st.one_of(urls(), near_misses()), min_size=20, max_size=80))
@example(list(tricks()))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_browsers_take_what_is_a_url_apart_alike(texts: list[str]) -> None:
    """As WHATWG has it; a name that no client would look up, such as `xn--`, may be refused."""
    ours = [(text, url) for text in texts if (url := hosts.split_url(text)) is not None]
    body = """
        try {
          const url = new URL(text);
          return [url.protocol, url.hostname, url.port, url.pathname, url.search, url.username, url.password, url.hash];
        } catch { return null; }
    """
    found = library().run(body, [text for text, _ in ours], "library/hosts.js") if ours else []
    for (text, url), theirs in zip(ours, found, strict=True):
        if theirs is None:
            assert "xn--" in text, text
            continue
        host = f"[{url.host}]" if ":" in url.host else url.host
        port = "" if url.port == hosts.DEFAULT_PORTS[url.scheme] else str(url.port)
        query = f"?{url.query}".replace("'", "%27") if url.query else ""
        assert theirs == [f"{url.scheme}:", host, port, url.path, query, "", "", ""], text

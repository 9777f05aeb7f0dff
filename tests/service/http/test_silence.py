"""What comes in stays in: a canary in every place of requests comes out in no log, metric, span or error answer."""

from __future__ import annotations

import http.client
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agpc.service.config.models import Logging
from agpc.service.http.telemetry import logs
from agpc.service.http.telemetry.metrics import Metrics

from .processes import POLICY, Process, process
from .served import CALL, KEY, START, callers, serving

CANARY = "cAnArY4711"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("silent")
    (folder / "bank.agp").write_text(POLICY.replace("LIMIT", "100"))
    with process(folder, "bank.agp") as found:
        found.ready()
        yield found


def put(value: Any, place: tuple[str | int, ...], what: Any) -> Any:
    """A copy with something else at a place."""
    if not place:
        return what
    first, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = put(copy[first] if rest else None, tuple(rest), what)  # type: ignore[index, call-overload]
    return copy


def places(value: Any) -> Iterator[tuple[str, ...]]:
    """Where a body has texts, and where it may have more members."""
    for name, inner in value.items():
        yield (name,)
        if isinstance(inner, dict):
            yield (name, CANARY)
            yield from ((name, *each) for each in places(inner))


def bodies() -> Iterator[tuple[str, Any]]:
    for path, body in (("/v1/calls", CALL), ("/v1/tasks", {**START, "said": "x"})):
        yield path, {**body, CANARY: 1}
        for place in places(body):
            yield path, put(body, place, CANARY)
            yield path, put(body, place, {CANARY: CANARY})
    for path in ("/access/v1/evaluation", "/access/v1/evaluations", "/access/v1/search/subject"):
        for place in places(CALL):
            yield path, put(CALL, place, CANARY)


def test_no_error_log_or_metric_has_what_came_in(served: Process) -> None:
    headers = {
        "x-request-id": CANARY,
        "user-agent": CANARY,
        "cookie": f"{CANARY}={CANARY}",
        "referer": f"http://127.0.0.1/{CANARY}",
        "x-forwarded-for": CANARY,
        "tracestate": f"a={CANARY}",
        "traceparent": f"00-{TRACE}-b7ad6b7169203331-01",
    }
    answered = set()
    for path, body in bodies():
        answer = served.ask("POST", path, body, **headers)
        answered.add(answer.status)
        if answer.status >= 400:
            assert CANARY.encode() not in answer.content, (path, body)
    assert {200, 400} <= answered <= {200, 400, 403, 409}
    raw = [
        f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(),
        f'{{"key": {CANARY}}}'.encode(),
        f'"{CANARY}'.encode() + b"\xff",
        b'{"key": "' + CANARY.encode() * 10 + b'"',
    ]
    for content in raw:
        for path in ("/v1/calls", "/access/v1/evaluation"):
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
            connection.request("POST", path, content, {"content-type": "application/json"})
            answer_ = connection.getresponse()
            assert (answer_.status, CANARY.encode() in answer_.read()) == (400, False), content
            connection.close()
    for path in (
        f"/v1/tasks/{CANARY}", f"/v1/calls/{CANARY}", f"/{CANARY}", f"/v1/tasks?{CANARY}={CANARY}",
        f"/v1/tasks?state={CANARY}", f"/v1/events?from={CANARY}", f"/log/tile/{CANARY}",
    ):  # fmt: skip
        answer = served.ask("GET", path, **headers)
        assert answer.status >= 400 and CANARY.encode() not in answer.content, path
    for wrong in (f"Bearer {CANARY}", f"Basic {CANARY}", CANARY):
        served.ask("GET", "/v1/tasks", authorization=wrong)
    served.ask(CANARY, f"/{CANARY}")
    metrics = served.ask("GET", "/metrics").content.decode()
    assert "agpc_requests_total" in metrics and CANARY not in metrics
    assert CANARY not in served.log and CANARY.lower() not in served.log
    assert served.log.count('"says": "request"') > 100


def test_an_exception_of_ours_says_nothing_in_the_log(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.set_up(Logging())
    with serving({"callers": callers()}) as served:
        served.core.problems = [RuntimeError(CANARY)]
        assert served.ask("POST", "/v1/calls", CALL, key=KEY["decide"]).status == 500
    told = capfd.readouterr().err
    assert '"error": "RuntimeError"' in told and "served.py" in told and CANARY not in told
    logging.getLogger("somebody.else").error("%s failed", CANARY)
    assert capfd.readouterr().err.count(CANARY) == 0


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


def test_spans_hang_on_the_caller_s_and_have_no_arguments(spans: InMemorySpanExporter) -> None:
    body = json.loads(json.dumps(CALL).replace('"amount": 1', f'"amount": "{CANARY}"'))
    with serving({"callers": callers()}) as served:
        headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "tracestate": f"a={CANARY}"}
        served.ask("POST", "/v1/calls", body, key=KEY["decide"], headers=headers)
        served.ask("POST", f"/v1/tasks/{CANARY}/said", {}, key=KEY["start"], headers=headers)
    first, second = spans.get_finished_spans()
    assert first.context is not None and f"{first.context.trace_id:032x}" == TRACE
    assert first.parent is not None and f"{first.parent.span_id:016x}" == "b7ad6b7169203331"
    assert (first.name, second.name) == ("POST /v1/calls", "POST /v1/tasks/{id}/said")
    assert dict(first.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/calls",
        "http.response.status_code": 200,
        "effect": "permit",
    }
    assert CANARY not in first.to_json() + second.to_json()


def test_the_metrics_are_those_of_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "service" / "operating.md").read_text()
    table = page[page.index("| metric | labels |") :].split("\n\n")[0]
    documented = set(re.findall(r"`(agpc_\w+)`", table))
    metrics = Metrics()
    found = {
        f"{each.name}_total" if each.type == "counter" else each.name
        for each in metrics.registry.collect()
    }
    assert found == documented


def test_diagnostics_are_laid_out_for_people() -> None:
    record = logging.LogRecord(logs.OURS, logging.ERROR, "", 0, "refused", (), None)
    record.fields = {"at": 1, "diagnostics": ["error: no", "  \u250c\u2500 a.agp:1"]}
    lines = logs.TextLine().format(record).split("\n")
    assert lines[0].endswith("refused at=1")
    assert lines[1:] == ["    error: no", "      \u250c\u2500 a.agp:1"]


@pytest.mark.parametrize("format", ["json", "text"])
def test_a_traceback_that_a_library_logs_as_its_words_is_its_type(format: str) -> None:
    said = f'Traceback (most recent call last):\n  File "a.py", line 1, in b\nlib.Broken: {CANARY}'
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, said, (), None)
    line = {"json": logs.JSONLine, "text": logs.TextLine}[format]().format(record)
    assert "lib.Broken" in line and "an exception" in line
    assert CANARY not in line and "Traceback" not in line

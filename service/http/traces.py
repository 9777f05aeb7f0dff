"""A span for each request, as a child of the one that the caller sent in `traceparent`.

The API of OpenTelemetry alone: who wants spans exported starts the service with an SDK (`opentelemetry-instrument
agpc serve`). Without one nothing is done. Attributes are words of ours and no input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


@contextmanager
def span(
    name: str, headers: Mapping[str, str], attributes: Mapping[str, Any]
) -> Iterator[trace.Span | None]:
    """Be within a span; None where nobody listens."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):  # no SDK was set
        yield None
        return
    carried = {"traceparent": headers["traceparent"]} if "traceparent" in headers else {}
    tracer = trace.get_tracer("agpc.service")
    with tracer.start_as_current_span(
        name,
        context=_PROPAGATOR.extract(carried),
        kind=trace.SpanKind.SERVER,
        attributes=dict(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as found:
        yield found

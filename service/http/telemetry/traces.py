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


def is_traced() -> bool:
    """Whether anybody listens: an SDK was set before the service was made."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def span(
    name: str, headers: Mapping[str, str], attributes: Mapping[str, Any]
) -> Iterator[trace.Span]:
    """Be within a span."""
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

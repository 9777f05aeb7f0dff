"""What Prometheus reads. Names and labels are documented in docs/service/operating.md, which a test holds to this.

INVARIANT: the value of a label is a word of ours (a route, a status, an effect, a code) and never input.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Set by `agpc serve` for its workers, before prometheus_client is imported: they count together."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """The counters of one process, or of the workers together."""

    def __init__(self) -> None:
        """Make them in a registry of their own, so that two services in one process do not meet."""
        self.together = MULTIPROCESS in os.environ
        self.registry = CollectorRegistry()
        here = self.registry
        self.requests = Counter(
            "agpc_requests",
            "Requests, by route and status.",
            ("method", "route", "status"),
            registry=here,
        )
        self.request_seconds = Histogram(
            "agpc_request_seconds",
            "From the head of a request to the end of its answer.",
            ("route",),
            buckets=SECONDS,
            registry=here,
        )
        self.in_progress = self._gauge(
            "agpc_requests_in_progress", "Requests that are worked on.", "livesum"
        )
        self.refused = Counter(
            "agpc_refused", "Requests refused, by code.", ("code",), registry=here
        )
        self.decisions = Counter(
            "agpc_decisions",
            "Decisions, by where they were asked for (call, start, evaluation) and effect.",
            ("asked", "effect"),
            registry=here,
        )
        self.turn_operations = Histogram(
            "agpc_turn_operations", "Operations in one transaction.", buckets=SIZES, registry=here
        )
        self.turn_seconds = Histogram(
            "agpc_turn_seconds",
            "From taking the store's lock to the commit.",
            buckets=SECONDS,
            registry=here,
        )
        self.store_seconds = Histogram(
            "agpc_store_seconds",
            "Reads of the store, by snapshots.",
            buckets=SECONDS,
            registry=here,
        )
        self.queue = self._gauge("agpc_queue_depth", "Operations that wait for a turn.", "livesum")
        self.events = self._gauge("agpc_events", "Events of the trail.", "max")
        self.unpublished = self._gauge(
            "agpc_unpublished_events", "Events that no published checkpoint covers.", "mostrecent"
        )
        self.unpublished_seconds = self._gauge(
            "agpc_unpublished_seconds", "How old the oldest of those is.", "mostrecent"
        )
        self.log_lost = Counter(
            "agpc_decision_log_lost",
            "Evaluations that the decision log does not have.",
            registry=here,
        )
        self.candidate = Counter(
            "agpc_candidate",
            "Recorded calls that the candidate decided, too: its effect beside the active one.",
            ("active", "candidate"),
            registry=here,
        )
        self.reloads = Counter(
            "agpc_reloads", "Policies read anew, by what became of it.", ("result",), registry=here
        )
        self.notices = Counter(
            "agpc_notices",
            "Notices that something waits for people, by what became of each.",
            ("channel", "result"),
            registry=here,
        )
        self.ready = self._gauge(
            "agpc_ready", "Whether the service is ready (1) or not (0).", "min"
        )

    def _gauge(self, name: str, about: str, mode: str) -> Gauge:
        return Gauge(name, about, multiprocess_mode=mode, registry=self.registry)  # type: ignore[arg-type]

    def text(self) -> bytes:
        """Write them as Prometheus reads them."""
        if not self.together:
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

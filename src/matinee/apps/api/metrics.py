"""Counts and latencies of requests, by route template: labels are bounded whatever is asked."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class Metrics:
    """The API's own metrics, and the text of all that the registry holds."""

    def __init__(self, registry: CollectorRegistry, clients: Callable[[], int]) -> None:
        self._registry = registry
        self._requests = Counter(
            "matinee_api_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "matinee_api_request_seconds",
            "Time from a request to the first byte of its answer.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.uploaded = Counter(
            "matinee_upload_bytes_total", "Bytes that uploads brought.", registry=registry
        )
        Gauge(
            "matinee_event_clients", "Clients that listen to events.", registry=registry
        ).set_function(clients)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request. *route* is a template, never what the client wrote."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self._registry)

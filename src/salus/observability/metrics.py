"""What is counted, for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).

Labels are bounded: names of deployed services, protocols, reasons and error codes. Nothing that a caller writes
becomes a label.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from salus.observability.job_metrics import JobMetrics

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The figures of one process, in a registry of their own.

    Example:
        >>> metrics = Metrics()
        >>> metrics.answered("breast_cancer.malignancy", "predict", samples=2, seconds=0.004)
        >>> b'salus_samples_total{call="predict",service="breast_cancer.malignancy"} 2.0' in metrics.write()
        True
    """

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("salus_requests", "Answered requests.", ["service", "call"], registry=self.registry)
        self._samples = Counter("salus_samples", "Answered samples.", ["service", "call"], registry=self.registry)
        self._seconds = Histogram(
            "salus_request_seconds",
            "Time from the accepted request to its answer.",
            ["service", "call"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._abstentions = Counter(
            "salus_abstentions", "Samples without an answer, by reason.", ["service", "reason"], registry=self.registry
        )
        self._rejected = Counter(
            "salus_rejected", "Refused requests, by the error's code.", ["service", "code"], registry=self.registry
        )
        self._queue = Gauge(
            "salus_queue_samples", "Samples that wait for a replica.", ["service"], registry=self.registry
        )

        self.jobs = JobMetrics(self.registry)

    def answered(self, service: str, call: str, *, samples: int, seconds: float) -> None:
        """Count one answered request (`call`: `predict` or `explain`) of `samples` samples."""
        self._requests.labels(service, call).inc()
        self._samples.labels(service, call).inc(samples)
        self._seconds.labels(service, call).observe(seconds)

    def abstained(self, service: str, reason: str) -> None:
        """Count one sample without an answer."""
        self._abstentions.labels(service, reason).inc()

    def rejected(self, service: str, code: str) -> None:
        """Count one refused request; `code` is that of the error."""
        self._rejected.labels(service, code).inc()

    def watch_queue(self, service: str, waiting: Callable[[], int]) -> None:
        """Read the queue of `service` whenever the figures are read."""
        self._queue.labels(service).set_function(waiting)

    def write(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return generate_latest(self.registry)

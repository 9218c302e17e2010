"""What is counted of jobs. Labels are names of deployed services and the six states."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from salus.contracts.jobs import JobState

_SECONDS = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0)


class JobMetrics:
    """The figures of one process, beside those of `Metrics` where they share a registry.

    Args:
        registry: Where they are kept.

    Example:
        >>> metrics = JobMetrics(CollectorRegistry())
        >>> metrics.ended("wards.roster", "done", seconds=12.0)
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._now = Gauge("salus_jobs", "Jobs that are kept, by state.", ["state"], registry=registry)
        self._ended = Counter("salus_jobs_ended", "Jobs that ended here.", ["service", "state"], registry=registry)
        self._seconds = Histogram(
            "salus_job_seconds",
            "Time of work on a job that ended here, restarts included.",
            ["service"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._restarted = Counter(
            "salus_jobs_resumed", "Jobs whose work was taken up again after it broke off.", registry=registry
        )

    def ended(self, service: str, state: str, *, seconds: float) -> None:
        """Count a job that ended."""
        self._ended.labels(service, state).inc()
        self._seconds.labels(service).observe(seconds)

    def resumed(self) -> None:
        """Count work that was taken up again."""
        self._restarted.inc()

    def count(self, by_state: Mapping[JobState, int]) -> None:
        """Set how many jobs are kept in each state."""
        for state, number in by_state.items():
            self._now.labels(state).set(number)

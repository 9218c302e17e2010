"""A service that counts what it answers: wraps another of the same shape."""

from __future__ import annotations

import time

from salus.contracts.errors import SalusError
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import Calibration
from salus.contracts.services import Caller, Explanation, InferenceRequest, Prediction, ServiceDescription
from salus.observability.metrics import Metrics
from salus.serving.catalogue import DeployedService


class MeteredService:
    """Counts requests, time, abstentions and refusals of `inner`.

    Args:
        inner: The service.
        metrics: Where to count.
    """

    def __init__(self, inner: DeployedService, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics
        self._name = inner.describe().name
        metrics.watch_queue(self._name, lambda: inner.waiting)

    @property
    def package(self) -> ModelPackage:
        """The package of the inner service."""
        return self._inner.package

    @property
    def calibration(self) -> Calibration | None:
        """The calibration of the inner service; None for others than classifiers."""
        return self._inner.calibration

    @property
    def waiting(self) -> int:
        """Samples that wait for a replica now."""
        return self._inner.waiting

    def describe(self) -> ServiceDescription:
        """As the inner service."""
        return self._inner.describe()

    def ready(self) -> bool:
        """As the inner service."""
        return self._inner.ready()

    async def close(self) -> None:
        """Close the inner service."""
        await self._inner.close()

    async def predict(self, request: InferenceRequest, caller: Caller) -> Prediction:
        """As the inner service."""
        began = time.perf_counter()
        try:
            prediction = await self._inner.predict(request, caller)
        except Exception as error:
            self._metrics.rejected(self._name, error.code if isinstance(error, SalusError) else "internal")
            raise
        self._count("predict", prediction, began)
        return prediction

    async def explain(self, request: InferenceRequest, caller: Caller) -> Explanation:
        """As the inner service."""
        began = time.perf_counter()
        try:
            explanation = await self._inner.explain(request, caller)
        except Exception as error:
            self._metrics.rejected(self._name, error.code if isinstance(error, SalusError) else "internal")
            raise
        self._count("explain", explanation.prediction, began)
        return explanation

    def _count(self, call: str, prediction: Prediction, began: float) -> None:
        reasons = [abstention.reason for abstention in prediction.abstentions if abstention is not None]
        self._metrics.answered(
            self._name, call, samples=len(prediction.abstentions), seconds=time.perf_counter() - began
        )
        for reason in reasons:
            self._metrics.abstained(self._name, reason)

"""A promise kept by one package: guard, pool, abstention, provenance."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, rectangular_parts, take_samples
from salus.contracts.errors import Overloaded, ServiceUnavailable
from salus.contracts.explanations import Attribution, Explainer
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import Calibration
from salus.contracts.services import (
    OPTIONAL_OUTPUTS,
    Abstention,
    Caller,
    Explanation,
    InferenceRequest,
    Prediction,
    Provenance,
    ReplicaPool,
    ServiceDescription,
)
from salus.contracts.text import LocalizedText
from salus.serving.abstentions import judge_prediction_set
from salus.serving.batching_pool import BatchingPool
from salus.serving.guard import GuardedBatch, check_request, mask_abstained
from salus.serving.pool_predictor import PoolPredictor
from salus.serving.sample_rows import blank_rows, gather_answers, scatter_rows, stack_rows

_MOST_TOGETHER = 64


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid.uuid4().hex


class PackagedService:
    """A named service that one package keeps.

    It checks every sample, asks the pool, withholds the answers that the prediction set does not single out, and
    writes the provenance on each answer. It does not authenticate, log, or store anything.

    Args:
        name: The service's name.
        package: A verified package.
        pool: Runs the package's graph.
        explainer: Explains answers; it is given the same pool.
        calibration: The package's; its coverage is named in abstentions.
        backend: The engine with its version, for provenance.
        stage: The package's stage in the registry.
        variant: The variant that runs; None for the package's default.
        notices: Statements that belong on every page of the service.
        max_explanations: Explanations that run or wait at the same time; one more is refused.
        clock: Tells the time, with its zone.
        new_id: Names requests that come without a name.

    Attributes:
        package: The package.
        calibration: Its calibration.
    """

    def __init__(
        self,
        *,
        name: str,
        package: ModelPackage,
        pool: ReplicaPool,
        explainer: Explainer,
        calibration: Calibration,
        backend: str,
        stage: str,
        variant: str | None = None,
        notices: tuple[LocalizedText, ...] = (),
        max_explanations: int = 8,
        clock: Callable[[], datetime] = now,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self.package = package
        self.calibration = calibration
        self._task = package.manifest.task
        self._pool = pool
        self._explainer = explainer
        self._clock = clock
        self._new_id = new_id
        self._description = ServiceDescription(
            name=name,
            manifest=package.manifest,
            digest=package.digest,
            variant=variant or package.manifest.default_variant,
            backend=backend,
            stage=stage,
            signer=package.signer,
            notices=notices,
        )
        self._explaining = 0
        self._max_explanations = max_explanations
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="salus-explainer")
        self._closed = False

    def describe(self) -> ServiceDescription:
        """What it is."""
        return self._description

    def ready(self) -> bool:
        """Whether it answers now."""
        return not self._closed

    @property
    def waiting(self) -> int:
        """Samples that wait for a replica now; 0 where the pool does not tell."""
        return self._pool.waiting if isinstance(self._pool, BatchingPool) else 0

    async def close(self) -> None:
        """Finish what is in flight, then refuse. Closing twice is allowed."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown, wait=True)
        await self._pool.close()

    async def predict(self, request: InferenceRequest, caller: Caller) -> Prediction:  # noqa: ARG002 -- the gateway judged it
        """Answer.

        Raises:
            InvalidInput: The request does not fit the signature.
            Overloaded: Try again later.
            ServiceUnavailable: Closing.
        """
        guarded = self._admit(request)
        full = bool(OPTIONAL_OUTPUTS & set(request.outputs))
        outputs = await self._ask(guarded, full=full)
        return self._answer(request, guarded, outputs)

    async def explain(self, request: InferenceRequest, caller: Caller) -> Explanation:  # noqa: ARG002 -- the gateway judged it
        """Answer, with reasons: for the finding of two classes, else for the class that is called.

        A sample that is withheld because its prediction set is no answer still gets its reasons; one that the guard
        kept from the model has none. Raises as `predict`.
        """
        guarded = self._admit(request)
        if self._explaining >= self._max_explanations:
            raise Overloaded(
                f"at most {self._max_explanations} explanations at a time",
                found="one more",
                remedy="Ask again in a moment.",
            )
        self._explaining += 1
        try:
            outputs = await self._ask(guarded, full=True)
            attributions = await self._attribute(guarded, outputs)
        finally:
            self._explaining -= 1
        return Explanation(self._answer(request, guarded, outputs), self._explainer.method, attributions)

    def _admit(self, request: InferenceRequest) -> GuardedBatch:
        if self._closed:
            raise ServiceUnavailable(
                "a running service", found="one that is closing", remedy="Ask again when it is back."
            )
        return check_request(request, self._task.signature)

    async def _ask(self, guarded: GuardedBatch, *, full: bool) -> dict[str, Array]:
        """The outputs of all samples; rows that the guard kept from the model are blank."""
        admitted = [index for index, reason in enumerate(guarded.abstentions) if reason is None]
        specs = [s for s in self._task.signature.outputs if full or s.name not in OPTIONAL_OUTPUTS]
        if not admitted:
            return blank_rows(specs, len(guarded.abstentions))
        parts = list(rectangular_parts(take_samples(guarded.inputs, admitted), most=_MOST_TOGETHER))
        answers = await gather_answers([self._pool.submit(part, full=full) for _, part in parts])
        places = [np.asarray(admitted, dtype=np.intp)[indices] for indices, _ in parts]
        return {
            spec.name: scatter_rows([answer[spec.name] for answer in answers], places, len(guarded.abstentions))
            for spec in specs
        }

    async def _attribute(self, guarded: GuardedBatch, outputs: Batch) -> tuple[Attribution | None, ...]:
        admitted = [index for index, reason in enumerate(guarded.abstentions) if reason is None]
        attributions: list[Attribution | None] = [None] * len(guarded.abstentions)
        if not admitted:
            return tuple(attributions)
        loop = asyncio.get_running_loop()
        binary = len(self._task.classes) == 2
        for indices, part in rectangular_parts(take_samples(guarded.inputs, admitted), most=_MOST_TOGETHER):
            places = np.asarray(admitted, dtype=np.intp)[indices]
            targets = np.ones(len(places), np.int64) if binary else outputs["decision"][places].astype(np.int64)
            known = {name: stack_rows(array[places]) for name, array in outputs.items()}
            predictor = PoolPredictor(self._pool, loop, known=(part, known))
            found = await loop.run_in_executor(self._threads, self._explain_part, predictor, part, targets)
            for place, attribution in zip(places, found, strict=True):
                attributions[place] = attribution
        return tuple(attributions)

    def _explain_part(
        self, predictor: PoolPredictor, part: Batch, targets: NDArray[np.int64]
    ) -> tuple[Attribution, ...]:
        return self._explainer.explain(predictor, part, targets=targets)

    def _answer(self, request: InferenceRequest, guarded: GuardedBatch, outputs: dict[str, Array]) -> Prediction:
        reasons: list[Abstention | None] = list(guarded.abstentions)
        for index, members in enumerate(outputs["prediction_set"].astype(np.bool_)):
            if reasons[index] is None:
                reasons[index] = judge_prediction_set(members, self._task.classes, self.calibration.coverage)
        wanted = request.outputs or tuple(name for name in outputs if name not in OPTIONAL_OUTPUTS)
        abstained = np.array([reason is not None for reason in reasons], dtype=np.bool_)
        return Prediction(
            request_id=request.request_id or self._new_id(),
            outputs=mask_abstained({name: outputs[name] for name in wanted}, abstained),
            abstentions=tuple(reasons),
            provenance=self._provenance(),
        )

    def _provenance(self) -> Provenance:
        description = self._description
        return Provenance(
            service=description.name,
            package=description.manifest.name,
            version=description.manifest.version,
            digest=description.digest,
            variant=description.variant,
            backend=description.backend,
            dataset_digest=description.manifest.lineage.dataset_digest,
            demonstration=self._task.demonstration,
            reviewed=False,
            answered_at=self._clock().isoformat(timespec="milliseconds"),
        )

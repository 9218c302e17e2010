"""A promise kept by one package: guard, pool, abstention, provenance."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch, rectangular_parts, take_samples
from salus.contracts.errors import NotFound, Overloaded, ServiceUnavailable
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
from salus.contracts.treatment import Choice
from salus.serving.abstentions import every_option_contraindicated
from salus.serving.batching_pool import BatchingPool
from salus.serving.contraindications import (
    Contraindications,
    find_contraindications,
    require_known_inputs,
    take_options_away,
)
from salus.serving.document_guard import MOST_DOCUMENT_BYTES
from salus.serving.explained_targets import choose_targets
from salus.serving.guard import GuardedBatch, check_request, mask_abstained
from salus.serving.pool_predictor import PoolPredictor
from salus.serving.sample_rows import blank_rows, gather_answers, scatter_rows, stack_rows
from salus.serving.withholding import make_withholding

_MOST_TOGETHER = 64
_SOLVED_AGAIN = "solved again with one thing more"


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class _Admitted:
    """A request as it goes to the pool.

    Attributes:
        guarded: Inputs, and why samples are kept from the model: by the guard, or since no option is left.
        rules: What the rules of a choice take away; None for other questions.
        asked: Indices of the samples that the model is asked about.
    """

    guarded: GuardedBatch
    rules: Contraindications | None
    asked: NDArray[np.intp]

    @property
    def count(self) -> int:
        return len(self.guarded.abstentions)


class PackagedService:
    """A named service that one package keeps.

    It checks every sample, evaluates the rules of a choice, asks the pool, withholds the answers that the kind of the
    question does not let stand (a prediction set that does not single out a class, poor overlap), and writes the
    provenance on each answer. It does not authenticate, log, or store anything.

    Of a sample that is withheld for poor overlap the answer still holds `propensity`: it is what the abstention rests
    on.

    Args:
        name: The service's name.
        package: A verified package.
        pool: Runs the package's graph.
        explainer: Explains answers; it is given the same pool. None where answers are not explained.
        calibration: The package's, whose coverage is named in abstentions; None for others than classifiers.
        backend: The engine with its version, for provenance.
        stage: The package's stage in the registry.
        variant: The variant that runs; None for the package's default.
        notices: Statements that belong on every page of the service.
        max_explanations: Explanations that run or wait at the same time; one more is refused.
        most_document_bytes: Largest document of a sample.
        clock: Tells the time, with its zone.
        new_id: Names requests that come without a name.

    Attributes:
        package: The package.
        calibration: Its calibration; None for others than classifiers.

    Raises:
        PackageRejected: A classifier without calibration, or a rule that looks at something which is no input.
    """

    def __init__(
        self,
        *,
        name: str,
        package: ModelPackage,
        pool: ReplicaPool,
        explainer: Explainer | None,
        calibration: Calibration | None,
        backend: str,
        stage: str,
        variant: str | None = None,
        notices: tuple[LocalizedText, ...] = (),
        max_explanations: int = 8,
        most_document_bytes: int = MOST_DOCUMENT_BYTES,
        clock: Callable[[], datetime] = now,
        new_id: Callable[[], str] = _new_id,
    ) -> None:
        self.package = package
        self.calibration = calibration
        self._task = package.manifest.task
        self._withhold = make_withholding(self._task, calibration)
        if isinstance(self._task.question, Choice):
            require_known_inputs(self._task.question, self._task.signature)
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
        self._most_document_bytes = most_document_bytes
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
        admitted = self._admit(request)
        outputs = await self._ask(admitted, full=bool(OPTIONAL_OUTPUTS & set(request.outputs)))
        return self._answer(request, admitted, self._without_contraindicated(outputs, admitted))

    async def explain(self, request: InferenceRequest, caller: Caller) -> Explanation:  # noqa: ARG002 -- the gateway judged it
        """Answer, with reasons, about what `explained_targets` chooses.

        A sample that is withheld because its prediction set is no answer still gets its reasons; one that the guard
        or the rules kept from the model has none, and neither has one with poor overlap, whose effect is not told.

        Raises:
            NotFound: The service does not explain its answers.
            InvalidInput: The request does not fit the signature.
            Overloaded: Try again later.
            ServiceUnavailable: Closing.
        """
        if self._explainer is None and self._task.kind == "planning":
            return await self._explain_plan(request)
        if self._explainer is None:
            raise NotFound(
                "a service that explains its answers", found="one that does not", remedy="Ask for a prediction."
            )
        admitted = self._admit(request)
        if self._explaining >= self._max_explanations:
            raise Overloaded(
                f"at most {self._max_explanations} explanations at a time",
                found="one more",
                remedy="Ask again in a moment.",
            )
        self._explaining += 1
        try:
            outputs = await self._ask(admitted, full=True)
            left = self._without_contraindicated(outputs, admitted)
            prediction = self._answer(request, admitted, left)
            places = [
                place
                for place in admitted.asked
                if (reason := prediction.abstentions[place]) is None or reason.reason != "poor_overlap"
            ]
            targets = choose_targets(self._task, left, np.array(places, dtype=np.intp))
            attributions = await self._attribute(
                self._explainer, admitted, outputs, dict(zip(places, targets, strict=True))
            )
        finally:
            self._explaining -= 1
        return Explanation(prediction, self._explainer.method, attributions)

    async def _explain_plan(self, request: InferenceRequest) -> Explanation:
        """A plan tells its reasons itself: what binds, and what one thing more would save."""
        admitted = self._admit(request)
        prediction = self._answer(request, admitted, await self._ask(admitted, full=True))
        return Explanation(prediction, _SOLVED_AGAIN, (None,) * len(prediction.abstentions))

    def _admit(self, request: InferenceRequest) -> _Admitted:
        if self._closed:
            raise ServiceUnavailable(
                "a running service", found="one that is closing", remedy="Ask again when it is back."
            )
        guarded = check_request(request, self._task.signature, most_document_bytes=self._most_document_bytes)
        rules = None
        if isinstance(self._task.question, Choice):
            known = np.array([reason is None for reason in guarded.abstentions], dtype=np.bool_)
            rules = find_contraindications(self._task.question, guarded.inputs, known)
            nothing_left = rules.taken.sum(axis=1) == rules.taken.shape[1]
            reasons = [
                every_option_contraindicated() if nothing_left[index] else reason
                for index, reason in enumerate(guarded.abstentions)
            ]
            guarded = GuardedBatch(guarded.inputs, tuple(reasons))
        asked = [index for index, reason in enumerate(guarded.abstentions) if reason is None]
        return _Admitted(guarded, rules, np.array(asked, dtype=np.intp))

    async def _ask(self, admitted: _Admitted, *, full: bool) -> dict[str, Array]:
        """The outputs of all samples; rows that were kept from the model are blank."""
        specs = [s for s in self._task.signature.outputs if full or s.name not in OPTIONAL_OUTPUTS]
        if not admitted.asked.size:
            return blank_rows(specs, admitted.count)
        asked = take_samples(admitted.guarded.inputs, admitted.asked)
        parts = list(rectangular_parts(asked, most=_MOST_TOGETHER))
        answers = await gather_answers([self._pool.submit(part, full=full) for _, part in parts])
        places = [admitted.asked[indices] for indices, _ in parts]
        return {
            spec.name: scatter_rows([answer[spec.name] for answer in answers], places, admitted.count) for spec in specs
        }

    @staticmethod
    def _without_contraindicated(outputs: dict[str, Array], admitted: _Admitted) -> dict[str, Array]:
        return outputs if admitted.rules is None else take_options_away(outputs, admitted.rules.taken)

    async def _attribute(
        self, explainer: Explainer, admitted: _Admitted, outputs: Batch, targets: Mapping[np.intp, np.int64]
    ) -> tuple[Attribution | None, ...]:
        """The attributions of the samples that `targets` names, by index; None for the others."""
        attributions: list[Attribution | None] = [None] * admitted.count
        if not targets:
            return tuple(attributions)
        loop = asyncio.get_running_loop()
        chosen = np.array(list(targets), dtype=np.intp)
        for indices, part in rectangular_parts(take_samples(admitted.guarded.inputs, chosen), most=_MOST_TOGETHER):
            places = chosen[indices]
            known = {name: stack_rows(array[places]) for name, array in outputs.items()}
            maps = self._task.signature.output("evidence") is not None
            predictor = PoolPredictor(self._pool, loop, known=(part, known), full=maps)
            wanted = np.array([targets[place] for place in places], dtype=np.int64)
            explain = partial(explainer.explain, predictor, part, targets=wanted)
            found = await loop.run_in_executor(self._threads, explain)
            for place, attribution in zip(places, found, strict=True):
                attributions[place] = attribution
        return tuple(attributions)

    def _answer(self, request: InferenceRequest, admitted: _Admitted, outputs: dict[str, Array]) -> Prediction:
        reasons: list[Abstention | None] = list(admitted.guarded.abstentions)
        for index, reason in self._withhold(outputs, admitted.asked).items():
            reasons[index] = reason
        wanted = request.outputs or tuple(name for name in outputs if name not in OPTIONAL_OUTPUTS)
        abstained = np.array([reason is not None for reason in reasons], dtype=np.bool_)
        answered = mask_abstained({name: outputs[name] for name in wanted}, abstained)
        if admitted.rules is not None and "propensity" in answered:
            poor = np.array([reason is not None and reason.reason == "poor_overlap" for reason in reasons])
            answered["propensity"][poor] = outputs["propensity"][poor]
        return Prediction(
            request_id=request.request_id or self._new_id(),
            outputs=answered,
            abstentions=tuple(reasons),
            provenance=self._provenance(),
            contraindications=() if admitted.rules is None else admitted.rules.names,
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

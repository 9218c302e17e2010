"""From a verified package to a running service, in the order that the house runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from salus.contracts.explanations import Explainer
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import Calibration
from salus.contracts.services import OPTIONAL_OUTPUTS, InferenceBackend
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText
from salus.serving.batching_pool import BatchingPool
from salus.serving.document_guard import MOST_DOCUMENT_BYTES
from salus.serving.in_process_pool import InProcessPool
from salus.serving.packaged_service import PackagedService, now


@dataclass(frozen=True)
class PoolOptions:
    """How a package is run.

    Attributes:
        max_batch: Most samples of pictures or of observations over time that are answered together.
        max_table_batch: Most rows of a table that are answered together: they are small.
        max_queue: Most samples that wait.
        max_document_bytes: Largest document of a sample. Documents are answered one by one.
        device: Where the graph runs.
    """

    max_batch: int = 8
    max_table_batch: int = 64
    max_queue: int = 256
    max_document_bytes: int = MOST_DOCUMENT_BYTES
    device: str = "cpu"

    def largest_batch(self, signature: Signature) -> int:
        """Most samples of a task with this signature that are answered together."""
        contents = {spec.content for spec in signature.inputs}
        if "document" in contents:
            return 1
        return self.max_batch if contents & {"image", "events"} else max(self.max_batch, self.max_table_batch)


def deploy(
    package: ModelPackage,
    *,
    backend: InferenceBackend,
    backend_title: str,
    explainer: Explainer | None,
    calibration: Calibration | None,
    stage: str,
    name: str | None = None,
    variant: str | None = None,
    notices: tuple[LocalizedText, ...] = (),
    options: PoolOptions | None = None,
    clock: Callable[[], datetime] = now,
) -> PackagedService:
    """Load `package` and put guard, batching and provenance around it.

    Args:
        package: Verified.
        backend: The engine.
        backend_title: Its name with its version, for provenance.
        explainer: Explains the answers; None where they are not explained.
        calibration: The package's; None for others than classifiers.
        stage: The package's stage in the registry.
        name: The service's name; None for the package's.
        variant: None for the package's default.
        notices: Statements that belong on every page of the service.
        options: How it is run; None for the defaults.
        clock: Tells the time, with its zone.

    Raises:
        PackageRejected: The graph does not keep the manifest's word.
    """
    chosen = PoolOptions() if options is None else options
    signature = package.manifest.task.signature
    predictor = backend.load(package, variant=variant, device=chosen.device)
    optional = any(spec.name in OPTIONAL_OUTPUTS for spec in signature.outputs)
    full = backend.load_full(package, variant=variant, device=chosen.device) if optional else predictor
    pool = BatchingPool(
        InProcessPool(predictor, full),
        max_batch=chosen.largest_batch(signature),
        max_queue=chosen.max_queue,
    )
    return PackagedService(
        name=name or package.manifest.name,
        package=package,
        pool=pool,
        explainer=explainer,
        calibration=calibration,
        backend=backend_title,
        stage=stage,
        variant=variant,
        notices=notices,
        most_document_bytes=chosen.max_document_bytes,
        clock=clock,
    )

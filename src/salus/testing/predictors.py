"""What every predictor promises: it is a pure function of each sample by itself."""

from __future__ import annotations

from salus.contracts.batches import Batch, count_samples
from salus.contracts.predictors import Predictor
from salus.testing.batches import copy_batch, require_equal, rows_of
from salus.testing.failures import require

TOLERANCE = 1e-5
"""Between a sample answered alone and in a batch: FP32 sums in another order."""


def check_predictor(predictor: Predictor, batch: Batch, *, tolerance: float = TOLERANCE) -> None:
    """Check `predictor` on `batch`, which should hold at least three different samples.

    One row per sample in every output; the batch is left as it was; asked twice, it answers the same bits; a sample's
    answer does not depend on the samples beside it or on their order.

    Args:
        predictor: Under test.
        batch: Rectangular.
        tolerance: Of floating values between batches of different sizes.

    Raises:
        NotConformant: A promise is not kept.
    """
    count = count_samples(batch)
    before = copy_batch(batch)
    answered = copy_batch(predictor.predict(batch))
    require(bool(answered), "at least one output", found="none")
    for name, array in answered.items():
        rows = array.shape[0] if array.ndim else 0
        require(rows == count, f"{count} rows of {name!r}", found=f"{rows}")
    require_equal(batch, before, law="the predictor to leave its batch as it was")
    require_equal(predictor.predict(batch), answered, law="the same batch to give the same bits")
    backwards = list(range(count))[::-1]
    require_equal(
        predictor.predict(rows_of(batch, backwards)),
        rows_of(answered, backwards),
        law="answers that do not depend on the order of the samples",
        tolerance=tolerance,
    )
    for index in range(count):
        require_equal(
            predictor.predict(rows_of(batch, [index])),
            rows_of(answered, [index]),
            law="a sample to be answered alone as in a batch",
            tolerance=tolerance,
        )

"""What each value of a table adds to the explained output: Shapley values by sampled permutations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch, count_samples
from salus.contracts.errors import InvalidInput
from salus.contracts.explanations import Attribution, Contribution
from salus.contracts.predictors import Predictor
from salus.explanation.explained_output import LOG_ODDS, ExplainedOutput
from salus.explanation.log_odds import check_targets
from salus.explanation.walks import plan_walks, rows_that_fit

MOST_ROWS = 20_000
"""Rows that one explanation asks the predictor for, at most."""
_ROWS_AT_ONCE = 4096


class ShapleyExplainer:
    """Shapley values against a background sample.

    The value of a set S of inputs is v(S) = mean over background rows b of f(x on S, b elsewhere), f being the
    explained output of the question's kind (a class's log-odds, the prognostic score, an option's effect, the value);
    the contribution of an input is its Shapley value in that game (Strumbelj and Kononenko, Knowl Inf Syst
    41:647-665, 2014; the "interventional" form, Janzing et al., AISTATS 2020). It is estimated by walks from
    a background row to the sample that change one input at a time in a random order (Castro, Gomez and Tejada, Comput
    Oper Res 36:1726-1730, 2009), every order followed by its reverse (antithetic permutations; Mitchell et al., JMLR
    23(43), 2022), every background row walked from equally often. Three consequences:

    - base + contributions = output to rounding, base being the mean output of the background;
    - for an output that is a sum of functions of single inputs, such as a logistic regression's log-odds, the values
      are exact: coefficient times (value - background's mean);
    - the same input gives the same values, in whatever batch it comes: the orders are drawn from a fixed seed.

    With few inputs (up to four for a hundred background rows) all orders are walked and the values are exact. A value
    may be missing (NaN), in the sample as in the background, where the model handles it. Correlated inputs are changed
    one by one all the same, so the model is asked about combinations that may not occur.

    Args:
        background: By input name, (rows,) each: training rows. Where a single antithetic pair from each row would
            ask for more than 20,000 rows, evenly spaced rows are taken.
        explained: What is explained; the log-odds of the target unless told otherwise.
        seed: Of the orders.

    Raises:
        InvalidInput: The background is empty or its columns differ in length.
    """

    def __init__(
        self, background: Mapping[str, NDArray[np.generic]], *, explained: ExplainedOutput = LOG_ODDS, seed: int = 0
    ) -> None:
        shapes = {name: np.shape(column) for name, column in background.items()}
        if not shapes or len(set(shapes.values())) != 1 or any(len(s) != 1 or not s[0] for s in shapes.values()):
            raise InvalidInput(
                "a background of one column per input, all of the same length of at least 1",
                found=f"{len(shapes)} columns of lengths {sorted({s[0] if s else 0 for s in shapes.values()})}",
                remedy="Take up to 100 training rows.",
            )
        self._names = tuple(background)
        rows = np.stack([np.asarray(background[name], dtype=np.float64) for name in self._names], axis=1)
        chosen = rows_that_fit(len(rows), len(self._names), most_rows=MOST_ROWS)
        self._background: NDArray[np.float64] = rows[chosen]
        self._walks = plan_walks(len(chosen), len(self._names), np.random.default_rng(seed), most_rows=MOST_ROWS)
        self._explained = explained

    @property
    def method(self) -> str:
        """The method's name."""
        return "Shapley values by antithetic permutation sampling (Strumbelj and Kononenko 2014; Mitchell et al. 2022)"

    def explain(self, predictor: Predictor, batch: Batch, *, targets: NDArray[np.int64]) -> tuple[Attribution, ...]:
        """The contributions of each sample, strongest first.

        Args:
            predictor: Answers the explained output.
            batch: The background's inputs, (samples,) each.
            targets: (samples,).

        Raises:
            InvalidInput: The inputs are not those of the background, or the predictor does not answer what is asked.
            UnsupportedInput: It gives no number for some combination.
        """
        count = count_samples(batch)
        check_targets(targets, count)
        if set(batch) != set(self._names) or any(batch[name].ndim != 1 for name in self._names):
            raise InvalidInput(
                f"the {len(self._names)} scalar inputs of the background",
                found=f"{len(batch)} inputs, {len(set(batch) & set(self._names))} of them known",
                remedy="Explain with the reference of the model's own package.",
            )
        kinds = {name: batch[name].dtype for name in self._names}
        samples = np.stack([batch[name].astype(np.float64) for name in self._names], axis=1)
        asked = _Asked(predictor, kinds, self._explained)
        return tuple(self._explain_one(asked, sample, int(t)) for sample, t in zip(samples, targets, strict=True))

    def _explain_one(self, asked: _Asked, sample: NDArray[np.float64], target: int) -> Attribution:
        walks, inputs = self._walks, len(self._names)
        count = len(walks.start)
        # after step k of a walk the inputs at places 0..k-1 of its order are the sample's; the ends are shared
        steps = [np.where(walks.joined(k), sample, self._background[walks.start]) for k in range(1, inputs)]
        rows = np.concatenate([sample[None], self._background, *steps])
        found = asked.explained_output(rows, target)
        output, at_background = found[0], found[1 : 1 + len(self._background)]
        path = np.empty((inputs + 1, count))
        path[0], path[inputs] = at_background[walks.start], output
        path[1:inputs] = found[1 + len(self._background) :].reshape(inputs - 1, count)
        gains = walks.gains(path)
        amounts = gains.mean(axis=0)
        strongest = sorted(range(inputs), key=lambda i: -abs(amounts[i]))
        return Attribution(
            target=target,
            contributions=tuple(
                Contribution(
                    name=self._names[i],
                    value=None if np.isnan(sample[i]) else float(sample[i]),
                    amount=float(amounts[i]),
                )
                for i in strongest
            ),
            base=float(at_background.mean()),
            output=float(output),
        )


@dataclass(frozen=True)
class _Asked:
    """A predictor that is asked for rows of numbers."""

    predictor: Predictor
    kinds: Mapping[str, np.dtype[np.generic]]
    explained: ExplainedOutput

    def explained_output(self, rows: NDArray[np.float64], target: int) -> NDArray[np.float64]:
        return np.concatenate(
            [self._ask(rows[start : start + _ROWS_AT_ONCE], target) for start in range(0, len(rows), _ROWS_AT_ONCE)]
        )

    def _ask(self, rows: NDArray[np.float64], target: int) -> NDArray[np.float64]:
        columns = {}
        for index, (name, kind) in enumerate(self.kinds.items()):
            if kind.kind not in "fc" and np.isnan(rows[:, index]).any():
                raise InvalidInput(
                    f"no missing value of {name!r}, whose datatype {kind} has none",
                    found=f"{int(np.isnan(rows[:, index]).sum())} missing",
                    remedy="Take background rows without missing values of this input.",
                )
            columns[name] = rows[:, index].astype(kind)
        return self.explained.read(self.predictor.predict(columns), target, count=len(rows))

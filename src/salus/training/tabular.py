"""Learns to classify rows of measurements: logistic regression, or gradient-boosted trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions, GraphSource, Json
from salus.contracts.tensors import TensorSpec
from salus.training.recipes import describe_recipe, override_recipe

TabularKind = Literal["linear", "gradient_boosting"]
_Positive = Annotated[int, msgspec.Meta(ge=1)]


class LinearRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Logistic regression on standardised inputs: log-odds = w . (x - mean) / deviation + b.

    Attributes:
        penalty: `l2` (ridge) or `l1` (lasso: some inputs drop out).
        inverse_penalty: C: the smaller, the stronger the penalty.
        class_weighting: `balanced` weighs each class by samples / (classes x its samples).
        iterations: Most iterations of the solver.
    """

    penalty: Literal["l1", "l2"] = "l2"
    inverse_penalty: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    class_weighting: Literal["none", "balanced"] = "none"
    iterations: _Positive = 5000


class BoostingRecipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gradient-boosted trees (Ke et al., "LightGBM", NeurIPS 2017).

    Attributes:
        rounds: Most trees (a class); the number with the lowest validation loss is kept.
        learning_rate: What each tree's answer is multiplied by.
        leaves: Most leaves of a tree.
        samples_per_leaf: Fewest samples of a leaf.
        row_share: Share of the rows that each tree sees.
        column_share: Share of the inputs that each tree sees.
        l1: Penalty on the leaves' absolute answers.
        l2: Penalty on their squares.
        class_weighting: As for LinearRecipe.
        early_stopping: Rounds without a lower validation loss before it stops.
    """

    rounds: _Positive = 500
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 0.05
    leaves: Annotated[int, msgspec.Meta(ge=2)] = 15
    samples_per_leaf: _Positive = 10
    row_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    column_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.8
    l1: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    l2: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    class_weighting: Literal["none", "balanced"] = "none"
    early_stopping: _Positive = 50


class SklearnPredictor:
    """Answers `logits` with a fitted scikit-learn pipeline or LightGBM classifier.

    With two classes the logits are [0, log-odds]; with more they are the classifier's scores, of which the softmax
    is the probabilities. A sample with a missing value (NaN) that the model does not handle is answered by NaN.

    Args:
        model: Fitted on FP32 (samples, inputs).
        inputs: The scalar inputs, in the order of the columns.
    """

    def __init__(self, model: object, *, inputs: tuple[TensorSpec, ...]) -> None:
        self._model = model
        self._inputs = inputs

    def predict(self, batch: Batch) -> Batch:
        """`logits`, FP32 (samples, classes).

        Raises:
            InvalidInput: An input is missing.
        """
        rows = read_rows(batch, self._inputs)
        usable = usable_rows(rows, self._inputs)
        model: Any = self._model
        logits = np.full((rows.shape[0], len(model.classes_)), np.nan, dtype=np.float32)
        if usable.any():
            raw = model.predict(rows[usable], raw_score=True) if _is_boosted(model) else None
            scores = np.asarray(model.decision_function(rows[usable]) if raw is None else raw)
            logits[usable] = np.stack([np.zeros_like(scores), scores], axis=1) if scores.ndim == 1 else scores
        return {"logits": logits}

    def graph_source(self) -> GraphSource:
        """The fitted object."""
        return GraphSource(framework="sklearn", model=self._model, outputs=("logits",))


class TabularEstimator:
    """Keeps the contracts' promise of an Estimator for scalar inputs.

    Missing values: an input declared `missing="model"` may be NaN; the linear model then takes the training part's
    median and the trees send NaN down a branch that they learn. A sample whose NaN is in another input, which the
    served model abstains from or rejects, is left out of the fit; how many were is told to the tracker.

    Args:
        kind: `linear` or `gradient_boosting`.
        inputs: The signature's scalar inputs, in order.
        options: What the person who starts the fit decided. `epochs` are boosting rounds; the linear model, which is
            solved to convergence, refuses them. Both run on the CPU.

    Raises:
        InvalidInput: An input is no scalar, a hyperparameter is unknown or does not fit, or epochs or a GPU are asked
            of what has none.
    """

    def __init__(self, kind: TabularKind, *, inputs: tuple[TensorSpec, ...], options: FitOptions) -> None:
        others = [spec.name for spec in inputs if spec.content not in {"scalar", "category"}]
        if others or not inputs:
            raise InvalidInput(
                "one or more scalar inputs",
                found=f"{len(inputs)} inputs, of which not scalar: {', '.join(others) or 'none'}",
                remedy="Choose an estimator for the input's content.",
            )
        if options.device == "cuda" or (kind == "linear" and options.epochs is not None):
            raise InvalidInput(
                f"no {'GPU' if options.device == 'cuda' else 'number of epochs'} for the {kind} estimator",
                found="one in the options",
                remedy="Leave it out: it fits on the CPU, the linear model to convergence.",
            )
        recipe = override_recipe(LinearRecipe() if kind == "linear" else BoostingRecipe(), options.hyperparameters)
        if options.epochs is not None:
            recipe = override_recipe(recipe, {"rounds": options.epochs})
        self._recipe: LinearRecipe | BoostingRecipe = recipe
        self._kind = kind
        self._inputs = inputs
        self._options = options

    @property
    def recipe(self) -> Mapping[str, Json]:
        """The hyperparameters, the kind and the library's version."""
        library = "scikit-learn" if self._kind == "linear" else "lightgbm"
        from importlib.metadata import version

        return {**describe_recipe(self._recipe), "kind": self._kind, library: version(library)}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> SklearnPredictor:
        """Learn.

        Raises:
            InvalidInput: Labels are not 0 ... classes - 1, each at least once, among the usable training samples.
        """
        seed = int(rng.integers(2**31 - 1))
        parts = []
        for split in (train, validation):
            rows = read_rows(split.inputs, self._inputs)
            usable = usable_rows(rows, self._inputs)
            parts.append((rows[usable], split.labels[usable]))
        (rows, labels), held = parts
        present = np.unique(labels)
        if present.shape[0] < 2 or not np.array_equal(present, np.arange(present.shape[0])):
            raise InvalidInput(
                "training labels 0, 1, ... with every class at least once",
                found=f"labels {present.tolist()} among {labels.shape[0]} usable samples",
                remedy="Give the training part samples of each class.",
            )
        self._options.progress.begin("train", None)
        left_out = len(train) - labels.shape[0]
        self._options.tracker.parameters({**self.recipe, "seed": seed, "samples_left_out_for_missing": left_out})
        if isinstance(self._recipe, LinearRecipe):
            model = self._fit_linear(self._recipe, rows, labels, seed)
        else:
            model = self._fit_boosting(self._recipe, rows, labels, held, seed)
        self._options.progress.end()
        return SklearnPredictor(model, inputs=self._inputs)

    def _fit_linear(
        self, recipe: LinearRecipe, rows: NDArray[np.float32], labels: NDArray[np.int64], seed: int
    ) -> object:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import StandardScaler

        lasso = recipe.penalty == "l1"
        classifier = LogisticRegression(
            C=recipe.inverse_penalty,
            l1_ratio=1.0 if lasso else 0.0,
            solver="saga" if lasso else "lbfgs",
            tol=1e-6,
            max_iter=recipe.iterations,
            class_weight=None if recipe.class_weighting == "none" else "balanced",
            random_state=seed,
        )
        steps: list[tuple[str, object]] = [("scaler", StandardScaler()), ("classifier", classifier)]
        if any(spec.missing == "model" for spec in self._inputs):
            steps.insert(0, ("imputer", SimpleImputer(strategy="median", keep_empty_features=True)))
        return cast("object", Pipeline(steps).fit(rows, labels))

    def _fit_boosting(
        self,
        recipe: BoostingRecipe,
        rows: NDArray[np.float32],
        labels: NDArray[np.int64],
        held: tuple[NDArray[np.float32], NDArray[np.int64]],
        seed: int,
    ) -> object:
        import lightgbm

        tracker = self._options.tracker

        def tell(environment: Any) -> None:
            for _, measure, value, _ in environment.evaluation_result_list:
                tracker.measures(environment.iteration + 1, {f"validation_{measure}": float(value)})

        classifier = lightgbm.LGBMClassifier(
            n_estimators=recipe.rounds,
            learning_rate=recipe.learning_rate,
            num_leaves=recipe.leaves,
            min_child_samples=recipe.samples_per_leaf,
            subsample=recipe.row_share,
            subsample_freq=1,
            colsample_bytree=recipe.column_share,
            reg_alpha=recipe.l1,
            reg_lambda=recipe.l2,
            class_weight=None if recipe.class_weighting == "none" else "balanced",
            random_state=seed,
            deterministic=True,
            force_row_wise=True,
            n_jobs=1,
            verbose=-1,
        )
        stopping = lightgbm.early_stopping(recipe.early_stopping, verbose=False)
        classifier.fit(rows, labels, eval_X=held[0], eval_y=held[1], callbacks=[stopping, tell])
        return cast("object", classifier)


def read_rows(batch: Batch, inputs: tuple[TensorSpec, ...]) -> NDArray[np.float32]:
    """The scalar inputs side by side: FP32 (samples, inputs).

    Raises:
        InvalidInput: An input is missing from the batch.
    """
    missing = [spec.name for spec in inputs if spec.name not in batch]
    if missing:
        raise InvalidInput(
            f"{len(inputs)} inputs by name",
            found=f"a batch without {', '.join(missing)}",
            remedy="Give every input of the signature; NaN where a value is missing.",
        )
    return np.stack([batch[spec.name].astype(np.float32) for spec in inputs], axis=1)


def usable_rows(rows: NDArray[np.float32], inputs: tuple[TensorSpec, ...]) -> NDArray[np.bool_]:
    """Which rows have every value that the model does not handle missing: Boolean (samples,)."""
    needed = np.array([spec.missing != "model" for spec in inputs])
    return np.asarray(~np.isnan(rows[:, needed]).any(axis=1), dtype=np.bool_)


def _is_boosted(model: object) -> bool:
    return hasattr(model, "booster_")

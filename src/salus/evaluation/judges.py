"""Which judge measures answers to which kind of question."""

from __future__ import annotations

from salus.contracts.errors import UnsupportedInput
from salus.contracts.tasks import TaskKind
from salus.evaluation.judging import Judge


def judge_of(kind: TaskKind) -> Judge:
    """The judge of a kind of question.

    Raises:
        UnsupportedInput: A kind whose answers are not compared with a truth: a plan is reckoned, not judged.
    """
    if kind == "classification":
        from salus.evaluation.classification_judge import ClassificationJudge

        return ClassificationJudge()
    if kind == "survival":
        from salus.evaluation.survival.judge import SurvivalJudge

        return SurvivalJudge()
    if kind == "treatment":
        from salus.evaluation.treatment.judge import TreatmentJudge

        return TreatmentJudge()
    if kind == "regression":
        from salus.evaluation.regression.judge import RegressionJudge

        return RegressionJudge()
    raise UnsupportedInput(
        "a question whose answer has a truth to compare with",
        found=f"a task of the kind {kind}",
        remedy="Its answers carry their own reckoning.",
    )

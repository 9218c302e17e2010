"""How long until? The question of time to an event, and the outputs of every served answer to it."""

from __future__ import annotations

import msgspec

from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText


class TimeToEvent(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="survival"
):
    """How long until an event, from right-censored data.

    Times count from the moment that the sample describes (enrolment, or the last visit of a progression). In a
    `Split`, `labels` is 1 where the event was observed and 0 where the subject was censored, and `targets["time"]`
    the time of either, in `unit`.

    Attributes:
        event: What happens: `death`, `recurrence or death`.
        unit: UCUM unit of all times: `d`, `mo`, `a`.
        times: Where the curve is told, ascending, the first above 0. The last one is not beyond the follow-up of the
            data; nothing is extrapolated: past the last observed time of the training data the outputs are NaN.
        horizons: Times, some of `times`, whose risk is told by itself: 1, 3 and 5 years.
        dynamic: True where the input holds visits so far, and the curve is updated at each.
    """

    event: LocalizedText
    unit: str
    times: tuple[float, ...]
    horizons: tuple[float, ...]
    dynamic: bool = False

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in zip((0.0, *self.times), self.times, strict=False))
        if not (self.times and ascending and self.horizons and set(self.horizons) <= set(self.times)):
            raise ValueError("expected ascending times above 0, and horizons among them")


def survival_outputs(question: TimeToEvent) -> tuple[TensorSpec, ...]:
    """The outputs of every served survival model, for T times and H horizons.

    `risk` at a horizon is 1 - `survival` there. Values past the last observed training time are NaN.
    """
    times, horizons = len(question.times), len(question.horizons)
    return (
        TensorSpec(
            name="survival",
            datatype="FP32",
            shape=(-1, times),
            title=LocalizedText("probability of no event up to each time", "至各时间点未发生事件的概率"),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="survival_band",
            datatype="FP32",
            shape=(-1, times, 2),
            title=LocalizedText(
                "95 % band of the curve (of the model's fit)", "曲线的 95% 区间带（模型拟合的不确定性）"
            ),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="median_time",
            datatype="FP32",
            shape=(-1,),
            title=LocalizedText(
                "time at which half of such patients have had the event; NaN where the observed time is too short",
                "半数此类患者发生事件的时间；观测时间不足时为 NaN",
            ),
            unit=question.unit,
        ),
        TensorSpec(
            name="risk",
            datatype="FP32",
            shape=(-1, horizons),
            title=LocalizedText("probability of the event up to each horizon", "至各时限发生事件的概率"),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="risk_interval",
            datatype="FP32",
            shape=(-1, horizons, 2),
            title=LocalizedText(
                "95 % interval of each risk (of the model's fit)", "各风险的 95% 区间（模型拟合的不确定性）"
            ),
            unit="1",
            valid_range=(0.0, 1.0),
        ),
        TensorSpec(
            name="score",
            datatype="FP32",
            shape=(-1,),
            title=LocalizedText(
                "prognostic score: ln of the cumulative hazard at the last horizon; higher is earlier",
                "预后评分：最后时限处累积风险的自然对数；越高表示事件越早",
            ),
            unit="1",
        ),
    )

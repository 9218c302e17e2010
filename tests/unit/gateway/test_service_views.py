import pytest

from salus.contracts.tasks import TaskKind
from salus.gateway.picture_titles import picture_title
from salus.gateway.service_views import HEADLINE, content_of
from salus.testing.kinds import Kind, make_kind_task


@pytest.mark.parametrize(
    ("kind", "content"),
    [("events", "events"), ("survival", "table"), ("treatment", "table"), ("planning", "document")],
)
def test_the_most_telling_input_names_what_a_service_takes(kind: Kind, content: str) -> None:
    assert content_of(make_kind_task(kind).signature) == content


@pytest.mark.parametrize("kind", ["classification", "survival", "treatment", "regression", "planning"])
def test_every_kind_has_measures_that_introduce_it(kind: TaskKind) -> None:
    assert HEADLINE[kind]


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("roc", "Receiver operating characteristic", "受试者工作特征曲线"),
        ("calibration", "Calibration", "校准图"),
        ("calibration_12.5", "Calibration at 12.5", "时间 12.5 处的校准图"),
        ("load", "load", "load"),
    ],
)
def test_a_figure_has_a_title_or_is_called_by_its_name(name: str, english: str, chinese: str) -> None:
    assert (picture_title(name).en, picture_title(name).zh) == (english, chinese)

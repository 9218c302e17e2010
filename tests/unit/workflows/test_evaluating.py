from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salus.bootstrap.answering import run_evaluation
from salus.bootstrap.building import BuildOptions, run_build
from salus.bootstrap.house import House
from salus.contracts.errors import InvalidInput, NotFound
from salus.contracts.packs import Pack
from salus.contracts.progress import Silence


def test_data_from_elsewhere_need_an_answer_and_the_pack_that_reads_them(
    house: House, toy_pack: Pack, install_packs: Callable[..., None], tmp_path: Path
) -> None:
    run_build("toy", BuildOptions(forms=()), Silence(), house)
    table = tmp_path / "hospital" / "rows.csv"
    table.parent.mkdir()
    table.write_text("dose,weight,label\n,70,high\n,70,low\n")
    options: dict[str, Any] = {"variant": None, "seed": 0, "progress": Silence(), "house": house}
    with pytest.raises(InvalidInput, match="2 samples with missing values"):
        run_evaluation("toy.dosage", table, **options)
    table.write_text("dose,weight,label\n9,70,high\n1,70,low\n")
    report = run_evaluation("toy.dosage", table.parent, **options).report
    assert (report.part, report.samples) == ("hospital", 2)
    with pytest.raises(NotFound, match="float32"):
        run_evaluation("toy.dosage", table, **{**options, "variant": "int8"})
    install_packs()
    with pytest.raises(NotFound, match="toy/dosage"):
        run_evaluation("toy.dosage", table, **options)

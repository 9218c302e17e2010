"""A home folder of its own, the command line in process, a small package, and a small pack that is really trained."""

import logging
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import msgspec
import numpy as np
import pytest
import structlog

from salus.bootstrap.house import House
from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import Dataset, DatasetSource, Split
from salus.contracts.packs import DataRequest, Pack, TaskKit
from salus.contracts.predictors import Estimator, FitOptions
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.modelpackage.specimen import SPECIMEN_CALIBRATION, make_specimen_draft
from salus.modelpackage.writing import write_package
from salus.plugins import discovery
from salus.registry.entries import PackageRecord


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Salus = Callable[..., Ran]
AddSpecimen = Callable[..., PackageRecord]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, which the environment names; the working directory is beside it."""
    monkeypatch.chdir(tmp_path)
    for name in ("SALUS_DATA_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SALUS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SALUS_DATA__OFFLINE", "true")
    return tmp_path / "home"


@pytest.fixture
def salus(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Salus]:
    """Runs one command in this process, as the console script does; afterwards logs go where they went before."""
    from salus.cli.app import main

    def run(*words: object) -> Ran:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["salus", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield run
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    here = House()
    yield here
    here.registry.close()


@pytest.fixture
def add_specimen(house: House, tmp_path: Path) -> AddSpecimen:
    """Adds the smallest package, signed, as a candidate; `asked` is the goal of its AUROC, whose bound is 0.5.

    A class stays possible from a probability of 0.3 on instead of 0.2, so that (1, 0) is answered and not withheld.
    """

    def add(version: str = "1", *, asked: float = 0.4) -> PackageRecord:
        draft = make_specimen_draft(version, seed=int(version))
        task = msgspec.structs.replace(draft.task, goals=(Goal(measure="auroc", at_least=asked),))
        graph = draft.variants[0].model.replace(struct.pack("<f", 0.2), struct.pack("<f", 0.3))
        calibration = msgspec.structs.replace(SPECIMEN_CALIBRATION, conformal_quantile=0.7)
        variants = (replace(draft.variants[0], model=graph),)
        draft = replace(draft, task=task, variants=variants, calibration=calibration)
        package = write_package(draft, tmp_path / "made" / version, signer=house.signer)
        return house.registry.add(package, who="tests", build_record={})

    return add


TOY_INPUTS = (
    TensorSpec(
        name="dose",
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText("dose", "剂量"),
        content="scalar",
        unit="mg",
        missing="abstain",
    ),
    TensorSpec(
        name="weight",
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText("weight", "体重"),
        content="scalar",
        unit="kg",
        missing="abstain",
    ),
)
TOY_CLASSES = (
    ClassLabel(name="low", title=LocalizedText("low", "低")),
    ClassLabel(name="high", title=LocalizedText("high", "高")),
)


def _toy_split(part: str, count: int, seed: int) -> Split:
    rng = np.random.default_rng(seed)
    dose, weight = rng.normal(5, 2, count), rng.normal(70, 10, count)
    labels = (dose - 5 + rng.normal(0, 0.7, count) > 0).astype(np.int64)
    names = np.array([f"{part}-{index}" for index in range(count)])
    columns = {"dose": dose.astype(np.float32), "weight": weight.astype(np.float32)}
    return Split(inputs=columns, labels=labels, sample_ids=names, subjects=names)


def read_toy(request: DataRequest, seed: int) -> Dataset:
    return Dataset(
        source=DatasetSource(
            name="toy",
            title=LocalizedText("Toy", "玩具"),
            url="",
            licence="CC0-1.0",
            citation="",
            synthetic=True,
        ),
        digest="0" * 64,
        train=_toy_split("train", 120, 1),
        validation=_toy_split("validation", 60, 2),
    )


def _read_folder(path: Path) -> Split:
    from salus.data.labelled import read_labelled_table

    return read_labelled_table(path, TOY_INPUTS, TOY_CLASSES)


def _linear(options: FitOptions) -> Estimator:
    from salus.training.tabular import TabularEstimator

    return TabularEstimator("linear", inputs=TOY_INPUTS, options=options)


def _space(estimator: str) -> dict[str, object]:
    from salus.training.search import Real

    return {"inverse_penalty": Real(0.01, 10.0, log=True)}


@pytest.fixture
def toy_kit() -> TaskKit:
    task = Task(
        name="dosage",
        title=LocalizedText("Is the dose high?", "剂量是否偏高？"),
        signature=Signature(TOY_INPUTS, classification_outputs(TOY_CLASSES, evidence=False)),
        question=Classification(classes=TOY_CLASSES),
        intended_use=LocalizedText("Tests.", "测试。"),
        limits=LocalizedText("Everything else.", "其他一切。"),
        goals=(Goal(measure="auroc", at_least=0.6),),
    )
    return TaskKit(
        task=task,
        dataset="toy",
        read_dataset=read_toy,
        read_folder=_read_folder,
        estimators={"linear": _linear},
        explainer="shapley",
        search_space=_space,
    )


@pytest.fixture
def install_packs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes these packs, and no others, the installed ones: real entry points to a module made here."""

    def install(*packs: object, names: tuple[str, ...] = ()) -> None:
        module = ModuleType("packs_of_tests")
        entries = []
        for index, pack in enumerate(packs):
            setattr(module, f"PACK_{index}", pack)
            name = names[index] if names else getattr(pack, "name", f"entry_{index}")
            entries.append(EntryPoint(name, f"packs_of_tests:PACK_{index}", discovery.GROUP))
        monkeypatch.setitem(sys.modules, "packs_of_tests", module)
        monkeypatch.setattr(discovery, "entry_points", lambda *, group: entries if group == discovery.GROUP else [])

    return install


@pytest.fixture
def toy_pack(toy_kit: TaskKit, install_packs: Callable[..., None]) -> Pack:
    """The toy, installed."""
    pack = Pack(name="toy", title=LocalizedText("Toy", "玩具"), kits=(toy_kit,))
    install_packs(pack)
    return pack

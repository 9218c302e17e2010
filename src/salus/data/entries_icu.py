"""The catalogue's entries of data from intensive care."""

from __future__ import annotations

from salus.contracts.datasets import DatasetSource
from salus.contracts.text import LocalizedText
from salus.data.copies import CatalogueEntry, DataFile, Layout

_PHYSIONET2012 = CatalogueEntry(
    source=DatasetSource(
        name="physionet2012",
        title=LocalizedText("PhysioNet/CinC Challenge 2012, set A", "PhysioNet/CinC 2012 挑战赛 A 集"),
        url="https://physionet.org/content/challenge-2012/1.0.0/",
        licence="ODC-By-1.0 (from the publisher's page as remembered; check before redistribution)",
        citation="Silva I, Moody G, Scott DJ, Celi LA, Mark RG. Predicting in-hospital mortality of ICU patients: The "
        "PhysioNet/Computing in Cardiology Challenge 2012. Comput Cardiol 39:245-248 (2012). Goldberger AL et al. "
        "Circulation 101:e215-e220 (2000).",
    ),
    reader="sets.physionet2012",
    layouts=(
        Layout(
            name="packed",
            folders=("physionet2012", "."),
            files=(
                DataFile(
                    path="Outcomes-a.txt", sha256="2613ea60ccda29f87571a7d6b09ad130858a8ccd66325bd073365925026883c2"
                ),
                DataFile(
                    path="set-a.tar.xz", sha256="d55364d9b20d226ebff6c096f1214c535427a45e4cf6a7fb384475883f38effc"
                ),
            ),
        ),
        Layout(
            name="publisher",
            folders=("physionet2012", "challenge-2012", "challenge-2012/1.0.0"),
            files=(
                DataFile(
                    path="Outcomes-a.txt", sha256="2613ea60ccda29f87571a7d6b09ad130858a8ccd66325bd073365925026883c2"
                ),
                DataFile(path="set-a/"),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "4,000 stays of adults in four kinds of intensive care unit of one hospital (before 2009), the first 48 "
            "hours; 554 (13.9 %) died in hospital. Those who left or died within 48 hours are not in it.",
            "单一医院四类重症监护病房的 4000 次成人住院（2009 年以前）的最初 48 小时；554 例（13.9%）院内死亡。"
            "48 小时内离开或死亡者不在其中。",
        ),
        LocalizedText(
            "Derived from MIMIC-II: a model that was trained on MIMIC has seen these patients.",
            "源自 MIMIC-II：在 MIMIC 上训练过的模型已见过这些患者。",
        ),
        LocalizedText(
            "Values outside a documented physiological range are left out by the reader; a descriptor of -1 is "
            "missing.",
            "超出所列生理范围的数值由读取程序舍去；描述项为 -1 表示缺失。",
        ),
    ),
    remedy=LocalizedText(
        "Fetch set-a.tar.gz and Outcomes-a.txt from physionet.org (challenge-2012, open access) into a data folder and "
        "unpack the records beside the outcomes.",
        "从 physionet.org（challenge-2012，开放获取）下载 set-a.tar.gz 与 Outcomes-a.txt 到数据文件夹，"
        "并将记录解压在结果文件旁。",
    ),
)

ENTRIES: tuple[CatalogueEntry, ...] = (_PHYSIONET2012,)

"""The catalogue's entries of timetables to be planned."""

from __future__ import annotations

from salus.contracts.datasets import DatasetSource
from salus.contracts.text import LocalizedText
from salus.data.copies import CatalogueEntry, DataFile, Layout

_IHTC2024 = CatalogueEntry(
    source=DatasetSource(
        name="ihtc2024",
        title=LocalizedText("Integrated Healthcare Timetabling Competition 2024", "2024 年综合医疗排程竞赛"),
        url="https://ihtc2024.github.io",
        licence="UNCLEAR: offered for research; the repository states no licence",
        citation="Ceschia S et al. The Integrated Healthcare Timetabling Competition 2024. Operations Research, Data "
        "Analytics and Logistics (2025), S3050784725000157.",
        synthetic=True,
    ),
    reader="sets.ihtc2024",
    layouts=(
        Layout(
            name="archives",
            folders=("ihtc2024", "."),
            files=(
                DataFile(
                    path="instances_i01_i15.zip",
                    sha256="670c95b1bd1ca690e3cf737c3e088e747666643b6d95869ef9e8c8577c0f38f5",
                ),
                DataFile(
                    path="instances_test01_10_with_solutions.zip",
                    sha256="f2100ccc38e885cfabc9f1a850ba3eb54a2abd5958a5e0d4efd1d56d5552798d",
                ),
                DataFile(
                    path="best_known.csv", sha256="e0d4dde663ca26ad6a70e9e50e21e678d59e0455ab354f1e3fdadfbbe330b0d4"
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "Generated hospitals of 2 to 4 weeks; the public instances i01 to i15 with the best cost known, and ten "
            "test instances with reference solutions, which are sound and not the best.",
            "生成的医院实例，为期 2 至 4 周；公开实例 i01 至 i15 附已知最优代价，另有 10 个测试实例附参考解"
            "（可行但非最优）。",
        ),
        LocalizedText(
            "The competition's rule is ten minutes and four threads an instance.",
            "竞赛规则为每个实例 10 分钟、4 线程。",
        ),
    ),
    remedy=LocalizedText(
        "Put the archives of https://ihtc2024.github.io into a data folder.",
        "将 https://ihtc2024.github.io 的压缩包放入数据文件夹。",
    ),
)

_INRC2 = CatalogueEntry(
    source=DatasetSource(
        name="inrc2",
        title=LocalizedText("Second International Nurse Rostering Competition", "第二届国际护士排班竞赛"),
        url="https://github.com/legraina/NurseScheduler",
        licence="MIT (the repository); the competition's organisers state no terms",
        citation="Ceschia S et al. The second international nurse rostering competition. Ann Oper Res 274:171-186 "
        "(2019), arXiv:1501.04177. Legrain A, Omer J, Rosat S (2017).",
        synthetic=True,
    ),
    reader="",
    layouts=(
        Layout(
            name="archive",
            folders=("inrc2", "."),
            files=(
                DataFile(
                    path="inrc2_train_instances.zip",
                    sha256="621ae8af0f37f9b59d3f6c3dfcb872e3b0b4078a1037244d5d600b929a8ec243",
                ),
                DataFile(
                    path="published_results.csv",
                    sha256="c7df1e2715a2ee5fbcc2d730fb932cce3d455e533937bb83278f9f81a3621416",
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "Nurse rosters of four and eight weeks in the competition's text format, with bounds and costs as "
            "published in 2017; better ones are known since.",
            "竞赛文本格式的四周与八周护士排班，附 2017 年发表的界与代价；此后已有更好的结果。",
        ),
    ),
    remedy=LocalizedText(
        "Put the instances of https://github.com/legraina/NurseScheduler into a data folder.",
        "将 https://github.com/legraina/NurseScheduler 的实例放入数据文件夹。",
    ),
)

ENTRIES: tuple[CatalogueEntry, ...] = (_IHTC2024, _INRC2)
"""In no order that matters."""

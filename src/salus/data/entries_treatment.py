"""The catalogue's entries of data with options, outcomes and doses."""

from __future__ import annotations

from salus.contracts.datasets import DatasetSource
from salus.contracts.text import LocalizedText
from salus.data.copies import CatalogueEntry, DataFile, Layout

_ROTTERDAM = CatalogueEntry(
    source=DatasetSource(
        name="rotterdam_gbsg",
        title=LocalizedText("Rotterdam tumour bank (breast cancer)", "鹿特丹肿瘤库（乳腺癌）"),
        url="https://vincentarelbundock.github.io/Rdatasets/doc/survival/rotterdam.html",
        licence="LGPL-2.0-or-later (R package survival)",
        citation="Royston P, Altman DG. External validation of a Cox prognostic model: principles and methods. BMC Med "
        "Res Methodol 13:33 (2013). doi:10.1186/1471-2288-13-33. Foekens JA et al. Cancer Res 60:636-643 (2000).",
    ),
    reader="sets.rotterdam",
    layouts=(
        Layout(
            name="table",
            folders=("rotterdam_gbsg", "."),
            files=(
                DataFile(
                    path="rotterdam.csv", sha256="62703670d3be5d49c5476fb7131b020bdca9f1c25bb4522fd6abe8f9dab61f1b"
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "2,982 primary breast cancers in Rotterdam, 1978 to 1993. Hormones were not assigned at random, and were "
            "given to node-positive patients alone, so that the 1,546 of these are used.",
            "鹿特丹 1978 至 1993 年的 2,982 例原发性乳腺癌。激素治疗并非随机分配，且仅用于淋巴结阳性患者，"
            "因此只采用其中的 1,546 例。",
        ),
        LocalizedText(
            "The codebook gives receptor levels in fmol/l; assays of that time told femtomoles per milligram of "
            "cytosol protein, and that unit is used here.",
            "编码手册中受体水平的单位为 fmol/l；当时的检测以每毫克胞质蛋白的飞摩尔数表示，此处采用后者。",
        ),
    ),
    remedy=LocalizedText(
        "Put rotterdam.csv of the R package survival (Rdatasets has it as CSV) into a data folder.",
        "将 R 软件包 survival 的 rotterdam.csv（Rdatasets 提供 CSV）放入数据文件夹。",
    ),
)

_IHDP = CatalogueEntry(
    source=DatasetSource(
        name="ihdp",
        title=LocalizedText("IHDP, generated outcomes (NPCI A)", "IHDP，生成的结局（NPCI A）"),
        url="https://github.com/victor5as/RieszLearning",
        licence="MIT (the repository)",
        citation="Hill JL. Bayesian nonparametric modeling for causal inference. J Comput Graph Stat 20:217-240 "
        "(2011). doi:10.1198/jcgs.2010.08162. Shalit U, Johansson FD, Sontag D. ICML 2017, arXiv:1606.03976.",
        synthetic=True,
    ),
    reader="sets.ihdp",
    layouts=(
        Layout(
            name="replications",
            folders=("ihdp", "."),
            files=(
                DataFile(
                    path="ihdp_npci_1-100.npz",
                    sha256="9fa63c98ad03a044e7d580c3f208c44deb1662dc3df89861969aa4e95cb92650",
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "747 infants; covariates and assignment are real, outcomes are generated from them, so that true effects "
            "are known. For demonstration and for comparing methods alone.",
            "747 名婴儿；协变量与分配为真实数据，结局由其生成，因此真实效应已知。仅供演示与方法比较。",
        ),
    ),
    remedy=LocalizedText(
        "Put ihdp_npci_1-100.npz (x, t, yf, ycf, mu0, mu1 of replications 1 to 100) into a data folder.",
        "将 ihdp_npci_1-100.npz（第 1 至 100 次重复的 x、t、yf、ycf、mu0、mu1）放入数据文件夹。",
    ),
)

_TWINS = CatalogueEntry(
    source=DatasetSource(
        name="twins",
        title=LocalizedText("Twins (GANITE's version)", "双胞胎（GANITE 版本）"),
        url="https://github.com/jsyoon0823/GANITE",
        licence="UNCLEAR: no licence file; from the public linked birth and infant death files of the NBER",
        citation="Yoon J, Jordon J, van der Schaar M. GANITE: estimation of individualized treatment effects using "
        "generative adversarial nets. ICLR 2018. Almond D, Chay KY, Lee DS. Q J Econ 120:1031-1083 (2005).",
    ),
    reader="sets.twins",
    layouts=(
        Layout(
            name="pairs",
            folders=("twins", "."),
            files=(
                DataFile(
                    path="Twin_data.csv.gz", sha256="0128e5dfdeb468e85fd2818330beff49d4d433b7f7d56d3eb678f87ab15b00a9"
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "11,400 pairs of twins in the USA, both outcomes known; which twin is shown is simulated. Being the "
            "heavier twin is no treatment: for comparing methods alone.",
            "美国 11,400 对双胞胎，两种结局均已知；展示哪一名由模拟决定。“较重的一名”并非治疗：仅供方法比较。",
        ),
    ),
    remedy=LocalizedText(
        "Put Twin_data.csv.gz of the GANITE repository into a data folder.",
        "将 GANITE 仓库的 Twin_data.csv.gz 放入数据文件夹。",
    ),
)

_WARFARIN = CatalogueEntry(
    source=DatasetSource(
        name="warfarin_iwpc",
        title=LocalizedText("Warfarin doses of the IWPC", "IWPC 华法林剂量"),
        url="https://www.pharmgkb.org/page/iwpc",
        licence="UNCLEAR: no terms with the copies; PharmGKB publishes under CC-BY-SA-4.0, to be verified",
        citation="International Warfarin Pharmacogenetics Consortium. Estimation of the warfarin dose with clinical "
        "and pharmacogenetic data. N Engl J Med 360:753-764 (2009). doi:10.1056/NEJMoa0809329",
    ),
    reader="sets.warfarin",
    layouts=(
        Layout(
            name="public_rows",
            folders=("warfarin_iwpc", "."),
            files=(
                DataFile(
                    path="warfarin_train.csv.gz",
                    sha256="ea18d3c964eb17c55fd9dcf09914ed8b32ede0108b799cddf772b36de6be03b4",
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "4,520 patients of 21 groups in nine countries, 4,381 of them with a dose; a fifth of the published rows "
            "is kept aside.",
            "来自 9 个国家 21 个研究组的 4,520 名患者，其中 4,381 名有剂量记录；另有五分之一的已发表数据保留不用。",
        ),
        LocalizedText(
            "Reference levels of genotype and race differ between the groups' laboratories and countries; medicines "
            "that were not asked for count as not taken.",
            "各研究组的实验室与国家不同，基因型与人种的记录方式存在差异；未询问的药物按未服用处理。",
        ),
    ),
    remedy=LocalizedText(
        "Put the consortium's table as warfarin_train.csv.gz into a data folder.",
        "将该联盟的数据表以 warfarin_train.csv.gz 为名放入数据文件夹。",
    ),
)

ENTRIES: tuple[CatalogueEntry, ...] = (_IHDP, _ROTTERDAM, _TWINS, _WARFARIN)

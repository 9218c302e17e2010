"""The catalogue's entries: written down from each publisher's own pages, with what is not known said as such."""

from __future__ import annotations

from salus.contracts.datasets import DatasetSource
from salus.contracts.text import LocalizedText
from salus.data.copies import CatalogueEntry, DataFile, Layout

_WISCONSIN = CatalogueEntry(
    source=DatasetSource(
        name="wisconsin",
        title=LocalizedText("Breast Cancer Wisconsin (Diagnostic)", "威斯康星乳腺癌（诊断）数据集"),
        url="https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic",
        licence="CC-BY-4.0",
        citation="Street WN, Wolberg WH, Mangasarian OL. Nuclear feature extraction for breast tumor diagnosis. "
        "Proc SPIE 1905:861-870 (1993). doi:10.1117/12.148698",
    ),
    reader="sets.wisconsin",
    layouts=(),
    notes=(
        LocalizedText(
            "569 fine-needle aspirates, 30 measurements of cell nuclei each; one sample a patient is assumed, as the "
            "source names no patients.",
            "569 例细针穿刺样本，每例 30 项细胞核测量；来源未给出患者编号，按每位患者一个样本处理。",
        ),
        LocalizedText(
            "The source states no physical units; lengths are in pixels of its digitised slides.",
            "来源未给出物理单位；长度以其数字化切片的像素计。",
        ),
    ),
    remedy=LocalizedText(
        "It comes with scikit-learn: pip install 'salus[train]'.",
        "该数据集随 scikit-learn 提供：pip install 'salus[train]'。",
    ),
)

_PNEUMONIAMNIST = CatalogueEntry(
    source=DatasetSource(
        name="pneumoniamnist",
        title=LocalizedText("PneumoniaMNIST (MedMNIST v2)", "PneumoniaMNIST（MedMNIST v2）"),
        url="https://medmnist.com",
        licence="CC-BY-4.0",
        citation="Yang J et al. MedMNIST v2. Scientific Data 10:41 (2023). doi:10.1038/s41597-022-01721-8. "
        "Kermany DS et al. Cell 172:1122-1131 (2018). doi:10.1016/j.cell.2018.02.010",
    ),
    reader="sets.pneumoniamnist",
    layouts=(
        Layout(
            name="medmnist",
            folders=("pneumoniamnist", ".", "medmnist"),
            files=(
                DataFile(
                    path="pneumoniamnist.npz",
                    md5="28209eda62fecd6e6a2d98b1501bb15f",
                    url="https://zenodo.org/records/10519652/files/pneumoniamnist.npz",
                ),
            ),
        ),
        Layout(
            name="train_and_validation",
            folders=("pneumoniamnist", "."),
            files=(
                DataFile(
                    path="pneumoniamnist_train_val.npz",
                    sha256="afd4c1ceecea6d43fbf2a8e9a0720d661f1918d236234fd803a2ce48b67858cd",
                ),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "28 x 28 pictures of children's chest X-rays from one hospital; the sources name no patients, so that "
            "several pictures of one child cannot be told apart from those of several children.",
            "来自同一家医院的儿童胸部 X 光，28 × 28 像素；来源未给出患者编号，无法区分同一儿童的多幅图像。",
        ),
        LocalizedText(
            "The publisher's test part comes from a shifted distribution: published accuracies fall from about 0.98 "
            "on validation to about 0.85.",
            "发布方的测试集分布有偏移：已发表的准确率从验证集的约 0.98 降到约 0.85。",
        ),
        LocalizedText(
            "The layout with training and validation alone was re-assembled from two public copies; its counts equal "
            "the official ones, its order does not.",
            "仅含训练与验证部分的副本由两份公开副本重新拼合；数量与官方一致，顺序不同。",
        ),
    ),
    remedy=LocalizedText(
        "Fetch it with `salus data fetch pneumoniamnist`, or put pneumoniamnist.npz of MedMNIST into a data folder.",
        "运行 `salus data fetch pneumoniamnist`，或将 MedMNIST 的 pneumoniamnist.npz 放入数据文件夹。",
    ),
)

_COVID_CT = CatalogueEntry(
    source=DatasetSource(
        name="covid-ct",
        title=LocalizedText("COVID-CT (figures of preprints)", "COVID-CT（预印本插图）"),
        url="https://github.com/UCSD-AI4H/COVID-CT",
        licence="UNCLEAR",
        citation="Yang X, He X, Zhao J, Zhang Y, Zhang S, Xie P. COVID-CT-Dataset: a CT scan dataset about COVID-19. "
        "arXiv:2003.13865 (2020).",
    ),
    reader="sets.covid_ct",
    layouts=(
        Layout(
            name="reduced",
            folders=("covid-ct", "COVID-CT"),
            files=(
                DataFile(path="manifest.csv"),
                DataFile(path="images/"),
                DataFile(path="SHA256SUMS", sha256="fbd2356c1ef4375b457d2682770b9504d7ab48146aecc52c7cac6ebec46810ba"),
            ),
            checksums="SHA256SUMS",
        ),
        Layout(
            name="upstream",
            folders=("COVID-CT", "COVID-CT-master", "covid-ct"),
            files=(
                DataFile(path="Images-processed/CT_COVID/"),
                DataFile(path="Images-processed/CT_NonCOVID/"),
                DataFile(path="Data-split/"),
            ),
        ),
    ),
    notes=(
        LocalizedText(
            "Pictures cut from figures of papers and from web pages, not scanner data: grey levels are not Hounsfield "
            "units, and sizes, file types and annotations differ between the classes.",
            "图像截取自论文插图和网页，而非扫描仪数据：灰度不是亨氏单位，两类图像的尺寸、文件类型和标注均不同。",
        ),
        LocalizedText(
            "Copyright stays with the authors of the preprints; for research and testing alone.",
            "版权归预印本作者所有，仅可用于研究和测试。",
        ),
        LocalizedText(
            "The official split divides the pictures of some articles and name groups between its parts; the quality "
            "report refuses them unless they are allowed by name.",
            "官方划分把部分论文和名称组的图像分到了不同部分；除非按名称放行，否则质量检查会拒绝。",
        ),
    ),
    remedy=LocalizedText(
        "Clone https://github.com/UCSD-AI4H/COVID-CT into a data folder and unpack the two archives of "
        "Images-processed beside themselves.",
        "将 https://github.com/UCSD-AI4H/COVID-CT 克隆到数据文件夹，并就地解压 Images-processed 中的两个压缩包。",
    ),
)

_PHANTOM = CatalogueEntry(
    source=DatasetSource(
        name="phantom",
        title=LocalizedText("Generated chest phantom", "生成的胸部体模"),
        url="",
        licence="CC0-1.0",
        citation="Generated by Salus; no patient and no scanner took part.",
        synthetic=True,
    ),
    reader="sets.phantom",
    layouts=(),
    notes=(
        LocalizedText(
            "Ellipses, texture and noise with opacities at known places: for demonstration and for testing heatmaps.",
            "由椭圆、纹理和噪声构成，病灶位置已知：用于演示和检验热力图。",
        ),
    ),
    remedy=LocalizedText("It is generated; nothing has to be fetched.", "该数据集由程序生成，无需获取。"),
)

_COPY_BY_HAND = LocalizedText(
    "Copy it from its publisher into a data folder; it is used by tests alone.",
    "请从发布方复制到数据文件夹；仅供测试使用。",
)

_DICOM_CT_CHEST = CatalogueEntry(
    source=DatasetSource(
        name="dicom-ct-chest",
        title=LocalizedText("Chest CT series (DICOM)", "胸部 CT 序列（DICOM）"),
        url="https://www.cancerimagingarchive.net/collection/lung-pet-ct-dx/",
        licence="CC-BY-4.0 (Lung-PET-CT-Dx); UNCLEAR (COVID-CT-MD sample)",
        citation="Li P et al. A Large-Scale CT and PET/CT Dataset for Lung Cancer Diagnosis. TCIA (2020). "
        "doi:10.7937/TCIA.2020.NNC2-0461. Afshar P et al. COVID-CT-MD. Scientific Data 8:121 (2021).",
    ),
    reader="readers.dicom_folder",
    layouts=(
        Layout(
            name="series",
            folders=("dicom-ct-chest",),
            files=(
                DataFile(path="index.csv"),
                DataFile(path="SHA256SUMS", sha256="b17532810b72d9b17ae7613af5313a8c9ae18d67622e0426c71797edea830e61"),
            ),
            checksums="SHA256SUMS",
        ),
    ),
    notes=(
        LocalizedText(
            "Two series, one of them compressed (JPEG Lossless); rescale 1 and -1024, so that values are Hounsfield "
            "units.",
            "两个序列，其一为压缩传输语法（JPEG 无损）；换算斜率 1、截距 -1024，数值即亨氏单位。",
        ),
    ),
    remedy=_COPY_BY_HAND,
)

_DICOM_SAMPLES = CatalogueEntry(
    source=DatasetSource(
        name="dicom-samples",
        title=LocalizedText("DICOM sample files", "DICOM 示例文件"),
        url="https://github.com/pydicom/pydicom-data",
        licence="MIT; BSD-3-Clause; UNCLEAR (by file, see its index)",
        citation="pydicom, cornerstone3D, dcm4che, dcmqi and NEMA WG04 sample files.",
    ),
    reader="readers.dicom_folder",
    layouts=(
        Layout(
            name="samples",
            folders=("dicom-samples",),
            files=(
                DataFile(path="index.csv"),
                DataFile(path="SHA256SUMS", sha256="c6a094c4b35b742d0dbfa4ca0ce744751d5b5fd50ee95e7c0a4338ea934259a2"),
            ),
            checksums="SHA256SUMS",
        ),
    ),
    notes=(
        LocalizedText(
            "197 files in 17 transfer syntaxes; some are broken on purpose, some headers carry names.",
            "197 个文件，17 种传输语法；部分文件有意损坏，部分文件头含姓名。",
        ),
    ),
    remedy=_COPY_BY_HAND,
)

_TABULAR_SMALL = CatalogueEntry(
    source=DatasetSource(
        name="tabular-small",
        title=LocalizedText("Small clinical tables", "小型临床表格"),
        url="https://archive.ics.uci.edu",
        licence="CC-BY-4.0 (UCI tables); UNCLEAR (Pima)",
        citation="UCI Machine Learning Repository: Heart Disease, Breast Cancer Wisconsin (Original), Haberman's "
        "Survival, Thyroid Disease; Pima Indians Diabetes (NIDDK).",
    ),
    reader="readers.tables",
    layouts=(
        Layout(
            name="tables",
            folders=("tabular-small",),
            files=(
                DataFile(path="heart_processed.cleveland.data"),
                DataFile(path="SHA256SUMS", sha256="a491068c9a6c2cfbbf56f4a2307f7f4543357a87dee49cea00c0dc0ee6207d88"),
            ),
            checksums="SHA256SUMS",
        ),
    ),
    notes=(
        LocalizedText(
            "Tables without a header line; missing values are written `?`, and as 0 in the Pima table.",
            "表格无标题行；缺失值写作 `?`，Pima 表中写作 0。",
        ),
    ),
    remedy=_COPY_BY_HAND,
)

ENTRIES: tuple[CatalogueEntry, ...] = (
    _COVID_CT,
    _DICOM_CT_CHEST,
    _DICOM_SAMPLES,
    _PHANTOM,
    _PNEUMONIAMNIST,
    _TABULAR_SMALL,
    _WISCONSIN,
)

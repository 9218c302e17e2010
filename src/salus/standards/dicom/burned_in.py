"""Text that may stand in the pixels themselves, where no header rule can remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salus.contracts.text import LocalizedText

if TYPE_CHECKING:
    from pydicom import Dataset

_OFTEN_ANNOTATED = frozenset({"ES", "GM", "IVUS", "OP", "OT", "RF", "SC", "US", "XA", "XC"})
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

STATED = LocalizedText(
    "The image says that it shows identifying text in its pixels. De-identification of the header does not remove it.",
    "该图像声明其像素中含有可识别身份的文字；去除文件头中的标识并不能去除这些文字。",
)
POSSIBLE = LocalizedText(
    "Images of this kind often show names or dates in their pixels, and this one does not say that it has none. "
    "De-identification of the header would not remove them.",
    "这类图像的像素中常含有姓名或日期，而该图像未声明没有；去除文件头中的标识并不能去除这些文字。",
)
FACE = LocalizedText(
    "The image says that the patient could be recognised from it (a face, a tattoo).",
    "该图像声明可从画面中辨认患者（如面部、纹身）。",
)


def burned_in_warnings(dataset: Dataset) -> tuple[LocalizedText, ...]:
    """What Burned In Annotation (0028,0301) and Recognizable Visual Features (0028,0302) say, or leave open.

    An object that does not state `NO` is held suspect where its modality or its class (Secondary Capture) is one that
    usually carries text.

    Returns:
        Warnings for people; empty where there is no reason to doubt.
    """
    found: list[LocalizedText] = []
    stated = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    modality = str(dataset.get("Modality") or "").strip().upper()
    captured = str(dataset.get("SOPClassUID") or "").startswith(_SECONDARY_CAPTURE)
    if stated == "YES":
        found.append(STATED)
    elif stated != "NO" and (modality in _OFTEN_ANNOTATED or captured):
        found.append(POSSIBLE)
    if str(dataset.get("RecognizableVisualFeatures") or "").strip().upper() == "YES":
        found.append(FACE)
    return tuple(found)

"""De-identification by the Basic Application Level Confidentiality Profile (PS3.15 Annex E), without options.

Beyond the table: private attributes, attributes of unknown representation, and every name, date, time and long text
that the table does not name are removed; and what was removed is looked for in what stays. UIDs and the patient's
name and identifier are replaced by keyed values, so that the same patient keeps the same pseudonym under one key, and
nobody without the key can tell whose it is. Pixels are not changed: the risk that they show text is reported.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salus.contracts.errors import InvalidInput
from salus.contracts.text import LocalizedText
from salus.standards.dicom.burned_in import burned_in_warnings
from salus.standards.dicom.profile import Action, find_action
from salus.standards.dicom.reading import require_pydicom, tolerant_reading

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset, FileDataset
    from pydicom.dataset import FileMetaDataset

METHOD = "DICOM PS3.15 Basic Application Level Confidentiality Profile"
"""What De-identification Method (0012,0063) says; at most 64 characters (LO)."""

_LEAST_KEY_BYTES = 16
_LEAST_TRACE = 4
_PIXEL_GROUP = 0x7FE0
_NAME, _IDENTIFIER = (0x0010, 0x0010), (0x0010, 0x0020)
_REMOVED_UNLISTED = {"DA", "DT", "LT", "PN", "ST", "TM", "UC", "UN", "UR", "UT"}
_TEXT = {"AE", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
_TRACED = _TEXT - {"CS"}
_NUMBERS = {"FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"}
_DUMMIES = {
    "AE": "ANONYMIZED",
    "AS": "000Y",
    "CS": "ANONYMIZED",
    "DA": "19000101",
    "DS": "0",
    "DT": "19000101000000",
    "IS": "0",
    "LO": "ANONYMIZED",
    "LT": "ANONYMIZED",
    "PN": "ANONYMIZED",
    "SH": "ANONYMIZED",
    "ST": "ANONYMIZED",
    "TM": "000000",
    "UC": "ANONYMIZED",
    "UR": "http://anonymized.invalid",
    "UT": "ANONYMIZED",
}
_STRUCTURE = {
    (0x0002, 0x0002),  # Media Storage SOP Class UID
    (0x0002, 0x0010),  # Transfer Syntax UID
    (0x0008, 0x0005),  # Specific Character Set
    (0x0008, 0x0008),  # Image Type
    (0x0008, 0x0016),  # SOP Class UID
    (0x0008, 0x0060),  # Modality
    (0x0028, 0x0004),  # Photometric Interpretation
    (0x0028, 0x1054),  # Rescale Type
    (0x0028, 0x1056),  # VOI LUT Function
}
_KEPT_META = {(0x0002, 0x0001), (0x0002, 0x0002), (0x0002, 0x0003), (0x0002, 0x0010)}


@dataclass(frozen=True)
class DeidentifiedImage:
    """A data set without identity.

    Attributes:
        dataset: A new data set; the caller's is as it was. Its preamble is blank.
        warnings: What no header rule can remove: text that may stand in the pixels.
    """

    dataset: FileDataset
    warnings: tuple[LocalizedText, ...]


def deidentify(dataset: FileDataset, *, key: bytes) -> DeidentifiedImage:
    """Remove who a data set is about.

    Args:
        dataset: As `read_dataset` gives it. Not touched.
        key: Secret of at least 16 bytes. The same key gives the same pseudonyms and UIDs in every call, so that the
            images of one patient and one study stay together.

    Returns:
        The data set without identity, with Patient Identity Removed (0012,0062) `YES`, the method and its code.

    Raises:
        InvalidInput: The key is too short, or the data set holds values that do not read.
        MissingDependency: The extra `imaging` is not installed.
    """
    require_pydicom()
    if len(key) < _LEAST_KEY_BYTES:
        raise InvalidInput(
            f"a key of at least {_LEAST_KEY_BYTES} bytes", found=f"{len(key)}", remedy="Make one with a secure source."
        )
    with tolerant_reading("a DICOM data set whose values read (PS3.5)"):
        warnings = burned_in_warnings(dataset)
        result = copy.deepcopy(dataset)
        patient = patient_pseudonym(dataset, key)
        traces: set[str] = set()
        _walk(result, key, traces)
        _set_patient(result, patient)
        result.file_meta = _clean_meta(result, key, traces)
        result.preamble = bytes(128)
        _drop_traces(result, {trace for trace in traces if len(trace) >= _LEAST_TRACE})
        _set_method(result)
    return DeidentifiedImage(dataset=result, warnings=warnings)


def patient_pseudonym(dataset: Dataset, key: bytes) -> str:
    """The patient's name and identifier under `key`: 16 characters (80 bits), or `` where the patient is not named.

    It follows from Patient ID with its issuer; where that is empty from the name with the birth date.
    """
    identifier = str(dataset.get("PatientID") or "").strip()
    issuer = str(dataset.get("IssuerOfPatientID") or "").strip()
    name, birth = str(dataset.get("PatientName") or "").strip(), str(dataset.get("PatientBirthDate") or "").strip()
    if identifier:
        parts = ("id", identifier, issuer)
    elif name:
        parts = ("name", name, birth)
    else:
        return ""
    return base64.b32encode(_keyed(key, "patient", *parts)[:10]).decode("ascii")


def _keyed(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA-256 over the parts, each with its length, so that no two lists of parts collide."""
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, hashlib.sha256).digest()


def _new_uid(uid: str, key: bytes) -> str:
    """A UID of the form `2.25.` + 128-bit number (PS3.5 B.2) that follows from the old one; empty stays empty."""
    if not uid:
        return ""
    number = bytearray(_keyed(key, "uid", uid)[:16])
    number[6] = number[6] & 0x0F | 0x80  # a UUID of version 8, variant 1 (RFC 9562)
    number[8] = number[8] & 0x3F | 0x80
    return f"2.25.{int.from_bytes(number, 'big')}"


def _walk(dataset: Dataset, key: bytes, traces: set[str]) -> None:
    """Act on each attribute of `dataset` and of every item inside it."""
    for element in [dataset[tag] for tag in list(dataset.keys())]:
        group, number = int(element.tag.group), int(element.tag.element)
        if group == _PIXEL_GROUP:
            continue
        action = Action.REMOVE if element.tag.is_private else find_action(group, number)
        if action is None:
            _act_on_unlisted(dataset, element, key, traces)
        else:
            _act(dataset, element, action, key, traces)


def _act(dataset: Dataset, element: DataElement, action: Action, key: bytes, traces: set[str]) -> None:
    if action is Action.KEEP_WITH_NEW_UIDS and element.VR == "SQ":
        for item in element.value:
            _walk(item, key, traces)
        return
    _collect(element, traces)
    sequence = element.VR == "SQ"
    if action is Action.UID:
        _replace_uids(element, key)
    elif action is Action.REMOVE or (sequence and action not in {Action.DUMMY, Action.ZERO, Action.REMOVE_OR_ZERO}):
        del dataset[element.tag]
    elif action in {Action.ZERO, Action.REMOVE_OR_ZERO}:
        element.value = [] if sequence else None
    else:
        _put_dummy(dataset, element)


def _act_on_unlisted(dataset: Dataset, element: DataElement, key: bytes, traces: set[str]) -> None:
    """What the table does not name: sequences are entered; names, times, long and unknown texts are removed."""
    if element.VR == "SQ":
        for item in element.value:
            _walk(item, key, traces)
    elif element.VR in _REMOVED_UNLISTED:
        _collect(element, traces)
        del dataset[element.tag]


def _replace_uids(element: DataElement, key: bytes) -> None:
    values = [_new_uid(str(uid), key) for uid in _values(element)]
    element.value = values[0] if len(values) == 1 else values


def _put_dummy(dataset: Dataset, element: DataElement) -> None:
    """A value that says nothing, valid for its representation; removed where there is none."""
    from pydicom import Dataset as Item

    if element.VR == "SQ":
        element.value = [Item()]
    elif element.VR in _DUMMIES:
        element.value = _DUMMIES[element.VR]
    elif element.VR in _NUMBERS:
        element.value = 0
    else:
        del dataset[element.tag]


def _values(element: DataElement) -> list[object]:
    value = element.value
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) or hasattr(value, "append") else [value]


def _collect(element: DataElement, traces: set[str]) -> None:
    """Remember the texts of an element that goes, and of all items in it, to look for them afterwards."""
    if element.VR == "SQ":
        for item in element.value:
            for inner in item:
                _collect(inner, traces)
    elif element.VR in _TRACED:
        for value in _values(element):
            text = str(value).strip()
            traces.add(text.casefold())
            if element.VR == "PN":
                traces.update(part.strip().casefold() for part in text.replace("=", "^").split("^"))


def _drop_traces(dataset: Dataset, traces: set[str]) -> None:
    """Remove what still holds a text that was removed elsewhere; what the file's structure rests on stays."""
    for element in [dataset[tag] for tag in list(dataset.keys())]:
        if element.VR == "SQ":
            for item in element.value:
                _drop_traces(item, traces)
        elif element.VR in _TEXT and (int(element.tag.group), int(element.tag.element)) not in _STRUCTURE:
            texts = [str(value).casefold() for value in _values(element)]
            if any(trace in text for text in texts for trace in traces):
                del dataset[element.tag]


def _set_patient(dataset: Dataset, pseudonym: str) -> None:
    for tag, vr in ((_NAME, "PN"), (_IDENTIFIER, "LO")):
        if tag in dataset:
            dataset.add_new(tag, vr, pseudonym)


def _clean_meta(dataset: FileDataset, key: bytes, traces: set[str]) -> FileMetaDataset:
    """File meta information with nothing but class, new instance and transfer syntax."""
    from pydicom.dataset import FileMetaDataset as FileMeta

    meta = FileMeta()
    for element in dataset.file_meta:
        if (int(element.tag.group), int(element.tag.element)) in _KEPT_META:
            meta.add(element)
        else:
            _collect(element, traces)
    if "MediaStorageSOPInstanceUID" in meta:
        traces.add(str(meta.MediaStorageSOPInstanceUID).casefold())
        meta.MediaStorageSOPInstanceUID = _new_uid(str(meta.MediaStorageSOPInstanceUID), key)  # type: ignore[assignment]  # pydicom turns text into its UID
    return meta


def _set_method(dataset: Dataset) -> None:
    """Say what was done (PS3.15 E.1.1, CID 7050)."""
    from pydicom import Dataset as Item

    code = Item()
    code.CodeValue = "113100"
    code.CodingSchemeDesignator = "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = METHOD
    dataset.DeidentificationMethodCodeSequence = [code]
    dataset.LongitudinalTemporalInformationModified = "REMOVED"

"""No value of an identifying attribute of the input survives anywhere in the output."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from salus.contracts.errors import InvalidInput
from salus.standards.dicom.deidentification import METHOD, deidentify
from salus.standards.dicom.reading import read_dataset

KEY = b"a key of the tests, not a secret"
IDENTIFYING = {
    "AccessionNumber",
    "InstitutionAddress",
    "InstitutionName",
    "InstitutionalDepartmentName",
    "OperatorsName",
    "OtherPatientIDs",
    "PatientAddress",
    "PatientBirthDate",
    "PatientID",
    "PatientMotherBirthName",
    "PatientName",
    "PatientTelephoneNumbers",
    "PerformingPhysicianName",
    "PhysiciansOfRecord",
    "ReferringPhysicianName",
    "RequestingPhysician",
    "SOPInstanceUID",
    "SeriesDate",
    "SeriesInstanceUID",
    "StationName",
    "StudyDate",
    "StudyInstanceUID",
}
LEAST = 4
STRUCTURE = {"SOPClassUID", "Modality", "SpecificCharacterSet", "ImageType", "PhotometricInterpretation"}
WORDS = {METHOD.casefold(), "removed", "yes", "113100", "dcm", "basic application confidentiality profile"} | {
    "anonymized",
    "19000101",
    "000000",
    "19000101000000",
}
"""What the output says by itself, whoever the patient was."""


def values_of(dataset: Dataset, keywords: set[str] | None) -> Iterator[str]:
    """Every text of the named attributes (of all where None), at any depth; component by component for names."""
    for element in dataset.iterall():
        if element.VR == "SQ" or (keywords is not None and element.keyword not in keywords):
            continue
        if element.value is None or isinstance(element.value, bytes):
            continue
        several = element.value if hasattr(element.value, "append") else [element.value]
        for value in several:
            yield str(value)
            if element.VR == "PN":
                yield from str(value).replace("=", "^").split("^")


def assert_nothing_survives(original: FileDataset) -> None:
    secrets = {text.strip().casefold() for text in values_of(original, IDENTIFYING)}
    result = deidentify(original, key=KEY).dataset
    left = [text.casefold() for text in values_of(result, None)]
    left += [str(element.value).casefold() for element in result.file_meta]
    own = {text.casefold() for text in values_of(result, STRUCTURE)} | WORDS

    for secret in secrets:
        if len(secret) >= LEAST:
            assert not any(secret in text for text in left if text not in own)


names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=5, max_size=12)
numbers = st.text("0123456789", min_size=6, max_size=10)
uids = st.builds("1.2.826.0.1.{}.{}".format, st.integers(1, 10**9), st.integers(1, 10**9))
dates = st.dates().map(lambda day: f"{day.year:04d}{day.month:02d}{day.day:02d}")


@st.composite
def people(draw: st.DrawFn) -> dict[str, str]:
    return {
        "PatientName": f"{draw(names)}^{draw(names)}",
        "PatientID": draw(numbers),
        "PatientBirthDate": draw(dates),
        "PatientAddress": draw(names),
        "InstitutionName": draw(names),
        "ReferringPhysicianName": draw(names),
        "AccessionNumber": draw(numbers),
        "StudyInstanceUID": draw(uids),
        "StudyDate": draw(dates),
    }


@st.composite
def hidden_items(draw: st.DrawFn, person: dict[str, str], depth: int = 2) -> Dataset:
    """An item that carries the person's values in odd places."""
    item = Dataset()
    said = draw(st.sampled_from(list(person.values())))
    item.add_new(0x00081030, "LO", f"study of {said}"[:64])  # Study Description
    item.add_new(0x00080070, "LO", said)  # Manufacturer: not in the table
    item.add_new(0x00204000, "LT", f"seen {said} today")  # Image Comments
    item.add_new(0x00400280, "ST", said)
    item.add_new(0x0040A123, "PN", person["PatientName"])
    item.add_new(0x00081155, "UI", person["StudyInstanceUID"])
    item.add_new(0x00091001, "LO", said)
    if depth:
        tag = draw(st.sampled_from([0x52009229, 0x00081140, 0x00400275, 0x0040A730, 0x00082218]))
        item.add_new(tag, "SQ", [draw(hidden_items(person, depth - 1))])
    return item


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_of_a_generated_person_survives(data: st.DataObject) -> None:
    person = data.draw(people())
    dataset = data.draw(hidden_items(person))
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, data.draw(uids)
    dataset.Modality = "CT"
    for keyword, value in person.items():
        setattr(dataset, keyword, value)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, CTImageStorage
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.PrivateInformationCreatorUID = person["StudyInstanceUID"]  # type: ignore[assignment]  # pydicom makes it a UID

    assert_nothing_survives(FileDataset("", dataset, file_meta=meta, preamble=bytes(128)))


@pytest.mark.data("dicom-samples")
def test_nothing_that_identifies_survives_in_any_sample_file(data_dir: Path) -> None:
    seen = 0
    with (data_dir / "index.csv").open(encoding="utf-8", newline="") as stream:
        files = [row["file"] for row in csv.DictReader(stream)]
    for file in files:
        try:
            original = read_dataset(data_dir / file)
        except InvalidInput:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the samples' own faults
            assert_nothing_survives(original)
            deidentify(original, key=KEY).dataset.save_as(BytesIO())
        seen += 1

    assert seen > 150

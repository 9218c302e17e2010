from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from salus.contracts.errors import InvalidInput
from salus.standards.dicom.deidentification import METHOD, deidentify
from salus.standards.dicom.pixels import display_image
from salus.standards.dicom.profile import Action, basic_profile, find_action

KEY = bytes(range(32))
NAMED = {
    "PatientName": "Doe^Jane^Q",
    "PatientID": "HOSP-4711",
    "PatientBirthDate": "19510412",
    "StudyInstanceUID": "1.2.3.4.5",
    "StudyDate": "20240131",
    "AccessionNumber": "ACC-998877",
    "InstitutionName": "St Nowhere Hospital",
    "ReferringPhysicianName": "House^Gregory",
    "StudyDescription": "CT chest of Doe",
}


def image(**attributes: object) -> FileDataset:
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = "1.2.3.4.5.6"
    dataset.Modality = "CT"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 2, 2, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = np.array([[0, 1], [2, 255]], np.uint8).tobytes()
    dataset["PixelData"].VR = "OB"
    for name, value in {**NAMED, **attributes}.items():
        setattr(dataset, name, value)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.SourceApplicationEntityTitle = "SCANNER7"
    return FileDataset("", dataset, file_meta=meta, preamble=b"Jane Doe".ljust(128))


def written(dataset: FileDataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_the_table_covers_what_the_standard_names() -> None:
    expected = {
        (0x0010, 0x0010): Action.ZERO,  # Patient's Name
        (0x0010, 0x0020): Action.ZERO_OR_DUMMY,  # Patient ID
        (0x0010, 0x0030): Action.ZERO,  # Patient's Birth Date
        (0x0010, 0x1040): Action.REMOVE,  # Patient's Address
        (0x0020, 0x000D): Action.UID,  # Study Instance UID
        (0x0008, 0x0018): Action.UID,  # SOP Instance UID
        (0x0008, 0x0050): Action.ZERO,  # Accession Number
        (0x0008, 0x1140): Action.KEEP_WITH_NEW_UIDS,  # Referenced Image Sequence
        (0x0088, 0x0200): Action.REMOVE,  # Icon Image Sequence
        (0x0040, 0xA730): Action.DUMMY,  # Content Sequence
    }

    assert {tag: find_action(*tag) for tag in expected} == expected
    assert find_action(0x6002, 0x3000) is Action.REMOVE  # an overlay's data
    assert find_action(0x5004, 0x3000) is Action.REMOVE  # a curve's data
    assert find_action(0x0028, 0x0010) is None  # Rows
    assert len(basic_profile()[0]) > 600


def test_nothing_of_the_patient_stands_in_the_written_file() -> None:
    result = deidentify(image(), key=KEY)
    content = written(result.dataset).lower()

    for value in [*NAMED.values(), "doe", "jane", "scanner7", "1.2.3.4.5.6", "house"]:
        assert value.lower().encode() not in content, value


def test_the_picture_itself_is_as_it_was() -> None:
    original = image()

    result = deidentify(original, key=KEY)

    assert np.array_equal(display_image(result.dataset).pixels, display_image(original).pixels)
    assert dcmread(BytesIO(written(result.dataset))).Rows == 2


def test_the_callers_data_set_is_never_touched() -> None:
    original, twin = image(), image()

    deidentify(original, key=KEY)

    assert original == twin
    assert original.file_meta == twin.file_meta
    assert original.preamble == twin.preamble


def test_what_was_done_is_said_in_the_standards_words() -> None:
    dataset = deidentify(image(), key=KEY).dataset
    code = dataset.DeidentificationMethodCodeSequence[0]

    assert dataset.PatientIdentityRemoved == "YES"
    assert dataset.DeidentificationMethod == METHOD
    assert len(METHOD) <= 64
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("113100", "DCM")
    assert dataset.LongitudinalTemporalInformationModified == "REMOVED"


def test_one_patient_keeps_one_pseudonym_under_one_key() -> None:
    first = deidentify(image(), key=KEY).dataset
    second = deidentify(image(SOPInstanceUID="1.2.3.9", StudyInstanceUID="1.2.3.8"), key=KEY).dataset
    other_key = deidentify(image(), key=bytes(32)).dataset
    other_patient = deidentify(image(PatientID="HOSP-4712"), key=KEY).dataset

    assert first.PatientID == second.PatientID == str(first.PatientName)
    assert first.PatientID != other_key.PatientID
    assert first.PatientID != other_patient.PatientID
    assert first.StudyInstanceUID != second.StudyInstanceUID


def test_a_patient_without_identifier_is_known_by_name_and_birth_date_and_nobody_stays_nobody() -> None:
    by_name = deidentify(image(PatientID=""), key=KEY).dataset
    other_birth = deidentify(image(PatientID="", PatientBirthDate="19600101"), key=KEY).dataset
    nobody = deidentify(image(PatientID="", PatientName=""), key=KEY).dataset

    assert by_name.PatientID not in {"", other_birth.PatientID}
    assert nobody.PatientID == ""


def test_uids_are_replaced_everywhere_by_the_same_new_one() -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = CTImageStorage
    reference.ReferencedSOPInstanceUID = "1.2.3.4.5.6"
    dataset = deidentify(image(ReferencedImageSequence=[reference]), key=KEY).dataset

    new = dataset.SOPInstanceUID
    assert new.startswith("2.25.")
    assert new.is_valid
    assert new == dataset.ReferencedImageSequence[0].ReferencedSOPInstanceUID
    assert new == dataset.file_meta.MediaStorageSOPInstanceUID
    assert dataset.ReferencedImageSequence[0].ReferencedSOPClassUID == CTImageStorage
    assert dataset.SOPClassUID == CTImageStorage


def test_nested_sequences_are_cleaned_to_the_bottom() -> None:
    deepest, middle = Dataset(), Dataset()
    deepest.PatientName = "Doe^Jane"
    deepest.ContentDate = "20240131"
    deepest.RescaleSlope = 1
    middle.PixelValueTransformationSequence = [deepest]
    dataset = deidentify(image(SharedFunctionalGroupsSequence=[middle]), key=KEY).dataset

    inner = dataset.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence[0]
    assert not inner.PatientName
    assert inner.RescaleSlope == 1
    assert "20240131" not in str(inner)


def test_private_attributes_go_at_every_depth() -> None:
    item = Dataset()
    item.private_block(0x0011, "VENDOR", create=True).add_new(1, "LO", "Jane")
    original = image(SharedFunctionalGroupsSequence=[item])
    original.private_block(0x0009, "VENDOR", create=True).add_new(1, "UN", b"Jane")

    dataset = deidentify(original, key=KEY).dataset

    assert not any(element.tag.is_private for element in dataset.iterall())


def test_names_dates_and_texts_that_the_table_does_not_name_go_too() -> None:
    original = image()
    original.add_new((0x0022, 0x1612), "PN", "Doe^Jane")
    original.add_new((0x0022, 0x1613), "DA", "20240131")
    original.add_new((0x0022, 0x1614), "UT", "a text of any length")

    dataset = deidentify(original, key=KEY).dataset

    assert [(0x0022, number) in dataset for number in (0x1612, 0x1613, 0x1614)] == [False] * 3


def test_a_copy_of_the_name_in_a_harmless_attribute_goes_too() -> None:
    dataset = deidentify(image(Manufacturer="scan of doe, jane", ManufacturerModelName="Sensation 10"), key=KEY).dataset

    assert "Manufacturer" not in dataset
    assert dataset.ManufacturerModelName == "Sensation 10"
    assert dataset.Modality == "CT"


def test_text_in_the_pixels_is_flagged_as_a_risk() -> None:
    assert deidentify(image(), key=KEY).warnings == ()
    assert len(deidentify(image(BurnedInAnnotation="YES"), key=KEY).warnings) == 1
    assert len(deidentify(image(Modality="US"), key=KEY).warnings) == 1


def test_dummies_fit_their_representation() -> None:
    graphics = Dataset()
    graphics.GraphicLayer = "LAYER"
    original = image(
        GraphicAnnotationSequence=[graphics],
        ContentDate="20240131",
        ContentTime="101112",
        AcquisitionDateTime="20240131101112",
        ProtocolName="thorax of Doe",
        StationName="CT99",
        InstitutionCodeSequence=[Dataset()],
        FrameOfReferenceUID="1.2.3.77",
        IrradiationEventUID=["1.2.3.78", "1.2.3.79"],
        AcquisitionContextSequence=[Dataset()],
        EncapsulatedDocument=b"%PDF Jane",
    )

    dataset = deidentify(original, key=KEY).dataset

    assert dataset.ContentDate == "19000101"
    assert dataset.ProtocolName == "ANONYMIZED"
    assert len(dataset.GraphicAnnotationSequence[0]) == 0
    assert len(dataset.AcquisitionContextSequence) == 0
    assert len(set(dataset.IrradiationEventUID)) == 2
    assert "InstitutionCodeSequence" not in dataset
    assert "EncapsulatedDocument" not in dataset
    assert written(dataset)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least 16 bytes"):
        deidentify(image(), key=b"short")

from __future__ import annotations

import csv
import sys
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    generate_uid,
)

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.standards.dicom import decoder_process, decoding, isolated_decoding, reading
from salus.standards.dicom.codestreams import declared_size
from salus.standards.dicom.decoder_process import read_message, write_message
from salus.standards.dicom.isolated_decoding import FrameDecoder
from salus.standards.dicom.pixels import read_display_image, read_hounsfield
from salus.standards.images import read_any_picture

Bytes = NDArray[np.uint8]


def image(values: NDArray[np.generic], **attributes: object) -> bytes:
    """A DICOM file of `values`: (rows, columns), (rows, columns, 3) or (frames, rows, columns)."""
    dataset = Dataset()
    frames = values.shape[0] if values.ndim == 3 and values.shape[2] != 3 else 1
    rows, columns = values.shape[1:] if frames > 1 else values.shape[:2]
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = generate_uid()
    dataset.Modality = "CT"
    dataset.Rows, dataset.Columns = rows, columns
    dataset.SamplesPerPixel = 3 if values.shape[-1] == 3 and values.ndim == 3 and frames == 1 else 1
    dataset.PhotometricInterpretation = "RGB" if dataset.SamplesPerPixel == 3 else "MONOCHROME2"
    if dataset.SamplesPerPixel == 3:
        dataset.PlanarConfiguration = 0
    if frames > 1:
        dataset.NumberOfFrames = frames
    dataset.BitsAllocated = 8 * values.dtype.itemsize
    dataset.BitsStored = dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(values.dtype.kind == "i")
    dataset.PixelData = values.tobytes()
    dataset["PixelData"].VR = "OB" if values.dtype.itemsize == 1 else "OW"
    for name, value in attributes.items():
        if value is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, value)
    return stored(dataset)


def stored(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax  # type: ignore[assignment]  # pydicom turns text into its UID
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    whole = FileDataset("", dataset, file_meta=meta, preamble=bytes(128))
    buffer = BytesIO()
    whole.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def lut(descriptor: list[int], entries: list[int], representation: str = "OW") -> Dataset:
    table = Dataset()
    table.add_new(0x00283002, "US", descriptor)
    words = np.array(entries, "<u2").tobytes()
    table.add_new(0x00283006, representation, words if representation == "OW" else entries)
    return table


HU = np.array([[-2000, -1000, -600, 0, 150, 1000]], np.int16)
RESCALED = {"RescaleSlope": 1, "RescaleIntercept": 0}


def test_ct_reads_as_hounsfield_units_with_padding_unknown() -> None:
    content = image(HU, RescaleSlope=2, RescaleIntercept=-24, PixelPaddingValue=-2000, PixelSpacing=[0.5, 0.75])

    slice_ = read_hounsfield(content)

    assert np.isnan(slice_.values[0, 0])
    assert slice_.values[0, 1:].tolist() == [-2024, -1224, -24, 276, 1976]
    assert slice_.values.dtype == np.float32
    assert slice_.spacing_mm == (0.5, 0.75)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {**RESCALED, "Modality": "MR"},
        {**RESCALED, "RescaleType": "US"},
        {**RESCALED, "ImageType": ["A", "B", "LOCALIZER"]},
    ],
)
def test_what_is_not_in_hounsfield_units_is_refused_as_such(attributes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="Hounsfield"):
        read_hounsfield(image(HU, **attributes))


def test_the_callers_window_goes_before_the_files_for_ct() -> None:
    content = image(HU, **RESCALED, WindowCenter=40, WindowWidth=400)

    own = read_display_image(content, window=(-600, 1500)).pixels[0, :, 0].tolist()
    files = read_display_image(content).pixels[0, :, 0].tolist()

    assert own[:2] == [0, 60]
    assert own[-2:] == [255, 255]
    assert files == [0, 0, 0, 102, 198, 255]


def test_the_callers_window_is_not_used_for_other_modalities() -> None:
    content = image(HU, Modality="MR", WindowCenter=0, WindowWidth=10)

    assert np.array_equal(read_display_image(content, window=(-600, 1500)).pixels, read_display_image(content).pixels)


def test_ct_without_rescale_is_shown_with_a_warning_and_never_windowed() -> None:
    picture = read_display_image(image(HU), window=(40, 400))

    assert any("no rescale" in warning.en for warning in picture.warnings)
    assert picture.pixels[0, 0, 0] == 0
    assert picture.pixels[0, -1, 0] == 255


def test_a_localiser_is_shown_with_a_warning() -> None:
    picture = read_display_image(image(HU, **RESCALED, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]))

    assert any("localiser" in warning.en for warning in picture.warnings)


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_the_files_window_function_is_applied(function: str) -> None:
    content = image(HU, **RESCALED, WindowCenter=0, WindowWidth=1000, VOILUTFunction=function)

    levels = read_display_image(content).pixels[0, :, 0].astype(int)

    assert levels[3] in {127, 128}
    assert (np.diff(levels) >= 0).all()


@pytest.mark.parametrize("invalid", [{"WindowWidth": 0}, {"WindowWidth": 10, "VOILUTFunction": "ODD"}])
def test_a_window_that_is_not_valid_is_passed_over_and_the_picture_stretched(invalid: dict[str, object]) -> None:
    picture = read_display_image(image(HU, Modality="MR", WindowCenter=0, **invalid))

    assert any("no window" in warning.en for warning in picture.warnings)
    assert (picture.pixels.min(), picture.pixels.max()) == (0, 255)


def test_monochrome_1_is_shown_inverted_with_black_padding() -> None:
    values = np.array([[0, 100, 255]], np.uint8)

    picture = read_display_image(
        image(values, Modality="CR", PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0)
    )

    assert picture.pixels[0, :, 0].tolist() == [0, 155, 0]
    assert picture.warnings == ()


def test_padding_takes_no_part_in_the_stretch() -> None:
    values = np.array([[-32768, 0, 50, 100]], np.int16)

    padded = read_display_image(image(values, Modality="MR", PixelPaddingValue=-32768))
    nothing = read_display_image(image(values, Modality="MR", PixelPaddingValue=-32768, PixelPaddingRangeLimit=100))

    assert padded.pixels[0, :, 0].tolist() == [0, 0, 128, 255]
    assert not nothing.pixels.any()


def test_eight_bit_grey_without_window_is_shown_as_it_is() -> None:
    values = np.array([[0, 7, 128, 255]], np.uint8)

    assert read_display_image(image(values, Modality="DX")).pixels[0, :, 0].tolist() == [0, 7, 128, 255]


@pytest.mark.parametrize("representation", ["OW", "US"])
def test_a_table_of_interest_goes_before_a_window(representation: str) -> None:
    table = lut([4, 0, 8], [0, 85, 170, 255], representation)
    values = np.array([[0, 1, 2, 3]], np.uint16)

    picture = read_display_image(image(values, Modality="OT", VOILUTSequence=[table], WindowCenter=1, WindowWidth=1))

    assert picture.pixels[0, :, 0].tolist() == [0, 85, 170, 255]


def test_a_modality_table_is_applied_before_the_window() -> None:
    table = lut([3, 0, 16], [100, 50, 0])
    values = np.array([[0, 1, 2]], np.uint16)

    picture = read_display_image(image(values, Modality="CR", ModalityLUTSequence=[table]))

    assert picture.pixels[0, :, 0].tolist() == [255, 128, 0]


def test_a_table_shorter_than_it_says_is_refused() -> None:
    table = lut([9, 0, 8], [0, 85])

    with pytest.raises(InvalidInput):
        read_display_image(image(np.zeros((2, 2), np.uint8), Modality="CR", VOILUTSequence=[table]))


def test_colour_keeps_its_three_channels_and_deep_colour_its_high_bits() -> None:
    shallow = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    deep = shallow.astype(np.uint16) * 256 + 7

    assert np.array_equal(read_display_image(image(shallow, Modality="XC", BurnedInAnnotation="NO")).pixels, shallow)
    assert np.array_equal(read_display_image(image(deep, Modality="XC")).pixels, shallow)


def test_one_frame_is_chosen_and_their_number_told() -> None:
    values = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)

    picture = read_display_image(image(values, Modality="NM"), frame=2)

    assert picture.frames == 3
    assert picture.pixels[:, :, 0].tolist() == values[2].tolist()
    with pytest.raises(InvalidInput, match="from 0 to 2"):
        read_display_image(image(values, Modality="NM"), frame=3)


def test_an_enhanced_object_keeps_its_rescale_and_window_by_frame() -> None:
    def group(intercept: float, centre: float) -> Dataset:
        item, transform, interest, measures = Dataset(), Dataset(), Dataset(), Dataset()
        transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = 1, intercept, "HU"
        interest.WindowCenter, interest.WindowWidth = centre, 101
        measures.PixelSpacing = [2.0, 3.0]
        item.PixelValueTransformationSequence = [transform]
        item.FrameVOILUTSequence = [interest]
        item.PixelMeasuresSequence = [measures]
        return item

    values = np.full((2, 1, 2), 50, np.int16)
    content = image(values, PerFrameFunctionalGroupsSequence=[group(0, 50.5), group(100, 50)])

    first, second = read_display_image(content, frame=0), read_display_image(content, frame=1)

    assert first.pixels[0, 0, 0] == 128
    assert second.pixels[0, 0, 0] == 255
    assert first.spacing_mm == (2.0, 3.0)
    assert read_hounsfield(content, frame=1).values[0, 0] == 150


@pytest.mark.parametrize(
    ("attributes", "warned"),
    [
        ({"Modality": "US"}, True),
        ({"Modality": "US", "BurnedInAnnotation": "NO"}, False),
        ({"Modality": "CT", "BurnedInAnnotation": "YES"}, True),
        ({"Modality": "DX"}, False),
        ({"Modality": "DX", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, True),
        ({"Modality": "MR", "RecognizableVisualFeatures": "YES"}, True),
    ],
)
def test_text_that_may_be_burned_in_is_flagged(attributes: dict[str, object], warned: bool) -> None:
    assert bool(read_display_image(image(np.zeros((2, 2), np.uint8), **attributes)).warnings) is warned


@pytest.mark.parametrize(
    "attributes",
    [
        {"Rows": 0},
        {"Rows": 60_000, "Columns": 60_000},
        {"Rows": None},
        {"PixelData": None},
        {"NumberOfFrames": 0},
        {"BitsAllocated": None},
        {"PixelData": b"\0\0"},
    ],
)
def test_a_broken_pixel_module_is_refused(attributes: dict[str, object]) -> None:
    if attributes == {"NumberOfFrames": 0}:
        attributes = {"NumberOfFrames": -1}
    with pytest.raises(InvalidInput):
        read_display_image(image(np.zeros((4, 4), np.uint8), **attributes))


def test_a_photometric_interpretation_that_is_not_read_is_refused_as_unsupported() -> None:
    with pytest.raises(UnsupportedInput):
        read_display_image(image(np.zeros((4, 4), np.uint8), PhotometricInterpretation="CMYK"))


def test_a_transfer_syntax_that_nothing_decodes_is_refused_as_unsupported() -> None:
    dataset = dcmread(BytesIO(image(np.zeros((4, 4), np.uint8))))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"  # type: ignore[assignment]  # MPEG2
    dataset.PixelData = encapsulate([b"\0\0\1\xb3" * 8])
    with pytest.raises(UnsupportedInput, match="transfer syntax"):
        read_display_image(stored(dataset, "1.2.840.10008.1.2.4.100"))


def test_a_codestream_that_declares_too_much_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b"\xff\x4f\xff\x51\x00\x29\x00\x00" + (1 << 20).to_bytes(4, "big") * 2 + bytes(60)
    dataset = dcmread(BytesIO(image(np.zeros((4, 4), np.uint8))))
    dataset.PixelData = encapsulate([bomb])
    dataset["PixelData"].is_undefined_length = True

    with pytest.raises(InvalidInput, match="declares 1048576 x 1048576"):
        read_display_image(stored(dataset, JPEG2000Lossless))


def test_the_declared_size_is_read_from_jpeg_headers() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc3\x00\x0b\x08\x01\x00\x02\x00\x01\x00\x00\x00"

    assert declared_size(jpeg) == (256, 512)
    assert declared_size(b"\xff\xd8\xff\xd0\x00\x00\x00\x00\x00\x00\x00\x00") is None
    assert declared_size(b"\xff\xd8") is None
    assert declared_size(b"plain") is None


def test_a_deflated_file_is_read_and_a_deflated_bomb_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stored(dcmread(BytesIO(image(np.zeros((64, 64), np.uint8), Modality="DX"))), DeflatedExplicitVRLittleEndian)

    assert read_display_image(whole).pixels.shape == (64, 64, 1)
    monkeypatch.setattr(reading, "MAX_BYTES", 2000)
    with pytest.raises(InvalidInput, match="inflates to at most"):
        read_display_image(whole)
    assert len(zlib.compress(bytes(64 * 64))) < len(whole)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "large.dcm"
    path.write_bytes(image(np.zeros((64, 64), np.uint8)))
    monkeypatch.setattr(reading, "MAX_BYTES", 100)

    with pytest.raises(InvalidInput, match="at most 100 bytes"):
        read_display_image(path)


def test_a_file_without_a_transfer_syntax_or_without_data_is_refused() -> None:
    whole = image(np.zeros((2, 2), np.uint8))

    with pytest.raises(InvalidInput, match="Transfer Syntax"):
        read_display_image(bytes(128) + b"DICM" + bytes(8))
    with pytest.raises(InvalidInput):
        read_display_image(whole[: whole.index(b"\x08\x00\x16\x00")])


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_truncated_file_is_refused(share: float) -> None:
    whole = image(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64), **RESCALED)

    with pytest.raises(InvalidInput):
        read_display_image(whole[: int(len(whole) * share)])


def test_any_picture_reads_dicom_too() -> None:
    picture = read_any_picture(image(HU, **RESCALED), window=(0, 2000), channels=3)

    assert (picture.source_format, picture.modality, picture.pixels.shape) == ("dicom", "CT", (1, 6, 3))


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


BEYOND_PYDICOM = {
    "JPEG-lossy.dcm",
    "MR1_JPLY.dcm",
    "NM1_JPLY.dcm",
    "CTImage.dcm_JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55.dcm",
    "CTImage.dcm_JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53.dcm",
}


@pytest.mark.data("dicom-samples")
def test_every_sample_file_decodes_to_the_known_shape_or_is_refused(data_dir: Path) -> None:
    wrong = []
    for row in _rows(data_dir):
        known, name = row["decoded_shape_pydicom"], Path(row["file"]).name
        try:
            picture = read_display_image(data_dir / row["file"], window=(-600, 1500))
        except InvalidInput:
            if known[0].isdigit() or name in BEYOND_PYDICOM:
                wrong.append(f"{name}: refused, expected {known}")
            continue
        height, width, channels = picture.pixels.shape
        shape = [*([picture.frames] if picture.frames > 1 else []), height, width]
        shape += [3] if channels == 3 and row["photometric"] != "PALETTE COLOR" else []
        found = "x".join(map(str, shape))
        if found != known and name not in BEYOND_PYDICOM:
            wrong.append(f"{name}: {found}, expected {known}")

    assert wrong == []


@pytest.mark.data("dicom-samples")
def test_every_lossless_encoding_of_one_slice_gives_the_same_hounsfield_units(data_dir: Path) -> None:
    folder = data_dir / "cornerstone-ct-12-syntaxes"
    reference = read_hounsfield(next(folder.glob("*LittleEndianExplicit*1.2.1.dcm"))).values
    lossless = ["BigEndian", "Deflated", "JPEG2000LosslessOnly", "JPEGLSLossless", "JPEGProcess14", "RLE", "Implicit"]
    lossy = ["JPEGProcess2_4", "JPEGProcess10_12", "JPEGProcess6_8", "JPEGLSLossy"]

    for path in folder.glob("*.dcm"):
        if path.name.endswith(".ts.dcm"):
            continue
        difference = np.nanmean(np.abs(read_hounsfield(path).values - reference))
        if any(name in path.name for name in lossless):
            assert difference == 0, path.name
        elif any(name in path.name for name in lossy):
            assert difference < 6, path.name


@pytest.mark.data("dicom-ct-chest")
def test_every_slice_of_the_chest_series_is_in_hounsfield_units(data_dir: Path) -> None:
    paths = [data_dir / row["file"] for row in _rows(data_dir) if (data_dir / row["file"]).is_file()]

    assert len(paths) >= 30
    for path in paths[::5]:
        values = read_hounsfield(path).values
        assert values.shape == (512, 512)
        assert -1100 <= np.nanmin(values) <= -900
        assert np.nanmax(values) > 200


@pytest.mark.data("dicom-samples")
def test_a_frame_that_is_cut_off_is_refused_and_never_crashes(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = data_dir / "nema-wg04" / "CT1_JPLL.dcm"
    whole = path.read_bytes()

    with pytest.raises(InvalidInput):
        read_display_image(whole[:-20_000])
    monkeypatch.setattr(decoding, "MAX_FRAME_PIXELS", 10)
    with pytest.raises(InvalidInput, match="1 to 10 pixels"):
        read_display_image(path)


def compressed(values: Bytes) -> bytes:
    """A JPEG Baseline file of 8-bit grey."""
    buffer = BytesIO()
    Image.fromarray(values).save(buffer, "JPEG", quality=95)
    dataset = dcmread(BytesIO(image(values, Modality="DX")))
    dataset.PixelData = encapsulate([buffer.getvalue()])
    return stored(dataset, JPEGBaseline8Bit)


def test_a_compressed_frame_is_decoded_in_another_process() -> None:
    values = np.tile(np.arange(64, dtype=np.uint8) * 3, (32, 1))

    picture = read_display_image(compressed(values))

    assert np.abs(picture.pixels[:, :, 0].astype(int) - values).max() <= 3


def test_a_frame_that_does_not_decode_is_refused_and_the_next_one_is_read() -> None:
    values = np.tile(np.arange(64, dtype=np.uint8), (32, 1))
    whole = compressed(values)
    broken = whole.replace(b"\xff\xc4", b"\xff\x01")

    with pytest.raises(InvalidInput):
        read_display_image(broken)
    assert read_display_image(whole).pixels.shape == (32, 64, 1)


@pytest.mark.parametrize("code", ["import os; os.abort()", "print('short')"])
def test_a_decoder_that_dies_gives_no_answer_and_is_started_anew(code: str) -> None:
    decoder = FrameDecoder([sys.executable, "-c", code])

    assert decoder.ask(b"frame") is None
    assert decoder.ask(b"frame") is None
    decoder.close()


def test_a_decoder_that_takes_too_long_is_stopped() -> None:
    decoder = FrameDecoder([sys.executable, "-c", "import time; time.sleep(60)"], timeout_s=0.2)

    assert decoder.ask(b"frame") is None


def test_a_frame_that_ends_the_decoder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated_decoding, "decoder", FrameDecoder([sys.executable, "-c", ""]))

    with pytest.raises(InvalidInput, match="ended the decoder"):
        read_display_image(compressed(np.zeros((8, 8), np.uint8)))


def test_the_decoder_gets_nothing_of_the_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    monkeypatch.setattr(isolated_decoding.decoder, "ask", asked.append)
    dataset = dcmread(BytesIO(compressed(np.zeros((8, 8), np.uint8))))
    dataset.PatientName = "Doe^Jane"

    with pytest.raises(InvalidInput):
        read_display_image(stored(dataset, JPEGBaseline8Bit))

    assert b"Doe" not in asked[0]
    assert dataset.SOPInstanceUID.encode() not in asked[0]


def test_the_process_answers_every_request_until_its_input_ends() -> None:
    frame = compressed(np.full((8, 8), 90, np.uint8))
    requests, answers = BytesIO(), BytesIO()
    for request in (frame, b"no file"):
        write_message(requests, request)
    requests.seek(0)
    while (heard := read_message(requests)) is not None:
        write_message(answers, decoder_process.answer(heard))
    answers.seek(0)
    good, bad = read_message(answers), read_message(answers)

    assert good is not None
    assert bad is not None
    assert b'"shape": [8, 8]' in good
    assert b'"error"' in bad
    assert read_message(BytesIO(b"\0\0\0\0\0\0\0\x09short")) is None


@pytest.mark.data("dicom-samples")
def test_twelve_bit_jpeg_is_decoded_by_gdcm(data_dir: Path) -> None:
    content = (data_dir / "nema-wg04" / "MR1_JPLY.dcm").read_bytes()

    values = decoder_process.decode_file(content)

    assert values.shape == (512, 512)
    assert int(values.max()) > 255

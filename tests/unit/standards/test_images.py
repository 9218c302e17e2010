from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from salus.contracts.errors import InvalidInput
from salus.standards.images import (
    describe_picture,
    read_any_picture,
    read_picture,
    reduce_picture,
    sniff,
    write_png,
)
from salus.standards.picture import Picture, with_channels

Bytes = NDArray[np.uint8]


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def gradient(height: int = 6, width: int = 9) -> Bytes:
    return np.linspace(0, 255, height * width).astype(np.uint8).reshape(height, width)


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3]))))
def test_what_is_written_as_png_reads_back_the_same(pixels: Bytes) -> None:
    picture = read_picture(write_png(pixels))

    assert np.array_equal(picture.pixels, pixels)
    assert (picture.source_format, picture.warnings) == ("png", ())


def test_the_same_pixels_always_give_the_same_bytes() -> None:
    assert write_png(gradient()) == write_png(gradient()[:, :, np.newaxis])


def test_pixels_of_another_shape_or_type_are_not_written() -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        write_png(np.zeros((2, 2, 4), np.uint8))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (write_png(gradient()), "png"),
        (encoded(Image.fromarray(gradient()), "JPEG"), "jpeg"),
        (bytes(128) + b"DICM", "dicom"),
        (b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100", "dicom"),
        (b"GIF89a" + bytes(200), None),
        (b"", None),
    ],
)
def test_the_format_is_told_by_the_first_bytes(content: bytes, kind: str | None) -> None:
    assert sniff(content) == kind


def test_a_grey_jpeg_has_one_channel_and_a_coloured_one_three() -> None:
    assert read_picture(encoded(Image.fromarray(gradient()), "JPEG")).pixels.shape == (6, 9, 1)
    assert read_picture(encoded(Image.new("RGB", (4, 5), (9, 99, 200)), "JPEG")).pixels.shape == (5, 4, 3)


def test_transparent_parts_are_laid_on_black_and_said_so() -> None:
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0] = [(200, 100, 50, 255), (200, 100, 50, 0), (200, 100, 50, 128)]

    picture = read_picture(encoded(Image.fromarray(pixels)))

    assert picture.pixels[0, 0].tolist() == [200, 100, 50]
    assert picture.pixels[0, 1].tolist() == [0, 0, 0]
    assert picture.pixels[0, 2, 0] == pytest.approx(100, abs=1)
    assert len(picture.warnings) == 1


def test_an_opaque_alpha_channel_is_dropped_without_a_word() -> None:
    grey = np.dstack([gradient(), np.full((6, 9), 255, np.uint8)])

    picture = read_picture(encoded(Image.fromarray(grey)))

    assert np.array_equal(picture.pixels[:, :, 0], gradient())
    assert picture.warnings == ()


def test_a_palette_of_greys_is_grey_and_one_of_colours_is_coloured() -> None:
    grey = Image.fromarray(gradient()).convert("P")
    coloured = Image.new("P", (2, 2))
    coloured.putpalette([255, 0, 0] * 256)
    transparent = encoded(coloured, transparency=0)

    assert np.array_equal(read_picture(encoded(grey)).pixels[:, :, 0], gradient())
    assert read_picture(encoded(coloured)).pixels[0, 0].tolist() == [255, 0, 0]
    assert read_picture(transparent).pixels[0, 0].tolist() == [0, 0, 0]


def test_one_bit_and_cmyk_pictures_are_read() -> None:
    assert set(np.unique(read_picture(encoded(Image.new("1", (3, 3), 1))).pixels)) == {255}
    assert read_picture(encoded(Image.new("CMYK", (3, 3)), "JPEG")).pixels.shape == (3, 3, 3)


def test_sixteen_bits_are_scaled_by_their_declared_depth() -> None:
    deep = np.array([[0, 257, 32896, 65535]], np.uint16)

    assert read_picture(encoded(Image.fromarray(deep))).pixels[0, :, 0].tolist() == [0, 1, 128, 255]


def test_sixteen_bits_that_use_twelve_are_read_with_a_warning() -> None:
    picture = read_picture(encoded(Image.fromarray(np.array([[0, 4095]], np.uint16))))

    assert picture.pixels[0, 1, 0] == 16
    assert "16 bits" in picture.warnings[0].en


def test_the_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.fromarray(gradient(8, 16))

    turned = read_picture(encoded(upright, "JPEG", exif=exif, quality=95))

    assert turned.pixels.shape == (16, 8, 1)
    assert "EXIF" in turned.warnings[0].en


def test_of_an_animated_png_the_first_picture_is_read_and_said_so() -> None:
    frames = [Image.new("L", (3, 3), level) for level in (10, 200)]

    picture = read_picture(encoded(frames[0], save_all=True, append_images=frames[1:]))

    assert picture.pixels[0, 0, 0] == 10
    assert "several" in picture.warnings[0].en


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), kind)

    with pytest.raises(InvalidInput, match="truncated or damaged"):
        read_picture(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("missing", [1, 2, 12, 20])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_that_lacks_its_last_bytes_is_refused(kind: str, missing: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), kind)

    with pytest.raises(InvalidInput, match="truncated or damaged"):
        read_picture(whole[:-missing])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_follows_a_whole_picture_is_nobodys_concern(kind: str) -> None:
    whole = encoded(Image.fromarray(gradient(8, 16)), kind)

    assert np.array_equal(read_picture(whole + b"\x00" * 20).pixels, read_picture(whole).pixels)


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_rows": 1}, {"comment": b"\xff\xd9"}])
def test_a_jpeg_of_any_build_is_whole_when_it_is(options: dict[str, Any]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), "JPEG", **options)

    assert read_picture(whole).pixels.shape == (64, 64, 1)
    assert read_picture(whole[:20] + b"\xff\xff" + whole[20:]).pixels.shape == (64, 64, 1)  # padding before a marker
    with pytest.raises(InvalidInput, match="truncated or damaged"):
        read_picture(whole[:-2])


def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(InvalidInput, match="at most 50 pixels"):
        read_picture(write_png(gradient()), max_pixels=50)


@pytest.mark.parametrize("side", [12_000, 100_000])
def test_a_decompression_bomb_is_refused(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )

    with pytest.raises(InvalidInput, match="at most"):
        read_picture(bomb)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_any_picture(content)
    with pytest.raises(InvalidInput):
        read_picture(content)
    with pytest.raises(InvalidInput):
        describe_picture(content)


@settings(deadline=None)  # the first DICOM loads pydicom
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", bytes(128) + b"DICM"]))
def test_hostile_bytes_are_refused_and_never_crash(tail: bytes, head: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_any_picture(head + tail)


def test_channels_are_given_as_asked() -> None:
    content = encoded(Image.new("RGB", (2, 2), (10, 200, 30)))

    assert read_any_picture(content, channels=1).pixels.shape == (2, 2, 1)
    assert read_any_picture(content, channels=3).pixels.shape == (2, 2, 3)
    assert read_any_picture(content).pixels.shape == (2, 2, 3)


@given(hnp.arrays(np.uint8, (5, 4, 3)))
def test_colour_becomes_grey_as_pillow_does_it(pixels: Bytes) -> None:
    assert np.array_equal(with_channels(pixels, 1)[:, :, 0], np.asarray(Image.fromarray(pixels).convert("L")))


def test_grey_becomes_colour_by_repetition() -> None:
    assert np.array_equal(with_channels(gradient()[:, :, np.newaxis], 3)[:, :, 2], gradient())
    with pytest.raises(ValueError, match="1 or 3"):
        with_channels(gradient()[:, :, np.newaxis], 4)


def test_a_picture_that_is_no_picture_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        Picture(pixels=gradient(), warnings=(), source_format="png")


def test_a_picture_is_reduced_to_its_longest_side_and_never_enlarged() -> None:
    pixels = np.repeat(gradient(100, 40)[:, :, np.newaxis], 3, axis=2)

    assert reduce_picture(pixels, longest=50).shape == (50, 20, 3)
    assert reduce_picture(pixels, longest=100) is pixels
    assert reduce_picture(pixels[:, :, :1], longest=10).shape == (10, 4, 1)


def test_a_header_tells_size_and_mode() -> None:
    assert describe_picture(encoded(Image.new("RGBA", (7, 5)))) == (7, 5, "RGBA")

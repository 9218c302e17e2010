"""The picture that was asked about, as the model got it."""

from __future__ import annotations

import base64

import msgspec

from salus.contracts.text import LocalizedText
from salus.standards.images import write_png
from salus.standards.picture import Picture


class ImageView(msgspec.Struct, frozen=True, kw_only=True):
    """The picture as the model got it. `png` is a data URL; height and width in pixels."""

    width: int
    height: int
    png: str
    warnings: tuple[LocalizedText, ...]


def view_image(picture: Picture) -> ImageView:
    """One picture."""
    height, width = picture.pixels.shape[:2]
    png = base64.b64encode(write_png(picture.pixels)).decode("ascii")
    return ImageView(width=width, height=height, png=f"data:image/png;base64,{png}", warnings=picture.warnings)

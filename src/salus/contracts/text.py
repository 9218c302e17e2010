"""Text that a person reads: English and Chinese are equals."""

from __future__ import annotations

from typing import Literal

import msgspec

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class LocalizedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages of the house. Neither may be empty.

    Example:
        >>> LocalizedText(en="malignant", zh="恶性").in_language("zh")
        '恶性'
    """

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not (self.en.strip() and self.zh.strip()):
            raise ValueError(f"expected a text in English and in Chinese; found en={self.en!r}, zh={self.zh!r}")

    def in_language(self, language: Language) -> str:
        """The text in `language`."""
        return self.zh if language == "zh" else self.en

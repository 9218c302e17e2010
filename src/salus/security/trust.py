"""Whose packages may be opened, and how large they may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from salus.security.signing import fingerprint_of

_GIB = 1024**3


@dataclass(frozen=True)
class TrustPolicy:
    """What a package must satisfy to be opened. The default trusts nobody.

    Attributes:
        require_signature: False lets packages pass that nobody vouches for: unsigned ones, and ones signed by an
            unknown key. A signature that does not fit is refused in any case.
        trusted_keys: Fingerprint to raw public key (32 bytes) of those whose signature counts.
        max_package_bytes: Largest sum of the sizes of a package's files.
        max_file_bytes: Largest single file.
        max_manifest_bytes: Largest `manifest.json`.
        max_files: Most files in a package.

    Example:
        >>> TrustPolicy.trusting([b"0" * 32]).require_signature
        True
    """

    require_signature: bool = True
    trusted_keys: Mapping[str, bytes] = field(default_factory=dict)
    max_package_bytes: int = 4 * _GIB
    max_file_bytes: int = 2 * _GIB
    max_manifest_bytes: int = 4 * 1024**2
    max_files: int = 256

    def __post_init__(self) -> None:
        for fingerprint, key in self.trusted_keys.items():
            if fingerprint != fingerprint_of(key):
                raise ValueError(
                    f"expected {fingerprint_of(key)} as the fingerprint of a trusted key; found {fingerprint!r}"
                )
        limits = (self.max_package_bytes, self.max_file_bytes, self.max_manifest_bytes, self.max_files)
        if min(limits) <= 0:
            raise ValueError(f"expected limits above 0; found {limits}")

    @classmethod
    def trusting(cls, public_keys: Iterable[bytes]) -> Self:
        """The default policy, with these raw public keys trusted."""
        return cls(trusted_keys={fingerprint_of(key): key for key in public_keys})

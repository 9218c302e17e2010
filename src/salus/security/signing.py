"""Signatures over a package's manifest: Ed25519 (RFC 8032), with a key that is made on first use.

The message is signed as it is, so that other tools can verify it: the signature of `manifest.json` is a plain
Ed25519 signature of the file's bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import Literal, Protocol, Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from salus.contracts.errors import ChecksumMismatch, Conflict, InvalidInput
from salus.security.private_files import create_private, read_private

PUBLIC_KEY_BYTES = 32


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A detached signature.

    Attributes:
        algorithm: Always `ed25519`.
        fingerprint: Of the public key, see `fingerprint_of`.
        public_key: Raw public key (32 bytes), base64.
        signature: Raw signature (64 bytes), base64.
    """

    algorithm: Literal["ed25519"]
    fingerprint: str
    public_key: str
    signature: str


class Signer(Protocol):
    """Something that signs: a local key, or a key that never leaves its hardware."""

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        ...

    def sign(self, message: bytes) -> Signature:
        """Sign `message`."""
        ...


class LocalSigningKey:
    """An Ed25519 key in a file of mode 0600.

    Args:
        key: The private key.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     key = LocalSigningKey.load_or_create(Path(folder, "signing.pem"))
        >>> verify(key.sign(b"manifest"), b"manifest", key.public_key)
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """The key in `path` (PEM, PKCS 8, not encrypted), made where there is none.

        Raises:
            Conflict: Others than the file's owner may read it, or it holds something else.
        """
        try:
            content = read_private(path)
        except FileNotFoundError:
            content = create_private(path, _new_key())
        return cls(_read_key(content, path))

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    @property
    def fingerprint(self) -> str:
        """The public key's short name, see `fingerprint_of`."""
        return fingerprint_of(self.public_key)

    def sign(self, message: bytes) -> Signature:
        """Sign `message`. Ed25519 is deterministic: the same message gives the same signature."""
        return Signature(
            algorithm="ed25519",
            fingerprint=self.fingerprint,
            public_key=base64.b64encode(self.public_key).decode("ascii"),
            signature=base64.b64encode(self._key.sign(message)).decode("ascii"),
        )


def fingerprint_of(public_key: bytes) -> str:
    """`ed25519:` and the SHA-256 (hex) of the raw public key."""
    return f"ed25519:{hashlib.sha256(public_key).hexdigest()}"


def decode_public_key(text: str) -> bytes:
    """A raw public key from its base64 form, as settings and `signature.json` write it.

    Raises:
        InvalidInput: It is not the base64 form of 32 bytes.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != PUBLIC_KEY_BYTES or base64.b64encode(key).decode("ascii") != text:
        raise InvalidInput(
            "an Ed25519 public key: 32 bytes in base64",
            found=f"a text of {len(text)} characters that is none",
            remedy="Copy the key as `salus packages show` or signature.json writes it.",
        )
    return key


def verify(signature: Signature, message: bytes, public_key: bytes) -> None:
    """Return if `signature` is `public_key`'s signature of `message`.

    Raises:
        ChecksumMismatch: It is not, or it names another key.
    """
    if signature.fingerprint != fingerprint_of(public_key):
        raise ChecksumMismatch(
            f"a signature by {fingerprint_of(public_key)}",
            found="a signature that names another key",
            remedy="Ask for the public key of the one who signed.",
        )
    try:
        raw = base64.b64decode(signature.signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, message)
    except (binascii.Error, ValueError, InvalidSignature) as error:
        raise ChecksumMismatch(
            f"the signature by {signature.fingerprint} to fit the {len(message)} bytes that were signed",
            found="a signature of something else",
            remedy="Get an unaltered copy.",
        ) from error


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _read_key(content: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise _not_a_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path)
    return key


def _not_a_key(path: Path) -> Conflict:
    return Conflict(
        f"an Ed25519 private key (PEM, not encrypted) in {path.name}",
        found="something else",
        remedy="Put the right file there, or move it away to have a new key made.",
    )

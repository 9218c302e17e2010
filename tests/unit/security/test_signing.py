import base64
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from salus.contracts.errors import ChecksumMismatch, Conflict, InvalidInput
from salus.security.signing import LocalSigningKey, Signature, decode_public_key, fingerprint_of, verify


@pytest.fixture
def key(tmp_path: Path) -> LocalSigningKey:
    return LocalSigningKey.load_or_create(tmp_path / "keys" / "signing.pem")


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    first, second = LocalSigningKey.load_or_create(path), LocalSigningKey.load_or_create(path)
    assert first.public_key == second.public_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["signing.pem"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: LocalSigningKey.load_or_create(path).public_key, range(16)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o620])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "signing.pem"
    LocalSigningKey.load_or_create(path)
    path.chmod(mode)
    with pytest.raises(Conflict, match="chmod 600"):
        LocalSigningKey.load_or_create(path)


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signing.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Conflict, match="Ed25519 private key"):
        LocalSigningKey.load_or_create(path)


def test_a_key_of_another_algorithm_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    path = tmp_path / "signing.pem"
    path.write_bytes(
        X25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    path.chmod(0o600)
    with pytest.raises(Conflict, match="Ed25519 private key"):
        LocalSigningKey.load_or_create(path)


def test_a_signature_fits_its_message_and_its_key_alone(key: LocalSigningKey, tmp_path: Path) -> None:
    signature = key.sign(b"message")
    verify(signature, b"message", key.public_key)
    with pytest.raises(ChecksumMismatch, match="something else"):
        verify(signature, b"massage", key.public_key)
    other = LocalSigningKey.load_or_create(tmp_path / "other.pem")
    with pytest.raises(ChecksumMismatch, match="another key"):
        verify(signature, b"message", other.public_key)
    forged = msgspec.structs.replace(signature, fingerprint=other.fingerprint)
    with pytest.raises(ChecksumMismatch):
        verify(forged, b"message", other.public_key)


@pytest.mark.parametrize("text", ["", "AAAA", "not base64 *", base64.b64encode(bytes(63)).decode()])
def test_a_signature_of_another_length_or_alphabet_does_not_fit(key: LocalSigningKey, text: str) -> None:
    broken = msgspec.structs.replace(key.sign(b"message"), signature=text)
    with pytest.raises(ChecksumMismatch):
        verify(broken, b"message", key.public_key)


def test_signing_twice_gives_the_same_bytes(key: LocalSigningKey) -> None:
    assert key.sign(b"message") == key.sign(b"message")


def test_an_independent_program_verifies_the_signature(key: LocalSigningKey, tmp_path: Path) -> None:
    """RFC 8410 wraps a raw Ed25519 key in a fixed prefix; openssl does the rest."""
    signature: Signature = key.sign(b"manifest")
    der = bytes.fromhex("302a300506032b6570032100") + key.public_key
    for name, content in (("key.der", der), ("sig", base64.b64decode(signature.signature)), ("message", b"manifest")):
        (tmp_path / name).write_bytes(content)
    keys = ["-pubin", "-keyform", "DER", "-inkey", "key.der"]
    files = ["-rawin", "-in", "message", "-sigfile", "sig"]
    answer = subprocess.run(
        ["openssl", "pkeyutl", "-verify", *keys, *files], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_a_public_key_reads_back_from_its_text(key: LocalSigningKey) -> None:
    text = base64.b64encode(key.public_key).decode()
    assert decode_public_key(text) == key.public_key
    assert fingerprint_of(key.public_key) == key.fingerprint
    assert key.fingerprint.startswith("ed25519:")


@pytest.mark.parametrize("text", ["", "AAAA", "*", "é" * 44, base64.b64encode(bytes(32)).decode()[:-2] + "B="])
def test_a_text_that_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="32 bytes in base64"):
        decode_public_key(text)

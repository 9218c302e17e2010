from collections.abc import Callable
from pathlib import Path

import pytest

from salus.contracts.packages import ModelPackage
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package
from salus.security.signing import LocalSigningKey
from salus.security.trust import TrustPolicy


@pytest.fixture
def signer(tmp_path: Path) -> LocalSigningKey:
    return LocalSigningKey.load_or_create(tmp_path / "signing.pem")


@pytest.fixture
def trust(signer: LocalSigningKey) -> TrustPolicy:
    return TrustPolicy.trusting([signer.public_key])


@pytest.fixture
def package(tmp_path: Path, signer: LocalSigningKey) -> ModelPackage:
    return write_package(make_specimen_draft(), tmp_path / "package", signer=signer)


@pytest.fixture
def forge(package: ModelPackage, signer: LocalSigningKey) -> Callable[..., Path]:
    """A trusted signer that means ill: writes files into the package, lists them and signs the result."""

    def _forge(written: dict[str, bytes] | None = None, /, **changes: object) -> Path:
        import hashlib

        import msgspec

        from salus.contracts.packages import FileEntry
        from salus.modelpackage.encoding import encode_record

        entries = {entry.path: entry for entry in package.manifest.files}
        for path, content in (written or {}).items():
            target = package.directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            entries[path] = FileEntry(path, hashlib.sha256(content).hexdigest(), len(content))
        listed = tuple(entries[path] for path in sorted(entries))
        manifest = msgspec.structs.replace(package.manifest, files=listed)
        content = encode_record({**msgspec.to_builtins(manifest), **changes})
        (package.directory / "manifest.json").write_bytes(content)
        (package.directory / "signature.json").write_bytes(encode_record(signer.sign(content)))
        return package.directory

    return _forge

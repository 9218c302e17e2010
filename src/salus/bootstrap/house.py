"""The house, furnished: from settings to the parts that the commands and the server work with."""

from __future__ import annotations

import base64
import getpass
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from salus.bootstrap.code_version import find_code_version
from salus.bootstrap.settings import Settings, load_settings
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.contracts.progress import Progress, Silence

if TYPE_CHECKING:
    from salus.contracts.packages import ModelPackage
    from salus.contracts.services import InferenceBackend
    from salus.registry.store import ModelRegistry
    from salus.security.api_keys import KeyStore
    from salus.security.signing import LocalSigningKey
    from salus.security.trust import TrustPolicy
    from salus.serving.onnx_backend import OnnxBackend
    from salus.serving.solver_backend import SolverBackend
    from salus.workflows.workshop import Workshop


_MOST_SOLVER_THREADS = 4


class House:
    """Makes each part when it is first asked for, so that a command pays only for what it uses.

    Args:
        settings: None reads them from the environment and `salus.toml`.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()

    @property
    def packages_dir(self) -> Path:
        """Where packages are kept."""
        return self.settings.home / "packages"

    @cached_property
    def actor(self) -> str:
        """Who works, for the registry's history."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a container may run under a number that has no name
            return f"user {os.getuid()}"

    @cached_property
    def registry(self) -> ModelRegistry:
        """Packages by name and version. Raises as `ModelRegistry` does."""
        from salus.registry.store import ModelRegistry

        self.settings.home.mkdir(parents=True, exist_ok=True)
        url = self.settings.registry.url or f"sqlite:///{self.settings.home / 'registry.db'}"
        return ModelRegistry(url, self.packages_dir)

    @cached_property
    def signer(self) -> LocalSigningKey:
        """The key of this installation, made at first use. Raises Conflict where others may read it."""
        from salus.security.signing import LocalSigningKey

        return LocalSigningKey.load_or_create(self.settings.home / "keys" / "signing.key")

    @cached_property
    def trust(self) -> TrustPolicy:
        """This installation's own key, and those that the settings name.

        Raises:
            InvalidInput: A named key is none.
            Conflict: Others may read this installation's own key.
        """
        from salus.security.trust import TrustPolicy

        chosen = self.settings.packages
        try:
            named = {name: base64.b64decode(key, validate=True) for name, key in chosen.trusted_keys.items()}
            return TrustPolicy(
                require_signature=chosen.require_signature,
                trusted_keys={self.signer.fingerprint: self.signer.public_key, **named},
                max_package_bytes=chosen.max_package_mib * 1024**2,
            )
        except ValueError as error:
            raise InvalidInput(
                "packages.trusted_keys as fingerprint = base64 of a raw Ed25519 public key",
                found=str(error),
                remedy="`salus doctor` on the machine that signs shows both.",
            ) from error

    @cached_property
    def keys(self) -> KeyStore:
        """The keys that callers show."""
        from salus.security.api_keys import KeyStore

        return KeyStore(self.settings.home / "keys" / "callers.json")

    def development_key(self) -> str:
        """The key that `salus up` prints, made at first use."""
        from salus.security.api_keys import load_or_create_development_key

        return load_or_create_development_key(self.settings.home / "keys" / "development.key", self.keys)

    @cached_property
    def backend(self) -> OnnxBackend:
        """The engine."""
        from salus.serving.onnx_backend import OnnxBackend

        return OnnxBackend(threads=self.settings.serving.threads)

    @cached_property
    def solvers(self) -> SolverBackend:
        """The engine of packages that plan, with the solvers of the installed packs."""
        from salus.plugins.discovery import find_solver_kits
        from salus.serving.solver_backend import SolverBackend
        from salus.workflows.workshop import package_name

        kits = {package_name(pack, kit): kit for pack, kit in find_solver_kits()}
        threads = self.settings.jobs.solver_threads or min(_MOST_SOLVER_THREADS, len(os.sched_getaffinity(0)))
        return SolverBackend(kits, threads=threads)

    def engine_of(self, package: ModelPackage) -> InferenceBackend:
        """The engine that runs `package`."""
        return self.solvers if package.manifest.task.kind == "planning" else self.backend

    def data_request(self, progress: Progress | None = None) -> DataRequest:
        """Where packs look for data."""
        return DataRequest(
            data_dirs=tuple(Path(folder).expanduser() for folder in self.settings.data.dirs),
            cache_dir=self.settings.home / "data",
            offline=self.settings.data.offline,
            progress=progress or Silence(),
        )

    def workshop(self, progress: Progress | None = None) -> Workshop:
        """What the making side works with."""
        from salus.workflows.workshop import Workshop

        return Workshop(
            data=self.data_request(progress),
            registry=self.registry,
            packages_dir=self.packages_dir,
            runs_dir=self.settings.home / "runs",
            signer=self.signer,
            trust=self.trust,
            backend=self.backend,
            code=find_code_version(),
            actor=self.actor,
            progress=progress or Silence(),
        )

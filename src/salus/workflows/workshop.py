"""The places that the making side works with, handed in by bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from salus.contracts.packs import DataRequest, Pack, SolverKit, TaskKit
from salus.contracts.progress import Progress
from salus.contracts.services import InferenceBackend
from salus.registry.store import ModelRegistry
from salus.security.signing import LocalSigningKey
from salus.security.trust import TrustPolicy


@dataclass(frozen=True)
class Workshop:
    """Where data, packages and keys are, and who works.

    Attributes:
        data: Where packs look for data.
        registry: Packages by name and version.
        packages_dir: `<packages_dir>/<name>/<version>/` holds a package.
        runs_dir: Checkpoints and run records, a folder each.
        signer: Signs new packages.
        trust: Decides which packages may be opened.
        backend: The engine that will serve what is built; every new package answers its example on it first.
        code: The version of Salus, with the commit where it is known.
        actor: Who works, for the registry's history.
        progress: Told about long work.
    """

    data: DataRequest
    registry: ModelRegistry
    packages_dir: Path
    runs_dir: Path
    signer: LocalSigningKey
    trust: TrustPolicy
    backend: InferenceBackend
    code: str
    actor: str
    progress: Progress


def package_question(name: str) -> str:
    """What `package_name` was made of, as `PACK/TASK`."""
    pack, _, task = name.partition(".")
    return f"{pack}/{task}"


def package_name(pack: Pack, kit: TaskKit | SolverKit) -> str:
    """The name of the packages, and by default of the service, of a pack's task."""
    return f"{pack.name}.{kit.task.name}"

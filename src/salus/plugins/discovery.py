"""Packs by entry point. Salus's own packs come in by the same door as everybody else's."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from salus.contracts.errors import InvalidInput, NotFound, UnsupportedInput
from salus.contracts.packs import Pack, SolverKit, TaskKit

GROUP = "salus.packs"


def find_packs() -> dict[str, Pack]:
    """All installed packs by name, in the order of their names. Imports no model code.

    Raises:
        InvalidInput: An entry point cannot be imported, is not a Pack, is called otherwise than its pack, or a name is
            taken twice.
    """
    packs: dict[str, Pack] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        pack = _load(entry)
        if pack.name in packs:
            raise InvalidInput(
                "each pack's name once",
                found=f"the name {pack.name!r} in two distributions, one of them {_origin(entry)}",
                remedy="Uninstall one of the two.",
            )
        packs[pack.name] = pack
    return packs


def find_kit(question: str, packs: dict[str, Pack] | None = None) -> tuple[Pack, TaskKit | SolverKit]:
    """The pack and the kit that `question` names.

    Args:
        question: `PACK/TASK`, or `PACK` alone where the pack has one task.
        packs: Where to look; None for all installed ones.

    Raises:
        NotFound: No such pack or task.
    """
    known = find_packs() if packs is None else packs
    pack_name, _, task_name = question.partition("/")
    pack = known.get(pack_name)
    tasks = [f"{name}/{kit.task.name}" for name, each in known.items() for kit in each.kits]
    kit = None
    if pack is not None:
        kit = pack.kit(task_name) if task_name else (pack.kits[0] if len(pack.kits) == 1 else None)
    if pack is None or kit is None:
        raise NotFound(
            "one of " + (", ".join(tasks) or "the installed packs, of which there are none"),
            found=repr(question),
            remedy="`salus packs` lists what is installed.",
        )
    return pack, kit


def find_solver_kits() -> tuple[tuple[Pack, SolverKit], ...]:
    """Every installed task that is planned by a solver, with its pack. Raises as `find_packs`."""
    return tuple((pack, kit) for pack in find_packs().values() for kit in pack.kits if isinstance(kit, SolverKit))


def find_learned_kit(question: str, packs: dict[str, Pack] | None = None) -> tuple[Pack, TaskKit]:
    """As `find_kit`, for what can be done with a learned model alone.

    Raises:
        NotFound: No such pack or task.
        UnsupportedInput: The task is planned by a solver.
    """
    pack, kit = find_kit(question, packs)
    if isinstance(kit, SolverKit):
        raise UnsupportedInput(
            "a task whose model is learned",
            found=f"{pack.name}/{kit.task.name}, which a solver plans: there are no weights to fit or shrink",
            remedy=f"Build it as it is: salus build {pack.name}; its settings are those of the question.",
        )
    return pack, kit


def _load(entry: EntryPoint) -> Pack:
    try:
        pack = entry.load()
    except (ImportError, AttributeError) as error:
        raise InvalidInput(
            f"a pack behind the entry point {entry.name!r}",
            found=f"{type(error).__name__} from {_origin(entry)}: {error}",
            remedy="Mend or uninstall that distribution.",
        ) from error
    if not isinstance(pack, Pack):
        raise InvalidInput(
            f"a salus.contracts.packs.Pack behind the entry point {entry.name!r}",
            found=f"{type(pack).__name__} from {_origin(entry)}",
            remedy="Point the entry point at the pack's PACK value.",
        )
    if pack.name != entry.name:
        raise InvalidInput(
            "an entry point that is called like its pack",
            found=f"entry point {entry.name!r}, pack {pack.name!r} from {_origin(entry)}",
            remedy="Give both the same name.",
        )
    return pack


def _origin(entry: EntryPoint) -> str:
    return f"{entry.dist.name if entry.dist else 'unknown distribution'} ({entry.value})"

"""Writes docs/reference/cli.md and docs/reference/settings.md from the program itself; `--check` only compares."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path

import typer

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def write_cli() -> str:
    """Every command with its arguments, options and example."""
    from typer.main import get_command

    from salus.cli.app import app
    from salus.cli.exit_codes import EXIT_CODES

    lines = ["# Command line", "", "Every command has `--help` with an example; most have `--json`.", ""]
    lines += _describe(get_command(app), "salus")
    lines += ["## Exit codes", "", "| code | when |", "|---|---|", "| 0 | all went well |"]
    lines += [f"| {code} | {meaning} |" for _, code, meaning in sorted(EXIT_CODES, key=lambda row: row[1])]
    return "\n".join([*lines, "| 130 | stopped by the user |", ""])


def _describe(command: object, name: str) -> list[str]:
    children = getattr(command, "commands", None)
    if children:
        return [line for child in sorted(children) for line in _describe(children[child], f"{name} {child}")]
    text = inspect.cleandoc(command.help or "")  # type: ignore[attr-defined]
    about, _, example = text.partition("Example: ")
    lines = [f"## `{name}`", "", about.strip(), ""]
    parameters = [each for each in command.params if each.name != "help"]  # type: ignore[attr-defined]
    for each in parameters:
        words = each.opts if each.param_type_name == "option" else [each.name.upper()]
        shown = " ".join(f"`{word}`" for word in words)
        lines.append(f"- {shown}: {each.help or ''}".rstrip(": "))
    lines += [""] if parameters else []
    return [*lines, "```text", example.strip(), "```", ""] if example else lines


def write_settings() -> str:
    """Every setting with its default and meaning, from the docstrings under the fields."""
    from salus.bootstrap import settings

    lines = [
        "# Settings",
        "",
        "`SALUS_<SECTION>__<KEY>` in the environment, or `key = …` under `[section]` in `salus.toml` (in the home",
        "folder or the working directory). The environment wins; an unknown name is refused. `salus settings` shows",
        "each value and where it came from.",
        "",
        "- `SALUS_HOME`: the home folder, where packages, keys, runs and the registry are. Default: `.salus`.",
        "- `SALUS_DATA_DIR`: folders with local copies of public data sets, separated by `:`.",
        "",
    ]
    for section, kind in settings.SECTIONS.items():
        lines += [f"## `[{section}]`", "", inspect.cleandoc(kind.__doc__ or ""), ""]
        lines += ["| key | default | meaning |", "|---|---|---|"]
        lines += [f"| `{name}` | `{default}` | {text} |" for name, default, text in _fields(kind)]
        lines.append("")
    return "\n".join(lines)


def _fields(kind: type) -> list[tuple[str, str, str]]:
    body = ast.parse(inspect.getsource(kind)).body[0].body  # type: ignore[attr-defined]
    rows = []
    for field, text in zip(body, [*body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            default = ast.unparse(field.value) if field.value else ""
            default = "{}" if "default_factory" in default else default
            rows.append((ast.unparse(field.target), default, " ".join(str(text.value.value).split())))
    return rows


def main() -> None:
    """Write, or with --check end with 1 where a page is not what the program says."""
    stale = []
    for name, text in {"cli.md": write_cli(), "settings.md": write_settings()}.items():
        path = REFERENCE / name
        if "--check" in sys.argv:
            stale += [name] if not path.exists() or path.read_text(encoding="utf-8") != text else []
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        typer.echo(f"stale: {', '.join(stale)}; run: .venv/bin/python tools/write_reference.py", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    main()

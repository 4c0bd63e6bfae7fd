"""The site's reference pages, made out of the code while the site is built: a hook of mkdocs.

`python scripts/site_reference.py FOLDER` writes them into a folder, to be looked at.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PACKAGES = (
    *("badge", "badge.contract", "badge.storage", "badge.recording", "badge.host"),
    *("sim.engine", "sim.world", "sim.sources", "sim.scenario", "sim.fleet", "sim.ingest"),
    *("sim.platforms", "sim.notecard", "sim.air", "hil.card", "hil.ble", "hil.uplink"),
    *("hil.app", "hil.dut"),
)


def commands() -> str:
    """Every command with its help, its options and their defaults."""
    from badge.cli.main import badge
    from badge.cli.program.manual import every_command

    parts = ["# Commands\n", "Made from the program: what `badge COMMAND --help` says.\n"]
    with click.Context(badge, info_name="badge"):
        for words, command in every_command():
            name = " ".join(words)
            context = click.Context(command, info_name=name)
            parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def settings() -> str:
    """Exit codes, environment variables and keys of the settings file."""
    from badge.cli import exits
    from badge.cli.settings import ENVIRONMENT, SETTINGS
    from badge.extras import PURPOSES, line_of

    said = {
        exits.EXIT_OK: "done",
        exits.EXIT_DIFFERS: "the check ran, and found differences or faults",
        exits.EXIT_BAD_INPUT: "wrong usage, bad input, output that cannot be written",
        exits.EXIT_INTERNAL: "a fault of the program itself; the sentence names its trace",
        exits.EXIT_INTERRUPTED: "interrupted (Ctrl-C or SIGTERM)",
    }
    rows = [f"| `{one.name}` | `{one.variable}` | {one.meaning} |" for one in SETTINGS]
    more = (
        ("BADGE_BLECON_SECRET", "BADGE_GROUPLINK_SECRET", "BADGE_PERIDIO_SECRET"),
        ("NOTEHUB_TOKEN",),
    )
    return "\n".join(
        (
            "# Exit codes, settings, extras\n",
            "## Exit codes\n\n| code | means |\n|---|---|",
            *(f"| {code} | {words} |" for code, words in said.items()),
            "\n## Settings\n",
            "The first that says something counts: the command line, the environment, the table of",
            "the command in the file (`[simulate]`), the file's own key, the default. The file is",
            "`badge.toml`, or `[tool.badge]` in `pyproject.toml`, of this folder or the nearest",
            f"one above; `{ENVIRONMENT}=FILE` names another, `{ENVIRONMENT}=` none. `badge config`",
            "shows each with its origin.\n",
            "| key | variable | what |\n|---|---|---|",
            *rows,
            "\nSecrets of platforms and of Notehub's API: "
            + ", ".join(f"`{one}`" for names in more for one in names),
            "\n## Extras\n\n| extra | for | line |\n|---|---|---|",
            *(f"| `{name}` | {what} | `{line_of(name)}` |" for name, what in PURPOSES.items()),
            "",
        )
    )


def events() -> str:
    """The ten events, field by field, out of their models."""
    from badge.contract.json_schema import json_schema_document

    document = json_schema_document()
    parts = [
        "# Events\n",
        "Made from the models; the rules in words: [the contract](../contract.md).\n",
    ]
    for name, schema in sorted(document["$defs"].items()):
        if "properties" in schema:
            parts.append(_fields(name, schema))
    return "\n".join(parts)


def scenario() -> str:
    """Every key that a scenario may have, with its default and what it means."""
    from sim.scenario.language.model import Scenario

    schema = Scenario.model_json_schema()
    parts = ["# Scenario keys\n", "Made from the models; a story: [scenarios](../scenarios.md).\n"]
    parts.append(_fields("scenario", schema))
    parts += [
        _fields(name, one) for name, one in sorted(schema["$defs"].items()) if "properties" in one
    ]
    return "\n".join(parts)


def _fields(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"## {name}\n",
        f"{schema.get('description', '')}\n",
        "| key | takes | default | what |",
    ]
    rows.append("|---|---|---|---|")
    needed = schema.get("required", ())
    for key, one in schema["properties"].items():
        default = "needed" if key in needed else json.dumps(one.get("default"))
        rows.append(
            f"| `{key}` | {_kind(one)} | {_cell(default)} | {_cell(one.get('description', ''))} |"
        )
    return "\n".join(rows) + "\n"


def _kind(one: dict[str, Any]) -> str:
    if "$ref" in one:
        target = one["$ref"].rpartition("/")[2]
        return f"[{target}](#{target.lower()})"
    if "enum" in one:
        return _cell(", ".join(map(str, one["enum"])))
    if "const" in one:
        return _cell(str(one["const"]))
    if inner := one.get("anyOf") or one.get("oneOf"):
        return " or ".join(_kind(each) for each in inner)
    if one.get("type") == "array":
        return f"list of {_kind(one.get('items', {}))}"
    bounds = [f"{sign} {one[word]}" for word, sign in _BOUNDS.items() if word in one]
    return _cell(" ".join([str(one.get("type", "any")), *bounds]))


_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def python() -> str:
    """What each package hands on: signatures, and the contract that stands in the docstring."""
    parts = ["# Python\n", "What a package's `__init__` does not name is private, and may move.\n"]
    for name in PACKAGES:
        package = import_module(name)
        names = sorted(getattr(package, "__all__", ()))
        if not names:
            continue
        parts.append(f"## {name}\n\n{inspect.cleandoc(package.__doc__ or '').splitlines()[0]}\n")
        parts += list(_members(name, {one: getattr(package, one) for one in names}))
    return "\n".join(parts)


def _members(package: str, found: dict[str, Any]) -> Iterator[str]:
    for name, value in found.items():
        words = inspect.getdoc(value) if callable(value) or inspect.ismodule(value) else ""
        told = words or repr(value)[:200]
        yield f"### `{package}.{name}{_signature(value)}`\n\n```text\n{told}\n```\n"


def _signature(value: Any) -> str:
    if not callable(value):
        return ""
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return "(…)"
    return text if len(text) < 100 else "(…)"


PAGES: dict[str, Callable[[], str]] = {
    "reference/commands.md": commands,
    "reference/settings.md": settings,
    "reference/events.md": events,
    "reference/scenario.md": scenario,
    "reference/python.md": python,
}


def on_config(config: Any) -> Any:
    """Let a page that the navigation does not name stand at its end: none is out of reach."""
    named = str(config["nav"])
    docs = Path(config["docs_dir"])
    pages = sorted(str(path.relative_to(docs)) for path in docs.rglob("*.md"))
    more = [page for page in pages if f"'{page}'" not in named]
    if more:
        config["nav"].append({"More": more})
    return config


def on_files(files: Any, config: Any) -> Any:
    """Give mkdocs the pages that are in no file."""
    from mkdocs.structure.files import File

    for path, make in PAGES.items():
        files.append(File.generated(config, path, content=make()))
    return files


if __name__ == "__main__":
    for page, written in PAGES.items():
        target = Path(sys.argv[1]) / page
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(written(), encoding="utf-8")

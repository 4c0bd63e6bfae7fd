"""The site: built strictly, with all that the program has, and nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys

import click
import pytest

from badge.cli.main import badge
from badge.cli.program.manual import every_command
from badge.cli.settings import SETTINGS
from badge.contract.events import EVENT_TYPES
from scripts import site_reference
from tests.paths import DOCS, ROOT

LOADS = re.compile(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:[^"]+)"')


def test_the_reference_has_every_command_setting_event_and_key():
    commands = site_reference.commands()
    with click.Context(badge):
        for words, _ in every_command():
            assert f"\n## {' '.join(words)}\n" in commands
    settings = site_reference.settings()
    assert all(f"`{one.variable}`" in settings for one in SETTINGS)
    assert all(f"| {code} |" in settings for code in (0, 1, 2, 70, 130))
    events = site_reference.events()
    assert all(f"| {name} |" in events for name in EVENT_TYPES)
    scenario = site_reference.scenario()
    assert all(f"| `{key}` |" in scenario for key in ("seed", "temperature_c", "crews", "until"))
    python = site_reference.python()
    assert "### `badge.Badge(" in python
    assert "None" not in re.findall(r"```text\n(None)\n```", python)


def test_the_navigation_names_pages_that_there_are_and_the_rest_stands_at_its_end():
    named = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M)
    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")} | set(site_reference.PAGES)
    assert len(named) == len(set(named))
    assert set(named) <= pages
    nav = [{"Start": "index.md"}]
    (section,) = site_reference.on_config({"nav": nav, "docs_dir": str(DOCS)})["nav"][1:]
    assert "qa.md" in section["More"]
    assert "index.md" not in section["More"]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("material") is None, reason="the extra docs is absent")
def test_the_site_is_built_strictly_and_loads_nothing_from_elsewhere(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", tmp_path / "site"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        assert LOADS.findall(page.read_text("utf-8")) == [], page.name
    assert (tmp_path / "site" / "search" / "search_index.json").stat().st_size > 100_000

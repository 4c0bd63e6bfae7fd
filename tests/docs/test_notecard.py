"""The page tells the truth: its example runs, its tables name what there is."""

from __future__ import annotations

import re

import pytest

from sim.notecard.cli import notecard
from sim.notecard.model.faults import KINDS
from sim.notecard.requests.refusals import REFUSED
from sim.notecard.requests.table import REQUESTS
from tests.paths import DOCS
from tests.sim.notecard.requests import rig, story_card, story_rest

PAGE = (DOCS / "notecard.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_example_runs(capsys, monkeypatch):
    from notecard import notecard as client

    real = client.time.sleep
    monkeypatch.setattr(client.time, "sleep", lambda s: real(min(s, 0.01)))
    lines = section("In a test of yours").splitlines()
    code = "\n".join(line[4:] for line in lines if line.startswith("    "))
    exec(code, {})
    assert capsys.readouterr().out == "notecard-11.1.1.17494\n"


def rows() -> list[str]:
    """The table of requests, from what the tests of the requests show."""
    examples = story_card.EXAMPLES | story_rest.EXAMPLES
    found = []
    for name in rig.names():
        refused = REFUSED.get(name, {})
        acts = [one for one in rig.parameters(name) if one in examples.get(name, {})]
        but = [f"`{one}`" for one in rig.CONTRADICTED.get(name, {})]
        valid = f"but for {', '.join(but)}" if but else "yes"
        cells = (" ".join(acts) or "–", " ".join(refused) or "–", valid)
        found.append(f"| `{name}` | {' | '.join(cells)} |")
    return found


@pytest.mark.skipif(not rig.FOLDER.exists(), reason="the published schema is not here")
def test_the_table_of_requests_is_true():
    table = [line for line in section("What is answered").splitlines() if line.startswith("| `")]
    assert table == rows()
    assert len(table) == 74


def test_every_request_is_named():
    named = set(re.findall(r"`([a-z.]+)`", section("What is answered")))
    assert named >= set(REQUESTS)


def test_every_fault_and_option_is_named():
    assert set(re.findall(r"[a-z-]+", section("Faults"))) >= set(KINDS)
    for option in notecard.params:
        assert option.opts[0] in PAGE, option.opts

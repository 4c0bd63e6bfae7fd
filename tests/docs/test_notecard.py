"""The page tells the truth: its example runs, its tables name what there is."""

from __future__ import annotations

import re

from sim.notecard.cli import notecard
from sim.notecard.model.faults import KINDS
from sim.notecard.requests.table import REQUESTS
from tests.paths import DOCS

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


def test_every_request_is_named():
    words = set(re.findall(r"[a-z.]+", section("What is answered")))
    for name in REQUESTS:
        family, _, rest = name.partition(".")
        assert (rest or family) in words, name


def test_every_fault_and_option_is_named():
    assert set(re.findall(r"[a-z-]+", section("Faults"))) >= set(KINDS)
    for option in notecard.params:
        assert option.opts[0] in PAGE, option.opts

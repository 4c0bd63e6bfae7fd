"""Commands that take many things in turn show on a terminal how far they are."""

from __future__ import annotations

import pytest

from badge.cli import terminal
from tests.command import call


@pytest.fixture
def shown(monkeypatch):
    """Give what each progress display has come to: its description and how far, of how many."""
    found = []
    display = terminal.progress

    def watched(**columns):
        bar = display(**columns)
        stop = bar.stop

        def stopped():
            found.extend((task.description, task.completed, task.total) for task in bar.tasks)
            stop()

        bar.stop = stopped
        return bar

    monkeypatch.setattr(terminal, "progress", watched)
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two badges that hang at the depot for half an hour, and their recordings."""
    folder = tmp_path_factory.mktemp("idle")
    words = ("--badges", "2", "--hours", "0.5", "--record", str(folder / "recordings"))
    assert call("simulate", "office-day", *words, "--out", str(folder / "run")).code == 0
    return folder


def test_recordings_are_replayed_one_after_the_other(run, shown):
    assert call("replay", str(run / "recordings")).code == 0
    assert shown == [("recordings", 2, 2)]


def test_badges_are_explained_one_after_the_other(run, shown, tmp_path):
    call("reconstruct", str(run / "run" / "events.ndjson"), "--out", str(tmp_path / "made"))
    assert shown == [("badges", 2, 2)]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_sites_are_planned_one_after_the_other(shown, options):
    words = ("--hours", "1", "--badges", "1", *options)
    assert call("scenario", "check", "season-of-200", *words).code == 0
    assert shown == [("planning", 4, 4)]

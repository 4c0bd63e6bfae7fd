"""The virtual gates: met by the reference, missed when something is wrong."""

from __future__ import annotations

import pytest

from hil.gates import virtual
from hil.gates.trial import Trial


def figures_of(measured):
    return {figure.name: figure for figure in measured.figures}


@pytest.mark.parametrize("key", ["2", "3", "5", "outage"])
def test_the_reference_meets_them(key):
    trial = Trial("virtual", virtual.gates())
    result = trial.run(key)
    assert result.passed, result.figures
    assert result.samples


def test_the_same_seed_gives_the_same_figures():
    assert virtual.detection(3) == virtual.detection(3)
    assert virtual.positions(1) != virtual.positions(2)


def test_gate_3_is_run_at_every_metre():
    assert list(virtual.detection(0).shares) == list(range(1, 16))


def test_a_tag_in_step_with_the_scanner_fails_gate_3(monkeypatch):
    monkeypatch.setattr("hil.gates.virtual_world.TAG_INTERVAL_MS", 200)
    figures = figures_of(virtual.detection(0))
    assert not figures["cycles that detect the tag at 5 m"].met


def test_an_ingest_that_forgets_fails_the_outage_gate(monkeypatch):
    kept = virtual.MemoryIngest.post

    def forgets(self, upload):
        answer = kept(self, upload)
        if upload.first_sequence > 100:
            self.store._db.execute("DELETE FROM raw_events WHERE sequence_number = 101")
        return answer

    monkeypatch.setattr(virtual.MemoryIngest, "post", forgets)
    figures = figures_of(virtual.outage(0))
    assert [name for name, figure in figures.items() if not figure.met] == ["events lost"]


@pytest.mark.parametrize(("key", "hours", "told"), [("1", 1.5, 1.5), ("4", 1, 1), ("outage", 2, 1)])
def test_hours_shorten_the_long_gates_and_the_figure_says_so(key, hours, told):
    measured = virtual.gates(hours=hours)[key](virtual.silent)
    (figure,) = (one for name, one in figures_of(measured).items() if name.startswith("hours"))
    assert (figure.value, figure.met) == (f"{told:g} h", False)
    assert all(one.met for one in measured.figures if one is not figure)

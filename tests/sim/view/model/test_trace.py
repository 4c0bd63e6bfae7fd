import pytest

from badge.errors import InputError
from badge.host.recording_file import RecordingFile
from badge.inputs import Battery
from badge.machines.law import TABLES
from badge.recording.format import Happened, Wrote
from sim.view.model.trace import trace


def read(run):
    path = sorted((run.parent / "recordings").iterdir())[0]
    with RecordingFile(path) as file:
        return file.header, list(file)


def test_every_event_of_a_recording_gets_its_number_in_one_step(run):
    header, lines = read(run)
    steps = list(trace(header, lines, flash=False))
    numbers = [number for step in steps for number in step.numbers]
    wrote = [line.event["sequence_number"] for line in lines if isinstance(line, Wrote)]
    assert numbers[: len(wrote)] == wrote
    assert [s.ms for s in steps] == sorted(s.ms for s in steps)


def test_with_flash_the_same_happens_and_the_writes_are_told(run):
    header, lines = read(run)
    plain = list(trace(header, lines, flash=False))
    flashed = list(trace(header, lines, flash=True))
    assert [(s.ms, s.rows, s.numbers, s.queued) for s in plain] == [
        (s.ms, s.rows, s.numbers, s.queued) for s in flashed
    ]
    assert any(type(effect).__name__ == "Program" for s in flashed for effect in s.effects)


def test_the_tables_are_as_before_when_it_is_over(run):
    before = [table.rows for table in TABLES]
    header, lines = read(run)
    list(trace(header, lines, flash=False))
    assert [table.rows for table in TABLES] == before
    assert all(type(table.rows) is dict for table in TABLES)


def test_a_row_says_what_led_to_an_event(run):
    header, lines = read(run)
    rows = [s.rows for s in trace(header, lines, flash=False) if s.numbers and s.what is not None]
    used = {(row.machine, row.state, row.fact, row.next_state) for some in rows for row in some}
    assert ("gps", "waiting", "fix", "idle") in used


def test_an_impossible_story_is_an_input_error_with_its_place(run):
    header, _ = read(run)
    with pytest.raises(InputError, match="x: at 5 ms"):
        list(trace(header, [Happened(5, Battery(50))], "x", flash=False))

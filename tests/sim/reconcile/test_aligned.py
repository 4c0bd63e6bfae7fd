"""Two files of events side by side: what one lacks is one difference, whatever the numbers."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from badge.recording.alignment import Difference
from badge.recording.format import Wrote
from sim.reconcile.aligned import align_files, are_events, text_of
from tests.command import call
from tests.sim.reconcile.site import events, row_of, told, write_lines, write_parquet, write_run


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "a.ndjson", events())
    return tmp_path


def without(rows, device_id, number):
    """Leave an event out, and number on as a badge would that never logged it."""
    left = [e for e in rows if (e["device_id"], e["sequence_number"]) != (device_id, number)]
    return [
        {**e, "sequence_number": e["sequence_number"] - 1}
        if e["device_id"] == device_id and e["sequence_number"] > number
        else e
        for e in left
    ]


def test_equal_files_are_equal_in_any_order_of_devices(here):
    write_lines(here / "b.ndjson", [*events()[12:], *events()[:12]])
    said = call("reconcile", "a.ndjson", "--against", "b.ndjson")
    assert (said.code, said.out) == (0, "24 events logged, 24 held: equal\n")


def test_differences_are_shown_side_by_side_as_a_replay_shows_them(here):
    rows = without(events(), "ACT-00000001", 5)
    rows[20] = {**rows[20], "payload": {**rows[20]["payload"], "accuracy_m": 3.5}}
    write_lines(here / "b.ndjson", rows)
    said = call("reconcile", "a.ndjson", "--against", "b.ndjson", "--differences", "all")
    assert said.code == 1
    assert said.out.splitlines() == [
        "24 events logged, 23 held: 1 missing, 0 extra, 1 changed",
        "ACT-00000001: missing: event 5 gps at 2026-03-14T08:01:15Z",
        '  - {"lat": 33.705000000000005, "lon": -84.0, "accuracy_m": 12.0}',
        "ACT-00000002: changed: event 10 gps at 2026-03-14T08:02:30Z",
        "  payload.accuracy_m: logged 12.0, held 3.5",
    ]
    missing, changed = told(here / "all")
    assert (missing["kind"], missing["logged"]["sequence_number"]) == ("missing", 5)
    assert "held" not in missing
    assert changed["changes"] == [{"field": "payload.accuracy_m", "logged": 12.0, "held": 3.5}]


def test_for_machines_all_counts_and_the_first_examples(here):
    write_lines(here / "b.ndjson", events()[:20])
    said = call("reconcile", "a.ndjson", "--against", "b.ndjson", "--json", "--examples", "1")
    assert said.code == 1
    found = json.loads(said.out)
    assert found["differences"] == {"missing": 4, "extra": 0, "changed": 0}
    assert (found["clean"], found["expected"], found["held"]) == (False, 24, 20)
    assert [one["logged"]["sequence_number"] for one in found["aligned"]] == [9]


@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(1, 40), max_size=8), st.booleans())
def test_each_event_left_out_is_one_difference(tmp_path_factory, gone, back):
    """The law: numbered on as if they had never been, so many are missing, and nothing else."""
    folder = tmp_path_factory.mktemp("sides")
    left = events(1, 40)
    for number in sorted(gone, reverse=True):
        left = without(left, "ACT-00000001", number)
    whole, rest = write_lines(folder / "w", events(1, 40)), write_lines(folder / "r", left)
    found = align_files(rest, whole) if back else align_files(whole, rest)
    kind = "extra" if back else "missing"
    assert found.counts == {"missing": 0, "extra": 0, "changed": 0} | {kind: len(gone)}


def test_a_run_a_dump_a_parquet_file_and_by_number_are_compared_by_their_numbers(here):
    write_lines(here / "b.ndjson", without(events(), "ACT-00000001", 5))
    write_lines(here / "dump.ndjson", map(row_of, events()))
    write_run(here / "run", events(), [])
    write_parquet(
        here / "a.parquet", [{**e, "payload": json.dumps(e["payload"])} for e in events()]
    )
    for words in (
        ("a.ndjson", "--against", "dump.ndjson"),
        ("a.ndjson", "--against", "a.parquet"),
        ("run", "--against", "a.ndjson"),
    ):
        said = call("reconcile", *words)
        assert said.code == 0, said.out + said.err
        assert "intact  24" in said.out
    said = call("reconcile", "a.ndjson", "--against", "b.ndjson", "--by-number", "--json")
    assert json.loads(said.out)["differences"]["altered"] == 7


def test_only_files_that_begin_with_an_event_are_aligned(here):
    write_lines(here / "dump", map(row_of, events()))
    write_lines(here / "empty", [])
    (here / "no.json").write_text("{oops")
    assert are_events(here / "a.ndjson", here / "a.ndjson")
    for name in ("dump", "empty", "no.json", "gone", "."):
        assert not are_events(here / "a.ndjson", here / name), name


def test_a_moment_is_a_value_however_a_warehouse_spells_it(here):
    (logged,) = rows = events(1, 1)
    said = logged["timestamp_utc"]
    second = said.removesuffix("Z")
    spelled = [f"{second.replace('T', ' ')} UTC", f"{second}.000+00:00", {"$date": said}, said]
    write_lines(here / "logged.ndjson", rows)
    for words in spelled:
        write_lines(here / "held.ndjson", [{**logged, "timestamp_utc": words}])
        assert align_files(here / "logged.ndjson", here / "held.ndjson").found == []
    for words in (f"{second}.5Z", "2026-02-30T25:61:61Z", None, "soon"):
        write_lines(here / "held.ndjson", [{**logged, "timestamp_utc": words}])
        ((_, one),) = align_files(here / "logged.ndjson", here / "held.ndjson").found
        assert [name for name, _, _ in one.changes()] == ["timestamp_utc"]


def test_too_many_and_what_is_no_event_are_one_sentence_with_a_remedy(here):
    write_lines(here / "b.ndjson", events()[1:])
    with pytest.raises(InputError, match=r"more than 5 events.*--by-number"):
        align_files(here / "a.ndjson", here / "b.ndjson", 5)
    assert align_files(here / "a.ndjson", here / "a.ndjson", 5).found == []
    write_lines(here / "b.ndjson", [events()[0], {**events()[1], "sequence_number": "2"}])
    said = call("reconcile", "a.ndjson", "--against", "b.ndjson", "--differences", "all")
    assert said.code == 2
    assert "b.ndjson:2: no event with a device_id and a sequence_number" in said.err
    assert not (here / "all").exists()


def test_memory_does_not_grow_with_what_is_equal(tmp_path):
    peaks = []
    for count in (300, 1_500):
        log = ({**event, "payload": {"note": "x" * 16_000}} for event in events(1, count))
        path = write_lines(tmp_path / f"log{count}", log)
        tracemalloc.start()
        assert align_files(path, path).found == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1_200 * 4_000


def test_where_there_is_room_a_moment_is_told_in_milliseconds_too():
    event = {"sequence_number": 1, "event_type": "gps", "payload": {}}
    one = Difference(Wrote(0, {**event, "timestamp_utc": "2026-03-14T06:53:58Z"}), None)
    assert "at 2026-03-14T06:53:58Z (1773471238000 ms)" in text_of("A", one, wide=True)
    assert " ms)" not in text_of("A", one)
    undated = Difference(Wrote(0, {**event, "timestamp_utc": "soon"}), None)
    assert "at soon\n" in text_of("A", undated, wide=True)

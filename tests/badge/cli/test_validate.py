"""`badge validate`: what is wrong is said where, and nothing makes it fall over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from badge.cli.validate import validate
from badge.errors import InputError
from tests.strategies import batches, broken_events, events, unhurried

GPS: dict[str, Any] = {
    "device_id": "ACT-3F8A21B4",
    "firmware_version": "0.3.1",
    "event_type": "gps",
    "timestamp_utc": "2026-03-14T06:47:15Z",
    "sequence_number": 1042,
    "payload": {"lat": 33.749001, "lon": -84.387982, "accuracy_m": 4.2, "fix_type": "3d"},
}
WRONG = {**GPS, "sequence_number": 1043, "payload": {**GPS["payload"], "lat": 91}}
RULE = "payload.lat: must be a number from -90 to 90, not 91"


def run(raw: bytes, *arguments: str) -> Result:
    return CliRunner().invoke(validate, arguments, input=raw)


def file(folder: Path, content: object, name: str = "batch.json") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


@pytest.mark.parametrize(
    "document", [[GPS, GPS], GPS, {"body": GPS}, {"body": {"events": [GPS, GPS]}}]
)
def test_good_data_is_one_line_and_zero(document: object, tmp_path: Path) -> None:
    result = run(b"", file(tmp_path, document))
    count = len(document if isinstance(document, list) else []) or str(document).count("ACT-")
    plural = "s" if count > 1 else ""
    assert result.output == f"no fault in {count} event{plural}, 1 document, 1 file\n"
    assert result.exit_code == 0


def test_every_fault_is_a_line_with_its_place(tmp_path: Path) -> None:
    name = file(tmp_path, [GPS, GPS, WRONG, {**WRONG, "sequence_number": "x"}])
    result = run(b"", name)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{name}:event 3 (sequence 1043): {RULE}",
        f"{name}:event 4: sequence_number: must be an integer from 1 to 9223372036854775807, "
        'not "x"',
        f"{name}:event 4: {RULE}",
    ]
    assert result.stderr == "3 faults in 4 events, 1 document, 1 file\n"


def test_lines_are_named_by_their_number(tmp_path: Path) -> None:
    texts = [json.dumps(GPS), "", json.dumps([GPS, WRONG]), "{oops", json.dumps({"body": WRONG})]
    name = file(tmp_path, "\n".join(texts).encode())
    result = run(b"", name)
    assert result.stdout.splitlines() == [
        f"{name}:3:event 2 (sequence 1043): {RULE}",
        f"{name}:4: not JSON: key must be a string at column 2",
        f"{name}:5:event 1 (sequence 1043): {RULE}",
    ]
    assert result.stderr == "3 faults in 4 events, 4 documents, 1 file\n"


def test_the_batch_has_rules_too() -> None:
    assert "stdin: Batch is empty. Send 1 to 500 events.\n" in run(b"[]").output
    many = run(json.dumps([GPS] * 612).encode())
    assert "stdin: Batch limit is 500 events. Received 612.\n" in many.output
    last = run(json.dumps([*[GPS] * 611, WRONG]).encode())
    assert f"stdin:event 612 (sequence 1043): {RULE}\n" in last.output
    mixed = run(json.dumps([GPS, {**GPS, "device_id": "ACT-00000001"}]).encode())
    assert "stdin: Batch mixes device_ids: ACT-3F8A21B4, ACT-00000001." in mixed.output
    assert many.exit_code == mixed.exit_code == 1


def test_several_files_and_stdin_are_told_apart(tmp_path: Path) -> None:
    good, bad = file(tmp_path, GPS, "good"), file(tmp_path, WRONG, "bad")
    result = run(json.dumps(WRONG).encode(), good, bad, "-")
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [bad, "stdin"]
    assert result.stderr == "2 faults in 3 events, 3 documents, 3 files\n"


def test_machines_get_a_json_object_a_line() -> None:
    result = run(json.dumps([GPS, WRONG]).encode(), "--json")
    fault, totals = (json.loads(line) for line in result.stdout.splitlines())
    assert fault == {
        "file": "stdin",
        "line": None,
        "event": 2,
        "sequence_number": 1043,
        "path": "payload.lat",
        "reason": RULE,
    }
    assert totals == {"files": 1, "documents": 1, "events": 2, "faults": 1}
    assert result.stderr == ""


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    for name in (str(tmp_path / "missing"), str(tmp_path), "nul\0"):
        error = run(b"", name).exception
        assert isinstance(error, InputError)
        assert str(error).endswith("name a readable file, or - for stdin")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\0" * 50, "not JSON"),
        (b"\xef\xbb\xbf" + json.dumps([GPS]).encode(), "byte order mark"),
        (b'[{"device_id":"\xff"}]', "not JSON"),
        (json.dumps([GPS]).encode("utf-16"), "not JSON"),
        (b"[" * 10_000, "nested more than 200 levels deep"),
        (b"[" * 10_000 + b"]" * 10_000, "nested more than 200 levels deep"),
        (b"[1" + b"0" * 5000 + b"]", "a number with too many digits"),
        (b"NaN", "where a JSON array of events"),
        (b'{"hello":1}', "where a JSON array of events"),
    ],
)
def test_what_holds_no_events_is_a_fault(raw: bytes, words: str) -> None:
    result = run(raw)
    assert result.exit_code == 1
    assert words in result.stdout


@unhurried
@given(st.binary(max_size=120), st.booleans())
def test_any_bytes_get_a_verdict(raw: bytes, as_json: bool) -> None:
    result = run(raw, *["--json"] * as_json)
    assert result.exit_code in (0, 1)
    assert result.output.endswith("\n")


@unhurried
@given(batches(3), st.data())
def test_mutated_batches_get_a_verdict(batch: list[Any], data: st.DataObject) -> None:
    raw = bytearray(json.dumps(batch, indent=data.draw(st.sampled_from([None, 1]))).encode())
    at = data.draw(st.integers(0, len(raw)))
    raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=6))
    assert run(bytes(raw)).exit_code in (0, 1)


@unhurried
@given(st.lists(st.tuples(st.booleans(), events(), broken_events()), min_size=2, max_size=3))
def test_each_line_is_judged_for_itself(lines: list[tuple[bool, Any, Any]]) -> None:
    chosen = [good if ok else bad for ok, good, bad in lines]
    result = run("\n".join(json.dumps(event) for event in chosen).encode(), "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    wrong = {i for i, (ok, _, _) in enumerate(lines, 1) if not ok}
    assert {finding["line"] for finding in found[:-1]} == wrong
    assert result.exit_code == bool(wrong)


def test_a_post_of_another_platform_counts_its_events() -> None:
    result = run(b"[{},{},{}]\n[{}]\n", "--platform", "blecon", "--json")
    totals = json.loads(result.output.splitlines()[-1])
    assert (totals["events"], totals["documents"]) == (4, 2)

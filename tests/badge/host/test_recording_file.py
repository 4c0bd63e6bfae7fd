"""Recordings in files: both forms, and every way in which a file can be none."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.config import read_config
from badge.errors import InputError
from badge.host.recording_file import (
    LINE_BYTES_MAX,
    RecordingFile,
    RecordingTail,
    RecordingWriter,
)
from badge.inputs import Boot, GpsFix, ScanResult, UploadAnswer
from badge.recording.format import Happened, Header, Wrote

HEADER = Header(read_config({"device_id": "ACT-3F8A21B4"}), "0.3.1", note="a walk")
LINES = [
    Happened(0, Boot()),
    Wrote(0, {"sequence_number": 1, "payload": {}}),
    Happened(5, GpsFix(45.5, 15.25, hdop=1.5)),
    Happened(5, ScanResult((("F4:A7:2E:11:03:BC", -70),))),
    Happened(6, UploadAnswer(7, 207, rejected=((3, "no"),))),
]


def write(path, lines=LINES):
    with RecordingWriter(path, HEADER) as writer:
        for line in lines:
            if isinstance(line, Wrote):
                writer.wrote(line.ms, line.event)
            else:
                writer.happened(line.ms, line.what)
    return path


def read(path):
    with RecordingFile(path) as file:
        return file.header, list(file)


def read_or_fault(path):
    """The lines, or none and what is said against the file."""
    try:
        return read(path)[1], None
    except InputError as error:
        return [], str(error)


def fault(path, content):
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


@pytest.mark.parametrize("name", ["r.ndjson", "r.cbor"])
def test_both_forms_come_back_as_they_were(tmp_path, name):
    header, lines = read(write(tmp_path / name))
    assert (header.config, header.firmware_version, header.note) == (
        HEADER.config,
        "0.3.1",
        "a walk",
    )
    assert lines == LINES


def test_the_text_form_is_lines_of_json(tmp_path):
    content = write(tmp_path / "r.ndjson").read_bytes()
    assert content.startswith(b'{"format":"badge-recording","version":1,"config":{')
    assert content.count(b"\n") == 1 + len(LINES)
    assert b'{"ms":5,"in":{"type":"gps_fix","lat":45.5,"lon":15.25,"hdop":1.5}}\n' in content


def test_the_compact_form_is_smaller(tmp_path):
    text, compact = (write(tmp_path / name, LINES * 50) for name in ("r.ndjson", "r.cbor"))
    assert compact.stat().st_size < 0.9 * text.stat().st_size


def test_the_form_is_known_by_content_and_not_by_name(tmp_path):
    path = write(tmp_path / "r.cbor").rename(tmp_path / "r.ndjson")
    assert read(path)[1] == LINES


@given(st.data())
@settings(max_examples=40)
def test_a_cut_anywhere_is_named_or_leaves_whole_lines(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cut")
    for name in ("r.ndjson", "r.cbor"):
        path = write(folder / name)
        content = path.read_bytes()
        path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
        lines, said = read_or_fault(path)
        assert lines == LINES[: len(lines)]
        assert said is None or said.startswith(str(path))


def test_a_cut_in_the_middle_of_a_line_says_which_and_what_to_do(tmp_path):
    path = tmp_path / "r.ndjson"
    content = write(path).read_bytes()
    said = fault(path, content[:-5])
    assert said == "FILE line 6: cut off in the middle; delete this last line to replay the rest"


def test_a_cut_in_the_middle_of_an_item_says_which(tmp_path):
    path = tmp_path / "r.cbor"
    content = write(path).read_bytes()
    assert fault(path, content[:-1]).startswith("FILE item 6: cut off in the middle")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "FILE line 1: not a badge recording"),
        (b"\n", "FILE"),
        (b"{}\n", "FILE line 1: not a badge recording"),
        (b"{\n", "FILE line 1: not JSON"),
        (b"hello\n", "FILE"),
        (b"\x89PNG\r\n\x1a\n", "FILE"),
        (b"<gpx>\n", "FILE"),
        (b"[" * 100_000 + b"\n", "FILE"),
        (b"{" * 100_000 + b"\n", "FILE line 1: not JSON"),
        (b"\x9f" * 100_000, "FILE item 1"),
        (b"\xbf\x61\x61", "FILE item 1: cut off"),
        (b"\xfb\x00", "FILE item 1: cut off"),
        (b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", "FILE item 1"),
        (b"\xc1\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "FILE item 1"),
        (b"{" + b" " * LINE_BYTES_MAX + b"}\n", "FILE line 1: longer than"),
        (
            cbor2.dumps({"format": "badge-recording", "version": 9}),
            "FILE item 1: recording version 9",
        ),
    ],
)
def test_what_is_no_recording_is_named(tmp_path, content, words):
    assert fault(tmp_path / "x", content).startswith(words)


@given(st.binary(max_size=60))
@settings(max_examples=150)
def test_no_bytes_make_it_fail_otherwise(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "fuzz"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read(path)


@given(st.binary(min_size=1, max_size=20), st.integers(0, 5000), st.sampled_from(["json", "cbor"]))
@settings(max_examples=150)
def test_no_damage_makes_it_fail_otherwise(tmp_path_factory, damage, at, form):
    path = write(tmp_path_factory.getbasetemp() / f"damaged.{form}")
    content = bytearray(path.read_bytes())
    at %= len(content)
    content[at : at + len(damage)] = damage
    path.write_bytes(content)
    _, said = read_or_fault(path)
    assert said is None or said.startswith(str(path))


def test_a_full_disk_names_the_file():
    writer = RecordingWriter("/dev/full", HEADER)
    with pytest.raises(OSError, match="No space") as caught:
        writer.close()
    assert caught.value.filename == "/dev/full"


def test_a_file_that_is_not_there_is_an_error_of_the_file_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        RecordingFile(tmp_path / "nothing")


BY_HAND = {
    "no newline at the end": lambda content: content.removesuffix(b"\n"),
    "blank lines": lambda content: b"\n" + content.replace(b"\n", b"\n \r\n") + b"\n",
    "a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "lines of another system": lambda content: content.replace(b"\n", b"\r\n"),
    "spaces": lambda content: content.replace(b'":', b'" : '),
}


@pytest.mark.parametrize("change", BY_HAND)
def test_what_an_editor_does_to_a_recording_changes_nothing(tmp_path, change):
    path = write(tmp_path / "r.ndjson")
    path.write_bytes(BY_HAND[change](path.read_bytes()))
    header, lines = read(path)
    assert header.note == "a walk"
    assert lines == LINES


def test_a_fault_behind_blank_lines_is_on_the_line_that_an_editor_shows(tmp_path):
    content = write(tmp_path / "r.ndjson").read_bytes()
    said = fault(tmp_path / "x", content + b'\n\n{"ms":7,"in":{"type":"x"}}\n')
    assert said.startswith("FILE line 9: ")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (b"NaN", "not JSON: NaN or Infinity"),
        (b"1e999", "in.x: a number beyond a 64-bit float"),
        (b"9" * 400, "in.x: a number beyond a 64-bit float"),
    ],
)
def test_a_number_that_no_badge_can_count_is_named(tmp_path, number, words):
    content = write(tmp_path / "r.ndjson").read_bytes()
    said = fault(tmp_path / "x", content + b'{"ms":7,"in":{"type":"tick","x":' + number + b"}}\n")
    assert f"FILE line 7: {words}" in said


def test_a_gap_that_no_badge_had_is_named_and_one_of_weeks_is_not(tmp_path):
    day = 86_400_000
    lines = [Happened(0, Boot()), Happened(35 * day, Boot()), Happened(70 * day, Boot())]
    assert read(write(tmp_path / "r.ndjson", lines))[1] == lines
    path = write(tmp_path / "r.ndjson", [Happened(0, Boot()), Happened(35 * day + 1, Boot())])
    with pytest.raises(InputError, match=r"line 3: ms 3024000001 is 35 days after"):
        read(path)


@pytest.mark.parametrize("name", ["r.ndjson", "r.cbor"])
def test_a_live_recording_is_in_the_file_line_by_line(tmp_path, name):
    path = tmp_path / name
    with RecordingWriter(path, HEADER, live=True) as writer:
        for number, line in enumerate(LINES[:2]):
            if number:
                assert read(path)[1] == LINES[:number]
            if isinstance(line, Wrote):
                writer.wrote(line.ms, line.event)
            else:
                writer.happened(line.ms, line.what)
        assert read(path)[1] == LINES[:2]


@pytest.mark.parametrize("suffix", [".ndjson", ".cbor"])
def test_a_tail_reads_what_has_come_whole_wherever_the_writer_is(tmp_path, suffix):
    path = tmp_path / f"whole{suffix}"
    write(path)
    content, growing = path.read_bytes(), tmp_path / f"growing{suffix}"
    growing.write_bytes(b"")
    tail, found = RecordingTail(growing), []
    for end in [*range(0, len(content), 7), len(content)]:
        growing.write_bytes(content[:end])
        found += tail.read(1)
    while more := tail.read(1):
        found += more
    assert tail.broken is None
    assert (tail.header, found) == read(path)


def test_a_tail_stops_at_a_broken_line_and_at_one_without_end(tmp_path):
    path = tmp_path / "r.ndjson"
    RecordingWriter(path, HEADER).close()
    with path.open("ab") as file:
        file.write(b'{"ms":1,"in":{"type":"battery","pct":5}}\n{nonsense\n')
    tail = RecordingTail(path)
    assert len(tail.read(9)) == 1
    assert "at byte" in tail.broken
    assert tail.read(9) == []
    with path.open("wb") as file:
        file.write(b" " * (LINE_BYTES_MAX + 2))
    endless = RecordingTail(path)
    endless.read(9)
    assert "longer than" in endless.broken

"""The badge's own: events, recordings, configurations, answers, flash."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from random import Random

import cbor2

from badge.answers import read_answer
from badge.config import read_config
from badge.contract.documents import documents, parse
from badge.contract.validation import batch_fault, decode, judge, judge_json, unwrap
from badge.host.config_file import parse_assignment, read_config_file, read_settings
from badge.host.flash_file import FlashFile
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.inputs import Assign, Battery, Boot, Cellular, ConfigPush, GpsFix, ScanResult, UtcLearned
from badge.recording.format import Header
from badge.recording.playback import replay
from badge.storage.journal import FlashJournal
from sim.engine.flash import of_flash
from tests.badge.storage.test_recovery import FLASH, life
from tests.fuzz.mutate import json_document, json_lines, mixed, octets, text_lines
from tests.fuzz.reader import Reader, directly, from_file
from tests.sim.ingest.site import PAYLOADS, batch, event

CONFIG = {"device_id": "ACT-3F8A21B4", "known_equipment_tags": ["F4:A7:2E:11:03:BC"]}
HAPPENED = (
    (0, Boot()),
    (10, UtcLearned(1_773_477_135_000)),
    (1_000, Assign("W-007", "W-001")),
    (2_000, GpsFix(45.5, 15.25, hdop=1.5)),
    (12_000, ScanResult((("F4:A7:2E:11:03:BC", -70),))),
    (13_000, Battery(9, 3400)),
    (14_000, Cellular(True)),
    (15_000, ConfigPush({"gps_interval_s": 30})),
)


def _json(*values: object) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def _lines(values: list[object]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


EVENTS = [event(n, kind) for n, kind in enumerate(PAYLOADS, 1)]
NOTE = {"device": "dev:1", "file": "events.qo", "body": EVENTS[0]}


def events_seeds(folder: Path) -> list[bytes]:
    """Batches, one event, a note."""
    return _json(EVENTS, batch(1, 2, 3), EVENTS[0], NOTE, {"body": {"events": EVENTS}})


def line_seeds(folder: Path) -> list[bytes]:
    """Files of events: a line each, batches, one document."""
    return [_lines(EVENTS), _lines([EVENTS, batch(1, 2)]), json.dumps(EVENTS, indent=1).encode()]


def _judged(content: bytes) -> object:
    judged = judge_json(content)
    return [str(fault.reason) for fault in judged.faults]


def _unwrapped(content: bytes) -> object:
    events = unwrap(decode(content))
    return batch_fault(events), judge(events)


def _documents(content: bytes) -> object:
    return [parse(one.raw, f"line {one.line}") for one in documents(BytesIO(content))]


def _answer(content: bytes) -> object:
    headers, _, body = content.partition(b"\n")
    retry = {"retry-after": headers.decode(errors="replace")}
    return [read_answer(1, status, retry, body) for status in (202, 207, 422, 503)]


def answer_seeds(folder: Path) -> list[bytes]:
    """Retry-After, then the body."""
    refused = {"sequence_number": 3, "reason": "no"}
    some = {"accepted": 2, "rejected": 1, "rejected_events": [refused]}
    return [b"%d\n%s" % (n, one) for n, one in enumerate(_json(some, {"code": "x", "error": "y"}))]


def _written(folder: Path, name: str) -> bytes:
    header = Header(read_config(CONFIG), "0.3.1", note="a walk")
    path = folder / name
    with RecordingWriter(path, header) as writer:
        for ms, what in HAPPENED:
            writer.happened(ms, what)
        for number, one in enumerate(EVENTS):
            writer.wrote(16_000 + number, one)
    return path.read_bytes()


def recording_seeds(folder: Path) -> list[bytes]:
    """A recording as lines."""
    return [_written(folder, "seed.ndjson")]


def cbor_seeds(folder: Path) -> list[bytes]:
    """A recording as a CBOR sequence."""
    return [_written(folder, "seed.cbor")]


def _replayed(path: Path) -> object:
    with RecordingFile(path) as file:
        return len(list(replay(file.header, file, str(path))))


def _cbor(rng: Random, seed: bytes, others: object) -> bytes:
    """Change the items as lines of JSON, then write them as CBOR again."""
    stream, items = BytesIO(seed), []
    while stream.tell() < len(seed):
        items.append(cbor2.load(stream))
    changed = json_lines(rng, _lines(items)[:-1], [b"{}"]).split(b"\n")
    out = []
    for line in changed:
        try:
            out.append(cbor2.dumps(json.loads(line)))
        except (ValueError, RecursionError, cbor2.CBOREncodeError):
            out.append(line)
    return b"".join(out)


def _config(path: Path) -> object:
    return read_config_file(path), read_settings(path, [("gps_interval_s", 30)])


def _assignment(content: bytes) -> object:
    return [parse_assignment(line) for line in content.decode(errors="surrogateescape").split("\n")]


def flash_seeds(folder: Path) -> list[bytes]:
    """Flash images: young, lapped, with a configuration, blank."""
    images = [bytes(b"\xff" * FLASH.total_bytes)]
    for count in (1, 30, 120):
        chip, journal = life(count)
        for effect in of_flash(journal.save_config({"gps_interval_s": 30, "gps_timeout_s": count})):
            chip.perform(effect)
        images.append(chip.read(0, FLASH.total_bytes))
    return images


def _pages(rng: Random, seed: bytes, others: object) -> bytes:
    """Swap, repeat, blank and rot whole pages: what a file system that lost blocks leaves."""
    size = FLASH.page_bytes
    pages = [seed[at : at + size] for at in range(0, len(seed), size)]
    for _ in range(rng.randrange(1, 5)):
        one, other = rng.randrange(len(pages)), rng.randrange(len(pages))
        kinds = (pages[other], b"\xff" * size, bytes(size), rng.randbytes(size))
        pages[one] = rng.choice(kinds)
    return b"".join(pages)


def _in_place(rng: Random, seed: bytes, others: list[bytes]) -> bytes:
    """Octets that change, in an image of the right size: another size is refused at once."""
    changed = octets(rng, seed, others)
    return changed[: len(seed)] + seed[len(changed) :]


def _boots(path: Path) -> object:
    """Boot twice on the image: what the first boot writes, the second has to read."""
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    found = []
    for _ in range(2):
        with FlashFile(path, FLASH) as flash:
            journal = FlashJournal(flash, FLASH)
            recovered = journal.recover()
            for effect in of_flash(recovered.effects):
                flash.perform(effect)
            found.append((recovered, journal.config_document))
    return found


READERS = (
    Reader("events", lambda _: _json(EVENTS, batch(1)), directly(_judged), json_document),
    Reader("events-unwrapped", events_seeds, directly(_unwrapped), json_document),
    Reader("documents", line_seeds, directly(_documents), json_lines),
    Reader("answer", answer_seeds, directly(_answer), mixed((3, json_lines), (1, octets)), ()),
    Reader("recording", recording_seeds, from_file(_replayed, "r.ndjson"), json_lines),
    Reader("recording-cbor", cbor_seeds, from_file(_replayed, "r"), mixed((1, _cbor), (1, octets))),
    Reader(
        "config",
        lambda folder: _json(CONFIG, read_config(CONFIG).document()),
        from_file(_config, "device_config.json"),
        json_document,
    ),
    Reader("config-words", lambda _: [b"a=1\nb=[1,2]\nc=x"], directly(_assignment), text_lines),
    Reader(
        "flash",
        flash_seeds,
        from_file(_boots, "badge.flash"),
        mixed((3, _in_place), (1, _pages), (1, octets)),
        heavy=4,
    ),
)

"""What `badge replay --to`, `load`, `edit` and `reconstruct` are given."""

from __future__ import annotations

from pathlib import Path

from badge.contract.validation import judge
from badge.host.recording_file import RecordingFile
from badge.recording.anonymise import Anonymiser
from badge.recording.edit import cut, story_of, whole
from sim.reconcile.scratch import scratch
from sim.reconcile.stores.names import parse_names
from sim.reconcile.stores.open import open_store
from sim.reconstruct.held import by_device
from sim.reconstruct.seen import seen
from sim.traffic.batches import Spool
from sim.traffic.choice import Chosen
from sim.traffic.open import open_traffic
from tests.fuzz.mutate import json_lines
from tests.fuzz.reader import Reader, from_file
from tests.fuzz.readers.badge import line_seeds, recording_seeds


def _line_seeds(folder: Path) -> list[bytes]:
    return line_seeds(folder)[:1]


def _sent(path: Path) -> object:
    with Spool() as spool:
        return len(Chosen().of(open_traffic([str(path)], spool).batches, str(path)))


def _edited(path: Path) -> object:
    with RecordingFile(path) as file:
        story = story_of(file.header, file, str(path))
    part = cut(story, story.end_ms // 2, story.end_ms, str(path))
    return len(list(whole(Anonymiser().story(part), str(path))))


def _held(path: Path) -> object:
    with open_store(str(path)) as store, scratch() as room:
        found = by_device(store, parse_names((), ()), room)
        held = [judge(list(found.events(name))) for name in found.devices]
        return [len(seen(list(one.valid.values()), str(path))) for one in held if one.valid]


READERS = (
    Reader("traffic-events", _line_seeds, from_file(_sent, "t.ndjson"), json_lines, heavy=8),
    Reader("traffic-recording", recording_seeds, from_file(_sent, "t.ndjson"), json_lines, heavy=8),
    Reader("edit-recording", recording_seeds, from_file(_edited, "r.ndjson"), json_lines, heavy=8),
    Reader("held-events", line_seeds, from_file(_held, "h.ndjson"), json_lines, heavy=8),
)

"""Perfetto's trace: a process a badge, a track a machine, a slice a state, flows to the answers."""

from __future__ import annotations

from importlib import import_module  # its messages have no types
from typing import Any, BinaryIO

from badge.words import counted
from sim.view.export.rows import rows_of_picture
from sim.view.model.retold import Retold
from sim.view.sources.opened import Opened

_SEQUENCE = 1
TRACKS_A_BADGE = 1000
EVENTS, UPLOADS = 1, 2
_FIRST_LANE, _FIRST_MACHINE = 100, 10
MACHINE = "machine "


class _Tracks:
    """Writes packets; a track is made when it is first used."""

    def __init__(self, opened: Opened) -> None:
        builder = import_module("perfetto.trace_builder.proto_builder").TraceProtoBuilder
        messages = import_module("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
        self.builder, self._kinds = builder(), messages.TrackEvent
        self._devices = opened.picture.document["devices"]
        self._made: set[int] = set()

    def track(self, device: int, place: int, name: str) -> int:
        """Give a track of a badge, under its process."""
        process = (device + 1) * TRACKS_A_BADGE
        if process not in self._made:
            self._made.add(process)
            badge = self._devices[device]
            told = self.builder.add_packet().track_descriptor
            told.uuid = process
            told.process.pid = device + 1
            told.process.process_name = f"{badge['id']} {badge['worker']}".strip()
        uuid = process + place
        if uuid not in self._made:
            self._made.add(uuid)
            told = self.builder.add_packet().track_descriptor
            told.uuid, told.parent_uuid, told.name = uuid, process, name
        return uuid

    def instant(self, uuid: int, t_ms: float, name: str) -> Any:
        """Write a moment; gives it, for flows and notes."""
        return self._event(uuid, t_ms, self._kinds.TYPE_INSTANT, name)

    def slice(self, uuid: int, t0_ms: float, t1_ms: float, name: str) -> Any:
        """Write what lasts; gives its beginning."""
        begun = self._event(uuid, t0_ms, self._kinds.TYPE_SLICE_BEGIN, name)
        self._event(uuid, t1_ms, self._kinds.TYPE_SLICE_END, "")
        return begun

    def _event(self, uuid: int, t_ms: float, kind: int, name: str) -> Any:
        packet = self.builder.add_packet()
        packet.timestamp = max(round(t_ms), 0) * 1_000_000
        packet.trusted_packet_sequence_id = _SEQUENCE
        packet.track_event.type = kind
        packet.track_event.track_uuid = uuid
        if name:
            packet.track_event.name = name
        return packet.track_event


def write_perfetto(opened: Opened, file: BinaryIO) -> None:
    """Write the trace; machines and flows are there for badges that were recorded."""
    tracks = _Tracks(opened)
    for place, badge in enumerate(opened.picture.document["devices"]):
        told = opened.retold(badge["id"])
        if told is not None:
            _write_machines(tracks, place, told)
            _write_uploads(tracks, place, told)
    for one in rows_of_picture(opened.picture):
        track = tracks.track(one.device, EVENTS, "events")
        event = tracks.instant(track, one.t_ms, one.kind)
        if one.number is not None and opened.retold(one.device_id) is not None:
            event.flow_ids.append(_flow(one.device, one.number))
    _write_lanes(tracks, opened)
    file.write(tracks.builder.serialize())


def _flow(device: int, number: int) -> int:
    return ((device + 1) << 40 | number) & (2**63 - 1)


def _write_machines(tracks: _Tracks, device: int, told: Retold) -> None:
    names = list(dict.fromkeys(span.machine for span in told.states.spans))
    for span in told.states.spans:
        place = _FIRST_MACHINE + names.index(span.machine)
        track = tracks.track(device, place, MACHINE + span.machine)
        tracks.slice(track, told.t_ms(span.start_ms), told.t_ms(span.end_ms), span.state)


def _write_uploads(tracks: _Tracks, device: int, told: Retold) -> None:
    """Write each request once; the flows of its events lead through it to its answer."""
    track = tracks.track(device, UPLOADS, "requests")
    requests: dict[int, tuple[dict[str, Any], list[int]]] = {}
    for number, cause in told.causes.by_number.items():
        for batch in cause["sent"]:
            requests.setdefault(batch["request"], (batch, []))[1].append(number)
    for batch, numbers in requests.values():
        flows = [_flow(device, number) for number in numbers]
        answer = batch["answer"]
        sent_ms = told.t_ms(batch["ms"])
        end_ms = told.t_ms(answer["ms"] if answer else batch["ms"] + 1)
        name = f"{counted(batch['events'], 'event')}, {batch['first']} to {batch['last']}"
        tracks.slice(track, sent_ms, max(end_ms, sent_ms + 1), name).flow_ids.extend(flows)
        if answer:
            said = "no answer" if answer["status"] is None else str(answer["status"])
            event = tracks.instant(tracks.track(device, UPLOADS + 1, "answers"), end_ms, said)
            event.terminating_flow_ids.extend(flows)


def _write_lanes(tracks: _Tracks, opened: Opened) -> None:
    """Write the lanes' spans; those of one lane may overlap, so each label has its own track."""
    document, spans = opened.picture.document, opened.picture.tables["spans"]
    names = ("t0_ms", "t1_ms", "label", "device", "lane")
    places: dict[tuple[int, int, int], int] = {}
    for t0_ms, t1_ms, label, device, lane in zip(
        *(spans[name].tolist() for name in names), strict=True
    ):
        word, its = document["words"][label], document["lanes"][lane]
        if its == "uploads":
            continue
        apart = label if its == "tags" else -1
        key = device, lane, apart
        if key not in places:
            used = sum(1 for one in places if one[0] == device)
            places[key] = min(_FIRST_LANE + used, TRACKS_A_BADGE - 1)
        track = tracks.track(device, places[key], f"{its} {word}" if apart >= 0 else its)
        if t1_ms > t0_ms:
            tracks.slice(track, t0_ms, t1_ms, word)
        else:
            tracks.instant(track, t0_ms, word)

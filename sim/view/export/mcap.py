"""MCAP for Foxglove: places as foxglove.LocationFix, events and numbers as JSON, a topic each."""

from __future__ import annotations

from importlib import import_module  # its writer has no types
from typing import Any, BinaryIO

from pydantic_core import to_json

from badge.errors import InputError
from sim.view.export.rows import Degrees, rows_of_picture
from sim.view.sources.opened import Opened

CHANNELS_MAX = 0xFFFF  # their number has 16 bits
_NUMBER = {"type": "number"}
_TIME = {"type": "object", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}
FIX = {
    "title": "foxglove.LocationFix",
    "type": "object",
    "properties": {
        "timestamp": _TIME,
        "frame_id": {"type": "string"},
        "latitude": _NUMBER,
        "longitude": _NUMBER,
        "altitude": _NUMBER,
        "position_covariance": {"type": "array", "items": _NUMBER},
        "position_covariance_type": {"type": "integer"},
    },
}
EVENT = {"title": "badge.Event", "type": "object"}
SAMPLE = {"title": "badge.Sample", "type": "object", "properties": {"value": _NUMBER}}
_DIAGONAL = 2  # position_covariance_type DIAGONAL_KNOWN


class _Topics:
    """The channels of a file, each made when it is first used."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._schemas: dict[str, int] = {}
        self._channels: dict[str, int] = {}

    def write(self, topic: str, schema: dict[str, Any], t_ms: float, message: object) -> None:
        if topic not in self._channels:
            if len(self._channels) >= CHANNELS_MAX:
                raise InputError(
                    f"MCAP has room for {CHANNELS_MAX:,} topics, and these badges need more: take "
                    "fewer of them, or csv"
                )
            self._channels[topic] = self._writer.register_channel(
                topic=topic, message_encoding="json", schema_id=self._schema(schema)
            )
        at_ns = max(round(t_ms), 0) * 1_000_000
        content = to_json(message, inf_nan_mode="null")
        self._writer.add_message(
            channel_id=self._channels[topic], log_time=at_ns, publish_time=at_ns, data=content
        )

    def _schema(self, schema: dict[str, Any]) -> int:
        name = schema["title"]
        if name not in self._schemas:
            self._schemas[name] = self._writer.register_schema(
                name=name, encoding="jsonschema", data=to_json(schema)
            )
        return self._schemas[name]


def write_mcap(opened: Opened, file: BinaryIO) -> None:
    """Write topics /ID/fix, /ID/true, /ID/events, and /ID/LANE for each lane of numbers."""
    writer = import_module("mcap.writer").Writer(file)
    writer.start(profile="", library="badge export")
    topics = _Topics(writer)
    for one in rows_of_picture(opened.picture):
        if one.said is not None:
            fix = _fix(one.said, one.t_ms, one.device_id, one.accuracy_m)
            topics.write(f"/{one.device_id}/fix", FIX, one.t_ms, fix)
        if one.true is not None:
            fix = _fix(one.true, one.t_ms, one.device_id, None)
            topics.write(f"/{one.device_id}/true", FIX, one.t_ms, fix)
        event = opened.about(one.row).get("event", {})
        topics.write(f"/{one.device_id}/events", EVENT, one.t_ms, event)
    _write_samples(opened, topics)
    writer.finish()


def _write_samples(opened: Opened, topics: _Topics) -> None:
    document, samples = opened.picture.document, opened.picture.tables["samples"]
    columns = (samples[name].tolist() for name in ("t_ms", "value", "device", "tag", "lane"))
    for t_ms, value, device, tag, lane in zip(*columns, strict=True):
        name = document["lanes"][lane]
        if tag >= 0:
            name += "/" + document["tags"][tag]["name"]
        topic = f"/{document['devices'][device]['id']}/{name}"
        topics.write(topic, SAMPLE, t_ms, {"value": value})


def _fix(place: Degrees, t_ms: float, frame: str, accuracy_m: float | None) -> dict[str, Any]:
    whole_s, rest_ms = divmod(max(round(t_ms), 0), 1000)
    variance = (accuracy_m or 0.0) ** 2
    return {
        "timestamp": {"sec": whole_s, "nsec": rest_ms * 1_000_000},
        "frame_id": frame,
        "latitude": place[0],
        "longitude": place[1],
        "altitude": 0.0,
        "position_covariance": [variance, 0, 0, 0, variance, 0, 0, 0, variance],
        "position_covariance_type": _DIAGONAL if accuracy_m is not None else 0,
    }

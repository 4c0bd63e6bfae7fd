"""A recording: what happened to a badge and what it logged, line by line.

First line: `{"format":"badge-recording","version":1,"config":{…},"firmware_version":…,
"store":{…},"note":…}`; `store` is what the badge already held and is left out when it was new.
Then `{"ms":15000,"in":{"type":"gps_fix",…}}` for inputs and `{"ms":15000,"out":{…event…}}` for
logged events.  The same objects as a CBOR sequence make the compact form.  The api_key is in
neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from badge import inputs
from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from badge.inputs import Input

FORMAT, VERSION = "badge-recording", 1

NAMES: dict[type, str] = {
    inputs.Boot: "boot",
    inputs.Tick: "tick",
    inputs.UtcLearned: "utc",
    inputs.Assign: "assign",
    inputs.Unassign: "unassign",
    inputs.GpsFix: "gps_fix",
    inputs.ScanResult: "scan",
    inputs.Movement: "movement",
    inputs.Battery: "battery",
    inputs.Cellular: "cellular",
    inputs.UploadAnswer: "upload_answer",
    inputs.ConfigPush: "config",
    inputs.FirmwareOffer: "firmware",
    inputs.FlashFault: "flash_fault",
}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for kind, name in NAMES.items()}
_FIELDS = {kind: tuple((f.name, f.default) for f in fields(kind)) for kind in NAMES}


@dataclass(frozen=True, slots=True)
class Header:
    """Where a recording starts: configuration, firmware, and what the store held (or None)."""

    config: BadgeConfig
    firmware_version: str
    store: Mapping[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """An input, `ms` after the recording's start."""

    ms: int
    what: Input


@dataclass(frozen=True, slots=True)
class Wrote:
    """An event that the badge logged, `ms` after the recording's start."""

    ms: int
    event: Mapping[str, Any]


def header_document(header: Header) -> dict[str, Any]:
    """Return the first object of a recording."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "config": header.config.public(),
        "firmware_version": header.firmware_version,
    }
    if header.store is not None:
        document["store"] = dict(header.store)
    if header.note:
        document["note"] = header.note
    return document


def input_document(ms: int, what: Input) -> dict[str, Any]:
    """Return the object of an input; what has its default is left out, and so is any api_key."""
    document: dict[str, Any] = {"type": NAMES[type(what)]}
    for name, default in _FIELDS[type(what)]:
        value = getattr(what, name)
        if value != default:
            document[name] = value
    if isinstance(what, inputs.ConfigPush):
        pushed = what.document.items()
        document["document"] = {key: value for key, value in pushed if key != "api_key"}
    return {"ms": ms, "in": document}


def output_document(ms: int, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object of a logged event."""
    return {"ms": ms, "out": event}


def line(document: Mapping[str, Any]) -> bytes:
    """Return an object as one line of text, newline included."""
    return to_json(document) + b"\n"


def read_header(document: object, place: str) -> Header:
    """Read the first object; `InputError` at `place` if it does not start a recording."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f'{place}: not a badge recording (no "format":"{FORMAT}")')
    if document.get("version") != VERSION:
        raise InputError(f"{place}: recording version {document.get('version')!r}, known is 1")
    firmware = document.get("firmware_version", "0.1.0")
    if not isinstance(firmware, str):
        raise InputError(f"{place}: firmware_version must be a string")
    config = read_config(document.get("config"), place=f"{place}: config")
    return Header(config, firmware, document.get("store"), str(document.get("note", "")))


def read_document(document: object, place: str) -> Happened | Wrote:
    """Read one object after the first; `InputError` at `place` if it is neither in nor out."""
    if not isinstance(document, dict) or type(document.get("ms")) is not int:
        raise InputError(f'{place}: expected {{"ms":…,"in":…}} or {{"ms":…,"out":…}}')
    if isinstance(document.get("out"), dict):
        return Wrote(document["ms"], document["out"])
    return Happened(document["ms"], _read_input(document.get("in"), place))


def _read_input(document: object, place: str) -> Input:
    if not isinstance(document, dict) or document.get("type") not in _ADAPTERS:
        kinds = ", ".join(_ADAPTERS)
        raise InputError(f'{place}: "in" needs a "type" out of {kinds}')
    values = {name: _TUPLES.get(name, _same)(v) for name, v in document.items() if name != "type"}
    try:
        what: Input = _ADAPTERS[document["type"]].validate_python(values)
    except (ValidationError, TypeError) as error:
        raise InputError(f"{place}: {document['type']}: {_first(error)}") from None
    return what


def _same(value: Any) -> Any:
    return value


def _pairs(value: Any) -> Any:
    return tuple(tuple(item) for item in value)


_TUPLES: dict[str, Callable[[Any], Any]] = {"heard": _pairs, "rejected": _pairs}


def _first(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    detail = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"

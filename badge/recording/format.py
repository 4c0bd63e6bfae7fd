"""A recording: what happened to a badge and what it logged, line by line.

First line: `{"format":"badge-recording","version":1,"config":{…},"firmware_version":…,
"store":{…},"note":…}`; `store` is what the badge already held and is left out when it was new.
Then `{"ms":15000,"in":{"type":"gps_fix",…}}` for inputs and `{"ms":15000,"out":{…event…}}` for
logged events.  The same objects as a CBOR sequence make the compact form.  The api_key is in
neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, get_type_hints

from pydantic import ConfigDict, ValidationError, create_model
from pydantic_core import SchemaValidator, to_json

from badge import inputs
from badge.config import BadgeConfig, read_config
from badge.contract.events import VERSION_PATTERN
from badge.contract.patterns import message
from badge.errors import InputError
from badge.inputs import Input

FORMAT, VERSION = "badge-recording", 1
# Whoever writes Unix time into `ms` by hand would wait for decades of deadlines; a badge that
# heard nothing for five weeks has nothing to replay.
MS_MAX = 400 * 86_400_000
GAP_MS_MAX = 35 * 86_400_000

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
_KINDS: dict[str, Callable[..., Input]] = {name: kind for kind, name in NAMES.items()}
_FIELDS = {kind: tuple((f.name, f.default) for f in fields(kind)) for kind in NAMES}


def _form(kind: type, name: str) -> SchemaValidator:
    """Make a validator of an input's fields: exact types, nothing unknown."""
    hints = get_type_hints(kind)
    wanted: dict[str, Any] = {
        f.name: (hints[f.name], ... if f.default is MISSING else f.default) for f in fields(kind)
    }
    strict = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    form: SchemaValidator = create_model(name, __config__=strict, **wanted).__pydantic_validator__
    return form


# Made once: a recording of a day has some 30,000 inputs.
_FORMS = {name: _form(kind, name) for kind, name in NAMES.items()}


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
        # Small lines, and a new optional field leaves old recordings' bytes as they are.
        if value != default:
            document[name] = value
    if isinstance(what, inputs.ConfigPush):
        pushed = what.document.items()
        # Never in a recording (section 3, OTA: api_key in no log, event, error or recording).
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
    if not isinstance(firmware, str) or not re.fullmatch(VERSION_PATTERN, firmware):
        raise InputError(f"{place}: firmware_version: expected major.minor.patch")
    config = read_config(document.get("config"), place=f"{place}: config")
    store = document.get("store")
    if store is not None and not isinstance(store, dict):
        raise InputError(f"{place}: store: expected a JSON object")
    return Header(config, firmware, store, str(document.get("note", "")))


def read_document(document: object, place: str) -> Happened | Wrote:
    """Read one object after the first; `InputError` at `place` if it is neither in nor out."""
    if not isinstance(document, dict) or type(document.get("ms")) is not int:
        raise InputError(f'{place}: expected {{"ms":…,"in":…}} or {{"ms":…,"out":…}}')
    if "in" in document and "out" in document:
        raise InputError(f'{place}: "in" and "out" need a line each')
    ms = document["ms"]
    if not 0 <= ms <= MS_MAX:
        raise InputError(
            f"{place}: ms {ms}: a recording spans {MS_MAX // 86_400_000} days at most; ms counts "
            "from its start, not from 1970"
        )
    if "out" in document:
        return Wrote(ms, _read_event(document["out"], place))
    return Happened(ms, _read_input(document.get("in"), place))


def _read_event(document: object, place: str) -> dict[str, Any]:
    """Take any event that can be compared: its schema may be of another version."""
    if (
        not isinstance(document, dict)
        or type(document.get("sequence_number")) is not int
        or not isinstance(document.get("payload"), dict)
        or not isinstance(document.get("event_type", ""), str)
    ):
        raise InputError(
            f'{place}: "out" needs an event with sequence_number, event_type and payload'
        )
    return document


def _read_input(document: object, place: str) -> Input:
    name = document.get("type") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(name, str) or name not in _KINDS:
        raise InputError(f'{place}: "in" needs a "type" out of {", ".join(_KINDS)}')
    values = {key: _pairs(value) for key, value in document.items() if key != "type"}
    try:
        return _KINDS[name](**vars(_FORMS[name].validate_python(values)))
    except ValidationError as error:
        raise InputError(f"{place}: {name}: {_first(error)}") from None


def _pairs(value: Any) -> Any:
    """Lists of lists, which JSON has, become tuples of tuples, which inputs have."""
    if isinstance(value, list):
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return value


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, detail['loc']))}: {message(detail)}"

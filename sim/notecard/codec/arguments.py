"""Arguments of a request: one table of types for all names, as the card checks them.

The card decodes every request into one structure, so a known name with a wrong type is an error
in any request, and an unknown name is ignored in all.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from math import isfinite
from typing import Any, NoReturn

Members = dict[str, Any]  # one JSON object
INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
DEPTH_MAX = 64
FLOAT_MAX = 1e300


class RequestError(Exception):
    """A request that the card refuses: the text of ``err``, and members that go with it."""

    def __init__(self, text: str, **members: object) -> None:
        super().__init__(text)
        self.text = text
        self.members: Members = dict(members)


def _names(words: str, kind: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), kind)


FIELDS: dict[str, str] = (
    _names(
        "req cmd product sn mode host vinbound voutbound vvalue file note payload text name"
        " status method key format route content tracker label vseconds email org role apn"
        " password ssid err",
        "string",
    )
    | _names(
        "outbound inbound duration seconds minutes hours days count max min add length offset cobs"
        " port total i2c ms milliseconds sensitivity motion api megabytes threshold",
        "int32",
    )
    | _names("time", "int64")
    | _names("lat lon value vmin vmax calibration rate", "float64")
    | _names(
        "sync align on off umin uoff uperiodic allow in out delete deleted decrypt start"
        " stop reset verify full live binary limit connected usb alert heartbeat set flag async"
        " unsecure gps pending now",
        "bool",
    )
    | _names("body", "object")
    | _names("version details", "string or object")
    | _names("files names usage", "strings")
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # an escape that may be half of a pair
_DIGITS_MAX = 19  # of a whole number; beyond, the card's parser keeps a float64


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"invalid number {word}")


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _DIGITS_MAX else _finite(text)


def _finite(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"number out of range {text[:20]}")
    return value


def parse_request(line: bytes) -> Members:
    """Decode one trimmed line; RequestError with ``{io}`` for anything but one JSON object."""
    text = line.decode("utf-8", "replace")
    if not text.startswith("{"):
        raise RequestError(f"JSON object expected: {text[:100]}  {{io}}")
    try:
        members = _decoded_json(text)
    except json.JSONDecodeError as error:
        raise RequestError(_json_fault(text, error)) from None
    except (ValueError, RecursionError):
        raise RequestError(f"cannot interpret JSON: bad value near '{text[:40]}' {{io}}") from None
    request: Members = members
    if _too_deep(request):
        raise RequestError(f"cannot interpret JSON: nested too deeply near '{text[:40]}' {{io}}")
    return request


def _decoded_json(text: str) -> Any:
    """JSON by the standard, which knows neither NaN nor half a surrogate pair; ValueError."""
    value = json.loads(
        text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer
    )
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
    return value


def foreign_json(data: bytes, depth: int = DEPTH_MAX) -> Any:
    """What a server or a file sent as JSON; ValueError for whatever a card could not keep."""
    try:
        value = _decoded_json(data.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _too_deep(value, depth):
        raise ValueError("nested too deeply")
    return value


def _too_deep(value: object, depth: int = DEPTH_MAX) -> bool:
    """Whether anything lies deeper than `depth`; without recursion, which has a limit too."""
    level = [value]
    for _ in range(depth):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _json_fault(text: str, error: json.JSONDecodeError) -> str:
    ended = error.pos >= len(text) or error.msg.startswith("Unterminated")
    what = "premature end of input" if ended else "invalid character"
    near = text[max(0, error.pos - 10) : error.pos + 10]
    return f"cannot interpret JSON: {what} near '{near} ' {{io}}"


def fits(kind: str, value: object) -> bool:
    """Whether a decoded value is of one of the kinds of `FIELDS`."""
    if not kind:
        return False
    if kind == "string or object":
        return isinstance(value, str | dict)
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "object":
        return isinstance(value, dict)
    if kind == "string":
        return isinstance(value, str)
    if kind == "strings":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind == "float64":
        return -FLOAT_MAX < value < FLOAT_MAX
    if isinstance(value, float) and abs(value) > FLOAT_MAX:
        return False
    low, high = (INT32_MIN, INT32_MAX) if kind == "int32" else (-(2**63), 2**63 - 1)
    return value == int(value) and low <= value <= high


_WORDS = {"object": "JSON object", "strings": "list of strings"}


class Args:
    """The checked arguments of one request; `null` counts as absent."""

    def __init__(self, members: Members) -> None:
        self.all = {name: value for name, value in members.items() if value is not None}
        for name, value in self.all.items():
            kind = FIELDS.get(name)
            if kind is not None and not fits(kind, value):
                word = _WORDS.get(kind, kind)
                raise RequestError(f"{name}: field {name}: unmarshal: expected a {word} {{io}}")

    def __contains__(self, name: str) -> bool:
        return name in self.all

    def text(self, name: str, default: str = "") -> str:
        """A string argument; an empty one counts as absent."""
        return str(self.all.get(name) or default)

    def integer(self, name: str, default: int = 0) -> int:
        """An integer argument."""
        return int(self.all.get(name, default))

    def number(self, name: str, default: float = 0.0) -> float:
        """A number argument."""
        return float(self.all.get(name, default))

    def flag(self, name: str) -> bool:
        """A boolean argument; absent is False."""
        return bool(self.all.get(name, False))

    def body(self) -> Members | None:
        """The `body` object, or None."""
        found: Members | None = self.all.get("body")
        return found

    def strings(self, name: str) -> list[str]:
        """A list of strings; absent is empty."""
        return list(self.all.get(name, ()))

    def payload(self) -> bytes | None:
        """The decoded base64 `payload`, or None; RequestError if it is not base64."""
        return decoded(self.text("payload")) if self.text("payload") else None

    def required(self, name: str, kind: str = "") -> str:
        """A string that must be there; RequestError names it."""
        found = self.text(name)
        if not found:
            raise RequestError(f"{kind or name} is required")
        return found


def decoded(text: str) -> bytes:
    """Base64 to bytes; RequestError if it is none."""
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise RequestError("payload: field payload: unmarshal: illegal base64 data {io}") from None


def spoken(**members: Any) -> Members:
    """Members of a reply without those that the card leaves out: null, false, 0, "" and []."""
    return {name: value for name, value in members.items() if value or isinstance(value, dict)}

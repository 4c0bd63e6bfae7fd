"""Writes a device_config.json to a device over its console, and waits for its reboot."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol

from badge.config import BadgeConfig
from badge.contract.validation import judge
from badge.errors import InputError

ANSWER_TIMEOUT_S = 10.0
REBOOT_TIMEOUT_S = 30.0
LINE_BYTES_MAX = 4096
CONSOLE_BAUD = 115_200


class Console(Protocol):
    """A device's console."""

    def send(self, line: bytes) -> None:
        """Send a line with its LF."""

    def read(self) -> bytes:
        """Return what has arrived, after waiting a moment."""

    def close(self) -> None:
        """Let go."""


class SerialConsole:
    """A console on `serial:PATH[:BAUD]`, for this program alone."""

    def __init__(self, spec: str, option: str = "--port") -> None:
        scheme, _, path = spec.partition(":")
        bare, _, last = path.rpartition(":")
        baud = int(last) if bare and last.isdecimal() else CONSOLE_BAUD
        if scheme != "serial" or not path:
            raise InputError(f"{option} {spec}: write it like serial:/dev/ttyUSB1 or …:115200")
        serial = import_module("serial")
        self._path = bare if bare and last.isdecimal() else path
        self._errors = (OSError, serial.SerialException)
        try:
            self._port = serial.Serial(self._path, baud, timeout=0.1, exclusive=True)
        except (*self._errors, ValueError) as error:
            raise InputError(f"{option} {spec}: {error}; see docs/hardware.md") from None

    def send(self, line: bytes) -> None:
        """See `Console`."""
        try:
            self._port.write(line)
        except self._errors as error:
            raise InputError(f"{self._path}: the cable is out ({error})") from None

    def read(self) -> bytes:
        """See `Console`.  A device with its own USB goes and comes with its restart."""
        try:
            return bytes(self._port.read(max(1, self._port.in_waiting)))
        except self._errors:
            time.sleep(0.2)
            with suppress(*self._errors):
                self._port.close()
                self._port.open()
            return b""

    def close(self) -> None:
        """See `Console`."""
        with suppress(*self._errors):
            self._port.close()


def provision(
    console: Console, config: BadgeConfig, now_s: Callable[[], float] = time.monotonic
) -> Mapping[str, Any]:
    """Write the configuration and return the `reboot` event that the device then logs.

    InputError if the device refuses, does not answer within 10 s, or does not boot within 30 s,
    as that device.  Lines that are something else are passed over.
    """
    document = config.document()
    console.send(json.dumps({"provision": document}, separators=(",", ":")).encode() + b"\n")
    lines = Lines(console, now_s)
    until_s = now_s() + ANSWER_TIMEOUT_S
    while (answer := lines.next(until_s - now_s())).get("ok") is not True:
        if answer.get("ok") is False:
            raise InputError(f"the device refuses: {str(answer.get('error', 'no reason'))[:200]}")
        if not answer:
            raise InputError(f"the device did not answer within {ANSWER_TIMEOUT_S:g} s")
    until_s = now_s() + REBOOT_TIMEOUT_S
    while line := lines.next(until_s - now_s()):
        event = line.get("event", line)
        if isinstance(event, dict) and event.get("event_type") == "reboot":
            return _checked(event, config)
    raise InputError(
        f"the device took the configuration and logged no reboot within {REBOOT_TIMEOUT_S:g} s"
    )


def _checked(event: dict[str, Any], config: BadgeConfig) -> Mapping[str, Any]:
    faults = judge([event]).faults
    if faults:
        raise InputError(f"the device's reboot event is not right: {faults[0].reason}")
    if event["device_id"] != config.device_id:
        raise InputError(f"the device boots as {event['device_id']}, not as {config.device_id}")
    return event


class Lines:
    """The JSON objects among a console's lines; whatever else it prints is passed over."""

    def __init__(self, console: Console, now_s: Callable[[], float]) -> None:
        self._console, self._now_s = console, now_s
        self._lines: deque[bytes] = deque()
        self._pending = b""

    def next(self, timeout_s: float) -> dict[str, Any]:
        """Return the next one; an empty one when the time is over."""
        until_s = self._now_s() + timeout_s
        while True:
            while self._lines:
                with suppress(ValueError, RecursionError):
                    document = json.loads(self._lines.popleft())
                    if isinstance(document, dict) and document:
                        return document
            if self._now_s() >= until_s:
                return {}
            *lines, rest = (self._pending + self._console.read()).split(b"\n")
            self._lines.extend(lines)
            self._pending = rest[-LINE_BYTES_MAX:]

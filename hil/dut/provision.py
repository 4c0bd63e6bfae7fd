"""Writes a device_config.json to a device over its console, and waits for its reboot."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from badge.config import BadgeConfig
from badge.contract.validation import judge
from badge.errors import InputError
from hil.dut.drivers.console import Console, ConsoleLines, JsonLines

ANSWER_TIMEOUT_S = 10.0  # a device erases and writes a page of flash, which takes a second
REBOOT_TIMEOUT_S = 30.0  # the boot of the slowest boot loader, and UTC for its event


def provision(
    console: Console, config: BadgeConfig, now_s: Callable[[], float] = time.monotonic
) -> Mapping[str, object]:
    """Write the configuration and return the `reboot` event that the device then logs.

    InputError if the device refuses, does not answer within 10 s, or does not boot within 30 s,
    as that device.  Lines that are something else are passed over.
    """
    document = config.document()
    console.send(json.dumps({"provision": document}, separators=(",", ":")).encode() + b"\n")
    lines = JsonLines(ConsoleLines(console, now_s), now_s)
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


def _checked(event: dict[str, object], config: BadgeConfig) -> Mapping[str, object]:
    faults = judge([event]).faults
    if faults:
        raise InputError(f"the device's reboot event is not right: {faults[0].reason}")
    if event["device_id"] != config.device_id:
        raise InputError(f"the device boots as {event['device_id']}, not as {config.device_id}")
    return event

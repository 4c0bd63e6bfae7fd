"""What is attached to this computer: ports, cards, radios.  Asks only what changes nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from badge.errors import InputError
from hil.card.client import Notecard
from hil.card.errors import CardError, CardRefusedError
from hil.card.open import open_notecard

NOTECARD_USB_VENDOR = 0x30A4
_BLUEZ_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Found:
    """One thing: its kind, the words to name it with, what it is, and how it is."""

    kind: str
    name: str
    what: str
    state: str
    ok: bool = True


def probe(asked: Iterable[str] = ()) -> list[Found]:
    """Look at everything; `asked` are ports to speak to though they do not look like a card."""
    specs = list(asked)
    found: list[Found] = []
    for port in _serial_ports():
        spec = f"serial:{port.device}"
        if port.vid == NOTECARD_USB_VENDOR and spec not in specs:
            specs.append(spec)
        if spec not in specs:
            found.append(Found("port", spec, _port_words(port), "not asked"))
    found += [
        Found("port", f"i2c:{path}:0x17", "I2C bus", "not asked")
        for path in sorted(Path("/dev").glob("i2c-*"))
        if not any(spec.startswith(f"i2c:{path}") for spec in specs)
    ]
    cards = [_card(spec) for spec in specs]
    return [*cards, *found, *_radios()]


def _serial_ports() -> list[Any]:
    ports = import_module("serial.tools.list_ports").comports()
    return sorted(ports, key=lambda port: str(port.device))


def _port_words(port: Any) -> str:
    if port.vid is None:
        return "serial port" if port.description in (None, "n/a") else str(port.description)
    maker = port.manufacturer or "USB"
    return f"{maker} {port.product or 'serial'} ({port.vid:04x}:{port.pid:04x})"


# -- cards -------------------------------------------------------------------------------------


def _card(spec: str) -> Found:
    card = open_notecard(spec)
    try:
        version = card.ask("card.version", timeout_s=3)
        words = [f"Notecard {version.get('sku', '')} {version.get('version', '')}".strip()]
        words.append(str(version.get("device", "")))
        return Found("card", spec, ", ".join(words), "; ".join(_card_state(card)))
    except CardError as error:
        return Found("card", spec, "no answer", str(error).partition(": ")[2], ok=False)
    finally:
        card.close()


def _card_state(card: Notecard) -> list[str]:
    """Ask for what is set and measured; requests without arguments set nothing."""
    hub = _ask(card, "hub.get")
    link = _ask(card, "hub.status")
    voltage = _ask(card, "card.voltage")
    place = _ask(card, "card.location")
    moment = _ask(card, "card.time")
    product = hub.get("product") or "no product set"
    return [
        f"{product}, {hub.get('mode', '?')}",
        "online" if link.get("connected") else "offline",
        "time known" if moment.get("time") else "no time yet",
        f"{voltage['value']:.2f} V" if "value" in voltage else "voltage unknown",
        "GPS " + (place.get("mode") or "unknown"),
    ]


def _ask(card: Notecard, request: str) -> dict[str, Any]:
    try:
        return card.ask(request, timeout_s=3)
    except CardRefusedError as error:
        return error.reply


# -- radios ------------------------------------------------------------------------------------


def _radios() -> list[Found]:
    if sys.platform != "linux":
        return [Found("radio", "bleak", "this system's Bluetooth", "tried when it is used")]
    try:
        return asyncio.run(asyncio.wait_for(_bluez(), _BLUEZ_TIMEOUT_S))
    except (InputError, TimeoutError) as error:
        why = str(error) or "bluetoothd does not answer"
        return [Found("radio", "bleak", "Bluetooth", why, ok=False)]


async def _bluez() -> list[Found]:
    from dbus_fast import BusType, Message
    from dbus_fast.aio import MessageBus

    from hil.ble.errors import explain

    try:
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except (OSError, EOFError, ValueError) as error:
        raise explain(error, "bleak") from None
    try:
        manager = "org.freedesktop.DBus.ObjectManager"
        call = Message("org.bluez", "/", manager, "GetManagedObjects")
        answer = await bus.call(call)
    finally:
        bus.disconnect()
    if answer is None or answer.error_name:
        raise InputError("bluetoothd does not run; start it: sudo systemctl start bluetooth")
    return _adapters(answer.body[0]) or [
        Found("radio", "bleak", "Bluetooth", "no adapter; plug one in", ok=False)
    ]


def _adapters(objects: dict[str, Any]) -> list[Found]:
    found: list[Found] = []
    for path, interfaces in sorted(objects.items()):
        adapter = interfaces.get("org.bluez.Adapter1")
        if adapter is not None:
            powered = bool(adapter["Powered"].value)
            words = f"Bluetooth adapter {adapter['Address'].value}"
            state = "on" if powered else "off; switch it on: bluetoothctl power on"
            name = f"bleak:{path.rpartition('/')[2]}"
            found.append(Found("radio", name, words, state, ok=powered))
    return found

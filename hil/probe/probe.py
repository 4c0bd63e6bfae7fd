"""What is attached to this computer: ports, cards, radios.  Asks only what changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from badge.errors import InputError
from hil.card.client import Notecard
from hil.card.errors import CardError, CardRefusedError
from hil.card.open import open_notecard
from hil.card.reply import CardAnswer

if TYPE_CHECKING:
    from hil.ble.bluez import AdapterState

NOTECARD_USB_VENDOR = 0x30A4  # Blues
_BLUEZ_TIMEOUT_S = 3.0  # it answers from memory, or hangs


@dataclass(frozen=True, slots=True)
class FoundPart:
    """One thing: its kind, the words to name it with, what it is, and how it is."""

    kind: str
    name: str
    what: str
    state: str
    ok: bool = True


def probe(asked: Iterable[str] = ()) -> list[FoundPart]:
    """Look at everything; `asked` are ports to speak to though they do not look like a card."""
    specs = list(asked)
    found: list[FoundPart] = []
    for port in _serial_ports():
        spec = f"serial:{port.device}"
        if port.vid == NOTECARD_USB_VENDOR and spec not in specs:
            specs.append(spec)
        if spec not in specs:
            found.append(FoundPart("port", spec, _port_words(port), "not asked"))
    found += [
        FoundPart("port", f"i2c:{path}:0x17", "I2C bus", "not asked")
        for path in sorted(Path("/dev").glob("i2c-*"))
        if not any(spec.startswith(f"i2c:{path}") for spec in specs)
    ]
    cards = [_card(spec) for spec in specs]
    return [*cards, *found, *_radios()]


class ListedPort(Protocol):
    """What pyserial, which has no types, tells of a port."""

    device: str
    description: str | None
    manufacturer: str | None
    product: str | None
    vid: int | None
    pid: int | None


def _serial_ports() -> list[ListedPort]:
    ports: list[ListedPort] = import_module("serial.tools.list_ports").comports()
    return sorted(ports, key=lambda port: port.device)


def _port_words(port: ListedPort) -> str:
    if port.vid is None:
        return "serial port" if port.description in (None, "n/a") else str(port.description)
    maker = port.manufacturer or "USB"
    return f"{maker} {port.product or 'serial'} ({port.vid:04x}:{port.pid:04x})"


# -- cards -------------------------------------------------------------------------------------


def _card(spec: str) -> FoundPart:
    card = open_notecard(spec)
    try:
        version = card.ask("card.version", timeout_s=3)
        words = [f"Notecard {version.text('sku')} {version.text('version')}".strip()]
        words.append(version.text("device"))
        return FoundPart("card", spec, ", ".join(words), "; ".join(_card_state(card)))
    except CardError as error:
        return FoundPart("card", spec, "no answer", str(error).partition(": ")[2], ok=False)
    finally:
        card.close()


def _card_state(card: Notecard) -> list[str]:
    """Ask for what is set and measured; requests without arguments set nothing."""
    hub = _ask(card, "hub.get")
    link = _ask(card, "hub.status")
    voltage = _ask(card, "card.voltage")
    place = _ask(card, "card.location")
    moment = _ask(card, "card.time")
    product, volts = hub.text("product") or "no product set", voltage.number("value")
    return [
        f"{product}, {hub.text('mode') or '?'}",
        "online" if link.get("connected") else "offline",
        "time known" if moment.get("time") else "no time yet",
        "voltage unknown" if volts is None else f"{volts:.2f} V",
        "GPS " + (place.text("mode") or "unknown"),
    ]


def _ask(card: Notecard, request: str) -> CardAnswer:
    try:
        return card.ask(request, timeout_s=3)
    except CardRefusedError as error:
        return error.reply


# -- radios ------------------------------------------------------------------------------------


def _radios() -> list[FoundPart]:
    try:
        from hil.ble.bluez import list_adapters
    except ModuleNotFoundError:  # the extra brings dbus-fast on Linux alone
        return [FoundPart("radio", "bleak", "this system's Bluetooth", "tried when it is used")]

    try:
        return _described(asyncio.run(asyncio.wait_for(list_adapters(), _BLUEZ_TIMEOUT_S)))
    except (InputError, TimeoutError) as error:
        why = str(error) or "bluetoothd does not answer"
        return [FoundPart("radio", "bleak", "Bluetooth", why, ok=False)]


def _described(adapters: list[AdapterState]) -> list[FoundPart]:
    if not adapters:
        return [FoundPart("radio", "bleak", "Bluetooth", "no adapter; plug one in", ok=False)]
    return [
        FoundPart(
            "radio",
            f"bleak:{one.name}",
            f"Bluetooth adapter {one.address}",
            "on" if one.powered else "off; switch it on: bluetoothctl power on",
            ok=one.powered,
        )
        for one in adapters
    ]

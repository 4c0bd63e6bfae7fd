"""What stands behind the badge's ports fits them, as a type checker sees it."""

from __future__ import annotations

import inspect

import pytest

from badge.host.flash_file import FlashFile
from hil.ble.scanner import NoScanner, Scanner
from hil.card.sensors import CardSensors
from hil.gates.confirmations import Confirmations
from hil.ports import Sensors, SyncedFlash, TagScanner, Uplink
from hil.uplink.note import NoteUplink
from hil.uplink.web import WebUplink


@pytest.mark.parametrize(
    ("port", "kinds"),
    [
        (Sensors, [CardSensors]),
        (TagScanner, [Scanner, NoScanner]),
        (Uplink, [WebUplink, NoteUplink, Confirmations]),
        (SyncedFlash, [FlashFile]),
    ],
)
def test_every_kind_has_what_its_port_asks_for(port, kinds):
    wanted = {
        name: list(inspect.signature(method).parameters)
        for base in port.__mro__[:-1]
        for name, method in vars(base).items()
        if not name.startswith("_") and callable(method)
    }
    assert wanted
    for kind in kinds:
        found = {name: list(inspect.signature(getattr(kind, name)).parameters) for name in wanted}
        assert found == wanted, kind

"""A card by the name of its port."""

from __future__ import annotations

import pytest

from hil.card.open import _parse


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("serial:/dev/ttyACM0", ("serial", "/dev/ttyACM0", 9600)),
        ("serial:/dev/ttyUSB0:115200", ("serial", "/dev/ttyUSB0", 115200)),
        ("serial:COM3", ("serial", "COM3", 9600)),
        ("serial:/dev/serial/by-path/pci-0:14.0-usb-0:1:1.0", None),
        ("i2c:/dev/i2c-1", ("i2c", "/dev/i2c-1", 0x17)),
        ("i2c:/dev/i2c-1:0x18", ("i2c", "/dev/i2c-1", 0x18)),
        ("i2c-socket:card.sock", ("i2c-socket", "card.sock", 0x17)),
    ],
)
def test_names_of_ports(spec, parts):
    assert _parse(spec) == (parts or ("serial", spec.removeprefix("serial:"), 9600))

from __future__ import annotations

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)
from dbus_fast import AuthError

from badge.errors import InputError
from hil.ble.errors import explain


def dbus(name):
    return BleakDBusError(name, ["text"])


@pytest.mark.parametrize(
    ("error", "remedy", "hopeless"),
    [
        (dbus("org.bluez.Error.InProgress"), "bluetoothctl power off", False),
        (dbus("org.bluez.Error.NotReady"), "bluetoothctl power on", False),
        (dbus("org.bluez.Error.Failed"), "journalctl -u bluetooth", False),
        (dbus("org.freedesktop.DBus.Error.ServiceUnknown"), "systemctl start bluetooth", False),
        (dbus("org.freedesktop.DBus.Error.AccessDenied"), "group bluetooth", True),
        (BleakError("adapter 'hci7' not found"), "bluetoothctl list", True),
        (BleakError("strange"), "strange", False),
        (BleakError(), "BleakError", False),
        (FileNotFoundError(2, "No such file or directory"), "is dbus running", False),
        (TimeoutError(), "systemctl restart bluetooth", False),
        (AuthError("rejected"), "rejected", False),
    ],
)
def test_every_failure_names_its_place_and_a_remedy(error, remedy, hopeless):
    ours = explain(error, "hci3")
    assert isinstance(ours, InputError)
    assert str(ours).startswith("scanner hci3: ")
    assert remedy in str(ours)
    assert ours.hopeless is hopeless


@pytest.mark.parametrize("reason", [r for r in BleakBluetoothNotAvailableReason if r.value < 6])
def test_every_reason_for_no_bluetooth_is_in_our_words(reason):
    ours = explain(BleakBluetoothNotAvailableError("bleak's own text", reason), "bleak")
    assert "bleak's own text" not in str(ours)

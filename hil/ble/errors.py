"""What bleak, D-Bus and the system say when scanning fails, in a user's words."""

from __future__ import annotations

from badge.errors import InputError

_BLUEZ = {
    "org.bluez.Error.InProgress": (
        "another scan of this program runs on it, or bluetoothd is stuck; end the other one, "
        "or switch the adapter off and on with: bluetoothctl power off; bluetoothctl power on",
        False,
    ),
    "org.bluez.Error.NotReady": (
        "the adapter is switched off; switch it on with: bluetoothctl power on",
        False,
    ),
    "org.bluez.Error.NotPermitted": (
        "this user may not scan; add the user to the group bluetooth",
        True,
    ),
    "org.freedesktop.DBus.Error.AccessDenied": (
        "this user may not talk to bluetoothd; add the user to the group bluetooth",
        True,
    ),
    "org.freedesktop.DBus.Error.ServiceUnknown": (
        "bluetoothd does not run; start it with: sudo systemctl start bluetooth",
        False,
    ),
    "org.freedesktop.DBus.Error.NameHasNoOwner": (
        "bluetoothd does not run; start it with: sudo systemctl start bluetooth",
        False,
    ),
}
_UNAVAILABLE = {
    "NO_BLUETOOTH": ("there is no Bluetooth adapter; plug one in and see: bluetoothctl list", True),
    "NO_BLE_CENTRAL_ROLE": ("the adapter cannot do Bluetooth Low Energy; use another", True),
    "POWERED_OFF": ("Bluetooth is switched off; switch it on: bluetoothctl power on", False),
    "DENIED_BY_USER": ("Bluetooth is not allowed for this program; allow it in the settings", True),
    "DENIED_BY_SYSTEM": ("the system does not allow Bluetooth; check its policy", True),
}


class ScannerError(InputError):
    """Scanning cannot begin: one sentence with place, cause and remedy.

    `hopeless`: trying again without a person's help is of no use at the first start.
    """

    def __init__(self, sentence: str, *, hopeless: bool = False) -> None:
        super().__init__(sentence)
        self.hopeless = hopeless


def explain(error: BaseException, place: str) -> ScannerError:
    """Turn an exception of bleak, dbus-fast or the system into ours; `place` names the radio."""
    cause, hopeless = _cause(error)
    return ScannerError(f"scanner {place}: {cause}", hopeless=hopeless)


def _cause(error: BaseException) -> tuple[str, bool]:
    reason = getattr(getattr(error, "reason", None), "name", "")
    if reason in _UNAVAILABLE:
        return _UNAVAILABLE[reason]
    name = getattr(error, "dbus_error", "")
    if name in _BLUEZ:
        return _BLUEZ[name]
    if name:
        return f"BlueZ answers {error}; see: journalctl -u bluetooth", False
    if isinstance(error, TimeoutError):
        return (
            "no answer to the start of a scan; restart it: sudo systemctl restart bluetooth",
            False,
        )
    if isinstance(error, OSError):
        why = error.strerror or str(error)
        return f"the system's message bus cannot be reached ({why}); is dbus running?", False
    text = str(error)
    if "not found" in text and "adapter" in text:
        return "there is no such adapter; see: bluetoothctl list", True
    return text or type(error).__name__, False

"""How BlueZ says no: its error names and their texts (error.c)."""

from __future__ import annotations

from collections.abc import Callable

REFUSALS = {
    "InProgress": "Operation already in progress",
    "NotReady": "Resource Not Ready",
    "Failed": "Operation failed",
    "NotSupported": "Operation is not supported",
    "NotConnected": "Not Connected",
    "NotPermitted": "Not Permitted",
    "InvalidArguments": "Invalid arguments in method call",
    "AlreadyExists": "Already Exists",
    "AlreadyConnected": "Already Connected",
    "DoesNotExist": "Does Not Exist",
    "NotAvailable": "Operation currently not available",
}


class AirRefusalError(Exception):
    """BlueZ said no: the short error name (`InProgress`) and its text."""

    def __init__(self, name: str, text: str | None = None) -> None:
        super().__init__(name, text or REFUSALS[name])
        self.name, self.text = name, text or REFUSALS[name]


Done = Callable[[AirRefusalError | None], None]


def ignore(_: AirRefusalError | None) -> None:
    """Take an answer that nobody waits for."""

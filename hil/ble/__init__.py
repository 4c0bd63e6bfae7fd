"""A real radio: what it hears of tags, cycle by cycle, and when it heard nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from hil.ble.doubts import Doubt
    from hil.ble.errors import ScannerError
    from hil.ble.sampler import Cycle
    from hil.ble.scanner import NoScanner, Scanner, open_scanner
    from hil.ble.supervisor import RestartPolicy

__all__ = [
    "Cycle",
    "Doubt",
    "NoScanner",
    "RestartPolicy",
    "Scanner",
    "ScannerError",
    "open_scanner",
]
__getattr__, __dir__ = exports(
    __name__,
    {
        "Cycle": "hil.ble.sampler",
        "Doubt": "hil.ble.doubts",
        "NoScanner": "hil.ble.scanner",
        "RestartPolicy": "hil.ble.supervisor",
        "Scanner": "hil.ble.scanner",
        "ScannerError": "hil.ble.errors",
        "open_scanner": "hil.ble.scanner",
    },
)

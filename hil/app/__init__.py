"""This computer is the badge: `badge run`, its parts, its pump and its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from hil.app.assembly import Assembly, assembled
    from hil.app.options import RunOptions
    from hil.app.pump import AsyncPump

__all__ = ["Assembly", "AsyncPump", "RunOptions", "assembled"]
__getattr__, __dir__ = exports(
    __name__,
    {
        "Assembly": "hil.app.assembly",
        "AsyncPump": "hil.app.pump",
        "RunOptions": "hil.app.options",
        "assembled": "hil.app.assembly",
    },
)

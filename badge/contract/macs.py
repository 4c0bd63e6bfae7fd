"""The one spelling of a MAC address (contract section 2): upper case, with colons."""

from __future__ import annotations

import re

from badge.errors import InputError

_UUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_HEX = frozenset("0123456789ABCDEF")


def normal_mac(text: str, place: str = "") -> str:
    """Return a MAC as `AA:BB:CC:DD:EE:FF`; `InputError`, at `place`, if the text is none.

    Read are twelve hex digits in any case, with colons, dashes or nothing between them.
    """
    where = f"{place}: " if place else ""
    upper = text.upper()
    # macOS hides the address and gives each program a UUID of its own: no list of tags knows it.
    if _UUID.fullmatch(upper):
        raise InputError(
            f"{where}{text} is a macOS device UUID, not a MAC address; tags are known by MAC, so "
            "scan on Linux or Windows, or on a macOS that gives addresses (use_bdaddr)"
        )
    digits = upper.replace(":", "").replace("-", "")
    if len(digits) != 12 or not _HEX.issuperset(digits):
        raise InputError(f"{where}{text!r} is no MAC address; write it like AA:BB:CC:DD:EE:FF")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))

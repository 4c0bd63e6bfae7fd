"""What the badge decides: a pure machine that takes inputs with a time and answers with effects.

`Badge` and `BadgeConfig` are loaded when they are first used, so that the command line can start
without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from badge.badge import Badge
    from badge.config import BadgeConfig

__all__ = ["Badge", "BadgeConfig"]

_HOMES = {"Badge": "badge.badge", "BadgeConfig": "badge.config"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'badge' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

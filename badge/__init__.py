"""What the badge decides: a pure machine that takes inputs with a time and answers with effects.

Public beside these two are the modules `inputs`, `effects`, `errors`, `config`, `ports` and
`answers`, and the names that the packages `contract`, `storage`, `recording` and `host` hand on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from badge.badge import Badge
    from badge.config import BadgeConfig

__all__ = ["Badge", "BadgeConfig"]

__getattr__, __dir__ = exports(__name__, {"Badge": "badge.badge", "BadgeConfig": "badge.config"})

"""What the badge decides: a pure machine that takes inputs with a time and answers with effects."""

from badge.badge import Badge
from badge.config import BadgeConfig

__all__ = ["Badge", "BadgeConfig"]

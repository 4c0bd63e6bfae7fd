"""Where things lie in flash: two slots for the configuration, then the journal's ring of pages."""

from __future__ import annotations

from dataclasses import dataclass

from badge.errors import MisuseError

OPEN_BYTES = 512
CONFIG_BYTES_MAX = 20_480


@dataclass(frozen=True, slots=True)
class Geometry:
    """A flash chip of equal pages: the first `2 * config_pages` hold the configuration.

    The first `OPEN_BYTES` of each ring page belong to its opening checkpoint.  The queue may
    take half of the ring, so that there is always a page to go on in.
    """

    page_bytes: int = 4096
    config_pages: int = 5
    ring_pages: int = 246

    def __post_init__(self) -> None:
        if self.page_bytes < 2 * OPEN_BYTES or self.page_bytes % 256 or self.ring_pages < 4:
            raise MisuseError("flash needs pages of 1024 bytes or more and at least 4 of them")

    @property
    def total_bytes(self) -> int:
        """The size of the whole image."""
        return (2 * self.config_pages + self.ring_pages) * self.page_bytes

    @property
    def room_bytes(self) -> int:
        """What records may take of one page, its opening checkpoint aside."""
        return self.page_bytes - OPEN_BYTES

    @property
    def budget_bytes(self) -> int:
        """What the events in the queue and in quarantine may take together."""
        return (self.ring_pages - 2) * self.room_bytes // 2

    def slot_address(self, slot: int) -> int:
        """Return where configuration slot 0 or 1 starts."""
        return slot * self.config_pages * self.page_bytes

    def page_address(self, page: int) -> int:
        """Return where a page of the ring starts."""
        return (2 * self.config_pages + page) * self.page_bytes

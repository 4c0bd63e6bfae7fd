"""Where things lie in flash: two slots for the configuration, then the journal's ring of pages."""

from __future__ import annotations

from dataclasses import dataclass

from badge.errors import MisuseError

# A checkpoint with state, counters and the ranges of some hundred torn appends.
OPEN_BYTES = 512
# A thousand tags and two hundred workers, as the configuration allows, and its headers.
CONFIG_BYTES_MAX = 20_480
_BOOT_BYTES = OPEN_BYTES + 64  # what a boot's checkpoint takes beside the record that it carries


@dataclass(frozen=True, slots=True)
class Geometry:
    """A flash chip of equal pages: the first `2 * config_pages` hold the configuration.

    The first `OPEN_BYTES` of each ring page belong to its opening checkpoint.  The head and the
    two pages after it hold nothing old; the queue may take half of the others.
    """

    page_bytes: int = 4096
    config_pages: int = 5
    ring_pages: int = 246

    def __post_init__(self) -> None:
        # Head, the two pages kept free, and two for a queue that can lap.
        if self.page_bytes < 3 * OPEN_BYTES or self.page_bytes % 256 or self.ring_pages < 5:
            raise MisuseError("flash needs pages of 1536 bytes or more and at least 5 of them")

    @property
    def total_bytes(self) -> int:
        """The size of the whole image."""
        return (2 * self.config_pages + self.ring_pages) * self.page_bytes

    @property
    def room_bytes(self) -> int:
        """What records may take of one page, its opening checkpoint aside."""
        return self.page_bytes - OPEN_BYTES

    @property
    def record_bytes_max(self) -> int:
        """The largest record: a boot's checkpoint must be able to carry it within one page."""
        return self.room_bytes - _BOOT_BYTES

    @property
    def budget_bytes(self) -> int:
        """What the events in the queue and in quarantine may take together."""
        return (self.ring_pages - 3) * self.room_bytes // 2

    def slot_address(self, slot: int) -> int:
        """Return where configuration slot 0 or 1 starts."""
        return slot * self.config_pages * self.page_bytes

    def page_address(self, page: int) -> int:
        """Return where a page of the ring starts."""
        return (2 * self.config_pages + page) * self.page_bytes

    def page_of(self, generation: int) -> int:
        """Return the ring page of a generation: the first ever opened is 1, in page 0."""
        return (generation - 1) % self.ring_pages

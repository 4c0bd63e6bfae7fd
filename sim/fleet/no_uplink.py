"""No coverage: what is sent is never answered."""

from __future__ import annotations

from collections.abc import Callable

from badge.effects import Upload
from badge.inputs import UploadAnswer


class NoUplink:
    """An uplink into nothing; the badge's own deadline notices."""

    trouble: str | None = None

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Lose the batch."""

"""Which events an ingest has confirmed, by its answers and not by the badge's own books."""

from __future__ import annotations

from badge.contract.validation import decode
from badge.effects import Upload
from badge.inputs import UploadAnswer
from hil.ports import Uplink


class Confirmations:
    """An uplink that passes everything on and remembers the numbers that were accepted."""

    def __init__(self, uplink: Uplink) -> None:
        self.numbers: set[int] = set()
        self._uplink = uplink

    @property
    def trouble(self) -> str | None:
        """See `Uplink`."""
        return self._uplink.trouble

    @trouble.setter
    def trouble(self, text: str | None) -> None:
        self._uplink.trouble = text

    async def send(self, upload: Upload) -> UploadAnswer:
        """See `Uplink`: 202 confirms all, 207 all but those that it names."""
        answer = await self._uplink.send(upload)
        if answer.status in (202, 207):
            refused = {number for number, _ in answer.rejected}
            sent = {event["sequence_number"] for event in decode(upload.body)}
            self.numbers |= sent - refused
        return answer

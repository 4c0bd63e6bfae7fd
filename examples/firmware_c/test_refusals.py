"""A backend that refuses some: the device learns which, wherever the card puts the answer."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest
from cards import OddCard, compact, signed
from test_firmware import SHIFT

from hil.dut.stimulus import read_stimulus
from sim.notecard.codec.cobs import cobs_encode


class RefusingCard(OddCard):
    """Refuses the first event of each batch; long answers lie in the binary store."""

    def __init__(self, inline: bool) -> None:
        super().__init__()
        self.inline, self.posted = inline, []

    def answer(self, request: dict[str, Any], batch: list[dict[str, Any]]) -> bytes:
        """Answer 207."""
        self.posted += [one["sequence_number"] for one in batch]
        refused = [{"sequence_number": self.posted[-len(batch)], "reason": "it is the first"}]
        body = {"accepted": len(batch) - 1, "rejected": 1, "rejected_events": refused}
        if self.inline:
            return signed({"result": 207, "body": body}, request)
        self.held = compact(body)
        lies = {"cobs": len(cobs_encode(self.held)), "length": len(self.held)}
        digest = md5(self.held).hexdigest()
        return signed({"result": 207, **lies, "status": digest}, request)


@pytest.mark.parametrize("inline", [True, False])
def test_a_refused_event_is_not_sent_again(device, inline):
    device.card = RefusingCard(inline)
    device.card.start()
    try:
        device.power_on()
        device.feed(SHIFT)
        wanted = [one.event["sequence_number"] for one in read_stimulus(SHIFT).events]
        assert device.card.posted == wanted
    finally:
        device.close()
        device.card.close()

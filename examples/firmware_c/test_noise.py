"""Noise on both lines: whatever comes, the firmware answers, and neither sanitizer has a word."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from cards import OddCard, compact, signed
from test_firmware import SHIFT

LINES = SHIFT.read_bytes().splitlines()
CONSOLE_LINES, SEEDS, FEEDS = 400, 3, 6
ODD = (b"\0", b"\xff", b'"', b"\\", b"\\u", b"{", b"[", b"]", b"}", b"-", b"1e9", b"999999999999")


def spoilt(line: bytes, chance: Random) -> bytes:
    """Return a line with one to three places changed, still one line."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(line))
        line = line[:at] + chance.choice(ODD) + line[at + chance.randint(0, 4) :]
    return line.replace(b"\n", b" ")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_line_on_the_console_is_answered(device, seed):
    if device.setup.command.startswith("qemu:"):
        pytest.skip("the sanitizers watch the program")
    chance = Random(seed)
    device.power_on()
    device.feed(SHIFT, until_ms=20_000)
    for _ in range(CONSOLE_LINES):
        _, _, what = chance.choice(LINES[7:]).partition(b",")
        # The moment stays: a jump of a year is a year's work.
        device.say(b'{"ms":20000,' + spoilt(what, chance))
        while not device.hear().startswith(("ok", "error: ")):
            pass
    device.feed(SHIFT)


class NoisyCard(OddCard):
    """Answers batches with noise; `spoilt` counts."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self.spoilt, self._chance = 0, chance

    def answer(self, request: dict[str, Any], batch: list[dict[str, Any]]) -> bytes:
        """Noise, and a line whose CRC is wrong: a device that found no answer yet goes on."""
        self.spoilt += 1
        return self._noise(request) + b"\r\n" + signed(b"{}", request)[:-3] + b'~"}'

    def _noise(self, request: dict[str, Any]) -> bytes:
        chance = self._chance
        many = chance.choice((1, 30, 220))  # 220: more than the device has places for
        reason = "no" if many == 220 else "no \u00e4 \u2026" * (220 // many)
        refused = [{"sequence_number": n, "reason": reason} for n in range(many)]
        status = chance.choice((202, 207, 207, 400, 422, 500, 99, "202", None))
        body = {"accepted": 1, "rejected": many, "rejected_events": refused, "code": "x"}
        content = compact({"result": status, "body": body})
        whole, odd = signed(content, request), signed(spoilt(content, chance), request)
        return chance.choice((whole, whole, odd, spoilt(odd, chance), chance.randbytes(40)))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_answer_of_the_card_is_borne(device, seed):
    if device.setup.command.startswith("qemu:"):
        pytest.skip("the sanitizers watch the program")
    device.card = NoisyCard(Random(seed))
    device.card.start()
    try:
        device.power_on()
        for _ in range(FEEDS):
            device.feed(SHIFT)
        assert device.card.spoilt > FEEDS
    finally:
        device.close()
        device.card.close()

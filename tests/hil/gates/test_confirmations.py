"""What an ingest has confirmed, by its answers."""

from __future__ import annotations

import asyncio
import json

import pytest

from badge.effects import Upload
from badge.inputs import UploadAnswer
from hil.gates.confirmations import Confirmations

BODY = json.dumps([{"sequence_number": number} for number in (7, 8, 9)]).encode()


class Answering:
    trouble = "none of note"

    def __init__(self, answer):
        self.answer = answer

    async def send(self, upload):
        return self.answer


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        (UploadAnswer(1, 202), {7, 8, 9}),
        (UploadAnswer(1, 207, ((8, "no"),)), {7, 9}),
        (UploadAnswer(1, 503), set()),
        (UploadAnswer(1, None), set()),
    ],
)
def test_only_an_answer_confirms(answer, numbers):
    uplink = Confirmations(Answering(answer))
    assert asyncio.run(uplink.send(Upload(1, BODY, 3, 7, 9))) is answer
    assert uplink.numbers == numbers
    assert uplink.trouble == "none of note"

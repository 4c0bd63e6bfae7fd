"""The stories in stories/*.txt, told whole, byte by byte, and in bursts.

``>`` sends a line, ``<`` is the answer to it, ``~`` lets seconds pass, ``#`` explains.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from sim.notecard.model.outputs import Message
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.world.world import SetWorld

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))


def read_story(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(line[0], line[2:]) for line in lines if line and line[0] in "><~"]


class Teller:
    """A notecard whose clock stands still while it is spoken to."""

    def __init__(self) -> None:
        self.notecard = VirtualNotecard(world=SetWorld(moving=True))
        self.now_ms = 0

    def send(self, data: bytes) -> str:
        outputs = self.notecard.receive(data, self.now_ms)
        return b"".join(one.data for one in outputs if isinstance(one, Message)).decode()

    def wait(self, seconds: str) -> None:
        self.now_ms += round(float(seconds) * 1000)
        self.notecard.advance(self.now_ms)


def whole(teller: Teller, lines: list[str]) -> str:
    return "".join(teller.send(line.encode() + b"\n") for line in lines)


def byte_by_byte(teller: Teller, lines: list[str]) -> str:
    data = "".join(line + "\r\n" for line in lines).encode()
    return "".join(teller.send(data[at : at + 1]) for at in range(len(data)))


def in_bursts(teller: Teller, lines: list[str]) -> str:
    return teller.send("".join(line + "\n" for line in lines).encode())


@pytest.mark.parametrize("manner", [whole, byte_by_byte, in_bursts])
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path, manner):
    teller, expected, said, asked = Teller(), [], "", []
    for spoken, steps in groupby(read_story(path), key=lambda step: step[0] != "~"):
        if not spoken:
            for _, seconds in steps:
                teller.wait(seconds)
            continue
        part = list(steps)
        asked = [text for sign, text in part if sign == ">"]
        expected = [text for sign, text in part if sign == "<"]
        said = manner(teller, asked)
        assert said == "".join(line + "\r\n" for line in expected)

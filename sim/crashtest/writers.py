"""The commands that write files, as a table: what each is called with, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WritingCommand:
    """One command: its words, and those that go on after it was stopped.

    It runs in a folder of its own, whose `outputs` must in the end be, byte for byte, what one
    run without a stop leaves there, but for what matches `timing` and for `diaries`.  `before`
    prepares the folder.
    """

    name: str
    words: Words
    outputs: Words
    goes_on: Callable[[Path], Words] | None = None
    before: tuple[Words, ...] = ()
    timing: bytes = rb"(?!)"  # nothing: how long a run took is in reports alone
    diaries: Words = ()  # outputs of a file that tell of this very run, stops and all

    def again(self, folder: Path) -> Words:
        """Return the words that go on with what a stopped run has left in the folder."""
        return self.words if self.goes_on is None else self.goes_on(folder)


_SMALL = ("--badges", "3", "--hours", "3", "--seed", "7")
_SIMULATE = ("simulate", "crew-of-five", *_SMALL, "--out", "run", "--json")
_TIME = rb'time="[0-9.]+"|in [0-9.]+ s\b'
_RUN = ("simulate", "crew-of-five", *_SMALL, "--out", "made", "--json")


def _resumed(folder: Path) -> Words:
    """A simulation goes on with the folder that it left; one that has none yet begins again."""
    left = [*folder.glob("run.interrupted"), *sorted(folder.glob(".run.*"))]
    if not left:
        return _SIMULATE
    return ("simulate", "--resume", left[0].name, "--json")


def writers(walk: str, adverts: str) -> list[WritingCommand]:
    """Return the table; `walk` and `adverts` are recorded input for those that need it."""
    recorded = ("--track", walk, "--adverts", adverts, "--device-id", "ACT-0000CAFE")
    recording = ("record", *recorded, "--out", "r.ndjson", "--events", "e.ndjson", "--json")
    return [
        WritingCommand("record", recording, ("r.ndjson", "e.ndjson")),
        WritingCommand("simulate", _SIMULATE, ("run",), _resumed, diaries=("run/log.ndjson",)),
        WritingCommand("schema", ("schema", "--out", "schema.json"), ("schema.json",)),
        WritingCommand("scenario", ("scenario", "new", "site.yaml"), ("site.yaml",), _anew),
        WritingCommand(
            "replay", ("replay", "r.ndjson", "--rewrite"), ("r.ndjson",), None, (recording,)
        ),
        WritingCommand(
            "reconcile",
            ("reconcile", "made", "--against", "made/events.ndjson", "--differences", "d.ndjson"),
            ("d.ndjson",),
            None,
            (_RUN,),
        ),
        WritingCommand(
            "powercut",
            ("powercut", "--depth", "3", "--points", "300", "--jobs", "1", "--resume", "p.json"),
            (),
        ),
        WritingCommand(
            "demo", ("demo", "--one", "--dir", "d"), ("d/shift.ndjson", "d/events.ndjson")
        ),
        WritingCommand(
            "judge",
            ("judge", "--stimulus", "r.ndjson", "--events", "e.ndjson", "--junit", "j.xml"),
            ("j.xml",),
            None,
            (recording,),
            _TIME,
        ),
        WritingCommand(
            "edit", ("edit", "r.ndjson", "-o", "s.ndjson"), ("s.ndjson",), None, (recording,)
        ),
        WritingCommand(
            "reconstruct",
            ("reconstruct", "e.ndjson", "-o", "t.ndjson"),
            ("t.ndjson",),
            None,
            (recording,),
        ),
        WritingCommand(
            "export",
            ("export", "r.ndjson", "--as", "geojson", "-o", "x.geojson"),
            ("x.geojson",),
            None,
            (recording,),
        ),
        WritingCommand(
            "view", ("view", "r.ndjson", "--html", "v.html"), ("v.html",), None, (recording,)
        ),
        WritingCommand("firmware", ("firmware", "export", "fw"), ("fw",)),
        WritingCommand(
            "gate",
            ("gate", "5", "--on", "virtual", "--report", "g.md", "--junit", "g.xml"),
            ("g.md", "g.xml"),
            timing=_TIME,
        ),
    ]


def _anew(folder: Path) -> Words:
    """It writes over nothing: what is whole is left, what is not there is made."""
    if (folder / "site.yaml").exists():
        return ("scenario", "check", "site.yaml")
    return ("scenario", "new", "site.yaml")

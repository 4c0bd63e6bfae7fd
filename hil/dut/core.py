"""A core in C as a device under test: fed at the speed of memory, judged by what it logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from badge.effects import Logged
from badge.host.firmware.library import can_take
from badge.host.firmware.process import CoreProcess
from badge.host.recording_file import RecordingFile
from badge.inputs import Tick
from badge.recording.format import Happened, Wrote
from badge.recording.playback import replay
from hil.dut.judge import Event, Verdict, judge_events

_TICK = Tick()


class CoreUnderTest:
    """A shared library that has the functions of badge_core.h; each judgement starts it anew.

    `CoreFailureError` when the core crashes or hangs, with the input that it was given.
    """

    def __init__(self, library: Path) -> None:
        self.library = library

    def __enter__(self) -> CoreUnderTest:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing runs between two judgements."""

    def judge(
        self, stimulus: Path, *, tolerance_s: float = 0.0, ignore: Sequence[str] = ()
    ) -> Verdict:
        """Let a recording happen to the core, and compare its events with the reference's.

        What the core says that it cannot do happens to neither.
        """
        wanted, logged = self.events(stimulus)
        return judge_events(wanted, logged, tolerance_s=tolerance_s, ignore=ignore)

    def events(self, stimulus: Path) -> tuple[list[Wrote], list[Event]]:
        """Return what the reference logs when this happens, and what the core logs."""
        with RecordingFile(stimulus) as file:
            header = file.header
            lines = list(file)
        version = header.firmware_version
        with CoreProcess(self.library, header.config, version) as core:
            happened = [
                line
                for line in lines
                if isinstance(line, Happened) and can_take(core.abilities, line.what)
            ]
            device_id = header.config.device_id
            logged: list[Event] = [entry.entry.event(device_id) for entry in _fed(core, happened)]
        return list(replay(header, happened, str(stimulus))), logged


def _fed(core: CoreProcess, lines: Sequence[Happened]) -> Iterator[Logged]:
    for line in lines:
        while (due_ms := core.next_deadline_ms) is not None and due_ms < line.ms:
            yield from _logged(core, Happened(due_ms, _TICK))
        yield from _logged(core, line)


def _logged(core: CoreProcess, line: Happened) -> Iterator[Logged]:
    for effect in core.receive(line.what, line.ms):
        if isinstance(effect, Logged):
            yield effect

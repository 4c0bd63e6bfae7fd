"""The program from its first moment to its last: a signal ends it also before and after `main`."""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Callable
from types import FrameType

from badge.signals import STOPS, outlives_terminal

_Answer = Callable[[int, FrameType | None], object] | signal.Handlers


def start() -> None:
    """Load the `badge` command, which takes a while, and be it.

    A signal that comes before it begins, or after its last word, ends the process at once.
    """
    before = {
        number: signal.signal(number, _not_begun)
        for number in STOPS
        if not outlives_terminal(number)
    }
    from badge.cli.main import main

    signal.signal(signal.SIGINT, before[signal.SIGINT])  # the others `main` takes itself
    atexit.register(_answer_all, signal.SIG_IGN)  # the first that is registered is called last
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
        _answer_all(lambda number, frame: os._exit(code))
        raise


def _not_begun(number: int, frame: FrameType | None) -> None:
    """End: there is nothing to close yet, and half a library might catch an exception."""
    os.write(2, b"badge: interrupted\n")
    os._exit(130)


def _answer_all(answer: _Answer) -> None:
    for number in STOPS:
        signal.signal(number, answer)


if __name__ == "__main__":
    start()

"""What asks a program to end; who hears it of the processes that it is sent to."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

STOPS: tuple[signal.Signals, ...] = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What asks a program to end: Ctrl-C, `kill` or systemd, a terminal that is closed."""


def outlives_terminal(number: signal.Signals) -> bool:
    """Tell whether a signal is the end of a terminal, which `nohup` has had ignored."""
    return number.name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def unheard(*numbers: signal.Signals) -> Iterator[None]:
    """Hold signals (all of `STOPS` if none is named) back from threads and processes begun here.

    A terminal and systemd tell the whole group, and a process would be struck before it can ignore
    them.  What comes meanwhile this thread hears at the end of the block.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        ensure_running()  # it lets some through again
        signal.pthread_sigmask(signal.SIG_SETMASK, {*before, *(numbers or STOPS)})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

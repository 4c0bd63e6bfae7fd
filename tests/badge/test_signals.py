"""Who hears a signal: not what was begun unheard, and not a program that outlives its terminal."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from badge.signals import STOPS, outlives_terminal, unheard

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="POSIX has these signals")

HELD = "import signal; print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))))"


def held(numbers=STOPS):
    return str(sorted(map(int, numbers)))


def test_a_process_begun_unheard_is_struck_by_none_of_them_from_its_birth_on():
    """Also the first one, whose resource tracker is begun first."""
    code = f"""import subprocess, sys
from badge.signals import unheard
def tell():
    subprocess.run([sys.executable, "-c", {HELD!r}], check=True)
with unheard():
    tell()
tell()"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [held(), "[]"]


def test_some_can_be_named():
    with unheard(signal.SIGINT):
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == {signal.SIGINT}


def test_a_thread_begun_unheard_holds_them_back():
    seen = []
    with unheard():
        thread = threading.Thread(
            target=lambda: seen.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        )
        thread.start()
    thread.join()
    assert seen == [set(STOPS)]


def test_what_comes_meanwhile_is_heard_after_it():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with unheard():
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            assert heard == []
        assert heard == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_where_a_closed_terminal_is_ignored_it_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert outlives_terminal(signal.SIGHUP)
        assert not outlives_terminal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert not outlives_terminal(signal.SIGHUP)

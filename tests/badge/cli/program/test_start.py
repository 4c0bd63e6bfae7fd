"""A signal ends the program also before its command begins, and after its last word."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from badge.signals import STOPS

STRUCK = """import signal, sys
from badge.cli.program.start import start
class Strikes:
    def find_spec(self, name, path=None, target=None):
        if name == "badge.cli.main":
            signal.raise_signal({number})
sys.meta_path.insert(0, Strikes())
sys.argv = ["badge", "--version"]
start()"""
ENDED = """import atexit, signal, sys, click
from badge.cli import main
from badge.cli.program.start import start
@click.command()
def command():
    atexit.register(signal.raise_signal, {number})
    click.echo("last word")
    raise click.exceptions.Exit(1)
main.Commands.get_command = lambda self, ctx, name: command
sys.argv = ["badge", "anything"]
start()"""
OUTLIVES = """import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from badge.cli.program.start import start
class Strikes:
    def find_spec(self, name, path=None, target=None):
        if name in ("badge.cli.main", "badge.cli.program.version"):
            os.kill(os.getpid(), signal.SIGHUP)
sys.meta_path.insert(0, Strikes())
sys.argv = ["badge", "version"]
start()"""


def program(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("number", STOPS)
def test_while_it_loads_it_says_so_and_no_more(number):
    done = program(STRUCK.format(number=int(number)))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "badge: interrupted\n")


@pytest.mark.parametrize("number", STOPS)
def test_after_its_last_word_its_code_stays_its_own(number):
    done = program(ENDED.format(number=int(number)))
    assert (done.returncode, done.stdout, done.stderr) == (1, "last word\n", "")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no nohup")
def test_what_nohup_began_outlives_its_terminal():
    done = program(OUTLIVES)
    assert (done.returncode, done.stderr) == (0, "")

"""A core that crashes or hangs is a finding with the input that it was given."""

from __future__ import annotations

import os
import pickle
from multiprocessing import get_context
from pathlib import Path

import pytest

from badge.errors import InputError
from badge.host.firmware import process as core_process
from badge.host.firmware.process import CoreFailureError, CoreProcess
from badge.inputs import Boot, GpsFix, Tick
from tests.badge.host.foreign import library, needs_foreign, own_core
from tests.badge.story import story_config

pytestmark = needs_foreign


def test_a_crash_is_told_with_its_input_and_the_core_starts_anew(tmp_path_factory):
    with CoreProcess(library(tmp_path_factory, "crash"), story_config()) as core:
        core.receive(Boot(), 0)
        with pytest.raises(CoreFailureError, match=r"crashed with signal 11 at GpsFix\(lat=1"):
            core.receive(GpsFix(1, 2), 5)
        with pytest.raises(CoreFailureError, match="had ended before"):
            core.receive(Tick(), 6)
        core.restart()
        assert core.receive(Boot(), 0)
        assert core.next_deadline_ms == 60_000


def test_a_hang_comes_to_an_end(tmp_path_factory, monkeypatch):
    with CoreProcess(library(tmp_path_factory, "hang"), story_config()) as core:
        core.receive(Boot(), 0)
        monkeypatch.setattr(core_process, "ANSWER_S", 0.2)
        with pytest.raises(CoreFailureError, match=r"answered nothing for 0\.2 s at GpsFix"):
            core.receive(GpsFix(1, 2), 5)


def test_a_misuse_is_a_finding_and_the_core_goes_on(tmp_path_factory):
    with CoreProcess(library(tmp_path_factory, "right"), story_config()) as core:
        with pytest.raises(CoreFailureError, match="refuses it"):
            core.receive(Tick(), 0)
        assert core.receive(Boot(), 0)


def test_no_core_is_the_users_mistake():
    with pytest.raises(InputError, match="not a badge core"):
        CoreProcess(Path("/no-such.so"), story_config())


def test_a_core_that_does_not_start_is_told_in_one_sentence(tmp_path):
    with pytest.raises(
        InputError, match=r"ABORTS\.so: the core crashed with signal 6 at its start"
    ):
        CoreProcess(own_core(tmp_path, "ABORTS"), story_config())


def test_a_deadline_that_never_passes_is_a_finding_and_no_hang(tmp_path):
    with CoreProcess(own_core(tmp_path, "STUCK"), story_config()) as core:
        core.receive(Boot(), 5)
        with pytest.raises(CoreFailureError, match=r"wants to be called at 5 ms again.* at Tick"):
            core.receive(Tick(), 5)


def test_half_an_answer_comes_to_an_end(tmp_path, monkeypatch):
    """A core that writes into files which are not its own may hit our pipe."""
    monkeypatch.setattr(core_process, "ANSWER_S", 0.3)
    ours, theirs = get_context("spawn").Pipe()
    core_process._limit(ours)
    os.write(theirs.fileno(), b"\x00\x01\x00\x00of so many bytes")
    with pytest.raises(BlockingIOError):
        ours.recv()


def test_what_a_core_prints_is_no_part_of_our_output(tmp_path, capfd):
    with CoreProcess(own_core(tmp_path, "PRINTS"), story_config()) as core:
        core.receive(Boot(), 0)
    said = capfd.readouterr()
    assert said.out == ""
    assert "a word of the core" in said.err


def test_a_finding_travels_between_processes():
    error = pickle.loads(pickle.dumps(CoreFailureError("hangs", "Tick() at 5 ms")))
    assert (error.how, error.given) == ("hangs", "Tick() at 5 ms")

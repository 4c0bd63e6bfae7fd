"""A core that crashes or hangs is a finding with the input that it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.errors import InputError
from badge.host.firmware import process as core_process
from badge.host.firmware.process import CoreFailureError, CoreProcess
from badge.inputs import Boot, GpsFix, Tick
from tests.badge.host.foreign import library, needs_foreign
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

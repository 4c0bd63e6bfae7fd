"""A replay's folder goes on with the same replay, and with no other."""

import pytest

from badge.errors import InputError
from sim.traffic.folder import ReplayFolder


def test_the_shift_is_decided_once(tmp_path):
    for shift_s in (5, 6):
        with ReplayFolder(tmp_path / "out") as folder:
            assert folder.begin("abc", lambda shift_s=shift_s: shift_s).shift_s == 5


def test_another_replay_and_one_that_is_done_are_refused(tmp_path):
    with ReplayFolder(tmp_path / "out") as folder:
        plan = folder.begin("abc", lambda: 0)
        with pytest.raises(InputError, match="another replay"):
            folder.begin("xyz", lambda: 0)
        folder.finish(plan)
        with pytest.raises(InputError, match="is done"):
            folder.begin("abc", lambda: 0)


def test_two_processes_do_not_share_it(tmp_path):
    with (
        ReplayFolder(tmp_path / "out"),
        pytest.raises(InputError, match="another process"),
        ReplayFolder(tmp_path / "out"),
    ):
        pass


def test_the_keys_survive_for_this_user_alone(tmp_path):
    with ReplayFolder(tmp_path / "out") as folder:
        assert folder.keys() == {}
        folder.keep_keys({"ACT-0000000A": "ak_1"})
        assert folder.keys() == {"ACT-0000000A": "ak_1"}
    assert (tmp_path / "out" / "keys.json").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--out"), ReplayFolder(tmp_path / "file"):
        pass

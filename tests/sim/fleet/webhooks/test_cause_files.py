import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import BadgeError
from sim.fleet.webhooks import cause_files
from sim.fleet.webhooks.cause_files import MARK, LiveCauses, follow, live_path, merged, write_whole
from sim.platforms.kit.cause import Cause


class Script:
    """Gives causes as a trace would."""

    def __init__(self, causes):
        self._left = sorted(causes, key=lambda one: one.utc_ms)

    def until(self, ms):
        ready = [one for one in self._left if one.utc_ms < ms]
        self._left = self._left[len(ready) :]
        return ready


def noted(ms, index=0, place=1, kind="heard", **facts):
    return Cause(ms, kind, "ACT-00000001", "Ana", place, facts, 7, 8, None, index, place)


@given(times=st.lists(st.lists(st.integers(0, 50), max_size=6), min_size=1, max_size=9))
def test_files_of_badges_are_merged_by_time_badge_and_place(tmp_path_factory, times):
    folder = tmp_path_factory.mktemp("merged")
    everything = []
    for index, moments in enumerate(times):
        own = [noted(ms, index, place) for place, ms in enumerate(sorted(moments))]
        everything += own
        write_whole(folder, index, Script(own), 50)
    paths = sorted(folder.glob("*.causes"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cause_files, "FILES_AT_ONCE", 2)  # several rounds
        found = list(merged(paths, folder))
    assert found == sorted(everything, key=cause_files.order)


def test_a_file_that_grows_is_followed_to_its_end(tmp_path):
    over, found = threading.Event(), []
    reader = threading.Thread(
        target=lambda: found.extend(follow(live_path(tmp_path, 3), over.is_set))
    )
    reader.start()
    live = LiveCauses(tmp_path, 3, [Script([noted(5), noted(15)]), Script([noted(7, 1)])])
    live.tell(10, now=True)
    live.tell(12)  # too soon to be worth it
    live.tell(20, now=True)
    over.set()
    reader.join(5)
    told = [(one.utc_ms, one.kind == MARK) for one in found]
    assert told == [(5, False), (7, False), (9, True), (15, False), (19, True)]
    assert found[0].facts == {}


def test_a_file_that_never_comes_ends_with_the_run(tmp_path):
    assert list(follow(live_path(tmp_path, 0), lambda: True)) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises((OSError, BadgeError), match="no/such"):
        write_whole(tmp_path / "no/such", 0, Script([noted(1)]), 5)

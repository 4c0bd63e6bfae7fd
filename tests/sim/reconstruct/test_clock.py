"""A clock that was set, at any place of a day and by whatever is more than a slow fix."""

import pytest

from badge.host.recording_file import RecordingFile
from badge.inputs import UtcLearned
from badge.recording.format import Happened
from badge.recording.playback import replay
from tests.sim.reconstruct.story import again, recordings


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    (path,) = recordings(tmp_path_factory.mktemp("day"), "crew-of-five", 1, 2.5)
    with RecordingFile(path) as file:
        return file.header, [line for line in file if isinstance(line, Happened)]


@pytest.mark.parametrize("share", [0.1, 0.35, 0.7, 0.95])
@pytest.mark.parametrize("by_s", [-86_400, -3600, 7200, 90 * 86_400])
def test_it_is_found_and_the_replay_logs_the_same(day, share, by_s):
    header, lines = day
    learned = next(line for line in lines if isinstance(line.what, UtcLearned))
    place = int(len(lines) * share)
    ms = lines[place].ms + 1
    while lines[place + 1].ms < ms:  # others of the same moment
        place += 1
    unix_ms = learned.what.unix_ms - learned.ms + ms + by_s * 1000
    told = [*lines[: place + 1], Happened(ms, UtcLearned(unix_ms)), *lines[place + 1 :]]
    events = [line.event for line in replay(header, told)]
    made, logged = again(events)
    assert made.unexplained == []
    assert [seconds for _, seconds in made.clock_sets] == [by_s]
    assert logged == events


def test_an_even_clock_is_set_nowhere(day):
    header, lines = day
    made, _ = again([line.event for line in replay(header, lines)])
    assert (made.clock_sets, made.unfit) == ([], [])

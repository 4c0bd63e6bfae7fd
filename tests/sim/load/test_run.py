"""From words to a load: what goes together, and the search with real requests."""

import pytest

from badge.errors import InputError
from sim.load.counts import LoadCounts
from sim.load.run import LoadOptions, batches_of, check, holds, load
from sim.load.target import target_of
from tests.sim.load.backends import answer, backend
from tests.sim.traffic.story import record_day


@pytest.mark.parametrize(
    "options",
    [
        LoadOptions(rate="fast"),
        LoadOptions(rate="0.01/s", seconds=1.0),
        LoadOptions(most="100/s"),
        LoadOptions(rate="find", most="much"),
        LoadOptions(source="a", scenario="b"),
        LoadOptions(badges=3),
    ],
)
def test_words_that_do_not_go_together_are_one_sentence(options):
    with pytest.raises(InputError):
        check(options)


def test_recorded_traffic_is_sent_in_its_order(tmp_path):
    day = record_day(tmp_path / "day.ndjson")
    batches = batches_of(LoadOptions(source=str(tmp_path / "day.ndjson")), lambda progress: None)
    assert [one.body for one in batches] == [body for _, body in day.sent]


def test_a_search_tries_rates_until_one_is_between_good_and_bad():
    with backend(lambda n, request: [answer(503)]) as one:
        target = target_of(one.url, {}, remote=False)
        options = LoadOptions(rate="find", seconds=0.1, connections=2, most="120/s")
        loaded = load(options, target, batches_of(options, lambda p: None), lambda counts: None)
    assert loaded.highest_per_s is None
    assert [good for _, _, good in loaded.probes] == [False] * len(loaded.probes)
    assert loaded.document()["tried"][0]["outcomes"] == {"503": 10}


def test_a_promise_is_the_percentile_and_next_to_no_failure():
    good = LoadCounts(due=1000, answered=1000, labels={"202": 1000})
    good.latencies.note(10_000, 1000)
    assert holds(good, 10.1)
    assert not holds(good, 9.0)
    good.note("503")
    assert holds(good, 10.1)
    good.unsent = 5
    assert not holds(good, 10.1)

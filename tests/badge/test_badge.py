"""The badge against a naive model written from the contract's sentences, and the laws of both."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Logged, Notice, Program
from badge.errors import MisuseError
from badge.inputs import Assign, Boot, ConfigPush, Tick, UploadAnswer, UtcLearned
from badge.storage.memory import MemoryStore
from tests.badge.pair import Pair
from tests.badge.story import DEVICE, Story, random_steps, story_config
from tests.paths import ROOT

SECRET = "ak_3F8A21B4_do-not-tell"
_STEP = st.tuples(st.integers(0, 27), st.integers(0, 27), st.integers(0, 999), st.integers(0, 999))
_CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "queue_events_max": st.sampled_from([3, 12, 50]),
        "batch_events_max": st.sampled_from([1, 4, 9]),
        "quarantine_events_max": st.just(2),
        "worker_ids": st.just(["W-008"]),
        "auto_end_min_shift_s": st.just(600),
        "auto_end_stationary_s": st.just(300),
        "gps_timeout_s": st.sampled_from([1, 15, 20]),
        "stationary_after_s": st.sampled_from([1, 70]),
    },
)
_LONG = ({}, {"queue_events_max": 40}, {"batch_events_max": 5}, {"ble_scan_period_s": 11})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_CONFIGS, st.lists(_STEP, max_size=40))
def test_short_stories_go_as_the_contract_says(changes, steps):
    Pair(story_config(**changes)).tell(steps)


@pytest.mark.parametrize("seed", range(8))
def test_long_stories_go_as_the_contract_says(seed):
    pair = Pair(story_config(**_LONG[seed % 4]))
    pair.tell(random_steps(seed + 1000, 400))
    assert pair.deeds > 100


def told(seed, count=300):
    """A story as (ms, input), with everything that a real pump would have seen."""
    story = Story(story_config(upload_interval_s=300))
    story.tell(random_steps(seed, count))
    return story.inputs


def play(badge, story):
    return [repr(effect) for ms, what in story for effect in badge.receive(what, ms)]


@pytest.mark.parametrize("seed", [2000, 2001])
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_ticks_in_between_change_nothing(seed, data):
    """Splitting time is no input: deadlines fire at their own moments anyway."""
    story = told(seed, 120)
    shares = data.draw(st.lists(st.floats(0, 1), min_size=len(story), max_size=len(story)))
    split = []
    before_ms = 0
    for (ms, what), share in zip(story, shares, strict=True):
        split += [(before_ms + round((ms - before_ms) * share), Tick()), (ms, Tick()), (ms, what)]
        before_ms = ms
    split[0:2] = []  # the first input is a Boot
    assert play(Badge(story_config(upload_interval_s=300)), split) == play(
        Badge(story_config(upload_interval_s=300)), story
    )


@pytest.mark.parametrize("seed", range(3000, 3006))
def test_a_badge_that_reboots_equals_a_new_one_over_the_same_store(seed):
    """Nothing but the store survives a boot."""
    story = told(seed)
    config = story_config(upload_interval_s=300)
    kept, store = Badge(config), MemoryStore()
    fresh = Badge(config, store)
    for ms, what in story:
        if isinstance(what, Boot) and ms:
            assert fresh.receive(Tick(), ms) == kept.receive(Tick(), ms)
            fresh = Badge(config, store)
        assert fresh.receive(what, ms) == kept.receive(what, ms)


def test_the_same_inputs_give_the_same_bytes_under_any_hash_seed():
    code = (
        "from tests.badge.test_badge import story_of_seed\nfrom hashlib import sha256\n"
        "print(sha256('\\n'.join(story_of_seed()).encode()).hexdigest())"
    )
    outcomes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outcomes) == 1
    assert len(outcomes.pop().strip()) == 64


def story_of_seed():
    return play(Badge(story_config(upload_interval_s=300)), told(37, 150))


def test_time_never_goes_back_and_the_first_input_is_a_boot():
    badge = Badge(story_config())
    with pytest.raises(MisuseError, match="Boot"):
        badge.receive(Tick(), 0)
    badge.receive(Boot(), 5)
    with pytest.raises(MisuseError, match="went back from 5 to 4"):
        badge.receive(Tick(), 4)


def test_what_a_badge_says_about_itself():
    badge = Badge(story_config(), firmware_version="0.3.1")
    assert (badge.state, badge.next_deadline_ms) == ("booting", None)
    badge.receive(Boot(), 0)
    assert (badge.state, badge.upload_state, badge.tags_near) == ("unassigned", "idle", [])
    assert (badge.next_deadline_ms, badge.firmware_version) == (60_000, "0.3.1")
    assert badge.config == badge.given_config == story_config()
    assert isinstance(badge.store, MemoryStore)


# Configuration pushes.


def pushed(document, config=None):
    badge = Badge(config or story_config(api_key=SECRET))
    badge.receive(Boot(), 0)
    notices = [e for e in badge.receive(ConfigPush(document), 1) if isinstance(e, Notice)]
    return badge, [(notice.about, notice.text) for notice in notices]


def test_a_push_is_applied_and_persisted_whole():
    badge, notices = pushed({"gps_interval_s": 20, "worker_ids": ["W-1"], "queue_events_max": 7})
    assert notices == [("config_applied", "the configuration was applied")]
    assert (badge.config.gps_interval_s, badge.config.worker_ids) == (20, ["W-1"])
    again = Badge(story_config(), badge.store)
    again.receive(Boot(), 0)
    assert again.config == badge.config
    assert again.store.queue.queue_max == 7


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"gps_interval_s": 20, "upload_interval_s": 0}, "upload_interval_s"),
        ({"gps_interval_s": 20, "surprise": 1}, "surprise"),
        ({"gps_interval_s": 20, "device_id": "ACT-00000000"}, "device_id"),
        ({"gps_interval_s": "20"}, "gps_interval_s"),
        ({"gps_interval_s": 20, "known_equipment_tags": ["nonsense"]}, "known_equipment_tags.0"),
        ({"gps_interval_s": 20, "api_key": [SECRET]}, "api_key"),
    ],
)
def test_a_bad_push_changes_nothing_and_says_why(document, word):
    badge, ((about, text),) = pushed(document)
    assert about == "config_rejected"
    assert word in text
    assert SECRET not in text
    assert badge.config == story_config(api_key=SECRET)
    assert badge.store.config_document is None


def test_a_configuration_in_flash_that_cannot_be_read_is_left_out():
    store = MemoryStore()
    store.config_document = {"device_id": DEVICE, "from_the_future": 1}
    badge = Badge(story_config(), store)
    notices = [e for e in badge.receive(Boot(), 0) if isinstance(e, Notice)]
    assert [notice.about for notice in notices] == ["config_rejected"]
    assert "config in flash: from_the_future" in notices[0].text
    assert badge.config == story_config()


def test_the_given_configuration_is_put_in_force_again_where_flash_has_another():
    store = MemoryStore()
    older = read_config({"device_id": DEVICE, "gps_interval_s": 30, "api_key": "old"})
    store.save_config(older.document())
    badge = Badge(read_config({"device_id": DEVICE, "api_key": "new"}), store)
    badge.receive(Boot(), 0)
    assert badge.config == older
    push = badge.restated()
    assert push is not None
    badge.receive(push, 0)
    assert badge.config == badge.given_config
    assert store.config_document == badge.given_config.document()
    assert badge.restated() is None


def test_flash_without_a_configuration_is_given_one_only_where_that_is_wanted():
    badge = Badge(read_config({"device_id": DEVICE}), MemoryStore())
    badge.receive(Boot(), 0)
    assert badge.restated() is None
    push = badge.restated(kept=True)
    assert push is not None
    badge.receive(push, 0)
    assert badge.restated(kept=True) is None


def test_a_shorter_upload_interval_applies_at_once():
    badge, _ = pushed({"upload_interval_s": 10})
    assert badge.next_deadline_ms == 10_001


def test_the_api_key_is_in_nothing_that_a_badge_hands_out_but_flash():
    badge = Badge(story_config(api_key=SECRET))
    shown = []
    for ms, what in [
        (0, Boot()),
        (1, UtcLearned(1_773_477_135_000)),
        (2, Assign(SECRET[::-1])),
        (3, ConfigPush({"api_key": SECRET + "2", "gps_interval_s": 20})),
        (4, ConfigPush({"api_key": SECRET, "gps_interval_s": -1})),
        (60_000, Tick()),
        (61_000, UploadAnswer(2_000_001, 400)),
        (62_000, Boot("watchdog")),
    ]:
        shown += [e for e in badge.receive(what, ms) if type(e) is not Program]
    assert any(isinstance(effect, Logged) for effect in shown)
    texts = [
        *map(repr, shown),
        repr(badge),
        repr(badge.config),
        str(badge.config),
        repr(badge.store),
    ]
    assert SECRET not in "\n".join(texts)
    assert badge.config.api_key.get_secret_value() == SECRET + "2"

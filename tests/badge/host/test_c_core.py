"""The badge in C does what the badge in Python does: every effect, every byte of flash."""

from __future__ import annotations

import json
import math
import struct
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.errors import InputError, MisuseError
from badge.host.c_core import CBadge
from badge.host.core import store as c_store
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    ConfigPush,
    FirmwareOffer,
    GpsFix,
    Movement,
    ScanResult,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from badge.machines.upload import backoff_ms
from badge.storage.memory import MemoryStore
from tests.badge.host.twins import GEOMETRIES, Twins, faulty, needs_core
from tests.badge.story import MACS, START_UNIX_MS, random_steps, story_config
from tests.strategies import unhurried

pytestmark = needs_core

_steps = st.tuples(st.integers(0, 27), st.integers(0, 27), st.integers(0, 999), st.integers(0, 999))


@given(steps=st.lists(_steps, max_size=60), place=st.integers(0, 3))
@unhurried
def test_any_story_has_the_same_effects(steps, place):
    twins = Twins(story_config(upload_interval_s=300), GEOMETRIES[place])
    twins.tell(steps)
    twins.compare()


@pytest.mark.parametrize("seed", range(24))
def test_long_stories_have_the_same_effects(seed):
    twins = Twins(story_config(upload_interval_s=300), GEOMETRIES[seed % 4])
    twins.tell(random_steps(seed, 150))
    twins.compare()


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 400, 100))
def test_very_many_stories_have_the_same_effects(start):
    for seed in range(1000 + start, 1100 + start):
        twins = Twins(story_config(upload_interval_s=300), GEOMETRIES[seed % 4])
        twins.tell(random_steps(seed, 200))
        twins.compare()


@pytest.mark.parametrize("seed", range(200, 212))
def test_either_goes_on_from_the_image_of_the_other(seed):
    rng, twins = Random(seed), Twins(story_config(upload_interval_s=300), GEOMETRIES[seed % 4])
    for step in random_steps(seed, 150):
        twins.step(step)
        if rng.random() < 0.05:
            twins.swap()
    twins.compare()


@pytest.mark.parametrize("seed", range(300, 308))
def test_flash_that_does_not_keep_what_is_written_is_mended_alike(seed):
    faulty(seed).compare()


@pytest.mark.slow
def test_many_chips_that_fail_are_mended_alike():
    for seed in range(400, 458):
        faulty(seed).compare()


# Numbers.

_places = st.floats(-90, 90) | st.floats(-1e-5, 1e-5) | st.sampled_from((90.0, -90.0, 0.0, -0.0))
_tenths = st.none() | st.floats(0, 1e4) | st.floats(0, 1) | st.just(0.0)


@given(
    lat=_places,
    lon=_places,
    accuracy_m=_tenths,
    hdop=_tenths | st.integers(0, 9999).map(lambda n: n / 100),
    altitude_m=_tenths | st.floats(-5000, 9000),
    speed_kmh=_tenths,
    uere_m=st.integers(1, 99_999).map(lambda n: n / 100) | st.floats(0.001, 1000),
)
@settings(unhurried, max_examples=100)
def test_positions_are_rounded_alike(lat, lon, accuracy_m, hdop, altitude_m, speed_kmh, uere_m):
    twins = Twins(story_config(gps_uere_m=round(uere_m, 6) or 1.0))
    twins.give(UtcLearned(START_UNIX_MS))
    twins.give(Assign("W-007"))
    twins.give(GpsFix(lat, lon, accuracy_m, hdop, altitude_m, speed_kmh))
    twins.now = 1_800_000
    twins.give(Tick())
    twins.compare()


@pytest.mark.parametrize(
    "fix",
    [
        GpsFix(90.0000001, 0),
        GpsFix(0, -180.0000001),
        GpsFix(math.nan, 0),
        GpsFix(0, math.inf),
        GpsFix(1, 2, accuracy_m=-0.01),
        GpsFix(1, 2, hdop=math.nan),
        GpsFix(1, 2, altitude_m=math.inf),
        GpsFix(1, 2, speed_kmh=-1.0),
    ],
)
def test_impossible_positions_count_for_neither(fix):
    twins = Twins(story_config())
    twins.give(UtcLearned(START_UNIX_MS))
    twins.give(Assign("W-007"))
    assert twins.give(fix) == []


@given(number=st.integers(-(2**31), 2**31), per=st.sampled_from((1, 10, 1000, 10**6)))
def test_whole_numbers_become_the_nearest_doubles(number, per):
    bits = c_store.core_library().lib.host_real(number, per)
    assert struct.unpack("<d", struct.pack("<Q", bits))[0] == number / per


@given(number=st.integers(0, 10**9), places=st.integers(0, 9))
def test_json_numbers_become_the_nearest_doubles(number, places):
    text = json.dumps(number / 10**places).encode()
    bits = c_store.core_library().lib.host_real_of_text(text, len(text))
    assert struct.unpack("<d", struct.pack("<Q", bits))[0] == json.loads(text)


@given(a=st.floats(1e-6, 1e4), b=st.floats(1e-3, 1000))
@settings(max_examples=500)
def test_the_product_of_two_doubles_is_rounded_as_a_processor_does(a, b):
    bits = (struct.unpack("<Q", struct.pack("<d", value))[0] for value in (a, b))
    assert c_store.core_library().lib.host_tenths(*bits) == round(round(a * b, 1) * 10)


@given(device=st.integers(0, 2**32 - 1), failures=st.integers(1, 40))
def test_the_backoff_has_the_same_jitter(device, failures):
    words = f"ACT-{device:08X}:{failures}".encode()
    jitter = c_store.core_library().lib.host_jitter(words, len(words))
    bound_ms = min(1800, 30 << min(failures - 1, 30)) * 1000
    wanted = backoff_ms(f"ACT-{device:08X}", failures, 30, 1800)
    assert 1000 + jitter * (bound_ms - 1000) // 2**64 == wanted


# Texts.

_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)


@given(worker=_texts.filter(bool), foreman=_texts, reason=_texts)
@unhurried
def test_any_text_is_written_alike(worker, foreman, reason):
    twins = Twins(story_config(upload_interval_s=300), GEOMETRIES[2])
    twins.give(UtcLearned(START_UNIX_MS))
    twins.give(Assign(worker, foreman))
    twins.now = 60_000
    twins.give(Tick())
    upload = twins.uploads[-1]
    refused = tuple((n, reason) for n in range(upload.first_sequence, upload.last_sequence + 1))
    twins.give(UploadAnswer(upload.request, 207, rejected=refused[1:]))
    twins.now = 61_000
    twins.give(Boot("watchdog"))
    twins.compare()


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
    | _texts
    | st.sampled_from((*MACS, MACS[0].lower(), "W-1", "")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=2),
    max_leaves=8,
)
_documents = st.dictionaries(
    st.sampled_from((*BadgeConfig.model_fields, "zz", "gps_interval", "")),
    _values | st.integers(1, 700),
    max_size=4,
)


@given(documents=st.lists(_documents, max_size=4))
@settings(unhurried, max_examples=100)
def test_any_configuration_is_judged_in_the_same_words(documents):
    twins = Twins(story_config())
    for document in documents:
        twins.give(ConfigPush(document))
    twins.compare()


@given(
    workers=st.lists(_texts.filter(bool).map(lambda text: text[:64]), max_size=5),
    secret=_texts,
    company=_texts,
)
@unhurried
def test_any_texts_of_a_configuration_are_kept_alike(workers, secret, company):
    twins = Twins(story_config(), GEOMETRIES[2])
    twins.give(ConfigPush({"worker_ids": workers, "api_key": secret}))
    twins.give(ConfigPush({"company_id": company, "gps_interval_s": 20}))
    for name in (*workers, "nobody"):
        twins.give(Assign(name))
    twins.give(Boot("user_reset"))
    twins.compare()


@pytest.mark.parametrize("count", [1000, 1001])
def test_long_lists_of_tags(count):
    tags = [f"F4:A7:2E:{n // 65536:02X}:{n // 256 % 256:02X}:{n % 256:02X}" for n in range(count)]
    twins = Twins(story_config(), GEOMETRIES[0])
    twins.give(ConfigPush({"known_equipment_tags": tags}))
    twins.give(ConfigPush({"worker_ids": ["x" * 64] * 200}))
    twins.give(Boot("user_reset"))
    twins.compare()


@pytest.mark.parametrize(
    "text", ["0.2.0", "01.2.3", "1.2", "0.1.0", "it's", '"', "'\"", "a\n\x01\\"]
)
def test_offers_of_firmware_are_refused_in_the_same_words(text):
    twins = Twins(story_config())
    twins.give(FirmwareOffer(text))
    twins.compare()


# A drop-in.


def test_without_a_chip_it_equals_a_badge_in_memory():
    steps = random_steps(77, 150)
    twins = Twins(story_config(upload_interval_s=300))
    twins.tell(steps)
    mine, other = Badge(story_config()), CBadge(story_config())
    for ms, what in twins.inputs:
        assert other.receive(what, ms) == mine.receive(what, ms)
    assert other.store.queue.entries == mine.store.queue.entries


def test_it_goes_on_from_a_store_in_memory():
    config = story_config(upload_interval_s=300)
    store = MemoryStore()
    first = Badge(config, store)
    for ms, what in ((0, Boot()), (0, UtcLearned(START_UNIX_MS)), (0, Assign("W-007"))):
        first.receive(what, ms)
    first.receive(Tick(), 50_000)
    twin = CBadge(config, store)
    assert twin.receive(Boot("watchdog"), 60_000) == Badge(config, store).receive(
        Boot("watchdog"), 60_000
    )


def test_it_is_used_wrongly_in_the_same_words():
    badge = CBadge(story_config())
    with pytest.raises(MisuseError, match="the first input of a badge is a Boot"):
        badge.receive(Tick(), 0)
    badge.receive(Boot(), 10)
    with pytest.raises(MisuseError, match="time went back from 10 to 9 ms"):
        badge.receive(Tick(), 9)


def test_what_no_record_can_hold_is_a_misuse():
    badge = CBadge(story_config())
    badge.receive(Boot(), 0)
    with pytest.raises(MisuseError, match="too large"):
        badge.receive(Assign("W" * 500), 1)
    with pytest.raises(MisuseError, match=r"214748364\.7"):
        badge.receive(GpsFix(1, 2, accuracy_m=1e12), 2)


def test_what_is_never_an_input_changes_nothing():
    twins = Twins(story_config())
    for what in (
        UtcLearned(2**70),
        Battery(10**30, -5),
        UploadAnswer(2**80, 10**12, ((2**90, "?"),), "", 10**12),
        ScanResult((("nonsense", -50), (MACS[0].lower(), -50), (MACS[0], 10**9))),
        Movement(False),
    ):
        twins.give(what)
    twins.compare()


def test_without_a_compiled_core_it_says_how_to_get_one(monkeypatch):
    monkeypatch.delenv("BADGE_C_CORE", raising=False)
    monkeypatch.setattr(c_store, "_EXTENSION", "badge.host._no_such_core")
    with pytest.raises(InputError, match="install a C compiler"):
        CBadge(story_config())
    assert not c_store.core_is_built()


def test_another_build_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("BADGE_C_CORE", "/no/such/core.so")
    with pytest.raises(InputError, match=r"/no/such/core\.so: no build of the C core"):
        CBadge(story_config())

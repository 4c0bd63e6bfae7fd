"""The tape of a badge in C: every kind of effect is read back."""

from badge.effects import Effect
from badge.host.c_core import CBadge
from badge.host.core.tape import read_tape
from badge.inputs import Assign, Battery, Boot, ConfigPush, FirmwareOffer, Tick, UtcLearned
from badge.storage.journal import FlashJournal
from sim.engine.flash import FlashChip
from sim.powercut.workload import REAL
from tests.badge.host.twins import needs_core
from tests.badge.story import START_UNIX_MS, story_config

pytestmark = needs_core


def test_every_kind_of_effect_is_on_the_tape_of_a_day():
    badge = CBadge(story_config(), FlashJournal(FlashChip(REAL), REAL))
    seen: set[type[Effect]] = set()
    for ms, what in (
        (0, Boot()),
        (0, UtcLearned(START_UNIX_MS)),
        (1, Assign("W-007")),
        (2, ConfigPush({"gps_interval_s": 20})),
        (90_000, Tick()),
        (90_001, FirmwareOffer("9.9.9")),
        (90_002, Battery(0)),
        (9_000_000, Tick()),
    ):
        seen |= {type(effect) for effect in badge.receive(what, ms)}
    assert {kind.__name__ for kind in seen} == {kind.__name__ for kind in Effect.__args__}


def test_an_empty_tape_says_nothing():
    assert list(read_tape(b"")) == []

from __future__ import annotations

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.faults import KINDS, AirFault, conditions_of, fault_from, inject, prepare
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from sim.air.radio.refusals import AirRefusalError


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("threshold", AirFault("threshold")),
        ("duplicates=content", AirFault("duplicates", value="content")),
        ("in-progress:hci3=2", AirFault("in-progress", "hci3", "2")),
        ("restart@5", AirFault("restart", at_s=5.0)),
        ("unplug:hci1@0.5+2.5", AirFault("unplug", "hci1", at_s=0.5, lasts_s=2.5)),
    ],
)
def test_a_fault_is_one_word(word, fault):
    assert fault_from(word) == fault


@pytest.mark.parametrize("word", ["", "flood", "restart", "threshold@5", "failed=x", "unplug@x"])
def test_a_word_that_is_no_fault_is_refused_with_what_to_write(word):
    with pytest.raises(InputError, match="write"):
        fault_from(word)


@given(st.text(max_size=30) | st.sampled_from(KINDS).map(lambda kind: f"{kind}@1+1"))
def test_any_word_is_a_fault_or_an_input_error(word):
    with contextlib.suppress(InputError):
        conditions_of([fault_from(word)])


def test_lasting_faults_become_conditions():
    words = ["threshold", "duplicates", "scan-train", "no-passive", "no-central"]
    assert conditions_of([fault_from(word) for word in words]) == Conditions(
        threshold_db=8,
        duplicates="address",
        scan_train=True,
        le_only=True,
        monitors=False,
        central=False,
    )


def test_refusals_wait_for_the_next_start():
    air = Air(1)
    prepare(air, [fault_from("not-ready"), fault_from("failed")])
    names = []
    for _ in range(2):
        with pytest.raises(AirRefusalError) as caught:
            air.adapters["hci0"].start("me")
        names.append(caught.value.name)
    air.adapters["hci0"].start("me")
    assert names == ["NotReady", "Failed"]


class Bus:
    def __init__(self):
        self.lives = True

    async def die(self):
        self.lives = False

    async def revive(self):
        self.lives = True


@pytest.mark.parametrize(
    ("word", "look"),
    [
        ("restart@5+2", lambda air, bus: air.bluez_runs),
        ("crash@5+2", lambda air, bus: air.bluez_runs),
        ("unplug:hci1@5+2", lambda air, bus: air.adapters["hci1"].plugged),
        ("power-off:hci1@5+2", lambda air, bus: air.adapters["hci1"].powered),
        ("bus-death@5+2", lambda air, bus: bus.lives),
    ],
)
def test_a_fault_begins_at_its_moment_and_ends_after_its_time(word, look):
    air, bus, seen = Air(2), Bus(), []

    async def sleep(delay_s):
        seen.append((delay_s, look(air, bus)))

    asyncio.run(inject(air, bus, fault_from(word), sleep))
    assert seen == [(5.0, True), (2.0, False)]
    assert look(air, bus)

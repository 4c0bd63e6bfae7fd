from __future__ import annotations

import asyncio

import pytest

from badge.errors import InputError
from hil.ble.errors import ScannerError
from hil.ble.sampler import Sampler
from hil.ble.supervisor import RestartPolicy, ScannerState, Supervisor
from hil.clock import within
from tests.hil.ble.rig import HeldClock, Radio, run, settle

TAG = "AA:BB:CC:DD:EE:01"
SECOND = 1_000_000_000
BUSY = ScannerError("scanner hci0: busy")
WRONG = ScannerError("scanner hci0: no such adapter", hopeless=True)


def supervised(*plan, policy=None):
    clock, sampler, radio = HeldClock(), Sampler(), Radio(*plan)
    return Supervisor(radio, sampler, clock, policy), clock, sampler, radio


async def ended(task):
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_first_start_is_tried_with_growing_pauses():
    async def story():
        supervisor, clock, _, radio = supervised(BUSY, BUSY, BUSY)
        begun = asyncio.ensure_future(supervisor.begin())
        await clock.go_on(6.9)
        assert (radio.starts, begun.done()) == (3, False)
        await clock.go_on(0.1)
        await begun
        assert (radio.starts, supervisor.state, supervisor.trouble) == (4, ScannerState.UP, None)

    run(story)


def test_a_start_right_after_a_crash_has_an_attempt_to_spare():
    """BlueZ answers InProgress until the kernel's scan has ended, at most 10.24 s later."""

    class Crashed(Radio):
        async def start(self, sink):
            self.plan = [BUSY] if clock.now_ns < 10.24e9 else []
            await super().start(sink)

    clock, radio = HeldClock(), Crashed()

    async def story():
        policy = RestartPolicy()
        supervisor = Supervisor(radio, Sampler(), clock, policy)
        begun = asyncio.ensure_future(supervisor.begin())
        await clock.go_on(60)
        await begun
        assert radio.starts < policy.first_attempts

    run(story)


def test_after_the_last_attempt_the_user_is_told():
    async def story():
        supervisor, clock, _, radio = supervised(*[BUSY] * 6)
        begun = asyncio.ensure_future(supervisor.begin())
        await clock.go_on(60)
        with pytest.raises(ScannerError, match="busy"):
            await begun
        assert (radio.starts, radio.stops, supervisor.state) == (6, 6, ScannerState.OFF)

    run(story)


def test_what_is_hopeless_is_told_at_once():
    async def story():
        supervisor, _, _, radio = supervised(WRONG)
        with pytest.raises(ScannerError, match="no such adapter"):
            await supervisor.begin()
        assert radio.starts == 1

    run(story)


def test_a_start_that_hangs_is_given_up_and_tried_again():
    async def story():
        supervisor, clock, _, radio = supervised("hang")
        begun = asyncio.ensure_future(supervisor.begin())
        await clock.go_on(14.9)
        assert radio.starts == 1
        await clock.go_on(1.2)
        await begun
        assert radio.starts == 2

    run(story)


def test_a_loss_is_down_time_until_the_radio_is_back():
    async def story():
        supervisor, clock, sampler, radio = supervised()
        await supervisor.begin()
        watching = asyncio.ensure_future(supervisor.run())
        for i in range(8):
            sampler.begin(i * 5 * SECOND, (i + 1) * 5 * SECOND)
        await clock.go_on(7)
        radio.plan = [BUSY, WRONG, BUSY]  # hopeless or not: once it has run, nobody gives up
        supervisor.lose("bluetoothd restarted")
        await clock.go_on(9)
        assert supervisor.state is ScannerState.UP
        await clock.go_on(24)
        downs = [cycle.heard is None for cycle in sampler.close(clock.now_ns)]
        assert downs == [False, True, True, False, False, False, False, False]
        assert supervisor.restarts == {"bluetoothd restarted": 1}
        await ended(watching)

    run(story)


def test_a_cycle_that_ends_right_after_a_loss_is_already_no_sample():
    async def story():
        supervisor, clock, sampler, _ = supervised()
        await supervisor.begin()
        sampler.begin(0, SECOND)
        clock.now_ns = SECOND - 1
        supervisor.lose("bluetoothd restarted")
        assert sampler.close(SECOND)[0].heard is None  # nobody else had a turn in between

    run(story)


def test_pauses_grow_to_their_limit_and_never_end():
    async def story():
        policy = RestartPolicy(pause_s=1, pause_max_s=30)
        supervisor, clock, _, radio = supervised(policy=policy)
        await supervisor.begin()
        watching = asyncio.ensure_future(supervisor.run())
        await settle()
        radio.plan = [BUSY] * 1000
        supervisor.lose("the adapter was removed")
        await clock.go_on(1 + 2 + 4 + 8 + 16)
        assert radio.starts == 1 + 1 + 5
        assert supervisor.state is ScannerState.WAITING
        await clock.go_on(300)
        assert radio.starts == 7 + 10
        radio.plan = []
        await clock.go_on(30)
        assert supervisor.state is ScannerState.UP
        await ended(watching)

    run(story)


def test_silence_restarts_and_a_quiet_place_is_asked_less_and_less():
    async def story():
        supervisor, clock, _, radio = supervised()
        await supervisor.begin()
        watching = asyncio.ensure_future(supervisor.run())
        await clock.go_on(60)
        supervisor.hear(clock.now_ns, TAG, -60)
        await clock.go_on(89)
        assert radio.starts == 1
        await clock.go_on(2)
        assert (radio.starts, supervisor.restarts["silence"]) == (2, 1)
        await clock.go_on(178)
        assert radio.starts == 2  # 180 s now
        await clock.go_on(3)
        assert radio.starts == 3
        supervisor.hear(clock.now_ns, TAG, -60)
        await clock.go_on(360)
        assert radio.starts >= 4
        await ended(watching)

    run(story)


def test_invalid_strengths_do_not_count_as_hearing():
    async def story():
        supervisor, clock, _, radio = supervised()
        await supervisor.begin()
        watching = asyncio.ensure_future(supervisor.run())
        for _ in range(100):
            await clock.go_on(1)
            supervisor.hear(clock.now_ns, TAG, -127)
        assert radio.starts == 2
        await ended(watching)

    run(story)


def test_a_loss_while_starting_is_not_forgotten():
    async def story():
        supervisor, clock, sampler, radio = supervised()
        sampler.begin(0, SECOND)
        original = radio.start

        async def start(sink):
            await original(sink)
            if radio.starts == 1:
                radio.plan = [BUSY]
                sink.lose("the message bus ended")

        radio.start = start
        await supervisor.begin()
        assert sampler.close(SECOND)[0].heard is None
        watching = asyncio.ensure_future(supervisor.run())
        await clock.go_on(2)
        assert (radio.starts, supervisor.state) == (3, ScannerState.UP)
        await ended(watching)

    run(story)


def test_an_address_that_can_never_be_a_tags_ends_the_run_with_its_error():
    async def story():
        supervisor, _, _, radio = supervised()
        await supervisor.begin()
        watching = asyncio.ensure_future(supervisor.run())
        await settle()
        radio.sink.hear(1, "0E7C1A3B-1111-2222-3333-444455556666", -60)
        with pytest.raises(InputError, match="macOS"):
            await watching

    run(story)


def test_the_end_is_down_time():
    async def story():
        supervisor, clock, sampler, radio = supervised()
        await supervisor.begin()
        sampler.begin(0, SECOND)
        await clock.go_on(0.5)
        await supervisor.end()
        clock.now_ns = SECOND
        assert sampler.close(clock.now_ns)[0].heard is None
        assert (supervisor.state, radio.stops) == (ScannerState.OFF, 1)

    run(story)


def test_within_gives_the_result_the_error_or_a_timeout():
    async def story():
        clock = HeldClock()

        async def value():
            return 7

        async def failing():
            raise ValueError("no")

        assert await within(clock, value(), 1) == 7
        with pytest.raises(ValueError, match="no"):
            await within(clock, failing(), 1)
        slow = asyncio.ensure_future(within(clock, asyncio.Event().wait(), 1))
        await clock.go_on(1)
        with pytest.raises(TimeoutError, match="within 1 s"):
            await slow

    run(story)

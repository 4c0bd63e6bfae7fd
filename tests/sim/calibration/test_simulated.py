from __future__ import annotations

import numpy as np

from sim.calibration import simulated
from sim.world.environments import BENCH, YARD
from sim.world.work import ON_FOOT


def test_a_person_is_heard_on_three_channels_and_turns_to_eight_facings():
    one = simulated.person(YARD, 1, 0, 120.0)
    assert set(one.channel.tolist()) == {0, 1, 2}
    assert len(one.t_ms) == len(one.rssi) == 3 * (120_000 // simulated.ADVERT_MS)
    means = [one.rssi[one.t_ms // 15_000 == facing].mean() for facing in range(8)]
    assert max(means) - min(means) > 5.0
    assert simulated.person(YARD, 1, 0, 120.0).rssi.tolist() == one.rssi.tolist()
    assert simulated.person(YARD, 1, 1, 120.0).rssi.tolist() != one.rssi.tolist()


def test_boards_do_not_drift():
    one = simulated.boards(BENCH, 1, 3600.0, every_ms=10_000)
    mine = one.rssi[one.channel == 0]
    assert abs(mine[:100].mean() - mine[-100:].mean()) < 0.8


def test_a_receiver_tells_its_errors_and_what_it_missed():
    one = simulated.receiver("open", 1, polls=100)
    assert len(one.missed) == 100
    assert len(one.error_m) == len(one.accuracy_m) == np.count_nonzero(~one.missed)


def test_a_two_minute_upload_costs_its_fixes_and_a_short_one_few():
    assert simulated.polls_lost_to_upload(1, 120_000) == 8
    assert simulated.polls_lost_to_upload(1, 20_000) == 2


def test_a_worker_works_as_long_as_asked():
    assert simulated.worker(ON_FOOT, 1, hours=0.5).end_ms == 1_800_000

from hypothesis import given
from hypothesis import strategies as st

from badge.effects import Draw, PowerGps, PowerOff, PowerScanner, Screen
from sim.engine.clock import Clock
from sim.fleet.field.battery import FieldBattery
from sim.world.battery import Cell

HOUR_MS = 3_600_000


def pack(percent=100.0):
    clock, seen = Clock(), []
    power = FieldBattery(
        clock, Cell(), percent, 25.0, lambda ms, on: seen.append((ms, on)), lambda: seen.append("r")
    )
    power.booted()
    return clock, power, seen


def used_mah(power):
    return power._battery.used_ua_ms / HOUR_MS / 1000


def test_an_hour_of_rest_and_an_hour_of_sensors():
    clock, power, seen = pack()
    clock.run_until(HOUR_MS)
    power.settle()
    resting = used_mah(power)
    assert 7.5 < resting < 7.7  # 7 mA of idle modem, 6 % of the MCU
    power.spend(PowerGps(True))
    power.spend(PowerScanner(True))
    clock.run_until(2 * HOUR_MS)
    power.settle()
    assert used_mah(power) - 2 * resting - 26.565 < 0.01
    assert seen == [(HOUR_MS, True)]


def test_an_upload_costs_its_length():
    _, power, _ = pack()
    power.upload(30_000)
    assert abs(used_mah(power) - 393.0 * 30 / 3600) < 1e-6


def test_off_draws_nothing_and_the_charger_fills():
    clock, power, _ = pack(50.0)
    power.spend(PowerOff())
    clock.run_until(HOUR_MS)
    assert power.reading()[0] == 50
    power.put_on_charger(True)
    clock.run_until(2 * HOUR_MS)
    assert power.reading()[0] == 75
    clock.run_until(9 * HOUR_MS)
    assert power.reading() == (100, power.reading()[1])


def test_a_swap_and_a_restart():
    _, power, seen = pack(5.0)
    power.spend(Draw(Screen("ACTIVE", "0.3.0")))
    power.swap(80.0)
    assert power.reading()[0] == 80
    power.restart()
    assert seen == ["r"]


def test_what_may_go_before_the_percent_changes_is_just_that():
    clock, power, _ = pack(50.0)
    clock.run_until(HOUR_MS)
    at, spare = power.percent(), power.spare_ua_ms()
    power._battery.drain(1, int(spare))
    assert power.percent() == at
    power._battery.drain(1, int(power._battery.used_ua_ms * 1e-7) + 1)
    assert power.percent() == at - 1
    assert power.most_ua > 33_000


def test_on_the_charger_what_is_full_stays_so_until_half_a_percent_goes_at_once():
    _, power, _ = pack(100.0)
    power.put_on_charger(True)
    assert power.charging
    full = power.spare_ua_ms()
    assert 0.0049 < full / (2000 * 1000 * HOUR_MS) < 0.005
    drawn = power.upload(30_000)
    assert power.spare_ua_ms() == full - drawn
    power.upload(100_000)
    assert power.percent() == 99
    assert power.spare_ua_ms() == 0.0


@given(
    st.lists(st.tuples(st.integers(0, 900_000), st.integers(0, 40_000), st.booleans()), max_size=9),
    st.sampled_from([0.0, 50.0, 99.7, 100.0]),
)
def test_beats_that_are_left_out_on_the_charger_change_no_charge(uploads, percent):
    (clock, beating, _), (late_clock, late, _) = pack(percent), pack(percent)
    for power in (beating, late):
        power.put_on_charger(True)
    for after_ms, for_ms, redraws in uploads:
        due_ms = clock.now_ms + after_ms
        for beat_ms in range(clock.now_ms // 300_000 * 300_000, due_ms + 1, 300_000):
            if beat_ms >= clock.now_ms:
                clock.run_until(beat_ms)
                beating.settle()
        clock.run_until(due_ms)
        late_clock.run_until(due_ms)
        late.settle_at(due_ms // 300_000 * 300_000)
        for power in (beating, late):
            power.upload(for_ms)
            if redraws:
                power.spend(Draw(Screen("OFF", "")))
        assert beating._battery.used_ua_ms == late._battery.used_ua_ms
    for power in (beating, late):
        power.put_on_charger(False)
    assert beating._battery.used_ua_ms == late._battery.used_ua_ms

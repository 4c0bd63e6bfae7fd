from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.notecard.model.link import LinkState, Modem, Timing
from tests.strategies import unhurried

TIMING = Timing(registration_s=20, session_s=2, search_s=100)


def run(link: Modem, seconds: range, wanted: bool = True, bars: int = 3) -> list[str]:
    states = []
    for second in seconds:
        if link.advance(second * 1000, wanted, bars):
            states.append(f"{second} {link.state.value}")
    return states


def test_from_off_to_connected_and_back():
    link = Modem(TIMING)
    assert run(link, range(30)) == ["0 registering", "20 opening", "22 connected"]
    assert run(link, range(30, 40), wanted=False) == ["30 off"]


def test_without_coverage_it_searches_and_then_sits_in_the_penalty_box():
    link = Modem(TIMING)
    assert run(link, range(150), bars=0) == ["0 registering", "100 penalty"]
    assert "(14.2 min remaining)" in link.status(149_000)
    assert run(link, range(150, 1100)) == ["1000 registering", "1020 opening", "1022 connected"]


def test_a_lost_signal_means_registering_anew():
    link = Modem(TIMING)
    run(link, range(30))
    assert run(link, range(30, 40), bars=0) == ["30 registering"]
    assert run(link, range(40, 70)) == ["60 opening", "62 connected"]


def test_forgiven():
    link = Modem(TIMING)
    run(link, range(150), bars=0)
    link.forgive(150_000)
    assert run(link, range(150, 152)) == ["150 registering"]


@unhurried
@given(st.lists(st.tuples(st.integers(0, 5000), st.booleans(), st.integers(0, 4)), max_size=60))
def test_deadlines_lie_ahead_or_move_the_link(steps):
    link, now_ms = Modem(TIMING), 0
    for later_ms, wanted, bars in steps:
        now_ms += later_ms
        link.advance(now_ms, wanted, bars)
        due_ms = link.deadline_ms(now_ms)
        assert due_ms is None or due_ms > now_ms
        assert (due_ms is None) == (link.state is LinkState.OFF)

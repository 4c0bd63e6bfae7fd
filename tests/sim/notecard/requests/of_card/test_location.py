from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "members",
    [{"seconds": 4}, {"mode": "fixed"}, {"vseconds": "x"}, {"lat": 91.0}, {"max": -2}],
)
def test_what_is_no_configuration_is_refused(desk, members):
    assert "err" in desk.ask("card.location.mode", **members)


def test_minus_one_and_a_dash_mean_the_default(desk):
    desk.ask("card.location.mode", mode="periodic", seconds=60, threshold=3, vseconds="usb:1;9")
    shown = desk.ask("card.location.mode", threshold=-1, vseconds="-")
    assert shown == {"mode": "periodic", "seconds": 60}
    assert desk.ask("card.location.mode", mode="-") == {"mode": "off"}

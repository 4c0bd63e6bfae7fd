from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "members",
    [{"mode": "fast"}, {"duration": 14}, {"voutbound": "x"}, {"inbound": -2}, {"outbound": "5"}],
)
def test_what_is_no_setting_is_refused_and_changes_nothing(desk, members):
    before = desk.ask("hub.get")
    assert "err" in desk.ask("hub.set", **members)
    assert desk.ask("hub.get") == before


def test_after_firmware_the_mode_before_it_is_back(desk):
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.ask("hub.set", mode="dfu")
    desk.ask("hub.set", mode="dfu")
    assert desk.ask("hub.get")["mode"] == "dfu"
    desk.ask("hub.set", mode="dfu-completed")
    assert desk.ask("hub.get")["mode"] == "continuous"
    desk.ask("hub.set", mode="dfu-completed")
    assert desk.ask("hub.get")["mode"] == "continuous"

from __future__ import annotations


def test_words_about_the_end_need_the_end(desk):
    assert "stop is required" in desk.ask("dfu.status", status="flashed")["err"]
    assert "seconds" in desk.ask("card.dfu", seconds=5)["err"]
    assert "{dfu-not-ready}" in desk.ask("dfu.put", offset=0, length=0)["err"]


def test_a_pause_ends_by_itself(desk):
    desk.ask("card.dfu", name="esp32")
    desk.ask("card.dfu", off=True, seconds=60)
    assert not desk.notecard.card.firmware.outboard
    desk.wait(61)
    assert desk.notecard.card.firmware.outboard

from __future__ import annotations


def test_a_calibration_needs_set_and_a_history_needs_on(desk):
    assert desk.ask("card.voltage", calibration=0.5)["value"] == 3.9
    assert desk.ask("card.voltage", calibration=0.5, set=True)["value"] == 4.05
    assert "vavg" not in desk.ask("card.voltage", hours=5)
    assert "err" in desk.ask("card.voltage", hours=721)


def test_readings_out_of_bounds_do_not_count(desk):
    desk.wait(7300)
    assert desk.ask("card.voltage", on=True, vmin=4.5).get("vavg") is None
    assert desk.ask("card.voltage", on=True)["vavg"] == 3.9


def test_light_needs_a_sensor(desk):
    assert "illumination sensor is not available" in desk.ask("card.illumination")["err"]
    desk.notecard.attached.lux = 80.5
    assert desk.ask("card.illumination") == {"value": 80.5}

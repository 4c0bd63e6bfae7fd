from __future__ import annotations

from sim.air.radio.refusals import REFUSALS, AirRefusalError, ignore


def test_a_refusal_has_blue_zs_text_unless_it_has_its_own():
    for name, text in REFUSALS.items():
        assert AirRefusalError(name).text == text
    assert AirRefusalError("Failed", "Not Powered").text == "Not Powered"
    assert ignore(AirRefusalError("Failed")) is None

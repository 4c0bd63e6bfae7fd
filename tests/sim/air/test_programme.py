from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.air.programme import capture_programme, is_scenario, scenario_programme
from sim.air.radio.conditions import profile
from tests.paths import RECORDINGS
from tests.sim.scenario.story import SMALL

CAPTURE = RECORDINGS / "ble-capture.btsnoop"


def test_a_word_without_an_ending_is_a_scenario_unless_there_is_such_a_file(tmp_path):
    assert is_scenario("crew-of-five")
    assert is_scenario("mine.yml")
    assert not is_scenario("capture.pcap")
    (tmp_path / "capture").touch()
    assert not is_scenario(str(tmp_path / "capture"))


@pytest.mark.skipif(not CAPTURE.exists(), reason="no recordings beside the checkout")
def test_a_capture_keeps_its_payloads_and_a_real_kernel_joins_the_responses():
    ideal = list(capture_programme(CAPTURE, 1, profile("ideal")).reports())
    real = list(capture_programme(CAPTURE, 1, profile()).reports())
    assert (len(ideal), len(real)) == (412, 285)  # 127 responses, each within its advertisement
    asked = [one for one in real if one.advert.response]
    assert len(asked) == 58
    assert all(one.advert.data for one in asked)


def test_a_table_has_strengths_alone(tmp_path):
    table = tmp_path / "room.csv"
    table.write_text("unix_ms,mac,rssi\n1700000000000,AA:BB:CC:DD:EE:01,-61\n")
    (first, second) = capture_programme(table, 2, profile()).reports()
    assert (first.adapter, second.adapter, first.advert.data) == ("hci0", "hci1", b"")


def test_a_scenario_says_which_tags_can_be_connected_to(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace('tag: "AA', 'gatt: true, tag: "AA'))
    told = scenario_programme(str(path), 1, 1, "07:32")
    assert told.peripherals["AA:BB:CC:00:00:01"].name == "mixer"


def test_no_such_capture_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        capture_programme(tmp_path / "none.pcap", 1, profile())

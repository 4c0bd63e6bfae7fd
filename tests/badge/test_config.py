"""The configuration: the owner's nine keys, our decisions with their defaults, and its faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from tests.strategies import json_values

DEVICE = {"device_id": "ACT-3F8A21B4"}
SECRET = "ak_3F8A21B4_do-not-tell"


def test_the_defaults_are_the_contracts_numbers():
    assert read_config(DEVICE).public() == {
        "device_id": "ACT-3F8A21B4",
        "company_id": "",
        "gps_interval_s": 15,
        "upload_interval_s": 1800,
        "ble_rssi_threshold": -70,
        "ble_detection_count_threshold": 3,
        "known_equipment_tags": [],
        "worker_ids": [],
        "gps_timeout_s": 10,
        "gps_stationary_interval_s": 60,
        "gps_uere_m": 3.0,
        "ble_scan_period_s": 5,
        "ble_lost_count_threshold": 5,
        "stationary_after_s": 30,
        "auto_end_stationary_s": 3600,
        "auto_end_min_shift_s": 14_400,
        "shutdown_pct": 2,
        "uptime_save_s": 60,
        "boot_upload_delay_s": 60,
        "batch_events_max": 100,
        "queue_events_max": 2000,
        "quarantine_events_max": 100,
        "answer_timeout_s": 120,
        "backoff_first_s": 30,
        "backoff_cap_s": 1800,
        "ota_confirm_s": 600,
    }


def test_the_owners_nine_keys_come_first():
    assert list(BadgeConfig.model_fields)[:9] == [
        "device_id",
        "company_id",
        "api_key",
        "gps_interval_s",
        "upload_interval_s",
        "ble_rssi_threshold",
        "ble_detection_count_threshold",
        "known_equipment_tags",
        "worker_ids",
    ]


def test_macs_are_written_in_upper_case():
    config = read_config({**DEVICE, "known_equipment_tags": ["f4:a7:2e:11:03:bc"]})
    assert config.known_equipment_tags == ["F4:A7:2E:11:03:BC"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "config: expected a JSON object"),
        ({}, "config: device_id: "),
        ({"device_id": "act-3f8a21b4"}, "config: device_id: "),
        ({"device_id": "ACT-3F8A21B4\n"}, "config: device_id: "),
        ({**DEVICE, "gps_interval_s": True}, "config: gps_interval_s: "),
        ({**DEVICE, "gps_interval_s": 15.5}, "config: gps_interval_s: "),
        ({**DEVICE, "gps_interval_s": 0}, "config: gps_interval_s: "),
        ({**DEVICE, "batch_events_max": 501}, "config: batch_events_max: "),
        ({**DEVICE, "ble_rssi_threshold": 0}, "config: ble_rssi_threshold: "),
        ({**DEVICE, "worker_ids": [""]}, "config: worker_ids.0: "),
        ({**DEVICE, "worker_ids": ["a", "b\0"]}, "config: worker_ids.1: "),
        ({**DEVICE, "known_equipment_tags": [7]}, "config: known_equipment_tags.0: "),
        ({**DEVICE, "gps_uere_m": float("nan")}, "config: gps_uere_m: "),
        ({**DEVICE, "gps_intervall_s": 3}, "known keys: device_id, company_id, api_key, "),
    ],
)
def test_a_fault_is_named_with_its_key(document, words):
    with pytest.raises(InputError) as caught:
        read_config(document)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.dictionaries(st.sampled_from([*BadgeConfig.model_fields, "x"]), json_values) | json_values
)
def test_any_json_is_a_configuration_or_one_sentence(document):
    try:
        config = read_config(document)
    except InputError:
        return
    assert read_config({**config.public(), "api_key": config.api_key.get_secret_value()}) == config


@given(st.sampled_from([[SECRET], {SECRET: 1}, {"a": SECRET}, 1]))
def test_no_fault_tells_the_key(wrong):
    with pytest.raises(InputError) as caught:
        read_config({**DEVICE, "api_key": wrong})
    assert SECRET not in str(caught.value)


def test_the_key_is_no_public_setting():
    config = read_config({**DEVICE, "api_key": SECRET})
    assert SECRET not in f"{config!r} {config} {config.public()} {config.model_dump()}"


def test_a_document_says_all_of_it_and_reads_back():
    config = read_config({**DEVICE, "api_key": SECRET, "gps_interval_s": 20})
    assert config.document() == {**config.public(), "api_key": SECRET}
    assert read_config(config.document()) == config


def test_what_was_chosen_says_the_whole_configuration():
    config = read_config({**DEVICE, "gps_interval_s": 20, "gps_timeout_s": 10, "worker_ids": []})
    assert config.chosen() == {**DEVICE, "gps_interval_s": 20}
    assert read_config(config.chosen()) == config

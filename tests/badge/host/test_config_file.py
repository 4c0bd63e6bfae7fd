"""A configuration from a file, from options, or both; and what is wrong with it."""

from __future__ import annotations

import json
import re

import pytest

from badge.errors import InputError
from badge.host.config_file import (
    DEFAULT_DEVICE_ID,
    parse_assignment,
    read_config_file,
    read_settings,
)


def written(tmp_path, content):
    path = tmp_path / "device_config.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_without_anything_there_is_a_badge():
    assert read_settings(None, []).device_id == DEFAULT_DEVICE_ID


def test_options_outrank_the_file_and_none_says_nothing(tmp_path):
    path = written(tmp_path, {"device_id": "ACT-3F8A21B4", "gps_interval_s": 20})
    config = read_settings(path, [("gps_interval_s", 30), ("device_id", None)])
    assert (config.device_id, config.gps_interval_s) == ("ACT-3F8A21B4", 30)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "nested more than"),
        (b"[1]", "expected a JSON object"),
        ({"gps_interval_s": "15"}, "gps_interval_s: "),
        ({"nonsense": 1}, "nonsense: "),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path, content, words):
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_settings(path, [("gps_interval_s", 30)])
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}: "):
        read_config_file(path)


def test_a_file_alone_needs_its_device_id(tmp_path):
    with pytest.raises(InputError, match="device_id: is missing"):
        read_config_file(written(tmp_path, {"gps_interval_s": 20}))
    path = written(tmp_path, {"device_id": "ACT-3F8A21B4", "api_key": "secret"})
    assert read_config_file(path).api_key.get_secret_value() == "secret"
    assert read_settings(path) == read_config_file(path)


def test_a_wrong_option_is_not_blamed_on_the_file(tmp_path):
    path = written(tmp_path, {"device_id": "ACT-3F8A21B4"})
    with pytest.raises(InputError, match=r"^options: ble_rssi_threshold: "):
        read_settings(path, [("ble_rssi_threshold", 5)])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("gps_interval_s=20", ("gps_interval_s", 20)),
        ('worker_ids=["W-1"]', ("worker_ids", ["W-1"])),
        ("company_id=acme", ("company_id", "acme")),
        ("company_id=a=b", ("company_id", "a=b")),
        ("company_id=", ("company_id", "")),
        ("x=" + "[" * 100_000, ("x", "[" * 100_000)),
    ],
)
def test_assignments_are_json_where_they_can_be(text, wanted):
    assert parse_assignment(text) == wanted


@pytest.mark.parametrize("text", ["", "x", "=1"])
def test_what_is_no_assignment_is_named(text):
    with pytest.raises(InputError, match="write it as KEY=VALUE"):
        parse_assignment(text)

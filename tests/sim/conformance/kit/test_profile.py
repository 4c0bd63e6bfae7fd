from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.conformance.kit.profile import BackendProfile, read_profile

CHECKS = ["takes a parcel", "takes parcels from the admin alone"]


def test_a_profile_says_what_is_otherwise_and_the_rest_stays(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'events_path = "/v1/ingest"\nkey_header = "Authorization"\nkey_prefix = "Bearer "\n'
        '[statuses]\n202 = [200, 202]\n[skip]\n"takes a parcel" = "no parcels here"\n'
    )
    profile = read_profile(path, BackendProfile, CHECKS)
    assert (profile.events_path, profile.devices_path) == ("/v1/ingest", "/api/devices")
    assert profile.allowed(202, 207) == (200, 202, 207)
    assert profile.skip == {"takes a parcel": "no parcels here"}


def test_json_does_too(tmp_path):
    (tmp_path / "mine.json").write_text('{"old_firmware": "0.1.0"}')
    assert read_profile(tmp_path / "mine.json", BackendProfile, CHECKS) == BackendProfile(
        old_firmware="0.1.0"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"event_path": "/x"}', "mine.json: event_path: is no known key"),
        ('{"patience_s": 0}', "mine.json: patience_s: must be above 0"),
        ('{"statuses": {"2O2": [200]}}', "mine.json: statuses.2O2.*: must be 200, 201, 202"),
        ('{"skip": {"takes a parcell": "x"}}', "'takes a parcell'; Did you mean takes a parcel"),
        ('{"skip": {"x": "x"}}', "skip: no check is called 'x'; see badge conform --list"),
        ("{", "mine.json: not JSON"),
        ("[" * 100_000, "mine.json: nested more than 200"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_place(tmp_path, text, words):
    (tmp_path / "mine.json").write_text(text)
    with pytest.raises(InputError, match=words):
        read_profile(tmp_path / "mine.json", BackendProfile, CHECKS)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_profile(tmp_path / "none.toml", BackendProfile, CHECKS)

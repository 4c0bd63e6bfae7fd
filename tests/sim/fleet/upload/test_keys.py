import stat

import pytest

from badge.errors import InputError
from sim.fleet.upload.keys import (
    FILE,
    NEW,
    keep_key,
    keep_keys,
    kept_keys,
    provision,
    read_keys,
)
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest

DEVICES = ["ACT-00000001", "ACT-00000002"]


def test_keys_are_kept_for_this_user_alone(tmp_path):
    path = tmp_path / "keys.json"
    keep_keys(path, {"ACT-00000001": "ak_1"})
    assert read_keys(path) == {"ACT-00000001": "ak_1"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"ACT-00000001": 1}', "[" * 5000, '{"a": "\ud800"}'])
def test_what_is_no_file_of_keys_is_said(tmp_path, text):
    (tmp_path / "k").write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(InputError, match="not a JSON object of device_id and key"):
        read_keys(tmp_path / "k")


def test_each_badge_gets_a_key_and_who_has_one_keeps_it():
    with launch_ingest(rules=Rules()) as server:
        secret = server.ingest.new_service_keys()["provisioning"]
        keys = {"ACT-00000002": "mine"}
        provision(f"{server.url}/api/events", secret, "acme", DEVICES, keys)
        assert keys["ACT-00000002"] == "mine"
        assert keys["ACT-00000001"].startswith("ak_00000001_")
        with pytest.raises(InputError, match="the provisioning key was refused"):
            provision(f"{server.url}/api/events", "wrong", "acme", DEVICES, {})
        with pytest.raises(InputError, match="exists, and its key was shown only once"):
            provision(f"{server.url}/api/events", secret, "acme", DEVICES, {})


def test_a_key_is_kept_the_moment_it_comes(tmp_path):
    """Whoever is killed then has it still: the server shows none a second time."""
    with launch_ingest(rules=Rules()) as server:
        secret = server.ingest.new_service_keys()["provisioning"]

        def killed_after_one(device_id, key):
            keep_key(tmp_path, device_id, key)
            raise SystemExit

        with pytest.raises(SystemExit):
            provision(
                f"{server.url}/api/events", secret, "acme", DEVICES, {}, keep=killed_after_one
            )
        keys = kept_keys(tmp_path)
        assert list(keys) == DEVICES[:1]
        assert stat.S_IMODE((tmp_path / NEW).stat().st_mode) == 0o600
        provision(f"{server.url}/api/events", secret, "acme", DEVICES, keys)
    keep_keys(tmp_path / FILE, keys)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    keep_key(tmp_path, "ACT-00000003", "ak_3")
    with (tmp_path / NEW).open("ab") as file:
        file.write(b'{"ACT-00000004": "ak')  # cut off
    assert kept_keys(tmp_path) == {**keys, "ACT-00000003": "ak_3"}
    keep_key(tmp_path, "ACT-00000005", "ak_5")
    assert kept_keys(tmp_path) == {**keys, "ACT-00000003": "ak_3", "ACT-00000005": "ak_5"}


def test_nobody_there_is_one_sentence():
    with launch_ingest() as server:
        url = server.url
    with pytest.raises(InputError, match="no connection; is the server running"):
        provision(f"{url}/api/events", "key", "acme", DEVICES, {})

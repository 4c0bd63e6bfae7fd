import stat

import pytest

from badge.errors import InputError
from sim.fleet.upload.keys import keep_keys, provision, read_keys
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


def test_nobody_there_is_one_sentence():
    with launch_ingest() as server:
        url = server.url
    with pytest.raises(InputError, match="no connection; is the server running"):
        provision(f"{url}/api/events", "key", "acme", DEVICES, {})

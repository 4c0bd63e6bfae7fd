"""Keys: made once, kept as hashes, never written in clear anywhere."""

from __future__ import annotations

import logging
import re
from contextlib import closing

from sim.ingest.api.ingest import Ingest
from sim.ingest.store.keys import (
    KeyHash,
    device_named_by,
    hash_key,
    key_matches,
    new_device_key,
)
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.ingest.site import BADGE, NOW_MS, Site, batch


def test_a_key_matches_its_own_hash_and_no_other():
    key, other = new_device_key(BADGE), new_device_key(BADGE)
    assert key_matches(key, hash_key(key))
    assert not key_matches(other, hash_key(key))
    assert not key_matches(key, None)
    assert not key_matches("", hash_key(key))
    assert not key_matches("\ud800", hash_key(key))


def test_the_same_key_is_never_hashed_the_same_way_twice():
    key = new_device_key(BADGE)
    assert hash_key(key) != hash_key(key)


def test_a_database_of_before_knows_its_keys():
    """The way that keys are hashed never changes: every badge would be turned away."""
    digest = "19f3141bbcb07ad01f96707406b4c1c08e8f47e519b9d1d937fa1e489c6eabaa"
    assert key_matches("ak_3F8A21B4_0f", KeyHash(bytes(range(16)), bytes.fromhex(digest)))
    kept = hash_key("ak_3F8A21B4_0f")
    assert (len(kept.salt), len(kept.digest)) == (16, 32)


def test_a_device_key_names_its_device_and_has_192_random_bits():
    assert re.fullmatch("ak_3F8A21B4_[0-9a-f]{48}", new_device_key(BADGE))
    assert device_named_by(new_device_key(BADGE)) == BADGE


def test_no_key_is_in_the_database_or_in_a_log_in_clear(tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    with closing(SqliteStore(tmp_path / "x.db")) as store:
        site = Site(Ingest(store, lambda: NOW_MS)).provision()
        for key in ("badge", "other", "admin", "wrong-key-of-somebody"):
            site.ask("POST", "/api/events", batch(1), key)
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    kept += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    shown = caplog.text + "".join(capfd.readouterr())
    for key in site.keys.values():
        secret = key.rpartition("_")[2]
        assert secret.encode() not in kept
        assert bytes.fromhex(secret) not in kept
        assert secret not in shown

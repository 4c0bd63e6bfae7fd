"""API keys: made here, shown once, kept as a salted hash.

A key carries 192 random bits, so nobody can search for it: a fast salted hash (BLAKE2b) protects a
stolen database as well as a slow password hash would, and costs microseconds per request.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import blake2b

_RANDOM_BYTES = 24
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class KeyHash:
    """What is kept of a key: 16 bytes of salt and the 32 byte keyed digest."""

    salt: bytes
    digest: bytes


def new_key(prefix: str) -> str:
    """Make a key `<prefix>_<48 hex digits>` from the operating system's randomness."""
    return f"{prefix}_{secrets.token_hex(_RANDOM_BYTES)}"


def new_device_key(device_id: str) -> str:
    """Make a device's key `ak_<8 hex of the id>_<random>`."""
    return new_key(f"ak_{device_id.removeprefix('ACT-')}")


def device_named_by(key: str) -> str:
    """Return the device_id that a device key claims; a claim only, the hash decides."""
    return "ACT-" + key.removeprefix("ak_")[:8]


def hash_key(key: str) -> KeyHash:
    """Hash a key with a salt of its own."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return KeyHash(salt, _digest(key, salt))


def key_matches(key: str, kept: KeyHash | None) -> bool:
    """Compare in constant time; `None` (nothing kept) never matches."""
    against = kept or _NOBODY
    same = secrets.compare_digest(_digest(key, against.salt), against.digest)
    return same and kept is not None


def _digest(key: str, salt: bytes) -> bytes:
    return blake2b(
        key.encode("utf-8", "replace"), digest_size=32, salt=salt, person=b"badge-ingest"
    ).digest()


# An unknown device costs the same work as a known one with a wrong key.
_NOBODY = hash_key(new_key("nobody"))

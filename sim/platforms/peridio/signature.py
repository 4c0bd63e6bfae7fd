"""Peridio's signature: HMAC-SHA256 of the time of publishing and the raw body, in three readings.

The documents contradict each other: the prose and sample code of the guide hex-decode the secret
and key with it (`guide_code`); the prose of the reference page can be read as a key of 32 ASCII
characters (`ascii_key`); its published test vector verifies with neither, only with key and
message exchanged (`reference_vector`).  Which one production uses is unknown, so it is a setting.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Sequence
from typing import Literal, get_args

from badge.errors import InputError
from sim.platforms.kit.delivery import CarriesHeaders, Headers, Verdict
from sim.platforms.kit.event import epoch_ms
from sim.platforms.kit.receiver import equal, header
from sim.platforms.peridio.models import instant

Scheme = Literal["guide_code", "ascii_key", "reference_vector"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
SIGNATURE, PUBLISHED_AT = "peridio-signature", "peridio-published-at"
TOLERANCE_S = 300
_SIGNATURES_MAX = 8  # a roll needs two; bounds the work of a hostile header


def sign(secret: str, published_at: str, body: bytes, scheme: str = "guide_code") -> str:
    """The signature in upper-case hex; InputError for a secret or scheme that cannot be used."""
    message = published_at.encode() + body
    if scheme == "reference_vector":
        key, message = message, _checked(secret).encode()
    elif scheme == "ascii_key":
        key = _checked(secret).encode()
    elif scheme == "guide_code":
        key = bytes.fromhex(_checked(secret))
    else:
        raise InputError(f"scheme {scheme!r} is unknown; choose one of {', '.join(SCHEMES)}")
    return hmac.new(key, message, "sha256").hexdigest().upper()


def signed_headers(body: bytes, secrets: Sequence[str], scheme: str | None, utc_ms: int) -> Headers:
    """The headers of one attempt, published now; one signature per secret, in their order."""
    published_at = instant(utc_ms)
    signatures = [sign(secret, published_at, body, scheme or "guide_code") for secret in secrets]
    return ((PUBLISHED_AT, published_at), (SIGNATURE, ",".join(signatures)))


def verify(
    headers: CarriesHeaders,
    body: bytes,
    secrets: Sequence[str],
    *,
    scheme: str | None = None,
    utc_ms: int | None = None,
    tolerance_s: int = TOLERANCE_S,
) -> Verdict:
    """Whether one of `secrets` signed these raw bytes within `tolerance_s` of now, either way.

    `scheme` is `guide_code` unless named; `utc_ms` is for tests and replays.  Without any secret
    nothing is authentic.
    """
    published_at, signatures = header(headers, PUBLISHED_AT), header(headers, SIGNATURE)
    if published_at is None or signatures is None:
        absent = PUBLISHED_AT if published_at is None else SIGNATURE
        return Verdict(False, f"header {absent} is missing")
    published_ms = epoch_ms(published_at)
    if published_ms is None:
        return Verdict(False, f"header {PUBLISHED_AT} is not a time")
    now_ms = time.time_ns() // 1_000_000 if utc_ms is None else utc_ms
    if abs(now_ms - published_ms) > tolerance_s * 1000:
        return Verdict(False, f"published more than {tolerance_s} s from now")
    if not _any_matches(signatures, published_at, body, secrets, scheme or "guide_code"):
        return Verdict(False, "no signature matches")
    return Verdict(True)


def matching_scheme(headers: CarriesHeaders, body: bytes, secrets: Sequence[str]) -> Scheme | None:
    """For diagnosis only: the scheme under which the signature holds, whatever the time says."""
    published_at, signatures = header(headers, PUBLISHED_AT), header(headers, SIGNATURE)
    if published_at is None or signatures is None:
        return None
    for scheme in SCHEMES:
        if _any_matches(signatures, published_at, body, secrets, scheme):
            return scheme
    return None


def _any_matches(
    signatures: str, published_at: str, body: bytes, secrets: Sequence[str], scheme: str
) -> bool:
    claimed = [part.strip().upper() for part in signatures.split(",")[:_SIGNATURES_MAX]]
    right = [sign(secret, published_at, body, scheme) for secret in secrets]
    matches = [equal(one, other) for one in claimed for other in right]  # with all, no shortcut
    return any(matches)


def _checked(secret: str) -> str:
    if not re.fullmatch("[0-9A-Fa-f]{32}", secret):
        raise InputError("secret: Peridio's are 32 hex digits (128 bits)")
    return secret

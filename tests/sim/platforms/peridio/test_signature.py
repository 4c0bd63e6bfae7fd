from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from werkzeug.datastructures import Headers as FlaskHeaders

from badge.errors import InputError
from sim.platforms import peridio
from sim.platforms.kit.event import epoch_ms
from sim.platforms.peridio import SCHEMES, matching_scheme, sign, signed_headers, verify
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import SECRET, UTC_MS

_ORG = "prn:1:4e33149b-637d-4679-b64f-4905e7a0cf8c"
PUBLISHED_AT = "2000-01-01T00:00:00Z"
# The signed example of Peridio's webhook reference, 591 bytes.
BODY = (
    f'{{"version":1,"prn":"{_ORG}:event:a727838c-0195-4ccf-8258-cebf4608db8e","type":"device",'
    '"inserted_at":"2023-09-14T20:23:30Z","data":{"type":"release_changed","data":{"device":'
    f'{{"identifier":"SN1337","prn":"{_ORG}:device:a2edbb76-5f44-4202-860d-74a8c17d65aa"}},'
    f'"from_release":{{"prn":"{_ORG}:release:499b64fb-1420-4f58-8c73-e5497e1f531e",'
    '"version":"1.0.0"},'
    f'"to_release":{{"prn":"{_ORG}:release:f456986f-1a2f-4d73-8f70-96ff05a6bce7",'
    '"version":"2.0.0"}}}}'
).encode()
VECTORS = {
    "reference_vector": "FC825FCAA2E4C2688F075144105B75C2943D8B88AC4B5FAB134F2676A63FB6EF",
    "guide_code": "9B0C6E59201DCE3B936D849922DE87B3AB616A16046755421C0280C7A524C6AB",
    "ascii_key": "2A0F3221214590C4167CDCFC9DF64DF8071A616262C2BE0D091A9245C2F95996",
}
OTHER = "C4FE345F29EF6156BD40B6DF73625243"
schemes = pytest.mark.parametrize("scheme", SCHEMES)


def test_the_signed_example_is_the_published_one_and_fits():
    assert len(BODY) == 591
    digest = "955b20c3e14c762ce4bb11ada4d84a091f9754383ae8935f605af098759776e7"
    assert sha256(BODY).hexdigest() == digest
    assert validate("peridio", BODY, "openapi") == []
    assert peridio.parse(BODY)[0].typed("openapi").to_json() == BODY


@schemes
def test_each_scheme_gives_its_pinned_signature(scheme):
    assert sign(SECRET, PUBLISHED_AT, BODY, scheme) == VECTORS[scheme]
    headers = {"Peridio-Published-At": PUBLISHED_AT, "Peridio-Signature": VECTORS[scheme]}
    then = epoch_ms(PUBLISHED_AT)
    assert verify(headers, BODY, [SECRET], scheme=scheme, utc_ms=then)
    assert matching_scheme(headers, BODY, [SECRET]) == scheme
    for other in set(SCHEMES) - {scheme}:
        assert not verify(headers, BODY, [SECRET], scheme=other, utc_ms=then)


def test_the_default_scheme_is_the_guides():
    assert sign(SECRET, PUBLISHED_AT, BODY) == VECTORS["guide_code"]


@schemes
@given(body=st.binary(max_size=200), seconds=st.integers(0, 2**32))
def test_what_was_signed_is_authentic(scheme, body, seconds):
    headers = dict(signed_headers(body, [SECRET], scheme, seconds * 1000))
    assert verify(headers, body, [SECRET], scheme=scheme, utc_ms=seconds * 1000)


@schemes
@given(bit=st.integers(0, len(BODY) * 8 - 1))
def test_one_bit_of_the_body_breaks_it(scheme, bit):
    headers = dict(signed_headers(BODY, [SECRET], scheme, UTC_MS))
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    assert not verify(headers, bytes(changed), [SECRET], scheme=scheme, utc_ms=UTC_MS)


@schemes
@given(place=st.integers(0, 63), digit=st.sampled_from("0123456789ABCDEF"))
def test_one_digit_of_the_signature_breaks_it(scheme, place, digit):
    headers = dict(signed_headers(BODY, [SECRET], scheme, UTC_MS))
    right = headers["peridio-signature"]
    wrong = right[:place] + digit + right[place + 1 :]
    verdict = verify(
        headers | {"peridio-signature": wrong}, BODY, [SECRET], scheme=scheme, utc_ms=UTC_MS
    )
    assert bool(verdict) == (wrong == right)


@schemes
def test_another_second_of_publishing_breaks_it(scheme):
    headers = dict(signed_headers(BODY, [SECRET], scheme, UTC_MS))
    headers["peridio-published-at"] = "2026-01-05T14:34:11Z"
    assert not verify(headers, BODY, [SECRET], scheme=scheme, utc_ms=UTC_MS)


@pytest.mark.parametrize(
    ("off_s", "fits"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_the_tolerance_is_five_minutes_either_way(off_s, fits):
    now = epoch_ms("2026-01-05T14:34:10Z")
    headers = dict(signed_headers(BODY, [SECRET], None, now))
    verdict = verify(headers, BODY, [SECRET], utc_ms=now + off_s * 1000)
    assert bool(verdict) is fits
    assert fits or "300 s" in verdict.reason


def test_without_a_clock_given_it_is_now():
    assert (
        "300 s"
        in verify(
            {"peridio-published-at": PUBLISHED_AT, "peridio-signature": VECTORS["guide_code"]},
            BODY,
            [SECRET],
        ).reason
    )


@schemes
def test_while_a_secret_is_rolled_either_is_enough(scheme):
    headers = dict(signed_headers(BODY, [OTHER, SECRET], scheme, UTC_MS))
    assert headers["peridio-signature"].count(",") == 1
    for known in ([SECRET], [OTHER], [SECRET, OTHER]):
        assert verify(headers, BODY, known, scheme=scheme, utc_ms=UTC_MS)
    assert not verify(headers, BODY, ["0" * 32], scheme=scheme, utc_ms=UTC_MS)


def test_blanks_and_lower_case_in_the_header_are_tolerated():
    headers = dict(signed_headers(BODY, [OTHER, SECRET], None, UTC_MS))
    loose = " " + headers["peridio-signature"].lower().replace(",", " , ")
    assert verify(headers | {"peridio-signature": loose}, BODY, [SECRET], utc_ms=UTC_MS)


def test_without_secrets_nothing_is_authentic():
    headers = dict(signed_headers(BODY, [SECRET], None, UTC_MS))
    assert not verify(headers, BODY, [], utc_ms=UTC_MS)


@pytest.mark.parametrize("absent", ["peridio-signature", "peridio-published-at"])
def test_a_missing_header_is_named(absent):
    headers = dict(signed_headers(BODY, [SECRET], None, UTC_MS))
    del headers[absent]
    assert absent in verify(headers, BODY, [SECRET], utc_ms=UTC_MS).reason
    assert matching_scheme(headers, BODY, [SECRET]) is None


@given(signature=st.text(), published_at=st.text())
def test_hostile_headers_are_refused_without_an_error(signature, published_at):
    headers = {"peridio-signature": signature, "peridio-published-at": published_at}
    assert not verify(headers, BODY, [SECRET], utc_ms=UTC_MS)


@pytest.mark.parametrize("bad", ["", "abc", SECRET[:-1], SECRET + "0", "G" * 32, SECRET + "\n"])
@schemes
def test_a_secret_that_cannot_be_one_is_refused_and_not_told(scheme, bad):
    with pytest.raises(InputError) as caught:
        sign(bad, PUBLISHED_AT, BODY, scheme)
    assert not bad.strip() or bad.strip() not in str(caught.value)


def test_an_unknown_scheme_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="guide_code, ascii_key, reference_vector"):
        sign(SECRET, PUBLISHED_AT, BODY, "md5")


@pytest.mark.parametrize("kind", [dict, Headers, FlaskHeaders])
def test_headers_of_any_framework_will_do(kind):
    pairs = dict(signed_headers(BODY, [SECRET], None, UTC_MS))
    assert verify(kind(pairs), BODY, [SECRET], utc_ms=UTC_MS)

"""Who may send what: one key a device, and nothing kept without it."""

from __future__ import annotations

from sim.conformance.kit.check import check
from sim.conformance.kit.samples import event
from sim.conformance.kit.session import Credentials, HttpSession

CLAUSE = "contract 4, 401: key missing or wrong, or not this device's"
BODY = {"error": "Invalid or missing API key"}


def _locked(t: HttpSession) -> Credentials:
    badge = t.device()
    t.expect_that(bool(badge.key), "a key for each device; this backend gave none")
    return badge


def _refused(t: HttpSession, badge: Credentials, key: str) -> None:
    t.expect(t.post(badge, [event(badge.device_id, 1)], key=key), 401)


@check("refuses a batch without a key", CLAUSE, needs=("keys",))
def _no_key(t: HttpSession) -> None:
    badge = _locked(t)
    _refused(t, badge, "")
    t.expect_body(t.exchanges[-1], **BODY)


@check("refuses a wrong key", CLAUSE, needs=("keys",))
def _wrong_key(t: HttpSession) -> None:
    badge = _locked(t)
    last = "0" if badge.key[-1] != "0" else "1"
    for key in (badge.key[:-1] + last, badge.key[::-1], "ak_00000000_0", "x"):
        _refused(t, badge, key)


@check("refuses a part of a key, and more than a key", CLAUSE, needs=("keys",))
def _prefix(t: HttpSession) -> None:
    badge = _locked(t)
    for key in (badge.key[:-1], badge.key[: len(badge.key) // 2], badge.key + "0"):
        _refused(t, badge, key)


@check("refuses a key in other letters", CLAUSE, needs=("keys",))
def _other_case(t: HttpSession) -> None:
    badge = _locked(t)
    for key in {badge.key.upper(), badge.key.lower()} - {badge.key}:
        _refused(t, badge, key)


@check("refuses another device's key", CLAUSE, needs=("keys",))
def _others_key(t: HttpSession) -> None:
    badge, other = _locked(t), _locked(t)
    _refused(t, badge, other.key)
    t.expect_accepted(t.post(badge, [event(badge.device_id, 1)]), 1)


@check("refuses another device's events at any place", CLAUSE, needs=("keys",))
def _others_event(t: HttpSession) -> None:
    badge, other = _locked(t), _locked(t)
    for batch in (
        [event(badge.device_id, 1), event(other.device_id, 1)],
        [event(other.device_id, 1), event(badge.device_id, 1)],
    ):
        t.expect(t.post(badge, batch), 400, 401)


@check("refuses the keys of other roles", CLAUSE, needs=("keys",))
def _other_roles(t: HttpSession) -> None:
    badge = _locked(t)
    for key in (t.backend.provisioning_key, t.backend.admin_key):
        if key:
            _refused(t, badge, key)


@check("keeps nothing without a key", CLAUSE, needs=("keys", "admin"))
def _keeps_nothing(t: HttpSession) -> None:
    badge = _locked(t)
    t.expect(t.post(badge, [event(badge.device_id, 1, "shift_start")], key=badge.key + "x"), 401)
    said = t.expect(t.status(badge.device_id), 200)
    t.expect_that(said.json.get("current_worker_id") is None, '"current_worker_id":null')


@check(
    "takes the key's header in any letters",
    "RFC 9110 5.1: field names have no case",
    needs=("keys",),
)
def _header_case(t: HttpSession) -> None:
    badge = _locked(t)
    name = t.profile.key_header
    for spelt in (name.lower(), name.upper()):
        headers = {spelt: t.profile.key_prefix + badge.key}
        t.expect_accepted(t.post(badge, [event(badge.device_id, 1)], key="", headers=headers), 1)


@check("asks for a key before it looks at a batch", CLAUSE, level="should", needs=("keys",))
def _key_first(t: HttpSession) -> None:
    badge = _locked(t)
    t.expect(t.post_bytes(badge, b"no JSON", key=""), 401)

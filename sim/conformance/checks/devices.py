"""Provisioning, and what a backend says of a device afterwards."""

from __future__ import annotations

from sim.conformance.kit.check import check
from sim.conformance.kit.samples import event
from sim.conformance.kit.session import HttpSession
from sim.conformance.kit.talk import NotLookedAtError

PROVISIONING = "contract 4: POST /api/devices"
STATUS = "contract 4: GET /api/devices/{id}/status"


def _new(t: HttpSession) -> dict[str, str]:
    if not t.backend.provisioning_key:
        raise NotLookedAtError("no provisioning key was given")
    return {"device_id": t.backend.next_id(), "company_id": "conformance"}


@check("provisions a device with a key", PROVISIONING)
def _provisions(t: HttpSession) -> None:
    new = _new(t)
    said = t.expect(t.provision(new), 201)
    t.expect_body(said, **new, status="inventory")
    digits = new["device_id"].removeprefix("ACT-")
    key = said.json.get("api_key")
    t.expect_that(
        isinstance(key, str) and key.startswith(f"ak_{digits}_") and len(key) > 20,
        f'"api_key":"ak_{digits}_…" in the body',
    )


@check("provisions a device once", f"{PROVISIONING}, 409 if it exists")
def _once(t: HttpSession) -> None:
    new = _new(t)
    first = t.expect(t.provision(new), 201)
    again = t.expect(t.provision(new), 409)
    t.expect_that(str(first.json.get("api_key")) not in again.text, "a key is shown just once")


@check("provisions for the provisioning key alone", PROVISIONING, needs=("keys",))
def _provisioning_key(t: HttpSession) -> None:
    new = _new(t)
    for key in ("", t.backend.provisioning_key[:-1] + "_", t.device().key):
        t.expect(t.provision(new, key), 401)
    t.expect(t.provision(new), 201)


@check("refuses a device of another form", PROVISIONING)
def _wrong_devices(t: HttpSession) -> None:
    new = _new(t)
    for change in (
        {"device_id": new["device_id"].lower()},
        {"device_id": new["device_id"] + "\n"},
        {"device_id": 7},
        {"company_id": ""},
        {"company_id": None},
    ):
        t.expect(t.provision(new | change), 400)


@check("takes notes of a device", PROVISIONING)
def _notes(t: HttpSession) -> None:
    new = _new(t) | {"notes_device_uid": "dev:860322068012345", "notes": "spare, Ünal"}
    t.expect(t.provision(new), 201)


@check("knows a new device", STATUS, needs=("admin",))
def _knows_new(t: HttpSession) -> None:
    new = _new(t)
    t.expect(t.provision(new), 201)
    said = t.expect(t.status(new["device_id"]), 200)
    t.expect_body(said, **new, status="inventory")


@check("knows who wears a device", STATUS, needs=("admin",))
def _knows_worker(t: HttpSession) -> None:
    badge = t.device()
    start = event(badge.device_id, 1, "shift_start", {"worker_id": "W-7"})
    end = event(badge.device_id, 2, "shift_end", {"worker_id": "W-7", "end_reason": "manual"})
    t.expect_accepted(t.post(badge, [start]), 1)
    t.expect_body(t.expect(t.status(badge.device_id), 200), current_worker_id="W-7")
    t.expect_accepted(t.post(badge, [end]), 1)
    said = t.expect(t.status(badge.device_id), 200)
    t.expect_that(said.json.get("current_worker_id") is None, '"current_worker_id":null')


@check("knows a device's battery and firmware", STATUS, needs=("admin",))
def _knows_state(t: HttpSession) -> None:
    badge = t.device()
    low = event(badge.device_id, 1, "low_battery", {"battery_pct": 9}, firmware_version="0.4.2")
    t.expect_accepted(t.post(badge, [low]), 1)
    said = t.expect(t.status(badge.device_id), 200)
    t.expect_body(said, battery_pct=9, firmware_version="0.4.2")
    t.expect_that(said.json.get("last_seen_minutes_ago") in (0, 1), '"last_seen_minutes_ago":0')


@check("goes by the numbers, not by the arrival", STATUS, needs=("admin",))
def _by_number(t: HttpSession) -> None:
    badge = t.device()
    end = event(badge.device_id, 2, "shift_end", {"worker_id": "W-7", "end_reason": "manual"})
    start = event(badge.device_id, 1, "shift_start", {"worker_id": "W-7"})
    for one in (end, start):
        t.expect_accepted(t.post(badge, [one]), 1)
    said = t.expect(t.status(badge.device_id), 200)
    t.expect_that(said.json.get("current_worker_id") is None, '"current_worker_id":null')


@check("does not know a device that is none", f"{STATUS}, 404", needs=("admin",))
def _unknown(t: HttpSession) -> None:
    t.expect(t.status(t.backend.next_id()), 404)


@check("tells of a device to the admin alone", STATUS, needs=("keys", "admin"))
def _admin_alone(t: HttpSession) -> None:
    badge = t.device()
    for key in ("", badge.key or "x", t.backend.admin_key + "x"):
        t.expect(t.status(badge.device_id, key), 401)

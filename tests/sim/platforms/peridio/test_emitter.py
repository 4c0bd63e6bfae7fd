from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.platforms.peridio import Cohort, Device, Emitter, Release
from sim.platforms.schemas import validate
from tests.sim.platforms.cases import UTC_MS

ORGANIZATION = "4e33149b-637d-4679-b64f-4905e7a0cf8c"
OLD = Release(f"prn:1:{ORGANIZATION}:release:old", "1.0.0")
NEW = Release(f"prn:1:{ORGANIZATION}:release:new", "2.0.0")
COHORT = Cohort(cohort_prn=f"prn:1:{ORGANIZATION}:cohort:c", cohort_name="pilot")
both = pytest.mark.parametrize("profile", ["guide", "openapi"])


def payload(event, profile):
    body = event.to_json()
    assert validate("peridio", body, profile) == []
    return json.loads(body)["data"]["data"]


def emitter(profile):
    return Emitter(Random(1), ORGANIZATION, profile)


@both
@given(
    identifier=st.text(),
    version=st.text(),
    cohort=st.sampled_from([None, COHORT]),
    ip=st.ip_addresses(),
)
def test_the_device_and_its_release_are_told_as_they_are(profile, identifier, version, cohort, ip):
    emit = emitter(profile)
    device = Device(emit.prn("device"), identifier, cohort)
    new = Release(NEW.prn, version)
    claimed = payload(emit.claimed_release(device, new, utc_ms=UTC_MS), profile)
    assert claimed["device"]["identifier"] == identifier
    assert claimed["release"] == {"prn": NEW.prn, "version": version}
    assert ("cohort" in claimed["device"]) == (profile == "openapi")
    connected = payload(emit.connected(device, utc_ms=UTC_MS, ip=str(ip)), profile)
    assert connected.get("ip_address") == (str(ip) if profile == "openapi" else None)


def test_a_check_tells_what_runs_or_what_is_offered():
    device = Device(emitter("guide").prn("device"), "SN1")
    seen = {
        (profile, offered): payload(
            emitter(profile).checked_for_release(device, OLD, offered, utc_ms=UTC_MS), profile
        )
        for profile in ("guide", "openapi")
        for offered in (NEW, None)
    }
    assert seen["guide", NEW]["current_release"]["version"] == "1.0.0"
    assert seen["openapi", NEW]["release"]["version"] == "2.0.0"
    assert seen["openapi", None]["release"] is None


@pytest.mark.parametrize("reason", ["invalid_certificate", "unknown_device", "revoked_certificate"])
def test_each_cause_of_a_failed_authentication_has_a_reason_in_both_profiles(reason):
    device = Device(emitter("guide").prn("device"), "SN1")
    reasons = [
        payload(emitter(p).authentication_failed(device, reason, utc_ms=UTC_MS), p)["reason"]
        for p in ("guide", "openapi")
    ]
    assert reasons[0] == reason
    assert reasons[1] != reason


def test_an_update_names_the_fields_or_tells_the_record():
    device = Device(emitter("guide").prn("device"), "SN1", COHORT)
    lean, full = (
        payload(emitter(p).updated(device, ["tags"], utc_ms=UTC_MS, release=NEW), p)
        for p in ("guide", "openapi")
    )
    assert lean["updated_fields"] == ["tags"]
    assert full["device"]["release"]["version"] == "2.0.0"
    assert full["device"]["cohort"]["cohort_name"] == "pilot"


@both
def test_every_event_has_a_prn_of_the_organization_and_none_twice(profile):
    emit = emitter(profile)
    prns = [emit.test_fire(emit.prn("webhook"), utc_ms=UTC_MS).prn for _ in range(500)]
    assert len(set(prns)) == 500
    assert all(prn.startswith(f"prn:1:{ORGANIZATION}:event:") for prn in prns)

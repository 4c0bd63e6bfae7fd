from __future__ import annotations

from sim.notecard.api import shapes
from sim.notecard.notehub.delivery import RouteLog
from sim.notecard.notehub.device import HubDevice
from sim.notecard.notehub.routes import EventRoute
from sim.notecard.storage.notefiles import Note


def test_a_device_that_never_synced_has_no_places_and_no_secrets_leave():
    shown = shapes.device(HubDevice("dev:1", 0))
    assert shown["provisioned"] == "1970-01-01T00:00:00Z"
    assert not {"best_location", "last_activity", "contact"} & shown.keys()
    route = shapes.route(EventRoute("http://u:p@x/in?k=s", {"X": "secret"}))
    assert route["label"] == "http://x/in"
    assert shapes.note(Note("x", {"v": 1}, when_s=5)) == {"body": {"v": 1}, "time": 5}
    log = RouteLog("e", "r", 0, 5, "503", "", "http://x", failed=True)
    assert shapes.route_log(log)["attn"]

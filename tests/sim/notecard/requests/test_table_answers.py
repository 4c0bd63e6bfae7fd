"""In every state every answer is what Blues' published schema allows."""

from __future__ import annotations

import json

import pytest

from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.model.faults import parse_faults
from sim.notecard.model.identity import Identity
from sim.notecard.model.outputs import Fetch, Fetched
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from sim.notecard.requests.table import REQUESTS
from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import SetWorld
from tests.sim.notecard.conftest import Desk
from tests.sim.notecard.requests import rig

pytestmark = pytest.mark.skipif(not rig.FOLDER.exists(), reason="the published schema is not here")
ALL = Attachments(lux=80.0, humidity_pct=40.0, mojo=True, charging=True, starnote=True)


def a_desk(**parts) -> Desk:
    return Desk(hub=Hub(proxies={"api": Proxy("http://127.0.0.1:9/")}), **parts)


def fresh() -> Desk:
    return a_desk()


def told_the_time() -> Desk:
    desk = a_desk()
    desk.ask("card.time", time=1_767_225_600)
    return desk


def online() -> Desk:
    desk = a_desk()
    desk.online()
    return desk


def registering() -> Desk:
    desk = a_desk(world=SetWorld(bars=0))
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(5)
    return desk


def in_the_penalty_box() -> Desk:
    desk = a_desk(faults=parse_faults(("penalty:600",)))
    desk.ask("hub.set", product="p:q", mode="continuous")
    desk.wait(5)
    return desk


def on_usb_with_everything_attached() -> Desk:
    desk = a_desk(world=SetWorld(volts=5.1, moving=True), attached=ALL)
    desk.online()
    desk.ask("card.location.mode", mode="periodic", seconds=60, max=100, lat=42.0, lon=-70.0)
    desk.ask("card.location.track", start=True, heartbeat=True, hours=-90, file="t.qo")
    desk.ask("card.motion.mode", start=True, seconds=5, motion=2)
    desk.ask("card.voltage", mode="lipo", usb=True, alert=True, sync=True, on=True)
    desk.ask("card.carrier", mode="charging")
    desk.ask("card.triangulate", mode="cell", set=True, on=True, usb=True)
    desk.wait(4000)
    return desk


def on_a_low_battery() -> Desk:
    desk = a_desk(world=SetWorld(volts=3.3, celsius=-20.0))
    desk.ask("card.voltage", mode="lipo", on=True)
    desk.ask("hub.set", product="p:q", mode="periodic", voutbound="usb:1;high:5;normal:60;low:90;0")
    desk.ask("card.temp", minutes=10)
    desk.wait(8000)
    return desk


def with_pins_counted() -> Desk:
    desk = told_the_time()
    desk.ask("card.aux", mode="gpio", usage=["count-pulldown", "low", "high", "input"], seconds=2)
    desk.ask("card.aux", max=5, start=True)
    desk.notecard.card.pins.drive("AUX1", True)
    desk.wait(9)
    return desk


def with_a_lamp() -> Desk:
    desk = online()
    desk.ask("card.aux", mode="neo-monitor", count=5, sensitivity=20)
    return desk


def with_notes_and_templates() -> Desk:
    desk = told_the_time()
    desk.ask("note.template", file="readings.qo", body={"t": 14.1, "on": True}, length=5, port=7)
    desk.ask("note.add", file="readings.qo", body={"t": 1.5}, payload="YQ==")
    desk.ask("note.add", file="my-settings.db", note="a", body={"v": 1})
    desk.ask("note.add", file="my-settings.db", note="b", payload="YQ==")
    desk.ask("note.delete", file="my-settings.db", note="a")
    desk.ask("env.default", name="rate", text="5")
    desk.ask("var.set", name="status", text="open")
    return desk


def with_a_damaged_store() -> Desk:
    desk = online()
    desk.ask("card.binary.put", cobs=9)
    desk.send(b"\x0b\n")
    return desk


def with_a_full_store() -> Desk:
    desk = online()
    encoded = cobs_encode(b"abc")
    desk.ask("card.binary.put", cobs=len(encoded))
    desk.send(encoded + b"\n")
    return desk


def with_firmware_for_the_host() -> Desk:
    desk = online()
    desk.notecard.hub.add_firmware("app.bin", b"firmware" * 100, "1.2.3", "better")
    desk.notecard.hub.offer_firmware("app.bin", [""])
    desk.ask("hub.sync")
    desk.wait(60)
    desk.ask("hub.set", mode="dfu")
    return desk


def by_wifi() -> Desk:
    desk = a_desk(attached=Attachments(access_points={"site": "open sesame"}))
    desk.ask("card.wifi", ssid="site", password="open sesame")
    desk.online()
    return desk


def by_satellite() -> Desk:
    desk = a_desk(attached=Attachments(starnote=True))
    desk.ask("card.transport", method="ntn")
    desk.online()
    return desk


def a_narrowband_card() -> Desk:
    desk = a_desk(identity=Identity(sku="NOTE-NBGLN"))
    desk.ask("card.wireless", mode="m", apn="x", method="dual-primary-secondary", hours=2)
    desk.online()
    return desk


def a_wifi_card() -> Desk:
    desk = a_desk(identity=Identity(sku="NOTE-ESP"))
    desk.ask("card.sleep", on=True, seconds=60, mode="accel")
    desk.wait(100)
    return desk


def after_a_restart() -> Desk:
    desk = online()
    desk.ask("card.restart")
    desk.wait(5)
    return desk


def after_a_factory_reset() -> Desk:
    desk = with_notes_and_templates()
    desk.ask("card.restore", delete=True, connected=True)
    desk.wait(5)
    return desk


STATES = (
    fresh,
    told_the_time,
    online,
    registering,
    in_the_penalty_box,
    on_usb_with_everything_attached,
    on_a_low_battery,
    with_pins_counted,
    with_a_lamp,
    with_notes_and_templates,
    with_a_damaged_store,
    with_a_full_store,
    with_firmware_for_the_host,
    by_wifi,
    by_satellite,
    a_narrowband_card,
    a_wifi_card,
    after_a_restart,
    after_a_factory_reset,
)
LEAVES = {"card.restart", "card.restore"}  # the card goes dark: asked last
BARE = {
    "env.default": {"name": "rate"},
    "env.set": {"name": "rate"},
    "file.clear": {"file": "readings.qo"},
    "file.delete": {"files": ["x.qo"]},
    "note.changes": {"file": "my-settings.db", "deleted": True},
    "note.get": {"file": "my-settings.db", "note": "b"},
    "note.template": {"file": "readings.qo", "verify": True},
    "var.get": {"name": "status"},
    "card.voltage": {"hours": 24, "on": True},
    "card.usage.get": {"mode": "1hour", "offset": 1},
}
"""What shows more than a request without arguments does."""


def exchange(desk: Desk, request: dict) -> dict:
    """The answer to one request, whatever has to happen for it; {} for a cmd."""
    before = len(desk.outputs(Fetch))
    data = desk.send(json.dumps(request).encode() + b"\n")
    for fetch in desk.outputs(Fetch)[before:]:
        data += desk.answer(Fetched(fetch.fetch_id, 200, b'{"temp":75}', "application/json"))
    data = data or desk.wait(100)
    if desk.notecard.card.store.awaits_bytes:
        desk.send(b"\x0b\n")
        desk.send(b'{"req":"card.binary","delete":true}\n')
    return json.loads(data.splitlines()[0]) if data else {}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_answer_is_valid(state):
    desk, wrong = state(), []
    for name in [*(n for n in rig.names() if n not in LEAVES), *LEAVES]:
        for more in ({}, BARE.get(name)):
            if more is not None:
                answer = exchange(desk, {"req": name} | more)
                wrong += rig.faults(name, answer)
                assert "unknown request" not in answer.get("err", ""), name
    assert wrong == []


@pytest.mark.parametrize("state", [fresh, online, with_notes_and_templates, by_wifi])
def test_every_request_of_the_schemas_own_examples_is_answered_validly(state):
    desk, wrong = state(), []
    for name in rig.names():
        for sample in rig.samples(name):
            answer = exchange(desk, sample)
            wrong += rig.faults(sample["req"], answer)  # card.led shows card.aux, too
            if name in LEAVES:
                desk.wait(5)
                desk.ask("hub.set", product="p:q", mode="continuous")
                desk.wait(10)
    assert wrong == []


def test_all_requests_of_the_schema_are_known():
    assert len(rig.names()) == 74
    assert set(rig.names()) <= set(REQUESTS)


def test_the_sweep_would_see_an_answer_that_is_not_valid():
    assert rig.faults("card.status", {"status": "{normal}"})
    assert rig.faults("note.add", {"total": 1, "more": 2})
    assert rig.faults("card.version", {"version": "x", "api": 1}) == []

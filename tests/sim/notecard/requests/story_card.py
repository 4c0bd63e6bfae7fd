"""card.*: for each documented parameter a request in which it makes a difference."""

from __future__ import annotations

from tests.sim.notecard.requests.story import (
    BATTERY,
    DB,
    GPIO,
    GPS,
    MOVE,
    OFFLINE,
    PERIODIC,
    TRACK,
    USB,
    WIFI_ONLY,
    Example,
    attach,
    ex,
    inbound,
    offer,
    pulse,
    put,
    raw,
    req,
    sagging,
    world,
)

EXAMPLES: dict[str, dict[str, Example]] = {
    "card.attn": {
        "files": ex(
            ["other.qi"],
            {"mode": "arm,files"},
            [req("card.attn", mode="files", files=["data.qi"])],
            [inbound, req("hub.sync"), 5],
        ),
        "mode": ex("arm,motion"),
        "off": ex(True),
        "on": ex(True, first=[req("card.attn", off=True)]),
        "payload": ex("YQ==", {"mode": "sleep", "seconds": 5}, then=[req("card.attn", start=True)]),
        "seconds": ex(5, {"mode": "arm"}),
        "start": ex(True, first=[req("card.attn", mode="sleep", seconds=5, payload="YQ==")]),
        "verify": ex(True, first=[req("card.attn", mode="arm,env")]),
    },
    "card.aux": {
        "connected": ex(
            True,
            {"mode": "gpio", "usage": ["input"], "sync": True},
            [OFFLINE, 5],
            [pulse("AUX1"), 20],
        ),
        "count": ex(5, {"mode": "neo-monitor"}),
        "file": ex(
            "pins.qo", {"mode": "gpio", "usage": ["input"], "sync": True}, then=[pulse("AUX1"), 5]
        ),
        "max": ex(
            2,
            {"mode": "gpio", "usage": ["count"], "seconds": 1},
            then=[pulse("AUX1"), pulse("AUX1"), req("card.aux")],
        ),
        "mode": ex("gpio"),
        "ms": ex(5000, {"mode": "gpio", "usage": ["count"]}, then=[pulse("AUX1"), req("card.aux")]),
        "offset": ex(
            2, {"mode": "neo-monitor", "count": 2}, then=[req("card.led", mode="red", on=True)]
        ),
        "rate": ex(9600),
        "seconds": ex(
            1,
            {"mode": "gpio", "usage": ["count"], "max": 9},
            then=[pulse("AUX1"), pulse("AUX1"), req("card.aux")],
        ),
        "sensitivity": ex(10, {"mode": "neo-monitor"}),
        "start": ex(True, first=[GPIO, pulse("AUX4")]),
        "sync": ex(True, {"mode": "gpio", "usage": ["input"]}, then=[pulse("AUX1"), 5]),
        "usage": ex(["high"], {"mode": "gpio"}),
    },
    "card.aux.serial": {
        "duration": ex(100, {"mode": "notify,accel"}),
        "max": ex(100),
        "minutes": ex(1, {"mode": "notify,dfu"}, then=[offer, 300]),
        "mode": ex("notify,env,signals"),
        "ms": ex(5),
        "rate": ex(9600),
    },
    "card.binary": {"delete": ex(True, first=[put(b"abc")])},
    "card.binary.get": {
        "cobs": ex(99, first=[put(b"abc")]),
        "length": ex(1, first=[put(b"abc")]),
        "offset": ex(1, first=[put(b"abc")]),
    },
    "card.binary.put": {
        "cobs": ex(5),
        "offset": ex(3, {"cobs": 4}, [put(b"abc")], [raw]),
        "status": ex("00", {"cobs": 1}, then=[lambda desk: desk.send(b"\x0b\n")]),
    },
    "card.carrier": {"mode": ex("charging", first=[attach(charging=True)])},
    "card.contact": {
        "email": ex("a@example.com"),
        "name": ex("Ada"),
        "org": ex("Site"),
        "role": ex("QA"),
    },
    "card.dfu": {
        "mode": ex("altdfu", {"name": "esp32"}, then=[req("card.restart"), 5]),
        "name": ex("esp32"),
        "off": ex(True, first=[req("card.dfu", name="esp32")], then=[offer, 10, req("dfu.status")]),
        "on": ex(
            True,
            first=[req("card.dfu", name="esp32", off=True)],
            then=[offer, 10, req("dfu.status")],
        ),
        "seconds": ex(
            20, {"off": True}, [req("card.dfu", name="esp32")], [offer, 60, req("dfu.status")]
        ),
        "start": ex(
            True, first=[req("card.dfu", name="esp32", stop=True)], then=[req("card.restart"), 5]
        ),
        "stop": ex(True, {"name": "esp32"}, then=[req("card.restart"), 5]),
    },
    "card.io": {
        "i2c": ex(0x42, then=[lambda desk: desk.note(desk.notecard.card.state.i2c_address)]),
        "mode": ex("+busy", then=[req("hub.sync"), 5]),
    },
    "card.led": {
        "mode": ex("red", {"on": True}, [req("card.aux", mode="led")]),
        "off": ex(
            True,
            {"mode": "red"},
            [req("card.aux", mode="led"), req("card.led", mode="red", on=True)],
        ),
        "on": ex(True, {"mode": "red"}, [req("card.aux", mode="led")]),
    },
    "card.location.mode": {
        "delete": ex(True, first=[GPS, 10, req("card.location.mode", mode="off")]),
        "lat": ex(1.0, {"max": 5, "lon": 2.0}, [GPS, 5]),
        "lon": ex(1.0, {"max": 5, "lat": 2.0}, [GPS, 5]),
        "max": ex(50, {"lat": 1.0, "lon": 2.0}, [GPS, 5]),
        "minutes": ex(1, {"max": 50, "lat": 1.0, "lon": 2.0}, [GPS, TRACK], MOVE + MOVE),
        "mode": ex("continuous"),
        "seconds": ex(30, {"mode": "periodic"}),
        "threshold": ex(500, {"mode": "periodic", "seconds": 60}, [TRACK], MOVE),
        "vseconds": ex("usb:5;normal:7200;60", {"mode": "periodic", "seconds": 60}, (), MOVE),
    },
    "card.location.track": {
        "file": ex("t.qo", {"start": True}, [GPS], MOVE),
        "heartbeat": ex(True, {"start": True, "hours": -2}, [GPS], [300]),
        "hours": ex(-2, {"start": True, "heartbeat": True}, [GPS], [300]),
        "payload": ex("YQ==", {"start": True}, [GPS], MOVE),
        "start": ex(True, first=[GPS], then=MOVE),
        "stop": ex(True, first=[GPS, TRACK], then=MOVE),
        "sync": ex(True, {"start": True}, [GPS, OFFLINE], MOVE),
    },
    "card.monitor": {
        "count": ex(3, {"mode": "green"}, [req("card.aux", mode="monitor")]),
        "mode": ex("green", {"count": 3}, [req("card.aux", mode="monitor")]),
        "usb": ex(True, first=[req("card.aux", mode="monitor")]),
    },
    "card.motion": {"minutes": ex(1, first=[req("card.motion.mode", start=True), *MOVE])},
    "card.motion.mode": {
        "motion": ex(1, {"start": True}, then=[*MOVE, req("card.motion")]),
        "seconds": ex(5, {"start": True}, then=[*MOVE, req("card.motion", minutes=2)]),
        "sensitivity": ex(2, {"start": True}, then=[attach(jolting=True), 20, req("card.motion")]),
        "start": ex(True),
        "stop": ex(True, first=[req("card.motion.mode", start=True)]),
    },
    "card.motion.sync": {
        "count": ex(
            3,
            {"start": True, "threshold": 2},
            [OFFLINE, req("card.motion.mode", start=True, seconds=5)],
            MOVE,
        ),
        "minutes": ex(60, {"start": True}, [OFFLINE, 5], [*MOVE, 60, *MOVE]),
        "start": ex(True, first=[OFFLINE, 5], then=MOVE),
        "stop": ex(True, first=[OFFLINE, req("card.motion.sync", start=True)], then=MOVE),
        "threshold": ex(9, {"start": True}, [OFFLINE, 5], MOVE),
    },
    "card.motion.track": {
        "count": ex(
            3,
            {"start": True, "threshold": 2},
            [req("card.motion.mode", start=True, seconds=5)],
            MOVE,
        ),
        "file": ex("m.qo", {"start": True}, then=MOVE),
        "minutes": ex(60, {"start": True}, then=[*MOVE, 60, *MOVE]),
        "now": ex(True, {"start": True, "threshold": 99}, then=[attach(orientation="angled"), 5]),
        "start": ex(True, then=MOVE),
        "stop": ex(True, first=[req("card.motion.track", start=True)], then=MOVE),
        "threshold": ex(9, {"start": True}, then=MOVE),
    },
    "card.power": {
        "hours": ex(1, first=[attach(mojo=True), PERIODIC], then=[4000]),
        "minutes": ex(10, first=[attach(mojo=True), PERIODIC], then=[1000]),
        "reset": ex(True, first=[attach(mojo=True), 60]),
    },
    "card.random": {"count": ex(3), "mode": ex("payload", {"count": 3})},
    "card.restore": {
        "connected": ex(
            True,
            first=[DB, req("hub.sync"), 10],
            then=[5, req("file.stats"), 60, req("file.stats")],
        ),
        "delete": ex(True, then=[5, req("hub.get")]),
    },
    "card.sleep": {
        "mode": ex("accel", {"on": True}, [OFFLINE, 5], [60, *MOVE]),
        "off": ex(True, first=[OFFLINE, req("card.sleep", on=True)], then=[100]),
        "on": ex(True, first=[OFFLINE, 5], then=[100]),
        "seconds": ex(60, {"on": True}, [OFFLINE, 5], [100]),
    },
    "card.temp": {
        "minutes": ex(2, then=[200]),
        "status": ex("normal:1;60", {"minutes": 30}, then=[200]),
        "stop": ex(True, first=[req("card.temp", minutes=2)], then=[200]),
        "sync": ex(True, first=[OFFLINE, 5]),
    },
    "card.trace": {"mode": ex("on", then=[req("hub.sync"), 10, OFFLINE, 10])},
    "card.transport": {
        "allow": ex(True, {"method": "ntn"}, then=[req("note.add", body={"n": 1})]),
        "method": ex("cell"),
        "seconds": ex(
            30,
            {"method": "wifi-cell"},
            then=[
                attach(access_points={"s": "p"}),
                req("card.wifi", ssid="s", password="p"),
                60,
                req("hub.status"),
            ],
        ),
        "set": ex(True, {"method": "cell", "allow": True}),
        "umin": ex(True),
    },
    "card.triangulate": {
        "minutes": ex(
            60,
            {"mode": "cell", "on": True, "set": True},
            then=[OFFLINE, 5, req("hub.sync"), 9, req("hub.sync"), 9],
        ),
        "mode": ex("cell", then=[OFFLINE, 5, req("hub.sync"), 9]),
        "on": ex(
            True,
            {"mode": "cell", "set": True},
            then=[OFFLINE, 5, req("hub.sync"), 9, 5, req("hub.sync"), 9],
        ),
        "set": ex(True, {"mode": "cell", "usb": True}, then=[OFFLINE, 5, req("hub.sync"), 9]),
        "text": ex(
            '+CWLAP:(4,"a",-51,"74:ac:b9:12:12:f8",1)\n',
            {"mode": "wifi"},
            then=[OFFLINE, 5, req("hub.sync"), 9],
        ),
        "time": ex(
            1_700_000_000, {"mode": "wifi", "text": "x\n"}, then=[OFFLINE, 5, req("hub.sync"), 9]
        ),
        "usb": ex(True, {"mode": "cell", "set": True}, then=[OFFLINE, 5, req("hub.sync"), 9]),
    },
    "card.usage.get": {"mode": ex("1hour"), "offset": ex(1, {"mode": "1hour"})},
    "card.usage.test": {
        "days": ex(3),
        "hours": ex(1, first=[OFFLINE, 7200]),
        "megabytes": ex(1, first=[3600]),
    },
    "card.voltage": {
        "alert": ex(True, {"usb": True}, then=[*USB, *BATTERY]),
        "calibration": ex(0.5, {"set": True}),
        "hours": ex(1, {"on": True}, [OFFLINE, 8000]),
        "mode": ex("lipo", first=[world(volts=3.4)]),
        "now": ex(True, first=[OFFLINE, 600, sagging]),
        "off": ex(True, first=[req("card.voltage", on=True)]),
        "offset": ex(1, {"on": True}, [OFFLINE, 8000]),
        "on": ex(True),
        "set": ex(True, {"calibration": 0.5}),
        "sync": ex(True, {"usb": True}, [OFFLINE, 5], [*USB, *BATTERY]),
        "usb": ex(True, {"alert": True}, then=[*USB, *BATTERY]),
        "vmax": ex(3.0, {"on": True}, [OFFLINE, 8000]),
        "vmin": ex(4.5, {"on": True}, [OFFLINE, 8000]),
    },
    "card.wifi": {
        "name": ex("yard-", {"start": True}),
        "org": ex("Site", {"start": True}),
        "password": ex("p", {"ssid": "s"}, [attach(access_points={"s": "p"})]),
        "ssid": ex("s"),
        "start": ex(True),
        "text": ex('["s","p"]', first=[attach(access_points={"s": "p"})]),
    },
    "card.wireless": {
        "apn": ex("a", {"method": "secondary"}, [attach(external_sim=True, apn="a")], [10]),
        "hours": ex(
            0, {"method": "dual-secondary-primary"}, then=[5, attach(external_sim=True), 20]
        ),
        "method": ex("secondary", then=[10]),
        "mode": ex("auto"),
    },
    "card.wireless.penalty": {
        "add": ex(60, {"set": True}, then=[world(bars=0), 3000]),
        "max": ex(1, {"set": True}, then=[world(bars=0), 600]),
        "min": ex(1, {"set": True}, then=[world(bars=0), 600]),
        "rate": ex(9, {"set": True}, then=[world(bars=0), 3000]),
        "reset": ex(True, first=[world(bars=0), 400]),
        "set": ex(True, {"min": 1}, then=[world(bars=0), 600]),
    },
}
SKUS = {"card.sleep": WIFI_ONLY}

"""All families but card.*: for each parameter a request in which it makes a difference."""

from __future__ import annotations

from tests.sim.notecard.requests.story import (
    BATTERY,
    DB,
    OFFLINE,
    PERIODIC,
    TEMPLATE,
    USB,
    Example,
    brown_out,
    ex,
    inbound,
    offer,
    put,
    req,
    signal,
    world,
)

EXAMPLES: dict[str, dict[str, Example]] = {
    "dfu.get": {
        "binary": ex(True, {"length": 4}, [offer, 10, req("hub.set", mode="dfu")]),
        "length": ex(4, first=[offer, 10, req("hub.set", mode="dfu")]),
        "offset": ex(1, {"length": 4}, [offer, 10, req("hub.set", mode="dfu")]),
    },
    "dfu.status": {
        "err": ex("broken", {"stop": True}, [offer, 10]),
        "name": ex("card", first=[offer, 10]),
        "off": ex(True),
        "on": ex(True, first=[req("dfu.status", off=True)]),
        "status": ex("well", {"stop": True}, [offer, 10]),
        "stop": ex(True, first=[offer, 10]),
        "version": ex("1.2", then=[req("hub.sync"), 5]),
        "vvalue": ex("normal:0;1"),
    },
    "env.default": {
        "name": ex("rate", {"text": "5"}, then=[req("env.get", name="rate")]),
        "sync": ex(True, {"name": "rate", "text": "5"}, [OFFLINE, 5]),
        "text": ex("5", {"name": "rate"}, then=[req("env.get", name="rate")]),
    },
    "env.get": {
        "name": ex("rate", first=[req("env.default", name="rate", text="5")]),
        "names": ex(["none"], first=[req("env.default", name="rate", text="5")]),
        "time": ex(1_900_000_000, first=[req("env.default", name="rate", text="5")]),
    },
    "env.modified": {"time": ex(1_900_000_000, first=[req("env.default", name="rate", text="5")])},
    "env.set": {
        "name": ex("rate", {"text": "5"}, then=[req("env.get", name="rate")]),
        "text": ex("5", {"name": "rate"}, then=[req("env.get", name="rate")]),
    },
    "env.template": {
        "body": ex({"rate": 12}, then=[req("env.default", name="rate", text="x"), req("env.get")])
    },
    "file.changes": {
        "files": ex(["a.db"], first=[DB, req("note.add", file="b.db", note="x", body={})]),
        "tracker": ex("t", first=[DB]),
    },
    "file.clear": {"file": ex("b.qo", first=[OFFLINE, req("note.add", file="b.qo", body={})])},
    "file.delete": {"files": ex(["a.db"], first=[DB], then=[req("file.stats")])},
    "file.stats": {
        "file": ex(
            "b.db",
            first=[
                DB,
                req("note.add", file="b.db", note="x", body={}),
                req("note.add", file="b.db", note="y", body={}),
            ],
        )
    },
    "hub.log": {
        "alert": ex(True, {"text": "x"}),
        "sync": ex(True, {"text": "x"}, [OFFLINE, 5]),
        "text": ex("x"),
    },
    "hub.set": {
        "align": ex(True, {"outbound": 11}, [5], [req("note.add", body={"n": 1}), 500]),
        "duration": ex(15, then=[1200]),
        "host": ex("example.com"),
        "inbound": ex(5, then=[400]),
        "mode": ex("minimum"),
        "off": ex(True, first=[PERIODIC, req("hub.set", on=True), 10]),
        "on": ex(True, first=[PERIODIC, 10]),
        "outbound": ex(5, then=[req("note.add", body={"n": 1}), 400]),
        "product": ex("com.example:other"),
        "seconds": ex(5, {"on": True}, [PERIODIC, 10]),
        "sn": ex("mower-7", then=[req("hub.sync"), 5]),
        "sync": ex(True, then=[inbound, 5]),
        "umin": ex(True, then=[*USB, *BATTERY, 5]),
        "uoff": ex(True, then=[*USB, *BATTERY, 5]),
        "uperiodic": ex(True, then=[*USB, *BATTERY, 5]),
        "version": ex("1.2.3", then=[req("hub.sync"), 5]),
        "vinbound": ex("normal:5;60", then=[400]),
        "voutbound": ex("normal:5;60", then=[req("note.add", body={"n": 1}), 400]),
    },
    "hub.signal": {"seconds": ex(20, then=[2, signal])},
    "hub.sync": {
        "allow": ex(True, first=[world(bars=0), 400, world(bars=3)], then=[20]),
        "in": ex(True, first=[OFFLINE, 5, req("note.add", body={"n": 1})], then=[10]),
        "out": ex(True, first=[OFFLINE, 5, inbound], then=[10]),
    },
    "hub.sync.status": {"sync": ex(True, first=[OFFLINE, 5, req("note.add", body={"n": 1})])},
    "note.add": {
        "binary": ex(True, {"live": True}, [put(b"abc")], [req("hub.sync"), 5]),
        "body": ex({"n": 1}, then=[req("hub.sync"), 5]),
        "file": ex("b.qo", {"body": {}}),
        "full": ex(True, {"body": {"n": 0}}, [TEMPLATE], [req("hub.sync"), 5]),
        "limit": ex(True, {"body": {}}, [world(bars=0), 400]),
        "live": ex(True, {"body": {}}, [OFFLINE], [brown_out, req("file.stats")]),
        "max": ex(1, {"body": {}}, [OFFLINE, req("note.add", body={})]),
        "note": ex("x", {"file": "a.db", "body": {}}),
        "payload": ex("YQ==", then=[req("hub.sync"), 5]),
        "sync": ex(True, {"body": {}}, [OFFLINE, 5]),
        "verify": ex(True, {"body": {"n": 1}}, [OFFLINE, TEMPLATE], [brown_out, req("file.stats")]),
    },
    "note.changes": {
        "delete": ex(True, {"file": "a.db"}, [DB], [req("file.stats")]),
        "deleted": ex(True, {"file": "a.db"}, [DB, req("note.delete", file="a.db", note="x")]),
        "file": ex("a.db", first=[DB]),
        "max": ex(1, {"file": "a.db"}, [DB, req("note.add", file="a.db", note="y", body={})]),
        "reset": ex(
            True,
            {"file": "a.db", "tracker": "t"},
            [DB, req("note.changes", file="a.db", tracker="t")],
        ),
        "start": ex(
            True,
            {"file": "a.db", "tracker": "t"},
            [DB, req("note.changes", file="a.db", tracker="t")],
        ),
        "stop": ex(
            True,
            {"file": "a.db", "tracker": "t"},
            [DB],
            [req("note.changes", file="a.db", tracker="t")],
        ),
        "tracker": ex("t", {"file": "a.db"}, [DB]),
    },
    "note.delete": {
        "file": ex("a.db", {"note": "x"}, [DB]),
        "note": ex("x", {"file": "a.db"}, [DB]),
    },
    "note.get": {
        "delete": ex(True, {"file": "a.db", "note": "x"}, [DB], [req("file.stats")]),
        "deleted": ex(
            True,
            {"file": "a.db", "note": "x"},
            [OFFLINE, DB, req("note.delete", file="a.db", note="x")],
        ),
        "file": ex("a.db", {"note": "x"}, [DB]),
        "note": ex("x", {"file": "a.db"}, [DB]),
    },
    "note.template": {
        "body": ex({"n": 14}, {"file": "t.qo"}),
        "delete": ex(
            True,
            {"file": "t.qo", "body": {"n": 14}, "format": "compact", "port": 5},
            [OFFLINE],
            [req("note.add", file="t.qo", body={"n": 1}), req("hub.sync"), 9],
        ),
        "file": ex("t.qo", {"body": {"n": 14}}),
        "format": ex("compact", {"file": "t.qo", "body": {"n": 14}}),
        "length": ex(9, {"file": "t.qo", "body": {"n": 14}}),
        "port": ex(
            9,
            {"file": "t.qo", "body": {"n": 14}},
            then=[req("note.template", file="t.qo", verify=True)],
        ),
        "verify": ex(True, {"file": "data.qo"}, [TEMPLATE]),
    },
    "note.update": {
        "body": ex({"v": 2}, {"file": "a.db", "note": "x"}, [DB]),
        "file": ex("a.db", {"note": "x", "body": {}}, [DB]),
        "note": ex("x", {"file": "a.db", "body": {}}, [DB]),
        "payload": ex("YQ==", {"file": "a.db", "note": "x"}, [DB]),
        "sync": ex(True, {"file": "a.db", "note": "x", "body": {}}, [OFFLINE, 5, DB]),
    },
    "ntn.gps": {
        "off": ex(True, first=[req("ntn.gps", on=True)]),
        "on": ex(True),
    },
    "var.delete": {
        "file": ex("v.db", {"name": "x"}, [req("var.set", file="v.db", name="x", flag=True)]),
        "name": ex("x", first=[req("var.set", name="x", flag=True)]),
    },
    "var.get": {
        "file": ex("v.db", {"name": "x"}, [req("var.set", file="v.db", name="x", flag=True)]),
        "name": ex("x", first=[req("var.set", name="x", flag=True)]),
    },
    "var.set": {
        "file": ex("v.db", {"name": "x", "flag": True}),
        "flag": ex(True, {"name": "x"}, then=[req("var.get", name="x")]),
        "name": ex("x", {"flag": True}),
        "sync": ex(True, {"name": "x", "flag": True}, [OFFLINE, 5]),
        "text": ex("t", {"name": "x"}, then=[req("var.get", name="x")]),
        "value": ex(2.5, {"name": "x"}, then=[req("var.get", name="x")]),
    },
}


def _web(*sends: str) -> dict[str, Example]:
    common = {"route": "api", "name": "/x"} | ({"method": "GET"} if "method" in sends else {})
    found = {
        "content": ex("text/plain", common | ({"payload": "YQ=="} if "payload" in sends else {})),
        "name": ex("/x", common),
        "route": ex("api", common),
    }
    if "method" not in sends:
        queued = [OFFLINE, 5]
        after = [req("hub.sync"), 10, req("note.get", file="a.dbx", note="n")]
        found |= {
            "file": ex("a.dbx", common | {"note": "n"}, queued, after),
            "note": ex("n", common | {"file": "a.dbx"}, queued, after),
            "seconds": ex(5, common | {"name": "/slow"}),
        }
    for name in sends:
        found[name] = {
            "async": ex(True, common),
            "binary": ex(True, common, [put(b"abc")]),
            "body": ex({"n": 1}, common),
            "max": ex(3, common),
            "method": ex("PATCH", common),
            "offset": ex(3, common | {"payload": "YWJj", "total": 6}),
            "payload": ex("YWJj", common),
            "status": ex("00", common | {"payload": "YWJj"}),
            "total": ex(9, common | {"payload": "YWJj"}),
            "verify": ex(
                True,
                common | {"payload": "YWJj"},
                [lambda desk: desk.notecard.faults.arm("web-damage")],
            ),
        }[name]
    if "async" not in sends and "binary" in sends:  # web.get: bytes of a URL's range
        found["offset"] = ex(3, common)
    return found


EXAMPLES |= {
    "web": _web("method"),
    "web.delete": _web("async"),
    "web.get": _web("binary", "body", "max", "offset"),
    "web.post": _web(
        "async", "binary", "body", "max", "offset", "payload", "status", "total", "verify"
    ),
    "web.put": _web(
        "async", "binary", "body", "max", "offset", "payload", "status", "total", "verify"
    ),
}

"""Faults that a backend may have, planted in the reference: each a change of one of its methods."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sim.conformance.run import checks
from sim.ingest.api import answers
from sim.ingest.api import ingest as api
from sim.ingest.api.answers import Answer
from sim.ingest.api.ingest import Ingest
from tests.sim.conformance.http_faults import HTTP

Post = Callable[[Ingest, Any, bytes], Answer]
Fault = Callable[[Post], Post]


def answer(change: Callable[[Answer], Answer]) -> Fault:
    """A fault of what is answered."""
    return lambda post: lambda self, headers, raw: change(post(self, headers, raw))


def body(change: Callable[[bytes], bytes]) -> Fault:
    """A fault of what is read."""
    return lambda post: lambda self, headers, raw: post(self, headers, change(raw))


def events(change: Callable[[list[Any]], list[Any]]) -> Fault:
    """A fault of what is made of the events of a batch."""

    def changed(raw: bytes) -> bytes:
        try:
            read = json.loads(raw)
        except (ValueError, RecursionError):
            return raw
        if not isinstance(read, list) or not all(isinstance(one, dict) for one in read):
            return raw
        return json.dumps(change(read)).encode("utf-8", "surrogatepass")

    return body(changed)


def each(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Fault:
    """A fault of what is made of each event."""
    return events(lambda read: [change(one) for one in read])


def refusing(wrong: Callable[[list[dict[str, Any]]], bool], status: int = 400) -> Fault:
    """A fault that refuses whole batches which are right."""

    def planted(post: Post) -> Post:
        def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
            said = post(self, headers, raw)
            try:
                read = json.loads(raw)
            except (ValueError, RecursionError):
                return said
            if said.status in (202, 207) and isinstance(read, list) and wrong(read):
                return Answer(status, {"error": "no", "code": "no", "accepted": 0})
            return said

        return faulty

    return planted


def status_to(old: int, new: int) -> Fault:
    """Another status for one of the contract's."""
    return answer(lambda said: replace(said, status=new) if said.status == old else said)


def in_body(status: int, **fields: Any) -> Fault:
    """Other fields in the body of a status; None leaves one out."""

    def changed(said: Answer) -> Answer:
        if said.status != status:
            return said
        whole = {**said.body, **fields}
        return replace(said, body={k: v for k, v in whole.items() if v is not None})

    return answer(changed)


def _last_refusal_lost(said: Answer) -> Answer:
    if said.status != 207:
        return said
    return replace(said, body={**said.body, "rejected_events": said.body["rejected_events"][:-1]})


def _field(name: str, change: Callable[[Any], Any]) -> Fault:
    return each(lambda one: {**one, name: change(one[name])} if name in one else one)


def _payload(name: str, change: Callable[[Any], Any]) -> Fault:
    def changed(one: dict[str, Any]) -> dict[str, Any]:
        payload = one.get("payload")
        if not isinstance(payload, dict) or name not in payload:
            return one
        return {**one, "payload": {**payload, name: change(payload[name])}}

    return each(changed)


def _whole(value: Any) -> Any:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value


def _read(raw: bytes) -> list[dict[str, Any]]:
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return read if isinstance(read, list) and all(isinstance(e, dict) for e in read) else []


def _taken(count: int) -> Answer:
    return Answer(202, {"accepted": count, "rejected": 0, "rejected_events": []})


def _number_alone(post: Post) -> Post:
    """The dedup key without the device."""
    owners: dict[object, object] = {}

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        read = _read(raw)
        mine = [
            e
            for e in read
            if owners.setdefault(str(e.get("sequence_number")), e.get("device_id"))
            == e.get("device_id")
        ]
        if len(mine) == len(read):
            return post(self, headers, raw)
        return post(self, headers, json.dumps(mine).encode()) if mine else _taken(len(read))

    return faulty


def _again(said: Callable[[int, int], Answer]) -> Fault:
    """What is answered to a batch that holds events of before: of how many, how many are new."""

    def planted(post: Post) -> Post:
        seen: set[tuple[str, str]] = set()

        def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
            right = post(self, headers, raw)
            keys = {(str(e.get("device_id")), str(e.get("sequence_number"))) for e in _read(raw)}
            new = len(keys - seen)
            if right.status != 202 or new == len(_read(raw)):
                seen.update(keys if right.status == 202 else ())
                return right
            return said(len(_read(raw)), new)

        return faulty

    return planted


def _before_the_wrong_one(post: Post) -> Post:
    """Of a batch with a wrong event, what stands behind it is acknowledged and not kept."""

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        read = _read(raw)
        bad = next((i for i, e in enumerate(read) if e.get("timestamp_utc") == ""), None)
        if bad is None:
            return post(self, headers, raw)
        rest = read[:bad]
        post(self, headers, json.dumps(rest).encode())
        listed = [{"sequence_number": read[bad].get("sequence_number"), "reason": "bad"}]
        whole = {"accepted": len(read) - 1, "rejected": 1, "rejected_events": listed}
        return Answer(207, whole)

    return faulty


def _last_of_207_lost(post: Post) -> Post:
    """The last event that a 207 acknowledges is not kept."""

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        read = _read(raw)
        wrong = [e for e in read if e.get("timestamp_utc") == ""]
        good = [e for e in read if e.get("timestamp_utc") != ""]
        if not wrong or not good:
            return post(self, headers, raw)
        post(self, headers, json.dumps(good[:-1]).encode())
        listed = [{"sequence_number": e.get("sequence_number"), "reason": "bad"} for e in wrong]
        whole = {"accepted": len(good), "rejected": len(wrong), "rejected_events": listed}
        return Answer(207, whole)

    return faulty


def _before_it_is_kept(post: Post) -> Post:
    """A good batch is acknowledged, and kept when the next one comes."""
    waiting: list[tuple[Any, bytes]] = []

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        while waiting:
            post(self, *waiting.pop())
        read = _read(raw)
        if [e.get("event_type") for e in read] != ["shift_start"]:
            return post(self, headers, raw)
        waiting.append((headers, raw))
        return _taken(1)

    return faulty


def _kept_but(change: Callable[[list[Any]], list[Any]]) -> Fault:
    """Of a batch that is right, only some is kept, and all is acknowledged."""

    def planted(post: Post) -> Post:
        def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
            read = _read(raw)
            if not read or not all(type(e.get("sequence_number")) is int for e in read):
                return post(self, headers, raw)
            less = change(read)
            if len(less) == len(read) or (len(less) == 0 and len(read) == 1):
                return post(self, headers, raw) if less else _taken(1)
            said = post(self, headers, json.dumps(less).encode())
            return _taken(len(read)) if said.status == 202 else said

        return faulty

    return planted


def _once(post: Post) -> Post:
    """A batch that comes again is a conflict."""
    come: set[bytes] = set()

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        if raw in come:
            return Answer(409, {"error": "It is there.", "code": "conflict", "accepted": 0})
        come.add(raw)
        return post(self, headers, raw)

    return faulty


def _third_fails(post: Post) -> Post:
    """As where a pool of two connections is never given back."""
    count = [0]

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        count[0] += 1
        return post(self, headers, raw) if count[0] < 3 else answers.busy("No connection is free.")

    return faulty


def _sulking(post: Post) -> Post:
    """What follows a refusal is refused, too."""
    refused: list[bool] = [False]

    def faulty(self: Ingest, headers: Any, raw: bytes) -> Answer:
        if refused[0]:
            return answers.busy("The transaction was aborted.")
        said = post(self, headers, raw)
        refused[0] = said.status == 400
        return said

    return faulty


POSTING: dict[str, tuple[Fault, str]] = {
    "a batch that comes again is a conflict": (_once, "gives the answer that was lost again"),
    "the third batch finds no connection": (
        _third_fails,
        "answers several requests on a connection",
    ),
    "a refusal aborts what follows": (_sulking, "stays usable after a refusal"),
    "the last event of a 207 is lost": (_last_of_207_lost, "keeps what a 207 acknowledges"),
    "acknowledged before it is kept": (_before_it_is_kept, "knows who wears a device"),
    "the last refused event of a 207 is left out": (
        answer(_last_refusal_lost),
        "refuses every second event",
    ),
    "a 207 is told as 202": (status_to(207, 202), "refuses a wrong event at any place"),
    "a 207 counts one too many": (in_body(207, accepted=99), "refuses every second event"),
    "a 207 without its list": (
        in_body(207, rejected_events=None),
        "refuses a wrong event at any place",
    ),
    "200 for 202": (status_to(202, 200), "accepts one event"),
    "202 without a body": (
        answer(lambda a: replace(a, body={}) if a.status == 202 else a),
        "accepts one event",
    ),
    "counts as text": (in_body(202, accepted="1"), "accepts one event"),
    "413 as 400": (status_to(413, 400), "refuses 501 events"),
    "413 with another sentence": (
        in_body(413, error="Too many."),
        "says how many events are too many",
    ),
    "400 without a sentence": (in_body(400, error=None), "refuses an empty array"),
    "an empty array is fine": (
        answer(
            lambda a: (
                Answer(202, {"accepted": 0, "rejected": 0, "rejected_events": []})
                if a.body.get("code") == "empty_batch"
                else a
            )
        ),
        "refuses an empty array",
    ),
    "what is not JSON is 500": (
        answer(lambda a: replace(a, status=500) if a.body.get("code") == "invalid_json" else a),
        "refuses nothing",
    ),
    "all refused is 207": (
        answer(
            lambda a: (
                Answer(207, {"accepted": 0, "rejected": 1, "rejected_events": []})
                if a.body.get("code") == "all_rejected"
                else a
            )
        ),
        "refuses a batch of which all is wrong",
    ),
    "one wrong event refuses all": (status_to(207, 400), "refuses a wrong event at any place"),
    "numbers as text are numbers": (
        _field("sequence_number", _whole),
        "refuses every wrong sequence number",
    ),
    "numbers with a fraction are cut": (
        _field("sequence_number", lambda n: int(n) if isinstance(n, float) and n < 1e15 else n),
        "refuses every wrong sequence number",
    ),
    "true is one": (
        _field("sequence_number", lambda n: 1 if n is True else n),
        "refuses every wrong sequence number",
    ),
    "an offset is read": (
        _field(
            "timestamp_utc", lambda m: re.sub(r"\+\d\d:\d\d$", "Z", m) if isinstance(m, str) else m
        ),
        "refuses every wrong envelope",
    ),
    "30 February is read": (
        _field("timestamp_utc", lambda m: m.replace("02-30", "02-28") if isinstance(m, str) else m),
        "refuses every wrong envelope",
    ),
    "white space is cut off": (
        _field("firmware_version", lambda v: v.strip() if isinstance(v, str) else v),
        "refuses every wrong envelope",
    ),
    "unknown envelope fields are dropped": (
        each(lambda one: {k: v for k, v in one.items() if k != "received_at"}),
        "refuses every wrong envelope",
    ),
    "small letters of a MAC are read": (
        _payload("tag_mac", lambda m: m.upper() if isinstance(m, str) else m),
        "refuses every wrong ble_proximity",
    ),
    "an empty worker is somebody": (
        _payload("worker_id", lambda w: w or "nobody"),
        "refuses every wrong shift_start",
    ),
    "an RSSI may be positive": (
        _payload("rssi", lambda r: -1 if r in (0, 20) else r),
        "refuses every wrong ble_proximity",
    ),
    "200 % of battery": (
        _payload("battery_pct", lambda p: 100 if p == 101 else p),
        "refuses every wrong low_battery",
    ),
    "NaN is nothing": (
        body(lambda raw: re.sub(rb"-?(NaN|Infinity)|1e999", b"1.0", raw)),
        "refuses a number that is not one of JSON",
    ),
    "UTF-16 is read": (
        body(
            lambda raw: (
                raw.decode("utf-16").encode() if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else raw
            )
        ),
        "refuses UTF-16",
    ),
    "single quotes are read": (body(lambda raw: raw.replace(b"'", b'"')), "refuses single quotes"),
    "unknown payload fields are refused": (
        refusing(lambda b: any("note_of_tomorrow" in (e.get("payload") or {}) for e in b)),
        "accepts every form of gps",
    ),
    "no fraction of a second": (
        refusing(lambda b: any("." in str(e.get("timestamp_utc")) for e in b)),
        "accepts a fraction of a second",
    ),
    "numbers end at 2^53": (
        refusing(lambda b: any(e.get("sequence_number", 0) > 2**53 for e in b)),
        "accepts the largest sequence number",
    ),
    "events must be in order": (
        refusing(
            lambda b: [e["sequence_number"] for e in b] != sorted(e["sequence_number"] for e in b)
        ),
        "accepts events out of order",
    ),
    "numbers must not skip": (
        refusing(
            lambda b: (
                len(b) > 1 and b[-1]["sequence_number"] - b[0]["sequence_number"] >= 10 * len(b)
            )
        ),
        "accepts gaps in the numbers",
    ),
    "old events are refused": (
        refusing(lambda b: any(str(e.get("timestamp_utc")) < "2025-06" for e in b)),
        "accepts events of any moment",
    ),
    "events of tomorrow are refused": (
        refusing(lambda b: any(str(e.get("timestamp_utc")) > "2030" for e in b)),
        "accepts events of any moment",
    ),
    "500 events are too many": (refusing(lambda b: len(b) == 500, 413), "accepts 500 events"),
    "other letters than ASCII are refused": (
        refusing(lambda b: any(not str(e).isascii() for e in b)),
        "accepts every form of shift_start",
    ),
    "the number alone is the key": (_number_alone, "keeps the same number of two devices apart"),
    "duplicates are 409": (
        _again(lambda of, new: Answer(409, {"error": "known"})),
        "acknowledges a batch again",
    ),
    "duplicates are not counted": (
        _again(lambda of, new: _taken(new)),
        "acknowledges a batch that overlaps",
    ),
    "duplicates are refused": (
        _again(lambda of, new: Answer(400, {"error": "known", "accepted": 0})),
        "acknowledges a batch that overlaps",
    ),
    "deep JSON ends the process of a request": (
        answer(lambda a: replace(a, status=500) if a.body.get("code") == "invalid_json" else a),
        "withstands 10,000-deep JSON",
    ),
    "a large number is cut": (
        body(lambda raw: raw.replace(str(2**63).encode(), str(2**63 - 1).encode())),
        "withstands a number past 64 bits",
    ),
    "infinity is a billion": (
        body(lambda raw: raw.replace(b"Infinity", b"1000000000")),
        "withstands a number that is infinite",
    ),
    "an array that breaks off is ended": (
        body(lambda raw: raw + b': 1, "payload": {}}]' if raw.endswith(b'number"') else raw),
        "withstands cut in the middle",
    ),
    "behind a wrong event nothing is kept": (
        _before_the_wrong_one,
        "keeps what a 207 acknowledges",
    ),
}
"""Faults of POST /api/events, each with a check that must see it."""

UNCHANGED, KEPT = "keeps events unchanged", "keeps what it acknowledged"
STORING: dict[str, tuple[Fault, str]] = {
    "a number as a float of four bytes": (
        _payload("lat", lambda lat: struct.unpack("f", struct.pack("f", lat))[0]),
        UNCHANGED,
    ),
    "whole degrees": (_payload("lon", lambda lon: float(round(lon))), UNCHANGED),
    "a day instead of an instant": (
        _field("timestamp_utc", lambda m: re.sub(r"T\d\d:\d\d:\d\d", "T00:00:00", m)),
        UNCHANGED,
    ),
    "a local time as UTC": (
        _field("timestamp_utc", lambda m: m.replace("T08:", "T10:")),
        UNCHANGED,
    ),
    "half a second is cut off": (
        _field("timestamp_utc", lambda m: m.replace(".5Z", "Z")),
        UNCHANGED,
    ),
    "fields that it does not know are dropped": (
        _payload("note_of_tomorrow", lambda note: None),
        UNCHANGED,
    ),
    "letters beyond ASCII become question marks": (
        _payload("worker_id", lambda w: w.encode("ascii", "replace").decode()),
        UNCHANGED,
    ),
    "a zero becomes nothing": (_payload("battery_pct", lambda p: p or 1), UNCHANGED),
    "the firmware of today": (_field("firmware_version", lambda v: "9.9.9"), UNCHANGED),
    "the last event of a batch is lost": (
        _kept_but(lambda read: read[:-1]),
        KEPT,
    ),
    "no more than a hundred of a batch": (_kept_but(lambda read: read[:100]), KEPT),
    "large numbers are lost": (
        _kept_but(lambda read: [e for e in read if e["sequence_number"] < 2**31]),
        KEPT,
    ),
    "heartbeats are not kept": (
        _kept_but(lambda read: [e for e in read if e["event_type"] != "upload_heartbeat"]),
        KEPT,
    ),
}
"""Faults that no answer tells of: the look into the store must."""


def _always(*_: Any, **__: Any) -> bool:
    return True


def _same_beginning(key: str, kept: Any) -> bool:
    return kept is not None and len(key) > 10


KEYS: dict[str, tuple[Any, str, Any, str]] = {
    "401 as 403": (
        answers,
        "unauthorized",
        lambda: Answer(403, {"error": "Invalid or missing API key"}),
        "refuses a batch without a key",
    ),
    "401 with another sentence": (
        answers,
        "unauthorized",
        lambda: Answer(401, {"error": "no"}),
        "refuses a batch without a key",
    ),
    "any key is right": (api, "key_matches", _always, "refuses a wrong key"),
    "a wrong key is right now and then": (api, "key_matches", _always, "withstands a wrong key"),
    "a part of a key is right": (
        api,
        "key_matches",
        _same_beginning,
        "refuses a part of a key, and more than a key",
    ),
}
"""Faults of how keys are looked at: what is replaced where, by what."""

METHODS: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "whose key it is does not matter": (
        "_owner",
        lambda right: lambda self, headers: right(self, headers) and None,
        "refuses another device's key",
    ),
    "everybody reads the status": (
        "_require",
        lambda right: lambda self, role, headers: None,
        "tells of a device to the admin alone",
    ),
    "everybody provisions": (
        "_require",
        lambda right: lambda self, role, headers: None,
        "provisions for the provisioning key alone",
    ),
    "everybody loads parcels": (
        "_require",
        lambda right: lambda self, role, headers: None,
        "takes parcels from the admin alone",
    ),
    "an unknown device is in the inventory": (
        "get_device_status",
        lambda right: lambda self, headers, device: _known(right(self, headers, device)),
        "does not know a device that is none",
    ),
    "the status says nothing of the worker": (
        "get_device_status",
        lambda right: lambda self, headers, device: _nobody(right(self, headers, device)),
        "knows who wears a device",
    ),
    "a device is provisioned again": (
        "post_devices",
        lambda right: lambda self, headers, raw: _created(right(self, headers, raw)),
        "provisions a device once",
    ),
    "any ring is a polygon": (
        "post_parcels",
        lambda right: lambda self, headers, raw: _created(right(self, headers, raw)),
        "refuses a parcel that is no polygon",
    ),
    "any text is a MAC": (
        "post_equipment_tags",
        lambda right: lambda self, headers, raw: _created(right(self, headers, raw)),
        "refuses a tag of another form",
    ),
}
"""Faults of the ingest's other methods: which, how it is wrapped, the check that must see it."""


def _known(said: Answer) -> Answer:
    return replace(said, status=200) if said.status == 404 else said


def _nobody(said: Answer) -> Answer:
    return replace(said, body={**said.body, "current_worker_id": None})


def _created(said: Answer) -> Answer:
    return replace(said, status=201) if said.status in (400, 409) else said


def plant(fault: str, monkeypatch: Any) -> str:
    """Plant a fault by its name; gives the name of the check that must see it."""
    if fault in POSTING or fault in STORING:
        wrap, name = (POSTING | STORING)[fault]
        monkeypatch.setattr(Ingest, "post_events", wrap(Ingest.post_events))
    elif fault in HTTP:
        module, where, around, name = HTTP[fault]
        monkeypatch.setattr(module, where, around(getattr(module, where)))
    elif fault in KEYS:
        module, where, wrong, name = KEYS[fault]
        monkeypatch.setattr(module, where, wrong)
    else:
        where, around, name = METHODS[fault]
        monkeypatch.setattr(Ingest, where, around(getattr(Ingest, where)))
    return name


FAULTS: dict[str, str] = {
    name: row[-1] for table in (POSTING, KEYS, METHODS, HTTP) for name, row in table.items()
}
"""Every fault, and the check that must see it."""


def aimed_at(subject: str) -> list[str]:
    """The faults that a check of this subject must see."""
    story_module = f"sim.conformance.checks.{subject}"
    return [
        name for name, check in FAULTS.items() if _module(checks()[check].story) == story_module
    ]


def _module(story: Any) -> str:
    return getattr(story, "func", story).__module__

"""Small parts of the room: names of ports, the tap, JUnit, the status in words."""

from __future__ import annotations

import contextlib
import io
import json
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
import urllib3
from rich.console import Console

from badge.host.observers import Counts
from badge.inputs import GpsFix
from hil.app.status import Screen, Status
from hil.card.deadline import Leash
from hil.card.errors import GaveUp
from hil.card.open import _parse
from hil.card.sensors import View
from hil.dut.junit import Case, write_junit
from hil.dut.tap import tapped
from hil.tags import NoTags
from sim.ingest.launch import launch_ingest
from tests.paths import DOCS


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("serial:/dev/ttyACM0", ("serial", "/dev/ttyACM0", 9600)),
        ("serial:/dev/ttyUSB0:115200", ("serial", "/dev/ttyUSB0", 115200)),
        ("serial:COM3", ("serial", "COM3", 9600)),
        ("serial:/dev/serial/by-path/pci-0:14.0-usb-0:1:1.0", None),
        ("i2c:/dev/i2c-1", ("i2c", "/dev/i2c-1", 0x17)),
        ("i2c:/dev/i2c-1:0x18", ("i2c", "/dev/i2c-1", 0x18)),
        ("i2c-socket:card.sock", ("i2c-socket", "card.sock", 0x17)),
    ],
)
def test_names_of_ports(spec, parts):
    assert _parse(spec) == (parts or ("serial", spec.removeprefix("serial:"), 9600))


def test_a_leash_ends_a_transaction_or_only_an_attempt():
    now = [0.0]
    leash = Leash(lambda: now[0])
    leash.check()
    leash.attempt_until_s, leash.until_s, now[0] = 1.0, 2.0, 1.5
    with pytest.raises(TimeoutError):
        leash.check()
    now[0] = 2.5
    with pytest.raises(GaveUp):
        leash.check()


def test_the_tap_keeps_what_the_ingest_refuses():
    wrong = [{"device_id": "ACT-00000001", "sequence_number": 1}]
    with launch_ingest() as running, tapped(running.url + "/api/events") as tap:
        pool = urllib3.PoolManager()
        answer = pool.request("POST", tap.url, json=wrong)
        assert (answer.status, answer.json()["accepted"]) == (400, 0)
        pool.request("POST", tap.url, body=b"junk")
        assert tap.events() == wrong
        assert tap.answers == [400, 400]
        pool.clear()
    with tapped("http://127.0.0.1:1/api/events") as tap:
        pool = urllib3.PoolManager()
        assert pool.request("POST", tap.url, json=wrong).status == 502
        pool.clear()


def test_junit_takes_any_text(tmp_path):
    path = tmp_path / "r.xml"
    write_junit(path, "s", [Case("g", "n\x00", "first\nsecond <&\x1b"), Case("g", "good")])
    root = ElementTree.parse(path).getroot()
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    assert root[0][0][0].get("message") == "first"


def test_the_status_says_how_it_is_and_prints_what_changes():
    queue = SimpleNamespace(entries=[1, 2], quarantined=[1], overflow_count=3)
    store = SimpleNamespace(queue=queue, state=SimpleNamespace(worker_id="W-007"))
    badge = SimpleNamespace(store=store, state="active", upload_state="backoff", tags_near=["A"])
    runner = SimpleNamespace(badge=badge, uploading=False, now_ms=9_000)
    view = View(connected=True, fix=GpsFix(52.5, 13.4, hdop=1.1), volts=3.9, pct=63, moving=True)
    tags, counts = NoTags(), Counts(print)
    tags.heard = {"A": -50, "B": -90}
    uplink = SimpleNamespace(trouble="the ingest answered 503")
    status = Status(runner, view, tags, counts, uplink)
    rows = dict(status.rows())
    assert rows["state"] == "active (W-007)"
    assert rows["position"] == "52.500000 13.400000  dop 1.1"
    assert rows["tags"] == "A -50*, B -90"
    assert rows["queue"] == "2 waiting, 1 in quarantine, 3 dropped"
    assert rows["card"] == "online, no time yet, moving, 3.90 V 63 %"
    text = io.StringIO()
    with Screen(Console(file=text, width=80)) as screen:
        screen.show(status)
        screen.show(status)
    assert text.getvalue().splitlines() == [
        "the ingest answered 503",
        "active (W-007), online, 1 tags near, upload backoff",
    ]


def test_the_page_for_firmware_engineers_is_true():
    page = (DOCS / "firmware.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    wanted = page.split("```text\n")[1].split("```")[0]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "docs/firmware.md", "exec"), {})
    assert said.getvalue() == wanted
    for command in ("probe", "run", "judge"):
        assert f"badge {command}" in page + (DOCS / "hardware.md").read_text()
    assert json.dumps("never run")[1:-1] in page

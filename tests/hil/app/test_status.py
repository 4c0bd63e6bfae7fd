"""The status of a running badge, in words."""

from __future__ import annotations

import io
from types import SimpleNamespace

from rich.console import Console

from badge.host.observers import Counts
from badge.inputs import GpsFix
from hil.app.status import Status, StatusPanel
from hil.ble.scanner import NoScanner
from hil.card.sensors import CardView


def test_the_status_says_how_it_is_and_prints_what_changes():
    queue = SimpleNamespace(entries=[1, 2], quarantined=[1], overflow_count=3)
    store = SimpleNamespace(queue=queue, state=SimpleNamespace(worker_id="W-007"))
    badge = SimpleNamespace(store=store, state="active", upload_state="backoff", tags_near=["A"])
    pump = SimpleNamespace(badge=badge, uploading=False, now_ms=9_000)
    view = CardView(
        connected=True, fix=GpsFix(52.5, 13.4, hdop=1.1), volts=3.9, pct=63, moving=True
    )
    scanner, counts = NoScanner(), Counts(print)
    scanner.heard = {"A": -50, "B": -90}
    uplink = SimpleNamespace(trouble="the ingest answered 503")
    status = Status(pump, view, scanner, counts, uplink)
    rows = dict(status.rows())
    assert rows["state"] == "active (W-007)"
    assert rows["position"] == "52.500000 13.400000  dop 1.1"
    assert rows["tags"] == "A -50*, B -90"
    assert rows["queue"] == "2 waiting, 1 in quarantine, 3 dropped"
    assert rows["card"] == "online, no time yet, moving, 3.90 V 63 %"
    text = io.StringIO()
    with StatusPanel(Console(file=text, width=80)) as panel:
        panel.show(status)
        panel.show(status)
    assert text.getvalue().splitlines() == [
        "the ingest answered 503",
        "active (W-007), online, 1 tag near, upload backoff",
    ]

"""What the tests of the fire share: an account with a database that honours it, and mutants."""

from __future__ import annotations

import sys
from contextlib import closing

from pydantic_core import to_json

from sim.crashtest.account import Account
from sim.ingest.store.sqlite import SqliteStore

BADGE = "ACT-F1E00000"


def events(*numbers, **changes):
    return [
        {
            "device_id": BADGE,
            "firmware_version": "0.3.1",
            "event_type": "gps",
            "timestamp_utc": "2026-03-14T08:32:15Z",
            "sequence_number": number,
            "payload": {"lat": 33.7, "lon": -84.3, "accuracy_m": 4.0, "fix_type": "3d"},
            **changes,
        }
        for number in numbers
    ]


def account(*batches, acknowledged=0):
    made = Account(BADGE)
    for numbers in batches:
        made.sent(to_json(events(*numbers)), numbers[-1])
    made.acknowledged = acknowledged
    return made


def keep(path, *batches, **changes):
    with closing(SqliteStore(path)) as store:
        for numbers in batches:
            store.add_batch(events(*numbers, **changes), "2026-03-14T08:32:16.000Z")


def mutant(code):
    """Return the command of a server that has a bug."""
    return (sys.executable, "-c", f"{code}\nfrom badge.cli.main import main; main()", "serve")

"""The end of a run: every surviving event is in the store, once, as it was logged."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from sim.chaos.checks.journal import Checks
from sim.ingest.store.sqlite import SqliteStore


def check_delivery(checks: Checks, refused: Set[int], store: SqliteStore) -> None:
    """Compare the store, row by row, with what the badge logged; BrokenPromiseError otherwise.

    `refused` are the numbers that the ingest turned away for good, by right.
    """
    device_id = checks.device_id
    kept = {event["sequence_number"]: event for event in store.events(device_id)}
    if checks.alive:
        waiting = list(checks.alive)
        raise checks.broken("delivery", f"{len(waiting)} still wait, the first is {waiting[0]}")
    unaccounted = [
        number
        for number in checks.events
        if number not in kept and number not in checks.dropped and number not in refused
    ]
    if unaccounted:
        raise checks.broken("delivery", f"{unaccounted[:5]} are nowhere")
    for number, event in kept.items():
        entry = checks.events.get(number)
        if entry is None or number not in checks.unix_ms:
            raise checks.broken("delivery", f"the store holds {number}, which was never logged")
        # A cut may have undone the time that the entry says; what was durable counts.
        logged = replace(entry, unix_ms=checks.unix_ms[number]).event(device_id)
        if event != logged:
            raise checks.broken("delivery", f"the store holds {event}, logged was {logged}")
    conflicts = [row.sequence_number for row in store.conflicts() if row.device_id == device_id]
    if conflicts:
        raise checks.broken("J4", f"{conflicts[:5]} came again with another content")

"""The law of the comparison: random damage to a random log is reported exactly."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.reconcile.comparison.join import Comparison, joined
from sim.reconcile.comparison.rows import Held, LoggedEvent
from tests.sim.reconcile.site import Ran, told, write_lines, write_run
from tests.strategies import events, unhurried

DAMAGES = ("none", "delete", "double", "type", "time", "payload", "firmware")


def respelt(value):
    """The same JSON value, written otherwise: other order of keys, 12.0 for 12."""
    match value:
        case bool():
            return value
        case int() if abs(value) < 2**53:
            return float(value)
        case dict():
            return {key: respelt(value[key]) for key in reversed(value)}
        case list():
            return [respelt(inner) for inner in value]
    return value


@st.composite
def logs(draw):
    """A log in wire form with the fate of each event: (event, is delivered, damage)."""
    keys = draw(st.sets(st.tuples(st.integers(0, 2), st.integers(1, 12)), max_size=12))
    log = []
    for badge, number in sorted(keys):
        event = draw(events())
        event |= {"device_id": f"ACT-0000000{badge}", "sequence_number": number}
        log.append((event, draw(st.booleans()), draw(st.sampled_from(DAMAGES))))
    return draw(st.permutations(log))


def held_rows(event, damage):
    """The rows that a backend with this fault keeps, spelt in its own way."""
    row = {**event, "payload": respelt(event["payload"])}
    row["event_timestamp"] = row.pop("timestamp_utc").replace("Z", "+00:00")
    match damage:
        case "delete":
            return []
        case "double":
            return [row, {**row, "payload": json.dumps(row["payload"])}]
        case "type":
            row["event_type"] += "s"
        case "time":
            row["event_timestamp"] = "0999-12-31T23:59:59Z"
        case "payload":
            row["payload"] = {**row["payload"], "y_new": None}
        case "firmware":
            row["firmware_version"] += "0"
    return [row]


def expected_of(event, delivered, damage):
    kind = {"none": None, "double": "twice", "delete": "missing" if delivered else None}
    found = kind.get(damage, "altered")
    return [] if found is None else [(found, event["device_id"], event["sequence_number"])]


@unhurried
@given(logs(), st.sets(st.tuples(st.integers(0, 4), st.integers(13, 20)), max_size=3), st.data())
def test_random_damage_is_reported_exactly(log, invented, data):
    expected = [one for entry in log for one in expected_of(*entry)]
    rows = [row for event, _, damage in log for row in held_rows(event, damage)]
    for badge, number in invented:
        key = {"device_id": f"ACT-0000000{badge}", "sequence_number": number}
        rows.append({"event_type": "gps", "event_timestamp": "", "payload": "", **key})
        rows[-1]["firmware_version"] = "0.1.0"
        expected.append(("invented", *key.values()))
    rows = data.draw(st.permutations(rows))
    truth = [
        {**event, "delivered": delivered, "undelivered_why": None if delivered else "queued"}
        for event, delivered, _ in log
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = write_run(folder / "run", truth)
        held = write_lines(folder / "held.ndjson", rows)
        ran = Ran(run, "--against", held, "--differences", folder / "all", "--json")
        found = [
            (one["kind"], one["device_id"], one["sequence_number"]) for one in told(folder / "all")
        ]
    document = json.loads(ran.stdout)
    assert sorted(one for one in found if one[0] != "out_of_order") == sorted(expected)
    assert document["expected"] == sum(delivered for _, delivered, _ in log)
    assert document["held"] == len(rows)
    assert ran.code == bool(found)


def logged(*numbers, device_id="A"):
    return [LoggedEvent(device_id, number, "gps", 0, "{}", "0.1.0") for number in numbers]


def held(*numbers, device_id="A"):
    return [Held(device_id, number, "gps", 0, "{}", "0.1.0") for number in numbers]


def test_what_was_not_delivered_may_be_held_or_not():
    waiting = [event._replace(delivered=False, undelivered_why="queued") for event in logged(1, 2)]
    comparison = Comparison()
    assert list(comparison.differences(waiting, held(2))) == []
    assert comparison.undelivered == {"queued": 2}
    assert (comparison.expected, comparison.undelivered_held) == (0, 1)


def test_a_number_that_was_logged_twice_is_no_log():
    with pytest.raises(InputError, match="A 2 was logged twice"):
        list(joined(logged(1, 2, 2), held(1)))


def test_the_kept_row_is_the_one_as_logged_wherever_it_stands():
    wrong = held(1)[0]._replace(event_type="motion")
    for rows in ([wrong, *held(1)], [*held(1), wrong]):
        comparison = Comparison()
        (found,) = comparison.differences(logged(1), rows)
        assert (found.kind, found.changes[0].field) == ("twice", "event_type")
        assert comparison.intact == 1


def test_a_resend_after_later_events_is_no_disorder():
    rows = [row._replace(arrival=at) for row, at in zip(held(1, 1, 2), (0, 2, 1), strict=True)]
    assert [one.kind for one in Comparison().differences(logged(1, 2), rows)] == ["twice"]


def test_firmware_counts_only_where_the_store_keeps_it():
    row = [held(1)[0]._replace(firmware_version=None)]
    assert list(Comparison(with_firmware=False).differences(logged(1), row)) == []
    assert [one.kind for one in Comparison().differences(logged(1), row)] == ["altered"]

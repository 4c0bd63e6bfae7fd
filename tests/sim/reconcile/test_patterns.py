"""What differences have in common is said in words, and nothing is said of what has nothing."""

import json

import pytest

from tests.sim.reconcile.site import Ran, events, row_of, write_lines, write_run


def patterns(tmp_path, rows, log=None, batches=None, *options):
    log = events() if log is None else log
    run = write_run(tmp_path / "run", log, [])
    if batches is not None:
        write_lines(run / "batches.ndjson", batches)
    held = write_lines(tmp_path / "held.ndjson", rows)
    ran = Ran(run, "--against", held, "--json", *options)
    return json.loads(ran.stdout)["patterns"]


def rows():
    return [row_of(one) for one in events()]


def test_a_clean_store_has_no_pattern_and_neither_has_a_single_loss(tmp_path):
    assert patterns(tmp_path / "a", rows()) == []
    assert patterns(tmp_path / "b", rows()[1:]) == []


def test_a_badge_of_which_nothing_is_there(tmp_path):
    held = [one for one in rows() if one["device_id"] != "ACT-00000002"]
    assert patterns(tmp_path, held) == [
        "missing: all events of this badge, ACT-00000002: 12 of 12 events"
    ]


def test_a_type_of_which_nothing_is_there(tmp_path):
    log = events()
    for one in log[::3]:
        one |= {"event_type": "motion", "payload": {"previous_state": "moving"}}
    held = [row_of(one) for one in log if one["event_type"] != "motion"]
    assert patterns(tmp_path, held, log) == ["missing: all events of type motion: 8 of 8 events"]


def test_hours_of_which_nothing_is_there(tmp_path):
    log = events(2, 12)
    for number, one in enumerate(log):
        one["timestamp_utc"] = f"2026-03-14T{8 + number % 6:02}:00:00Z"
    held = [row_of(one) for one in log if one["timestamp_utc"][11:13] not in ("09", "10")]
    assert patterns(tmp_path, held, log) == [
        "missing: all events from 2026-03-14 09:00Z to 2026-03-14 11:00Z: 8 of 8 events"
    ]


@pytest.mark.parametrize(("which", "place"), [("first", 0), ("last", -1)])
def test_the_same_place_of_every_batch(tmp_path, which, place):
    log = events(1, 30)
    batches = [log[n : n + 10] for n in range(0, 30, 10)]
    lost = [batch[place]["sequence_number"] for batch in batches]
    held = [row_of(one) for one in log if one["sequence_number"] not in lost]
    assert patterns(tmp_path, held, log, batches) == [
        f"missing: the {which} event of every batch: 3 of 3"
    ]


def test_the_answer_that_all_of_them_got(tmp_path):
    log = events(1, 30)
    run = write_run(tmp_path / "run", log, [])
    write_lines(
        run / "requests.ndjson",
        [
            {
                "device_id": "ACT-00000001",
                "first_sequence": n,
                "last_sequence": n + 9,
                "status": 207 if n == 11 else 202,
            }
            for n in (1, 11, 21)
        ],
    )
    held = [row_of(one) for one in log if one["sequence_number"] not in (12, 15, 17)]
    ran = Ran(run, "--against", write_lines(tmp_path / "held", held), "--json")
    assert json.loads(ran.stdout)["patterns"] == ["missing: in uploads answered 207: 3 of 3"]


def test_times_that_are_all_off_alike(tmp_path):
    held = rows()
    for one in held:
        one["event_timestamp"] = one["event_timestamp"].replace("T08", "T12")
    assert patterns(tmp_path, held) == [
        "altered: every event that was expected",
        "altered: all times off by +4 h 00 min (is a local time stored as UTC?): 24 of 24",
    ]


def test_a_field_that_is_not_kept_and_one_that_always_differs(tmp_path):
    held = rows()
    for one in held[:10]:
        payload = json.loads(one["payload"])
        payload["lat"] = round(payload["lat"], 1)
        del payload["accuracy_m"]
        one["payload"] = json.dumps(payload)
    assert sorted(patterns(tmp_path, held)) == [
        "altered: payload.accuracy_m is not kept: 10 of 10",
        "altered: payload.lat differs in each of them: 10 of 10",
    ]


def test_badges_that_nobody_knows(tmp_path):
    held = [*rows(), *(one | {"device_id": "ACT-000000FF"} for one in rows()[:3])]
    assert patterns(tmp_path, held) == ["invented: of badges that logged nothing: ACT-000000FF"]


def test_sessions_that_are_all_off_alike(tmp_path):
    log = events()
    true = [
        {
            "worker_id": "W-007",
            "parcel_id": p,
            "start": f"2026-03-14T{h:02}:00:00Z",
            "end": f"2026-03-14T{h:02}:30:00Z",
        }
        for h, p in ((8, "a"), (10, "b"), (12, "a"))
    ]
    held = [
        {
            **one,
            **{
                k: one[k].replace(one[k][11:13], f"{int(one[k][11:13]) + 4:02}", 1)
                for k in ("start", "end")
            },
        }
        for one in true
    ]
    run = write_run(tmp_path / "run", log, true)
    sessions = write_lines(tmp_path / "sessions.ndjson", held)
    store = write_lines(tmp_path / "held.ndjson", [row_of(one) for one in log])
    table = f"work_sessions={sessions}"
    ran = Ran(run, "--against", store, "--table", table, "--json")
    assert json.loads(ran.stdout)["patterns"] == [
        "session: all sessions off by +4 h 00 min (is a local time stored as UTC?): 3 of 3"
    ]
    assert "all sessions off by" in Ran(run, "--against", store, "--table", table).stdout


def test_differences_are_counted_by_badge_type_hour_place_and_answer(tmp_path):
    log = events(1, 30)
    run = write_run(tmp_path / "run", log, [])
    write_lines(run / "batches.ndjson", [log[n : n + 10] for n in range(0, 30, 10)])
    asked = {"device_id": "ACT-00000001", "status": 202}
    spans = ((1, 10, 202), (11, 20, 207), (21, 30, 202))
    write_lines(
        run / "requests.ndjson",
        [asked | {"first_sequence": a, "last_sequence": b, "status": s} for a, b, s in spans],
    )
    held = [row_of(one) for one in log if one["sequence_number"] not in (10, 15, 20, 30)]
    ran = Ran(run, "--against", write_lines(tmp_path / "held.ndjson", held), "--json")
    assert json.loads(ran.stdout)["groups"] == {
        "missing": {
            "badge": {"ACT-00000001": 4},
            "type": {"gps": 4},
            "hour": {"2026-03-14 08:00Z": 4},
            "place": {"last": 3, "between": 1},
            "answer": {"202": 2, "207": 2},
        }
    }
    text = Ran(run, "--against", tmp_path / "held.ndjson").stdout
    assert ["missing", "place", "last", "3,", "between", "1"] in [
        x.split() for x in text.splitlines()
    ]

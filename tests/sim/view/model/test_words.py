from sim.view.model.words import moment, why_in_words

WHY = {
    "ms": 14_978_911,
    "input": {"type": "gps_fix", "lat": 45.8, "lon": 15.9},
    "rows": [
        {"machine": "gps", "state": "waiting", "fact": "fix", "next": "idle", "action": "log fix"}
    ],
    "state": "active",
    "queued": 27,
    "flash": [{"address": 158160, "bytes": 100, "hex": ""}, {"erase": 4096}],
    "sent": [
        {"ms": 15_000_000, "request": 7, "events": 1, "first": 4, "last": 4, "answer": None},
        {
            "ms": 15_060_000,
            "request": 8,
            "events": 2,
            "first": 4,
            "last": 5,
            "answer": {"ms": 15_061_000, "status": 207, "rejected": "no"},
        },
    ],
}


def test_a_cause_is_told_in_the_order_in_which_it_happened():
    assert why_in_words(WHY, 1_770_000_000_000 - 14_978_911) == [
        "02:40:00.000 UTC (14978911 ms): the input gps_fix: lat 45.8, lon 15.9",
        "machine gps: waiting, told “fix”: log fix, then idle",
        "it gets its number; the shift is active, 27 events wait",
        "flash: 100 bytes at 0x269d0",
        "flash: the page at 0x1000 is erased",
        "02:40:21.089 UTC (15000000 ms): sent in request 7 with 1 event (4 to 4)",
        "no answer came",
        "02:41:21.089 UTC (15060000 ms): sent in request 8 with 2 events (4 to 5)",
        "02:41:22.089 UTC (15061000 ms): answered 207, and this event was refused: no",
    ]


def test_without_utc_a_moment_is_its_ms_and_so_is_one_that_no_calendar_has():
    assert moment(5, None) == "5 ms"
    assert moment(5, 1e18) == "5 ms"


def test_what_was_never_sent_says_so():
    assert why_in_words({**WHY, "sent": []}, None)[-1] == "it has not been sent"
    assert why_in_words(None, None) == []


def test_what_was_heard_is_written_as_people_do():
    heard = (("AA:BB:CC:00:00:02", -64), ("AA:BB:CC:00:00:01", -91))
    for seen, words in ((heard, "AA:BB:CC:00:00:02 -64, AA:BB:CC:00:00:01 -91"), ((), "nothing")):
        why = WHY | {"ms": 0, "input": {"type": "scan", "heard": seen}}
        assert why_in_words(why, None)[0] == f"0 ms: the input scan: heard {words}"

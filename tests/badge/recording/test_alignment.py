"""Two event lists side by side: what is missing, extra or changed, each once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from badge.recording.alignment import Difference, align
from badge.recording.format import Wrote


def events(*payloads, first=1):
    """One motion event a payload, numbered from `first`, 15 s apart."""
    return [
        Wrote(
            number * 15_000,
            {
                "device_id": "ACT-3F8A21B4",
                "event_type": "gps" if isinstance(payload, float) else "motion",
                "sequence_number": number,
                "payload": {"value": payload},
            },
        )
        for number, payload in enumerate(payloads, first)
    ]


def renumbered(lines, first=1):
    return [
        Wrote(line.ms, {**line.event, "sequence_number": number})
        for number, line in enumerate(lines, first)
    ]


def kinds(found):
    return [difference.kind for difference in found]


def test_equal_is_no_difference():
    assert align(events(*range(50)), events(*range(50))) == []
    assert align([], []) == []


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 999))
def test_one_missing_event_is_one_difference_and_not_a_thousand(place):
    wanted = events(*range(1000))
    logged = renumbered(wanted[:place] + wanted[place + 1 :])
    (difference,) = align(wanted, logged)
    assert (difference.kind, difference.wanted) == ("missing", wanted[place])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 300))
def test_one_extra_event_is_one_difference(place):
    wanted = events(*range(300))
    more = Wrote(wanted[min(place, 299)].ms, {**wanted[0].event, "payload": {"value": "new"}})
    (difference,) = align(wanted, renumbered([*wanted[:place], more, *wanted[place:]]))
    assert (difference.kind, difference.wanted) == ("extra", None)


def test_a_changed_field_is_one_difference_with_its_two_values():
    wanted, logged = events(1, 2, 3), events(1, 20, 3)
    (difference,) = align(wanted, logged)
    assert (
        difference.text()
        == "changed: event 2 motion at 30000 ms\n  payload.value: recorded 2, now 20"
    )


def test_changed_events_of_different_types_do_not_pair():
    assert sorted(kinds(align(events(1, 2.5), events(2.75, 3)))) in (
        ["changed", "extra", "missing"],
        ["changed", "changed"],
        ["extra", "extra", "missing", "missing"],
    )
    assert kinds(align(events(1), events(2.5))) == ["missing", "extra"]


def test_another_moment_alone_is_a_difference():
    wanted = events(1, 2)
    logged = [wanted[0], Wrote(wanted[1].ms + 1, wanted[1].event)]
    (difference,) = align(wanted, logged)
    assert difference.text().endswith("ms: recorded 30000, now 30001")


def test_a_step_in_the_numbers_alone_is_told_once():
    wanted = events(*range(20))
    logged = wanted[:10] + renumbered(wanted[10:], first=12)
    (difference,) = align(wanted, logged)
    assert "sequence_number: recorded 11, now 12" in difference.text()


def test_a_number_may_be_off_by_what_was_missing_or_not():
    """A deleted line leaves a hole in the numbers, a changed rule does not."""
    wanted = events(*range(20))
    for logged in (wanted[:5] + wanted[6:], renumbered(wanted[:5] + wanted[6:])):
        assert kinds(align(wanted, logged)) == ["missing"]
        assert kinds(align(logged, wanted)) == ["extra"]


def test_numbers_that_all_begin_elsewhere_are_told_once():
    wanted = events(*range(20))
    (difference,) = align(wanted, renumbered(wanted, first=5))
    assert "sequence_number: recorded 1, now 5" in difference.text()


def test_one_side_empty():
    assert kinds(align(events(1, 2), [])) == ["missing"] * 2
    assert kinds(align([], events(1, 2))) == ["extra"] * 2


def test_an_event_on_one_side_is_shown_short():
    (line,) = events("x" * 200)
    head, body = Difference(line, None).text().splitlines()
    assert head == "missing: event 1 motion at 15000 ms"
    assert body.startswith('  - {"value": "xxx')
    assert body.endswith("…")
    assert len(body) <= 82
    assert Difference(None, line).text().splitlines()[1].startswith("  + ")


_few = st.lists(st.integers(0, 3) | st.just(1.5), max_size=12)


@given(_few, _few)
def test_differences_account_for_every_event(left, right):
    wanted, logged = events(*left), events(*right)
    found = align(wanted, logged)
    missing, extra = kinds(found).count("missing"), kinds(found).count("extra")
    assert len(wanted) - missing == len(logged) - extra
    assert (found == []) == (wanted == logged)

from sim.reconcile.comparison.changes import Change
from sim.reconcile.comparison.differences import ALTERED, INVENTED, MISSING, Difference


def test_a_difference_is_one_line_for_people():
    change = Change("payload.lat", 1.0, 2.0)
    altered = Difference(ALTERED, "ACT-00000001", 7, (change,))
    assert str(altered) == "ACT-00000001 7  payload.lat 1.0 -> 2.0"
    assert str(Difference(INVENTED, None, None, note="has no device_id")) == "has no device_id"


def test_the_document_leaves_out_what_is_empty():
    assert Difference(MISSING, "A", 1).document() == {
        "kind": "missing",
        "device_id": "A",
        "sequence_number": 1,
    }
    noted = Difference(INVENTED, None, None, note="why").document()
    assert noted == {"kind": "invented", "note": "why"}


def test_where_there_is_room_a_moment_is_told_in_milliseconds_too():
    found = Difference("missing", "A", 3, event_type="gps", moment=1_773_471_238_000_000)
    assert "2026-03-14T06:53:58Z (1773471238000 ms)" in found.words(wide=True)
    assert " ms" not in str(found)

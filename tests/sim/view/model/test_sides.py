from sim.view.model.sides import FIELDS_MAX, brief, sides_of

ONE = {"sequence_number": 7, "event_type": "motion", "payload": {"duration_s": 34, "old": 1}}


def test_both_sides_are_said_and_each_field_that_differs_with_both_its_values():
    other = {**ONE, "payload": {"duration_s": 134}}
    told = sides_of(("07:35", ONE), ("07:36", other))
    assert told["left"] == {"at": "07:35", "event": "7 motion", "says": "duration_s 34, old 1"}
    assert told["fields"] == [["payload.duration_s", "34", "134"], ["payload.old", "1", "nothing"]]


def test_what_one_side_has_alone_has_no_fields():
    assert sides_of(None, ("x", ONE)) == {
        "left": None,
        "right": {"at": "x", "event": "7 motion", "says": "duration_s 34, old 1"},
        "fields": [],
    }


def test_what_a_stranger_sends_stays_short():
    many = {f"f{n}": "x" * 10_000 for n in range(100)}
    told = sides_of(("x", many), ("x", {}))
    assert len(told["fields"]) == FIELDS_MAX
    assert all(len(value) <= 160 for field in told["fields"] for value in field[1:])
    assert len(brief(many)) < 30_000
    assert brief(None) == "null"

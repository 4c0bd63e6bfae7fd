import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from sim.scenario.language.words import Ground, Name, Strict, Version, exactly_one


class Pair(BaseModel):
    one: int | None = None
    other: int | None = None


def test_exactly_one_key_is_said():
    assert exactly_one(Pair(other=0), ("one", "other")) == "other"  # 0 is said, too
    for pair, here in ((Pair(), "none"), (Pair(one=1, other=2), "one and other")):
        with pytest.raises(ValueError, match=f"exactly one of one, other; here: {here}"):
            exactly_one(pair, ("one", "other"))


def test_a_polygon_is_in_metres_or_in_degrees():
    corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    assert Ground(metres=corners).metres == corners
    for words in ({}, {"metres": corners, "degrees": corners}, {"metres": corners[:2]}):
        with pytest.raises(ValidationError):
            Ground.model_validate(words)


def test_a_name_is_one_that_every_store_can_keep():
    adapter = TypeAdapter(Name)
    assert adapter.validate_python("Ana Ć.") == "Ana Ć."
    for name in ("", "A\0na", "\0", "n" * 65):
        with pytest.raises(ValidationError):
            adapter.validate_python(name)


def test_unknown_keys_and_numbers_that_are_none_are_refused():
    class Part(Strict):
        share: float

    for words in ({"share": 1, "more": 2}, {"share": float("nan")}, {"share": float("inf")}):
        with pytest.raises(ValidationError):
            Part.model_validate(words)


@pytest.mark.parametrize("text", ["1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3\n"])
def test_what_is_no_version(text):
    adapter = TypeAdapter(Version)
    assert adapter.validate_python("0.10.3") == "0.10.3"
    with pytest.raises(ValidationError):
        adapter.validate_python(text)

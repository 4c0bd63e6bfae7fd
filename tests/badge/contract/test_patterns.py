"""No regular expression reaches a person, whatever is wrong with which field."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from badge.config import read_config
from badge.contract.patterns import kept_message, message, told
from badge.errors import InputError


class Odd(BaseModel):
    """A field with a rule in words, and one without."""

    said: str = Field(default="aa", pattern=told("^aa$", "must be aa"))
    bare: str = Field(default="bb", pattern="^bb$")


class Colour(StrEnum):
    """Words of a table."""

    RED = "red"
    GREEN = "green"
    BLUE = "light blue"


class First(BaseModel):
    """One of two."""

    type: Literal["first"]


class Second(BaseModel):
    """The other."""

    type: Literal["second"]


def _even(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number


@pytest.mark.parametrize(
    ("field", "words"), [("said", "must be aa"), ("bare", "is not written as it must be")]
)
def test_a_pattern_is_told_in_words(field, words):
    with pytest.raises(ValidationError) as caught:
        Odd.model_validate({field: "x"})
    assert message(caught.value.errors()[0]) == words


class Many(BaseModel):
    """A field of each kind that our documents have."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    text: str = Field(default="aa", min_length=2, max_length=3)
    whole: int = Field(default=1, ge=1, le=2**63 - 1)
    number: float = Field(default=1.0, gt=0.0, lt=2.5)
    truth: bool = True
    items: list[int] = Field(default=[1], min_length=1, max_length=2)
    pair: tuple[int, int] = (1, 2)
    inner: dict[str, int] = {}
    part: Odd | None = None
    word: Literal["sample", "cycle"] = "cycle"
    colour: Colour = Colour.RED
    moment: datetime | None = None
    day: date | None = None
    own: Annotated[int, AfterValidator(_even)] = 2
    kind: Annotated[First | Second, Field(discriminator="type")] | None = None


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("text", 1, "must be a text"),
        ("text", "a", "must have at least 2 characters"),
        ("text", "aaaa", "must have at most 3 characters"),
        ("whole", "x", "must be a whole number"),
        ("whole", 1.5, "must be a whole number"),
        ("whole", 0, "must be at least 1"),
        ("whole", 2**63, "must be at most 9223372036854775807"),
        ("number", [], "must be a number"),
        ("number", "nine", "must be a number"),
        ("number", float("nan"), "must be a finite number"),
        ("number", 0, "must be above 0"),
        ("number", 2.5, "must be below 2.5"),
        ("truth", "perhaps", "must be true or false"),
        ("items", 1, "must be a list"),
        ("items", [], "must have at least 1 item"),
        ("items", [1, 2, 3], "must have at most 2 items"),
        ("pair", "no", "must be a list"),
        ("pair", [1], "is missing"),
        ("inner", [], "must be an object of keys and values"),
        ("part", 1, "must be an object of keys and values"),
        ("word", "fast", "must be sample or cycle"),
        ("word", "cycel", "must be sample or cycle; did you mean cycle?"),
        ("word", 5, "must be sample or cycle"),
        ("colour", "gren", "must be red, green or light blue; did you mean green?"),
        ("moment", "soon", "must be a moment, like 2026-03-14T06:30:00Z"),
        ("day", "soon", "must be a date, like 2026-05-04"),
        ("own", 3, "3 is odd"),
        ("kind", {"type": "third"}, "its type must be first or second"),
        ("kind", {}, "its type is missing"),
        ("other", 1, "is no known key"),
    ],
)
def test_each_kind_of_rule_is_told_in_words(field, given, words):
    with pytest.raises(ValidationError) as caught:
        Many.model_validate({field: given})
    assert message(caught.value.errors()[0]) == words


def test_what_no_table_has_is_said_in_the_same_manner():
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(bytes).validate_python(1)
    assert message(caught.value.errors()[0]) == "must be a valid bytes"


def test_a_secret_is_never_shown_and_its_absence_hides_no_rule():
    with pytest.raises(ValidationError) as caught:
        Many.model_validate({"word": "cycel"})
    assert message(caught.value.errors(include_input=False)[0]) == "must be sample or cycle"


def test_what_a_badge_notes_of_its_settings_stays_what_the_one_in_c_says():
    with pytest.raises(InputError, match=r"^config: device_id: Field required$"):
        read_config({}, say=kept_message)
    with pytest.raises(InputError, match=r"^config: device_id: is missing$"):
        read_config({})
    wrong = {"device_id": "ACT-00000001", "uplod_interval_s": 5}
    with pytest.raises(InputError, match=r"is no known key; .* did you mean upload_interval_s"):
        read_config(wrong)
    with pytest.raises(InputError, match=r"Extra inputs are not permitted; known keys: .*, …$"):
        read_config(wrong, say=kept_message)


@pytest.mark.parametrize(
    "wrong", [{"device_id": "x"}, {"device_id": "ACT-00000001", "known_equipment_tags": ["x"]}]
)
def test_a_configuration_tells_its_rules_in_words(wrong):
    with pytest.raises(InputError) as caught:
        read_config(wrong)
    assert "must be" in str(caught.value)
    assert "^" not in str(caught.value)

"""No regular expression reaches a person, whatever is wrong with which field."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, Field, ValidationError

from badge.config import read_config
from badge.contract.patterns import message, told
from badge.errors import InputError


class Odd(BaseModel):
    """A field with a rule in words, and one without."""

    said: str = Field(default="aa", pattern=told("^aa$", "must be aa"))
    bare: str = Field(default="bb", pattern="^bb$")


@pytest.mark.parametrize(
    ("field", "words"), [("said", "must be aa"), ("bare", "is not written as it must be")]
)
def test_a_pattern_is_told_in_words(field, words):
    with pytest.raises(ValidationError) as caught:
        Odd.model_validate({field: "x"})
    assert message(caught.value.errors()[0]) == words


def test_other_rules_are_told_as_they_are():
    with pytest.raises(ValidationError) as caught:
        Odd.model_validate({"said": 1})
    assert message(caught.value.errors()[0]) == "Input should be a valid string"


@pytest.mark.parametrize(
    "wrong", [{"device_id": "x"}, {"device_id": "ACT-00000001", "known_equipment_tags": ["x"]}]
)
def test_a_configuration_tells_its_rules_in_words(wrong):
    with pytest.raises(InputError) as caught:
        read_config(wrong)
    assert "must be" in str(caught.value)
    assert "^" not in str(caught.value)

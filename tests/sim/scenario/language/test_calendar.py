import pytest
from pydantic import ValidationError

from sim.scenario.language.calendar import Calendar


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"people": [{"worker": "Ana"}]}, "joins or leaves"),
        ({"people": [{"worker": "Ana", "joins": "2026-03-01", "badge_to": "E"}]}, "badge_to needs"),
        (
            {"people": [{"worker": "Ana", "joins": "2026-03-02", "leaves": "2026-03-01"}]},
            "leaves before joining",
        ),
        ({"people": [{"worker": "Ana", "joins": "2026-02-30"}]}, "2026-02-30 is no date"),
        ({"working_days": ["mo"]}, "mon"),
        ({"season": {"begins": "13-01", "ends": "12-01"}}, "pattern"),
        ({"holidays": {"country": "Croatia"}}, "pattern"),
        ({"tags": [{"equipment": "saw", "flat": "2026-13-01 07:00"}]}, "no date of the calendar"),
        ({"holiday": {}}, "Extra inputs"),
        ({"season": {"begins": "02-30", "ends": "12-01"}}, "02-30 is no day of any year"),
        ({"people": [{"worker": "Ana", "leaves": "9999-12-31"}]}, "not between 1980 and 2099"),
        ({"badges": [{"badge": 1, "breaks": "0001-01-01 10:00"}]}, "not between 1980 and 2099"),
        (
            {
                "contracts": {
                    "p": {
                        "crew": "c",
                        "weekday": "mon",
                        "begins": "2026-03-09",
                        "ends": "2026-03-08",
                    }
                }
            },
            "ends before it begins",
        ),
    ],
)
def test_words_that_cannot_be(words, message):
    with pytest.raises(ValidationError, match=message):
        Calendar.model_validate(words)


def test_a_season_may_begin_on_a_leap_day():
    made = Calendar.model_validate({"season": {"begins": "02-29", "ends": "11-30"}})
    assert made.season.begins == "02-29"

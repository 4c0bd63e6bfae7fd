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
    ],
)
def test_words_that_cannot_be(words, message):
    with pytest.raises(ValidationError, match=message):
        Calendar.model_validate(words)

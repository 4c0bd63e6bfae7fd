import pytest

from badge.errors import InputError
from sim.scenario.calendar.public_holidays import public_holidays
from sim.scenario.language.calendar import Holidays
from tests.sim.scenario.calendar.story import day


def test_a_region_has_holidays_of_its_own():
    country = public_holidays(Holidays(country="US"), [2026])
    region = public_holidays(Holidays(country="US", region="MA"), [2026])
    assert day("2026-04-20") not in country
    assert region[day("2026-04-20")] == "Patriots' Day"
    assert country[day("2026-11-26")] == "Thanksgiving Day"


def test_own_days_off_and_holidays_that_are_worked():
    words = Holidays(country="HR", also={"2026-12-24": "Christmas Eve"}, worked=["2026-06-22"])
    found = public_holidays(words, [2026])
    assert found[day("2026-12-24")] == "Christmas Eve"
    assert day("2026-06-22") not in found
    assert day("2026-08-05") in found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"country": "XX"}, "'XX' is no country"),
        ({"country": "US", "region": "Ohio"}, "'Ohio' is no region of US; known are: AK"),
    ],
)
def test_a_name_that_is_nowhere(words, message):
    with pytest.raises(InputError, match=message):
        public_holidays(Holidays(**words), [2026])

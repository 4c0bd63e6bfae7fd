from datetime import timedelta
from itertools import pairwise
from statistics import mean

import pytest

from badge.errors import InputError
from sim.scenario.calendar.weather import DayWeather, DrawnWeather, RecordedWeather
from sim.scenario.language.calendar import Weather
from tests.sim.scenario.calendar.story import day

YEARS = [day("2026-01-01") + timedelta(days=n) for n in range(4 * 365)]
HEAD = "date,rain_mm,temperature_c\n"


def test_a_climate_is_what_its_numbers_say():
    words = Weather(winter_c=-2, summer_c=24, spread_c=3, rain_share=0.3, rain_mm=6)
    sky = [DrawnWeather(words, 7, "here").on(one) for one in YEARS]
    wet = [one.rain_mm for one in sky if one.rain_mm > 0.0]
    assert len(wet) / len(sky) == pytest.approx(0.3, abs=0.05)
    assert mean(wet) == pytest.approx(6.0, rel=0.15)
    months = {
        m: [s.temperature_c for d, s in zip(YEARS, sky, strict=True) if d.month == m]
        for m in (1, 7)
    }
    assert mean(months[1]) == pytest.approx(-1.7, abs=1.5)
    assert mean(months[7]) == pytest.approx(23.7, abs=1.5)


def test_a_day_is_like_the_one_before_and_can_be_had_alone():
    sky = DrawnWeather(Weather(rain_share=0.3), 7, "here")
    wet = [sky.on(one).rain_mm > 0.0 for one in YEARS]
    after_rain = [now for before, now in pairwise(wet) if before]
    assert mean(after_rain) > 1.5 * mean(wet)
    assert DrawnWeather(Weather(rain_share=0.3), 7, "here").on(YEARS[700]) == sky.on(YEARS[700])


def test_seed_and_place_have_weather_of_their_own():
    made = [
        [DrawnWeather(Weather(), seed, place).on(one) for one in YEARS[:20]]
        for seed, place in ((7, "here"), (8, "here"), (7, "there"))
    ]
    assert made[0] != made[1] != made[2] != made[0]


def test_no_rain_and_always_rain():
    assert all(DrawnWeather(Weather(rain_share=0), 1, "x").on(d).rain_mm == 0 for d in YEARS[:99])
    wet = [DrawnWeather(Weather(rain_share=1), 1, "x").on(d).rain_mm for d in YEARS[:99]]
    assert sum(mm > 0 for mm in wet) > 95  # less than a twentieth of a millimetre is none


def test_recorded_days(tmp_path):
    path = tmp_path / "weather.csv"
    path.write_text(HEAD + "2026-03-02,4.25,-3\n2026-03-03,0,1.5\n")
    sky = RecordedWeather(path)
    assert sky.on(day("2026-03-02")) == DayWeather(4.2, -3.0)
    with pytest.raises(InputError, match="no line for 2026-03-04; it goes from 2026-03-02 to"):
        sky.on(day("2026-03-04"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,rain\n2026-03-02,1\n", "no column rain_mm"),
        (HEAD, "no day in it"),
        (HEAD + "2.3.2026,0,0\n", "line 2: '2.3.2026' is no date"),
        (HEAD + "2026-03-02,-1,0\n", "line 2: rain_mm '-1' is not 0 to 2000"),
        (HEAD + "2026-03-02,0,nan\n", "line 2: temperature_c 'nan'"),
        (HEAD + "2026-03-02,0\n", "line 2: temperature_c None"),
        (HEAD + "2026-03-02,0,0\n2026-03-02,0,0\n", "line 3: 2026-03-02 is there twice"),
        (HEAD + '"2026', "not CSV"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_is_one_sentence(tmp_path, text, message):
    path = tmp_path / "weather.csv"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        RecordedWeather(path)
    assert message in str(caught.value)
    assert "weather.csv" in str(caught.value)

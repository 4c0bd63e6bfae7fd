from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.world.power import (
    CORRECTED,
    DOCUMENTED,
    FIELD_DAY,
    Activity,
    Draws,
    Profile,
    average_ma,
    budget,
    current_ua,
    days,
)


def total(profile):
    return average_ma(budget(profile))


def test_the_documents_figure_and_its_correction_come_out():
    assert total(DOCUMENTED) == pytest.approx(9.6, abs=0.05)
    assert days(total(DOCUMENTED)) == pytest.approx(8.7, abs=0.05)
    assert CORRECTED.upload_duty == pytest.approx(0.067, abs=0.0005)
    assert total(CORRECTED) == pytest.approx(34.0, abs=0.5)
    assert days(total(CORRECTED)) == pytest.approx(2.5, abs=0.05)


def test_what_30_second_and_2_minute_uploads_do():
    lasting = [days(total(FIELD_DAY.with_upload(s))) for s in (10.0, 30.0, 120.0)]
    assert lasting == sorted(lasting, reverse=True)
    assert lasting[1] == pytest.approx(3.3, abs=0.1)
    assert lasting[2] == pytest.approx(1.9, abs=0.1)
    assert FIELD_DAY.with_upload(120.0).name == "field day, 120 s uploads"


def test_a_sleeping_badge_draws_microamps():
    assert current_ua(Activity()) == 10
    asleep = Profile("shelf", upload_s=0.0, mcu_active=0.0, modem_sleeps=True)
    assert days(total(asleep)) > 8000


def test_an_uploading_badge_in_the_field_draws_the_sum():
    busy = Activity(mcu_active=True, modem="uploading", gps=True, scanning=True, redrawing=True)
    assert current_ua(busy) == 10_000 + 400_000 + 25_000 + 1_565 + 8_000
    assert current_ua(busy, Draws(uploading_ua=0)) == 44_565


@settings(deadline=None)
@given(st.floats(0, 1800), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_average_lies_between_asleep_and_everything_on(upload_s, mcu, gps, scanning):
    rows = budget(Profile("any", upload_s, mcu_active=mcu, gps=gps, scanning=scanning))
    modem = sum(row.duty for row in rows if row.part.startswith("Notecard"))
    assert modem == pytest.approx(1.0)
    assert 0.01 <= average_ma(rows) <= 446.5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"upload_s": 1801.0}, "does not fit into its window"),
        ({"upload_s": 1.0, "gps": 1.5}, "gps 1.5 is not 0 to 1"),
        ({"upload_s": 0.0, "upload_every_s": 0.0}, "does not fit"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        Profile("wrong", **wrong)

from __future__ import annotations

from contextlib import suppress
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.sources.nmea import read_nmea
from sim.sources.open import read_track
from sim.sources.track import Track, TrackFix
from tests.paths import RECORDINGS

DAY_MS = 86_400_000
MAY_6 = 1_714_953_600_000  # 2024-05-06T00:00Z
PLACE = "4730.000,N,00830.000,E"


def sentence(body: str) -> str:
    check = 0
    for octet in body.encode():
        check ^= octet
    return f"${body}*{check:02X}"


def gga(clock: str, quality: int = 1, hdop: str = "1.1", place: str = PLACE, talker: str = "GP"):
    where = place if quality else ",,,"
    return sentence(f"{talker}GGA,{clock},{where},{quality},08,{hdop},432.1,M,47.0,M,,")


def rmc(clock: str, day: str = "060524", status: str = "A", knots: str = "0.5", place: str = PLACE):
    return sentence(f"GNRMC,{clock},{status},{place},{knots},10.0,{day},,,A")


def gsa(mode: int, hdop: str = "0.9") -> str:
    return sentence(f"GPGSA,A,{mode},01,02,03,04,,,,,,,,,1.5,{hdop},1.2")


def read(*lines: str) -> Track:
    return read_nmea("\r\n".join(lines).encode(), "drive.log")


def recorded(name: str) -> Track:
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not beside the checkout")
    return read_track(path)


def test_the_real_cold_start():
    """37 epochs without a fix, told by GNS only, then 23 with one; the date comes last."""
    track = recorded("nmea-quectel-eg25-coldstart.log")
    fixed = [point.fix is not None for point in track.points]
    assert (fixed.count(False), fixed.count(True)) == (37, 23)
    assert track.start_utc_ms == 1_662_923_674_960  # 2022-09-11T19:14:34.96Z, 28 s before the date
    assert track.fix_at(track.start_utc_ms) is None
    first = next(point for point in track.points if point.fix)
    assert (first.fix.lat, first.fix.lon) == pytest.approx((36.7646054, 31.411171333))
    assert (first.fix.altitude_m, first.fix.hdop) == (-6.7, 1.3)
    assert first.fix.speed_kmh == pytest.approx(1.3 * 1.852)
    assert track.skipped_count == 0


@pytest.mark.parametrize(
    ("name", "points", "fixes"),
    [("nmea-haicom-305n.log", 74, 68), ("nmea-sirfstarv.log", 59, 59)],
)
def test_other_real_receivers(name, points, fixes):
    track = recorded(name)
    assert len(track.points) == points
    assert sum(point.fix is not None for point in track.points) == fixes


def test_an_epoch_tells_what_its_sentences_tell():
    track = read(gga("120000.00"), gsa(3), rmc("120000.00"))
    assert track.start_utc_ms == MAY_6 + DAY_MS // 2
    assert [point.fix for point in track.points] == [
        TrackFix(47.5, 8.5, 432.1, 1.1, 0.5 * 1.852, "3d")
    ]


def test_the_southern_and_western_halves_are_negative():
    fix = read(gga("120000", place="4730.0,S,00830.0,W"), rmc("120000")).points[0].fix
    assert (fix.lat, fix.lon) == (-47.5, -8.5)


def test_quality_zero_is_no_fix_whatever_rmc_says():
    track = read(gga("120000", quality=0), rmc("120000"), gga("120001"), rmc("120001"))
    assert [point.fix is not None for point in track.points] == [False, True]


def test_quality_six_is_dead_reckoning():
    fix = read(gsa(3), gga("120000", quality=6), rmc("120000")).points[0].fix
    assert fix.fix_type == "dead_reckoning"


def test_gsa_tells_2d_and_3d_until_it_speaks_again():
    lines = [
        gga("120000"),
        gsa(2),
        gsa(1),
        gga("120001"),
        gga("120002"),
        gsa(3),
        gsa(1),
        rmc("120002"),
    ]
    assert [point.fix.fix_type for point in read(*lines).points] == ["2d", "2d", "3d"]


def test_without_gsa_the_type_is_unknown():
    assert read(gga("120000"), rmc("120000")).points[0].fix.fix_type is None


def test_of_two_talkers_the_first_with_a_fix_counts():
    lines = [gga("120000", quality=0), gga("120000", talker="GL"), rmc("120000")]
    assert read(*lines).points[0].fix.lat == 47.5


def test_gll_tells_the_place_where_nothing_better_does():
    gll = [sentence(f"GPGLL,{PLACE},1200{s:02},{status},A") for s, status in ((1, "A"), (2, "V"))]
    zda = sentence("GPZDA,120000.00,06,05,2024,00,00")
    track = read(zda, *gll)
    assert [p.fix and p.fix.lat for p in track.points] == [None, 47.5, None]


def test_a_speed_below_zero_is_none():
    assert read(rmc("120000", knots="-0.5")).points[0].fix.speed_kmh is None


@pytest.mark.parametrize("place", ["4730.000,,00830.000,E", "4730.000,N,00830.000,"])
def test_degrees_without_their_letter_are_no_place(place):
    assert read(rmc("120000", place=place)).points[0].fix is None


def test_a_log_without_a_date_begins_on_the_day_that_it_is_given():
    content = "\n".join([gga("235959"), gga("000001")]).encode()
    track = read_nmea(content, "drive.log", date(2024, 5, 6))
    assert [p.utc_ms - MAY_6 - DAY_MS for p in track.points] == [-1000, 1000]


def test_rmc_alone_is_enough():
    track = read(gsa(2), rmc("120000"), rmc("120001", status="V", place=",,,"))
    assert track.points[0].fix == TrackFix(47.5, 8.5, None, 0.9, 0.5 * 1.852, "2d")
    assert track.points[1].fix is None


def test_gns_is_believed_before_rmc():
    lines = [sentence(f"GNGNS,120000.00,{PLACE},AN,08,1.3,99.5,47.0,,"), rmc("120000.00")]
    assert read(*lines).points[0].fix == TrackFix(47.5, 8.5, 99.5, 1.3, 0.5 * 1.852)
    lines = [sentence("GNGNS,120000.00,,,,,NN,,,,,,"), rmc("120000.00")]
    assert read(*lines).points[0].fix is None


def test_vtg_tells_the_speed_where_rmc_does_not():
    vtg = sentence("GPVTG,10.0,T,,M,2.0,N,3.7,K,A")
    zda = sentence("GPZDA,120000.00,06,05,2024,00,00")
    assert read(gga("120000.00"), vtg, zda).points[0].fix.speed_kmh == 3.7


def test_the_date_reaches_back_to_times_before_it():
    track = read(gga("235959", quality=0), gga("000001", quality=0), rmc("000002"))
    assert [point.utc_ms - MAY_6 for point in track.points] == [-1000, 1000, 2000]


def test_midnight_rolls_over_without_a_new_date():
    track = read(rmc("235958"), gga("235959"), gga("000000"), gga("000001"))
    assert [point.utc_ms - MAY_6 - DAY_MS for point in track.points] == [-2000, -1000, 0, 1000]


def test_a_late_sentence_over_midnight_is_put_back():
    track = read(rmc("235958"), gga("000000"), gga("235959"), gga("000001"))
    assert [point.utc_ms - MAY_6 - DAY_MS for point in track.points] == [-2000, -1000, 0, 1000]


def test_a_made_up_date_before_the_first_fix_is_not_believed():
    track = read(rmc("115959", day="060180", status="V", place=",,,"), rmc("120000"))
    assert [point.utc_ms - MAY_6 for point in track.points] == [
        DAY_MS // 2 - 1000,
        DAY_MS // 2,
    ]


def test_sessions_of_several_days_in_one_file():
    track = read(rmc("120000"), rmc("110000", day="080524"))
    assert track.end_utc_ms - track.start_utc_ms == 2 * DAY_MS - 3_600_000


def test_a_clock_alone_extends_the_track_at_both_ends_and_not_within():
    zda = [sentence(f"GPZDA,1200{s}.50,06,05,2024,00,00") for s in ("00", "03", "09")]
    track = read(zda[0], gga("120002"), zda[1], gga("120004"), zda[2])
    assert [(p.utc_ms % 60_000, p.fix is not None) for p in track.points] == [
        (500, False),
        (2000, True),
        (4000, True),
        (9500, False),
    ]


def test_noise_is_tolerated_and_counted_and_comments_are_free():
    broken = gga("120005").replace("*", "0*")
    lines = [
        "# Name: a receiver",
        "",
        "boot: ok",
        "2024-05-06 12:00:00 " + gga("120000"),
        broken,
        "$GPGGA,120006,4730",
        sentence("GPGGA,120007,x,N,y,E,many,08,1,1,M,1,M,,"),
        "$GPGGA," + "1" * 5000,
        "$GPXYZ,unknown",
        rmc("120000"),
    ]
    track = read(*lines)
    assert (len(track.points), track.skipped_count) == (1, 4)


@pytest.mark.parametrize("place", ["9930.0,N,00830.0,E", "4730.0,N,19930.0,E", "nan,N,nan,E"])
def test_a_place_off_the_earth_is_no_fix(place):
    assert read(gga("120000", place=place), rmc("120000")).points[0].fix is None


@pytest.mark.parametrize("hdop", ["", "0", "nan", "inf"])
def test_a_dilution_that_is_none_is_unknown(hdop):
    assert read(gga("120000", hdop=hdop), rmc("120000")).points[0].fix.hdop is None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([gga("120000")], "no RMC or ZDA sentence tells the date; record RMC"),
        ([gga("")], "no readable NMEA sentence has a time"),
        ([gga("120000").replace("*", "1*")], r"\(1 of 1 sentence skipped\)"),
        ([rmc("120000", day="060575")], "not between 1980 and 2100"),
    ],
)
def test_a_log_without_time_or_date_is_refused_with_a_remedy(lines, words):
    with pytest.raises(InputError, match=f"^drive.log: .*{words}"):
        read(*lines)


@given(st.lists(st.integers(1, 11 * 3600), min_size=1, max_size=40), st.integers(0, 86_399))
def test_any_walk_through_the_days_keeps_its_steps(steps_s, start_s):
    """Only the first sentence is dated; steps of less than half a day come back exactly."""
    moments = [start_s]
    for step in steps_s:
        moments.append(moments[-1] + step)
    clocks = [f"{s // 3600 % 24:02}{s // 60 % 60:02}{s % 60:02}" for s in moments]
    track = read(rmc(clocks[0]), *(gga(clock) for clock in clocks[1:]))
    assert [b.utc_ms - a.utc_ms for a, b in pairwise(track.points)] == [s * 1000 for s in steps_s]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 300), st.integers(0, 80))
def test_a_damaged_log_gives_a_track_or_an_input_error(noise, at, cut):
    zda = sentence("GPZDA,120003.00,06,05,2024,00,00")
    whole = "\r\n".join([gga("120000"), gsa(3), rmc("120000"), gga("120001"), zda]).encode()
    for damaged in (noise, whole[:at], whole[:at] + noise + whole[at + cut :]):
        with suppress(InputError):
            assert read_nmea(damaged, "drive.log").points


fields = st.text(
    st.characters(exclude_characters="$*,\r\n#", exclude_categories=["Cs"]), max_size=9
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["GPGGA", "GNGNS", "GPRMC", "GPZDA", "GNGSA", "GPVTG"]),
    st.lists(fields | st.sampled_from(["120000", "A", "N", "1", "060524", "9999"]), max_size=20),
)
def test_a_well_signed_sentence_of_any_content_does_no_harm(kind, content):
    with suppress(InputError):
        assert read(sentence(",".join([kind, *content])), rmc("120000")).points

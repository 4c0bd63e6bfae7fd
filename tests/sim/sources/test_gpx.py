from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from sim.sources.gpx import read_gpx
from sim.sources.open import read_track
from sim.sources.track import Track, TrackFix
from tests.paths import RECORDINGS

T0_TEXT, T0 = "2024-05-06T07:08:09Z", 1_714_979_289_000
POINT = f'<trkpt lat="47.5" lon="8.5"><time>{T0_TEXT}</time></trkpt>'


def gpx(points: str, version: str = "1.1") -> bytes:
    schema = f"http://www.topografix.com/GPX/{version.replace('.', '/')}"
    return (
        f'<?xml version="1.0"?><gpx version="{version}" creator="t" xmlns="{schema}">'
        f"<trk><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def point(seconds: int, inside: str = "", place: str = 'lat="47.5" lon="8.5"') -> str:
    return f"<trkpt {place}>{inside}<time>2024-05-06T07:08:{seconds:02}Z</time></trkpt>"


def read(points: str) -> Track:
    return read_gpx(gpx(points), "walk.gpx")


def test_the_real_walk():
    path = RECORDINGS / "walk-korita.gpx"
    if not path.exists():
        pytest.skip("the recording walk-korita.gpx is not beside the checkout")
    track = read_track(path)
    # 871 points, of which the 358 of one track have no time.
    assert (len(track.points), track.skipped_count) == (513, 358)
    assert track.end_utc_ms - track.start_utc_ms == (3 * 3600 + 43 * 60 + 1) * 1000
    first = track.fix_at(track.start_utc_ms)
    assert (first.lat, first.lon, first.altitude_m) == (45.452596, 14.018194, 753.33)
    gaps = [b.utc_ms - a.utc_ms for a, b in zip(track.points, track.points[1:], strict=False)]
    assert sum(gap > 120_000 for gap in gaps) == 7
    longest = gaps.index(max(gaps))
    assert track.fix_at(track.points[longest].utc_ms + 60_000) is None


def test_a_point_tells_position_height_dilution_and_fix_type():
    inside = "<ele>432.1</ele><fix>2d</fix><hdop>1.4</hdop>"
    track = read(f'<trkpt lat="47.5" lon="8.5">{inside}<time>{T0_TEXT}</time></trkpt>')
    # The schema wants <time> before <fix>; order is of no account to the reader.
    assert track.points[0].utc_ms == T0
    assert track.points[0].fix == TrackFix(47.5, 8.5, 432.1, 1.4, None, "2d")


def test_speed_of_gpx_1_0_becomes_km_per_hour():
    content = gpx(f'<trkpt lat="1" lon="2"><time>{T0_TEXT}</time><speed>2</speed></trkpt>', "1.0")
    assert read_gpx(content, "walk.gpx").points[0].fix.speed_kmh == 7.2


@pytest.mark.parametrize(
    ("word", "fix_type"), [("3d", "3d"), ("dgps", "3d"), ("pps", "3d"), ("2d", "2d")]
)
def test_the_words_for_a_fix(word, fix_type):
    assert read(point(0, f"<fix>{word}</fix>")).points[0].fix.fix_type == fix_type


def test_a_point_that_says_it_has_no_fix_has_none():
    assert read(point(0, "<fix>none</fix>")).points[0].fix is None


def test_times_are_sorted_and_of_equal_ones_the_first_stays():
    track = read(point(9) + point(5, "<ele>1</ele>") + point(5, "<ele>2</ele>"))
    assert [(p.utc_ms % 60_000, p.fix.altitude_m) for p in track.points] == [
        (5000, 1),
        (9000, None),
    ]


@pytest.mark.parametrize(
    ("text", "utc_ms"),
    [
        ("2024-05-06T07:08:09", T0),
        ("2024-05-06T09:08:09+02:00", T0),
        ("2024-05-06T07:08:09.250Z", T0 + 250),
    ],
)
def test_zones_and_fractions(text, utc_ms):
    assert read(POINT.replace(T0_TEXT, text)).points[0].utc_ms == utc_ms


@pytest.mark.parametrize(
    "text", ["", "yesterday", "1970-01-01T00:00:00Z", "2024-05-06T07:08:09+99:00"]
)
def test_points_without_a_usable_time_are_skipped_and_counted(text):
    track = read(POINT + POINT.replace(T0_TEXT, text))
    assert (len(track.points), track.skipped_count) == (1, 1)


@pytest.mark.parametrize("place", ['lat="91" lon="0"', 'lat="nan" lon="0"', 'lat="0" lon="-181"'])
def test_points_off_the_earth_are_skipped_and_counted(place):
    track = read(POINT + point(30, place=place))
    assert (len(track.points), track.skipped_count) == (1, 1)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_numbers_that_are_none_are_unknown(number):
    fix = read(point(0, f"<ele>{number}</ele><hdop>{number}</hdop>")).points[0].fix
    assert (fix.altitude_m, fix.hdop) == (None, None)


def test_a_prefix_white_space_and_other_encodings_are_valid_gpx():
    plain = read(point(5) + point(9)).points
    text = gpx(point(5) + point(9)).decode()
    prefixed = re.sub(r"<(/?)(?=\w)", r"<\1g:", text).replace("xmlns=", "xmlns:g=")
    spaced = text.replace("<time>", "<time>\n  ").replace("</time>", "\n </time>")
    utf_16 = text.replace('version="1.0"?', 'version="1.0" encoding="UTF-16"?')
    for content in (
        prefixed.encode(),
        spaced.encode(),
        utf_16.encode("utf-16"),
        b"\n" + text.encode(),
    ):
        assert read_gpx(content, "walk.gpx").points == plain


def test_each_point_that_cannot_be_used_says_why():
    odd = [
        '<trkpt lat="1" lon="2"/>',
        POINT.replace(T0_TEXT, "noon"),
        POINT.replace(T0_TEXT, "1970-01-01T00:00:00Z"),
        "<trkpt><time>2024-05-06T07:08:09Z</time></trkpt>",
        POINT.replace("47.5", "91"),
        POINT.replace("8.5", "190"),
        POINT,
    ]
    assert dict(read(POINT + "".join(odd)).skipped.counts) == {
        "without a time": 1,
        "with a time that cannot be read": 1,
        "with a time outside of 1980 to 2100": 1,
        "without a latitude or longitude": 1,
        "with a latitude beyond ±90": 1,
        "with a longitude beyond ±180": 1,
        "at the moment of another": 1,
    }


def test_a_makers_extension_is_not_the_points_own_word():
    inside = "<extensions><x:time>2000-01-01T00:00:00Z</x:time><x:ele>9</x:ele></extensions>"
    assert read(point(5, inside)).points == read(point(5)).points


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<gpx><trk><name>&b;</name></trk></gpx>"
)
DEEP = "<extensions>" + "<a>" * 200_000 + "</a>" * 200_000 + "</extensions>"
SPACES = "".join(f' xmlns:a{i}="urn:{i}"' for i in range(100))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gpx(""), "no track in it; give a recorded track"),
        (
            gpx('<trkpt lat="1" lon="2"/>'),
            "of 1 track point none can be used: 1 without a time",
        ),
        (b"<html><body/></html>", "XML, but not GPX"),
        (b"<gpx><trk>", "not XML"),
        (b"<<<<", "not XML"),
        (b"<gpx>\xff</gpx>", "line 1: not XML"),
        (b"<gpx>\0</gpx>", "not XML"),
        (BOMB.encode(), "has a DOCTYPE"),
        (gpx(point(0, DEEP)), "nested deeper"),
        (f"<gpx{SPACES}/>".encode(), "no track in it"),
        (gpx(f"<name>{' xmlns' * 100_000}</name>"), "no track in it"),
        (gpx(POINT.replace("47.5", "north")), "1 without a latitude or longitude"),
        (gpx("<trkpt/>"), "1 without a latitude or longitude"),
        (gpx(POINT.replace("8.5", "190")), "1 with a longitude beyond ±180"),
        (b'<?xml version="1.0" encoding="klingon"?><gpx/>', "unknown encoding"),
    ],
)
def test_everything_else_is_refused_in_one_sentence(content, words):
    with pytest.raises(InputError) as refusal:
        read_gpx(content, "walk.gpx")
    text = str(refusal.value)
    assert text.startswith("walk.gpx")
    assert words in text
    assert ";" in text
    assert "\n" not in text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 400), st.integers(0, 60))
def test_a_damaged_file_gives_a_track_or_an_input_error(noise, at, cut):
    whole = gpx("".join(point(s, "<ele>1</ele><hdop>2</hdop>") for s in range(4)))
    for damaged in (noise, whole[:at], whole[:at] + noise + whole[at + cut :]):
        with suppress(InputError):
            assert read_gpx(damaged, "walk.gpx").points

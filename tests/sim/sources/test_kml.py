from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.sources.open import read_track

pytest.importorskip("fastkml", reason="KML tracks need the extra [tracks]")

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2" '
    'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><Folder><Placemark>'
)
TAIL = "</Placemark></Folder></Document></kml>"


def moments(*seconds: int) -> str:
    whens = "".join(f"<when>2024-05-01T10:00:{s:02}Z</when>" for s in seconds)
    coords = "".join(f"<gx:coord>8.5 47.{s:02} 432.1</gx:coord>" for s in seconds)
    return f"<gx:Track>{whens}{coords}</gx:Track>"


def read(tmp_path, inside: str, encoding: str = "utf-8"):
    path = tmp_path / "walk.kml"
    path.write_bytes((HEAD + inside + TAIL).encode(encoding))
    return read_track(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_moments_and_places_become_points(tmp_path, encoding):
    track = read(tmp_path, moments(0, 10), encoding)
    assert track.end_utc_ms - track.start_utc_ms == 10_000
    fix = track.points[1].fix
    assert (fix.lat, fix.lon, fix.altitude_m) == (47.1, 8.5, 432.1)


def test_all_tracks_of_a_multi_track_are_read(tmp_path):
    inside = f"<gx:MultiTrack>{moments(0, 10)}{moments(20)}</gx:MultiTrack>"
    assert len(read(tmp_path, inside).points) == 3


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<Point><coordinates>8.5,47.5</coordinates></Point>", "no gx:Track with a moment"),
        ("<gx:Track>", "not KML that can be read"),
    ],
)
def test_what_is_no_track_is_refused_with_a_remedy(tmp_path, inside, words):
    with pytest.raises(InputError, match=f"walk.kml: {words}.*; export"):
        read(tmp_path, inside)


def test_what_the_file_says_does_not_reach_the_terminal(tmp_path, capfd):
    coords = "<when>2024-05-01T10:00:00Z</when><gx:coord>[/x]</gx:coord>"
    with pytest.raises(InputError, match="no gx:Track with a moment and a place"):
        read(tmp_path, f"<gx:Track>{coords}</gx:Track>")
    assert capfd.readouterr() == ("", "")


def test_entities_are_refused(tmp_path):
    path = tmp_path / "walk.kml"
    path.write_text(HEAD.replace("<kml", '<!DOCTYPE b [<!ENTITY a "x">]><kml') + TAIL)
    with pytest.raises(InputError, match="DOCTYPE"):
        read_track(path)

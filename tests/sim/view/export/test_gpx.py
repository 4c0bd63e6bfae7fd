import io

import pytest

from sim.view.export.gpx import write_gpx
from sim.view.export.rows import rows_of_picture
from sim.view.open import open_picture

gpxpy = pytest.importorskip("gpxpy", reason="needs the extra [test]")


@pytest.fixture(scope="module")
def written(run):
    opened = open_picture([str(run)])
    file = io.BytesIO()
    write_gpx(opened, file)
    return opened, file.getvalue()


def test_gpxpy_reads_a_track_a_badge_and_its_true_places(written):
    opened, content = written
    tracks = {track.name: track for track in gpxpy.parse(content.decode()).tracks}
    said = [one for one in rows_of_picture(opened.picture) if one.said and one.worker == "Ana"]
    name = f"{said[0].device_id} Ana"
    points = tracks[name].segments[0].points
    assert [(p.latitude, p.longitude) for p in points] == [one.said for one in said]
    assert [round(p.time.timestamp() * 1000) for p in points] == [round(o.t_ms) for o in said]
    assert f"{name}, true" in tracks


def test_a_name_can_neither_end_its_element_nor_break_the_file(run):
    opened = open_picture([str(run)])
    opened.picture.document["devices"][0]["worker"] = "</name>\x00&"
    file = io.BytesIO()
    write_gpx(opened, file)
    assert "</name>?&" in gpxpy.parse(file.getvalue().decode()).tracks[0].name

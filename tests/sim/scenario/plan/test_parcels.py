import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.scenario.plan.parcels import read_parcels
from sim.scenario.plan.roster import Roster
from sim.world.site import Plane
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

PLANE = Plane(45.81, 15.98)
SMALLER = [[[15.981, 45.81], [15.982, 45.81], [15.982, 45.811], [15.981, 45.81]]]
LARGER = [[[15.983, 45.81], [15.986, 45.81], [15.986, 45.813], [15.983, 45.813], [15.983, 45.81]]]


def read(tmp_path, *features):
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return read_parcels(path, PLANE)


def feature(kind, coordinates, **more):
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, **more}


def test_a_parcel_in_pieces_is_one_parcel_whose_largest_piece_is_worked_in(tmp_path):
    made = read(tmp_path, feature("MultiPolygon", [SMALLER, LARGER], properties={"name": "yard"}))
    assert [(area.name, area.part) for area in made] == [("yard", 0), ("yard", 1)]
    assert made[0].polygon.area > made[1].polygon.area
    text = SMALL.replace("  parcels:", "  parcels_file: p.geojson\n  parcels:")
    text = text.replace("work: Maric", "work: yard")
    story = source(text, tmp_path)
    plan = Roster(story, parameters(story)).site_plan
    assert plan.area_of("yard").part == 0
    for ring in (SMALLER[0], LARGER[0]):
        lon, lat = ring[1]
        assert plan.site.parcel_at(*plan.site.plane.to_xy(lat, lon)).name == "yard"


def test_a_zone_covers_every_piece(tmp_path):
    read(tmp_path, feature("MultiPolygon", [SMALLER, LARGER], properties={"name": "yard"}))
    text = SMALL.replace("  parcels:", "  parcels_file: p.geojson\n  parcels:")
    text += (
        'coverage: {zones: [{area: yard, gain_db: -9}], outages: [{begins: "07:00", '
        'ends: "07:10", area: yard}]}\n'
    )
    story = source(text, tmp_path)
    coverage = Roster(story, parameters(story)).site_plan.coverage
    assert [zone.area.part for zone in coverage.zones] == [0, 1]
    assert [outage.area.part for outage in coverage.outages] == [0, 1]


@pytest.mark.parametrize(
    ("one", "what"),
    [
        (5, "features.0: must be an object"),
        ({"geometry": None}, "feature 1 has no geometry"),
        ({"geometry": {"type": "Point", "coordinates": [0, 0]}}, "is a Point; only polygons"),
        (feature("Polygon", [[["a", 1]] * 4]), "must be a number"),
        (feature("Polygon", [[[1]] * 4]), "at least 2 items"),
        (feature("Polygon", []), "the polygon has no ring"),
        (feature("Polygon", [[[200, 1], [201, 1], [201, 2], [200, 1]]]), "longitude first"),
        (feature("MultiPolygon", SMALLER), "feature 1: polygons.0.0.0"),
    ],
)
def test_what_is_no_parcel_is_said_with_its_place(tmp_path, one, what):
    with pytest.raises(InputError, match=r"p\.geojson") as caught:
        read(tmp_path, one)
    assert what in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(json_values | st.fixed_dictionaries({"features": st.lists(json_values, max_size=3)}))
def test_any_json_is_parcels_or_one_sentence(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("any") / "p.geojson"
    path.write_text(json.dumps(document))
    said = str(path)
    try:
        read_parcels(path, PLANE)
    except InputError as error:
        said = str(error)
    assert said.startswith(str(path))

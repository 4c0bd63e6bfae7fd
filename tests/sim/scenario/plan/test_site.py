import json

import pytest

from badge.errors import InputError
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL


def roster(text=SMALL, folder=None, **changes):
    story = source(text) if folder is None else source(text, folder)
    return Roster(story, parameters(story, **changes))


def test_a_geojson_file_gives_parcels(tmp_path):
    ring = [[15.981, 45.81], [15.982, 45.81], [15.982, 45.811], [15.981, 45.81]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"parcel_id": "P-1"}, "geometry": shape}
    document = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "p.geojson").write_text(json.dumps(document))
    text = SMALL.replace("  parcels:", "  parcels_file: p.geojson\n  parcels:")
    names = [area.name for area in roster(text, tmp_path).site_plan.site.areas]
    assert names == ["P-1", "Maric", "shed"]
    (tmp_path / "p.geojson").write_text('{"features": [{"geometry": {"type": "Point"}}]}')
    with pytest.raises(InputError, match="Point; only polygons"):
        roster(text, tmp_path)

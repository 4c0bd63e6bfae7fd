import json

import pytest

from badge.errors import InputError
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.calendar.story import WEEKS
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


def test_the_truck_drives_on_the_days_that_its_crew_rides(tmp_path):
    rain = {3: 9, 5: 9}  # half a day, on Tuesday and Thursday
    rows = "".join(f"2026-03-{n:02d},{rain.get(n, 0)},5\n" for n in range(2, 16))
    (tmp_path / "w.csv").write_text("date,rain_mm,temperature_c\n" + rows)
    made = roster(WEEKS.replace("{rain_share: 0}", "{file: w.csv}"), tmp_path)
    word = made.site_plan.clock.word
    left = [word(leaves)[5:16] for leaves, _ in made.site_plan.equipment["truck"].trips]
    assert left[:8] == [
        *("03-02 07:10", "03-02 15:20", "03-03 07:10", "03-03 11:15"),
        *("03-04 07:10", "03-04 15:20", "03-05 07:10", "03-05 11:15"),
    ]
    assert not any(one.startswith(("03-07", "03-08", "03-14")) for one in left)
    ends = [word(day.end_ms)[5:13] for day in made.days(0)]
    assert ends[:5] == ["03-02 15", "03-03 11", "03-04 15", "03-05 11", "03-06 15"]


def test_a_tag_is_silent_from_its_empty_battery_to_its_next_one():
    tags = '  tags: [{equipment: saw, flat: "2026-03-03 09:00", changed: "2026-03-05 07:00"}]\n'
    plan = roster(WEEKS + tags).site_plan
    ((flat, changed),) = plan.equipment["saw"].silent
    assert plan.clock.word(flat) == "2026-03-03 09:00:00"
    assert plan.clock.word(changed) == "2026-03-05 07:00:00"
    assert plan.equipment["truck"].silent == ()

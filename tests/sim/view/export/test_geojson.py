import io
import json

import shapely

from sim.view.export.geojson import write_geojson
from sim.view.open import open_picture


def test_shapely_reads_the_site_and_a_point_for_each_event_with_a_place(run):
    opened = open_picture([str(run)])
    file = io.BytesIO()
    write_geojson(opened, file)
    shapes = shapely.from_geojson(file.getvalue()).geoms
    features = json.loads(file.getvalue())["features"]
    assert len(shapes) == len(features)
    assert all(shape.is_valid for shape in shapes)
    kinds = [one["properties"].get("kind") for one in features]
    assert {"parcel", "indoor", "equipment"} <= set(kinds)
    events = [one for one in features if "event_type" in one["properties"]]
    assert len(events) == opened.picture.rows
    parcel = shapes[kinds.index("parcel")]
    inside = [s for s, k in zip(shapes, kinds, strict=True) if k is None and parcel.contains(s)]
    assert len(inside) > len(events) / 3
    assert events[5]["properties"]["time"].startswith("2026-03-16T")

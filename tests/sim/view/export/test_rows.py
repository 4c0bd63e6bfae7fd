import json

import pytest

from badge.errors import InputError
from sim.view.export.rows import need_utc, rows_of_picture, utc_of
from sim.view.open import open_picture


def test_every_event_is_a_row_with_the_degrees_that_it_said(run):
    opened = open_picture([str(run)])
    rows = list(rows_of_picture(opened.picture))
    lines = (run / "truth" / "events.ndjson").read_text().splitlines()
    truth = {(t["device_id"], t["sequence_number"]): t for t in map(json.loads, lines)}
    assert len(rows) == len(truth)
    for one in rows:
        its = truth[one.device_id, one.number]
        assert one.true == pytest.approx((its["true_lat"], its["true_lon"]), abs=1.01e-6)
        said = json.loads(its["payload"])
        if one.kind == "gps":
            assert one.said == pytest.approx((said["lat"], said["lon"]), abs=1.01e-6)


def test_what_tells_moments_in_utc_needs_it(run):
    picture = open_picture([str(run)]).picture
    need_utc(picture, "GPX")
    picture.document["utc"] = False
    with pytest.raises(InputError, match="use csv"):
        need_utc(picture, "GPX")
    assert utc_of(1773484920005.0) == "2026-03-14T10:42:00.005Z"

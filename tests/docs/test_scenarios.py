"""The page about scenarios says what is so."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.scenario.cli import scenario
from sim.scenario.language.read import shipped_names
from tests.paths import DOCS

PAGE = (DOCS / "scenarios.md").read_text("utf-8")


def test_the_scenario_of_the_page_has_no_fault(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)
    Path("fence.yaml").write_text(block)
    ring = [[15.99, 45.81], [15.991, 45.81], [15.991, 45.811], [15.99, 45.81]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    document = {"features": [{"type": "Feature", "geometry": shape}]}
    Path("parcels.geojson").write_text(json.dumps(document))
    Path("walk.gpx").write_text(
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        '<trkpt lat="45.8101" lon="15.9801"><time>2026-01-01T10:00:00Z</time></trkpt>'
        '<trkpt lat="45.8103" lon="15.9803"><time>2026-01-01T10:05:00Z</time></trkpt>'
        "</trkseg></trk></gpx>"
    )
    result = CliRunner().invoke(scenario, ["check", "fence.yaml"], catch_exceptions=False)
    assert "no fault found" in result.output


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scenario_is_on_the_page(name):
    assert f"| `{name}` |" in PAGE

import pytest

from badge.contract.documents import fit
from badge.errors import InputError
from sim.scenario.drawing import drawing_of
from sim.scenario.language.read import read_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster
from sim.view.model.site import SiteDrawing


@pytest.mark.parametrize("name", ["crew-of-five", "outage", "dead-zone"])
def test_what_a_run_writes_is_what_is_read(name):
    source = read_scenario(name)
    drawn = drawing_of(Roster(source, parameters_of(source)))
    assert fit(SiteDrawing, drawn, "x").model_dump(mode="json") == drawn


@pytest.mark.parametrize(
    "part",
    [{"origin": [90, 0]}, {"areas": [{"name": "x", "kind": "y", "rings": []}]}, {"depot": 5}],
)
def test_what_cannot_be_drawn_is_refused(part):
    source = read_scenario("crew-of-five")
    drawn = drawing_of(Roster(source, parameters_of(source)))
    with pytest.raises(InputError):
        fit(SiteDrawing, {**drawn, **part}, "x")

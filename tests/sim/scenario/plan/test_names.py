import pytest

from badge.errors import InputError
from sim.scenario.language.read import read_scenario, shipped_names
from sim.scenario.plan.names import check_names
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.site import plan_site
from sim.scenario.plan.slots import slots_of
from tests.sim.fleet.story import source
from tests.sim.scenario.story import SMALL


def check(story):
    check_names(story, slots_of(story), plan_site(story, parameters_of(story)).site)


@pytest.mark.parametrize("name", shipped_names())
def test_every_name_of_a_shipped_scenario_is_somewhere(name):
    check(read_scenario(name))


def test_who_forgets_is_in_the_crew():
    check(source(SMALL.replace("workers: [Ana, Boris]", "workers: [Ana]\n    forgets: [Ana]")))
    check(source(SMALL.replace("workers: [Ana, Boris]", "workers: [Ana]\n    forgets: all")))
    with pytest.raises(InputError, match="'Fin' is not in this crew"):
        check(source(SMALL.replace("workers: [Ana, Boris]", "workers: [Ana]\n    forgets: [Fin]")))

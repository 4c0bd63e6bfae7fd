import pytest

from badge.errors import InputError
from sim.scenario.language.read import read_scenario, shipped_names, sites_of
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
    for one in sites_of(read_scenario(name)).values():
        check(one)


@pytest.mark.parametrize(
    ("calendar", "message"),
    [
        ("contracts: {Nowhere: {crew: yard crew, weekday: mon}}", "'Nowhere' is no property"),
        ("contracts: {shed: {crew: yard crew, weekday: mon}}", "'shed' is no property of the site"),
        ("contracts: {Maric: {crew: night crew, weekday: mon}}", "'night crew' is no crew"),
        ("tags: [{equipment: mower, flat: '07:00'}]", "'mower' is no equipment"),
        ("badges: [{badge: 3, breaks: '07:00'}]", "there is no badge 3; the last one is 2"),
        ("badges: [{badge: 1, breaks: '07:00', by: 9}]", "there is no badge 9"),
        ("people: [{worker: Zoe, joins: '2026-03-16'}]", "'Zoe' is in no crew"),
        (
            "people: [{worker: Ana, leaves: '2026-03-17', badge_to: Eva},"
            " {worker: Eva, leaves: '2026-03-17'}]",
            "'Eva' leaves on 2026-03-17, before the badge is there",
        ),
        (
            "tags: [{equipment: mixer, flat: '2026-03-17 07:00', changed: '2026-03-16 07:00'}]",
            "its battery is changed at 2026-03-16 07:00, before it is flat",
        ),
        (
            "people: [{worker: Ana, leaves: '2026-03-16', badge_to: Boris}]",
            "'Boris' has a badge already",
        ),
        (
            "people: [{worker: Ana, joins: '2026-03-16'}, {worker: Ana, leaves: '2026-03-17'}]",
            "'Ana' is listed twice",
        ),
    ],
)
def test_a_name_of_a_calendar_that_is_nowhere(calendar, message):
    with pytest.raises(InputError, match=message) as caught:
        check(source(f"{SMALL}calendar:\n  {calendar}\n"))
    assert "line 25" in str(caught.value)


def test_contracts_are_due_in_a_calendar():
    due = SMALL.replace("{work: Maric,", "{contracts: due,")
    check(source(f"{due}calendar: {{}}\n"))
    with pytest.raises(InputError, match="there is none"):
        check(source(due))


def test_who_forgets_is_in_the_crew():
    check(source(SMALL.replace("workers: [Ana, Boris]", "workers: [Ana]\n    forgets: [Ana]")))
    check(source(SMALL.replace("workers: [Ana, Boris]", "workers: [Ana]\n    forgets: all")))
    with pytest.raises(InputError, match="'Fin' is not in this crew"):
        check(source(SMALL.replace("workers: [Ana, Boris]", "workers: [Ana]\n    forgets: [Fin]")))

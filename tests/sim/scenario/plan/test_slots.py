import pytest

from badge.errors import InputError
from sim.scenario.plan.slots import Slot, people, slots_of
from tests.sim.fleet.story import source
from tests.sim.scenario.story import SMALL


def test_the_first_badge_goes_to_the_first_worker_and_the_rest_to_nobody():
    made = slots_of(source(SMALL + "badges: [{count: 1}, {count: 2}]\n"))
    assert made == [Slot(0, "yard crew", "Ana"), Slot(1, "yard crew", "Boris"), Slot(1)]


def test_workers_who_are_only_counted_get_names():
    story = source(SMALL.replace("[Ana, Boris]", "2"))
    assert people(story, "yard crew") == ["yard crew 1", "yard crew 2"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (SMALL + "badges: [{count: 1}]\n", "2 workers, but only 1 badge"),
        (SMALL.replace("[Ana, Boris]", "[Ana, Ana]"), "'Ana' is in the crews 2 times"),
        ("scenario: Nobody\n", "neither badges nor crews"),
    ],
)
def test_what_does_not_go_up_is_told_with_its_place(text, what):
    with pytest.raises(InputError, match=what):
        slots_of(source(text))

import pytest
from pydantic import ValidationError

from sim.scenario.language.model import ACTIONS, LASTING, VERBS, Crew, Incident, Step, Waves


@pytest.mark.parametrize("verb", VERBS)
def test_a_step_has_one_verb(verb):
    step = Step.model_validate(
        {verb: "due" if verb == "contracts" else "depot", "at": "07:00", "until": "08:00"}
    )
    assert step.verb == verb


@pytest.mark.parametrize("verb", LASTING)
def test_what_lasts_needs_its_end(verb):
    with pytest.raises(ValidationError, match="needs its end"):
        Step.model_validate({verb: "due" if verb == "contracts" else "depot"})


def test_every_action_is_a_key_of_an_incident():
    assert set(ACTIONS) < set(Incident.model_fields)


@pytest.mark.parametrize(
    "day",
    [
        [{"work": "p", "until": "08:00"}, {"leave": "depot"}],
        [{"arrive": "depot", "at": "07:00"}, {"walk": "depot"}],
        [{"arrive": "depot", "at": "07:00"}, {"leave": "depot"}, {"leave": "depot"}],
        [{"arrive": "a", "at": "07:00"}, {"arrive": "b", "at": "08:00"}, {"leave": "depot"}],
    ],
)
def test_a_day_begins_with_arrive_and_ends_with_leave(day):
    with pytest.raises(ValidationError, match="arrive"):
        Crew.model_validate({"workers": ["A"], "day": day})


def test_an_incident_strikes_one_choice_of_badges():
    both = {"at": "07:00", "reboot": "watchdog", "badges": [1], "share": 0.5}
    with pytest.raises(ValidationError, match="at most one"):
        Incident.model_validate(both)


def test_waves_that_shrink_are_a_slip_of_the_pen():
    with pytest.raises(ValidationError, match="each share holds the one before"):
        Waves.model_validate({"shares": [0.7, 0.3]})
    assert Waves.model_validate({"shares": [0.3, 0.3, 1.0]}).every_days == 7

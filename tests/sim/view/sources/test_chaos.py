import pytest

from badge.errors import InputError
from sim.chaos.plan.plan import draw_plan
from sim.chaos.run import PlanRun
from sim.view.open import open_picture


def test_a_seed_is_shown_with_every_event_and_every_fault_as_it_strikes():
    opened = open_picture(["chaos:3"])
    result = PlanRun(draw_plan(3)).go()
    assert opened.picture.rows >= result.events
    assert sum("strikes" in text for text in opened.picture.document["texts"]) >= 5
    assert opened.about(0)["event"]["event_type"]


@pytest.mark.parametrize("name", ["chaos:", "chaos:x", "chaos:-1", "chaos:" + "9" * 30])
def test_what_is_no_seed_is_one_sentence(name):
    with pytest.raises(InputError, match="like chaos:7"):
        open_picture([name])


def test_every_event_of_a_seed_has_its_why_and_its_badge_its_lanes():
    opened = open_picture(["chaos:3"])
    about = [opened.about(row) for row in range(opened.picture.rows)]
    assert all(one["why"] and one["why_words"] for one in about)
    assert any(one["why"]["rows"] for one in about)
    assert any(one["why"]["flash"] for one in about)
    assert any("answered 202" in " ".join(one["why_words"]) for one in about)
    document, spans = opened.picture.document, opened.picture.tables["spans"]
    assert {"uploads", "network", "clock", "boots"} <= {
        document["lanes"][lane] for lane in spans["lane"].tolist()
    }
    fates = {document["fates"][fate] for fate in opened.picture.tables["events"]["fate"].tolist()}
    assert "delivered" in fates

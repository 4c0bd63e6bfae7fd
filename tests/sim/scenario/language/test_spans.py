"""Nothing of a platform ends before it begins: told with its line and both times."""

import pytest

from badge.errors import InputError
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.site import plan_site
from tests.sim.fleet.story import source

STORY = """\
scenario: Spans
start: "2026-03-16T06:00:00Z"
hours: 4
badges: [{count: 10}]
platforms:
  blecon:
    hotspots:
      hut: {at: depot, HOTSPOT}
  peridio:
    certificates:
      - {badges: [1], state: revoked, CERTIFICATE}
"""
WHOLE = 'installed: "07:00", moved: {at: "07:30", to: [5, 5]}, removed: "08:00"'
SHUT = 'at: "08:00", ends: "09:00"'


def plan(hotspot, certificate=SHUT):
    text = STORY.replace("HOTSPOT", hotspot).replace("CERTIFICATE", certificate)
    story = source(text)
    return plan_site(story, parameters_of(story))


@pytest.mark.parametrize(
    "hotspot",
    [
        WHOLE,
        'installed: "07:00", removed: "07:00"',
        'removed: "06:30"',
        'outages: [{begins: "23:00", ends: "day 2 01:00"}, {begins: "07:00", ends: "08:00"}]',
    ],
)
def test_what_is_in_order_is_taken(hotspot):
    plan(hotspot)
    plan(hotspot, 'ends: "09:00"')


@pytest.mark.parametrize(
    ("hotspot", "certificate", "told"),
    [
        (
            'installed: "07:00", removed: "06:59"',
            SHUT,
            "it is removed at 06:59, before it is installed at 07:00",
        ),
        (
            WHOLE.replace("07:30", "06:30"),
            SHUT,
            "it is moved at 06:30, before it is installed at 07:00",
        ),
        (
            WHOLE.replace("07:30", "day 2 06:30"),
            SHUT,
            "it is removed at 08:00, before it is moved at day 2 06:30",
        ),
        (
            'outages: [{begins: "07:00", ends: "08:00"}, {begins: "23:00", ends: "01:00"}]',
            SHUT,
            "the outage ends at 01:00, before it begins at 23:00",
        ),
        (
            WHOLE,
            'at: "09:00", ends: "08:00"',
            "the certificate is bad until 08:00, before it becomes so at 09:00",
        ),
    ],
)
def test_what_ends_before_it_begins_is_refused_with_its_line(hotspot, certificate, told):
    with pytest.raises(InputError) as found:
        plan(hotspot, certificate)
    line = 11 if "certificate" in told else 8
    assert f" line {line} column " in str(found.value)
    assert str(found.value).endswith(f": {told}; swap them, or name the day: day 2 07:15")

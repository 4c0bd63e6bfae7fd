"""What happens to a badge does not depend on which badge it happens to."""

import pytest

from sim.fleet.columnar.badge import ColumnarBadge
from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.badge.host.twins import needs_core
from tests.sim.fleet.field.test_badge import incident
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL


def lived(kind, extra):
    roster = Roster(story := source(SMALL + extra), parameters(story, hours=1.5))
    badge = kind(roster, 0, Radio(roster.parameters.seed), ModelBackend(None))
    badge.run_until(roster.parameters.end_ms)
    badge.finish()
    return badge


@needs_core
@pytest.mark.parametrize(
    "words",
    ["reboot: watchdog", 'firmware: "0.4.0", fails: true', "battery_pct: 5", "gps_down_min: 9"],
)
def test_both_end_with_the_same_battery_uploads_and_firmware(words):
    one, other = (lived(kind, incident(words)) for kind in (FieldBadge, ColumnarBadge))
    assert one.power.reading() == other.power.reading()
    assert one.uplink.counts == other.uplink.counts
    assert one.badge.firmware_version == other.pump.badge.firmware_version

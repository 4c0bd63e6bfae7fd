"""Two sites in two zones, four people and six badges each, two days and a bit: twelve parts."""

from sim.fleet.dataset.plan import DatasetPlan
from sim.scenario.language.read import sites_of
from sim.scenario.plan.parameters import parameters_of
from tests.sim.fleet.story import source

TWO = """\
scenario: Two sites
start: "2026-03-02T05:00:00Z"
hours: 52
zone: America/New_York
site:
  depot: [-30, 0]
  parcels:
    Maric: {metres: [[0, 0], [60, 0], [60, 40], [0, 40]]}
equipment:
  mixer: {tag: "AA:BB:CC:00:00:01", parked: [10, 10]}
crews:
  crew:
    workers: 4
    day:
      - {arrive: depot, at: "07:00"}
      - {stand: mixer, until: "07:10"}
      - {work: Maric, until: "07:25"}
      - {leave: depot}
badges: [{count: 6}]
calendar: {}
sites:
  east: {}
  west: {zone: America/Los_Angeles, start: "2026-03-02T08:00:00Z"}
"""


def plan_of(text=TWO, form="parquet", part_badges=1, **changes):
    whole = source(text)
    sources = sites_of(whole)
    asked = {site: parameters_of(one, **changes) for site, one in sources.items()}
    return DatasetPlan(whole.scenario.scenario, sources, {}, asked, form, part_badges)

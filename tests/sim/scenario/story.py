"""A small scenario for tests: two people, one property, an hour and a half."""

SMALL = """\
scenario: Small
start: "2026-03-16T06:50:00Z"
hours: 1.5
seed: 3
boots_within_min: 2
site:
  depot: [-30, 0]
  parcels:
    Maric: {metres: [[0, 0], [60, 0], [60, 40], [0, 40]]}
  areas:
    shed: {kind: indoor, metres: [[40, 20], [60, 20], [60, 40], [40, 40]]}
equipment:
  mixer: {tag: "AA:BB:CC:00:00:01", parked: [10, 10]}
crews:
  yard crew:
    foreman: Marko
    workers: [Ana, Boris]
    day:
      - {arrive: depot, at: "07:00"}
      - {work: Maric, until: "07:30"}
      - {stand: mixer, until: "07:40"}
      - {stand: shed, until: "07:50"}
      - {leave: depot}
"""

FOUR_HOTSPOTS = (
    SMALL
    + """\
platforms:
  blecon:
    hotspots:
      depot: {at: depot}
      mixer: {at: mixer, outages: [{begins: "07:20", ends: "07:35"}]}
      far: {at: [5000, 5000]}
      hut: {at: [1, 1], installed: "07:05", moved: {at: "07:25", to: [59, 39]}, removed: "07:45"}
"""
)

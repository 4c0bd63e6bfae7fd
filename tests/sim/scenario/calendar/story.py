"""Two people and two weeks of March, with a clock that is put forward on the first Sunday."""

from datetime import date

from sim.scenario.language.calendar import Calendar
from sim.scenario.language.model import Crew

WEEKS = """\
scenario: Two weeks
zone: America/New_York
start: "2026-03-02T05:00:00Z"
hours: 335
seed: 5
site:
  depot: [-30, 0]
  parcels:
    Maric: {metres: [[0, 0], [60, 0], [60, 40], [0, 40]]}
    Babic: {metres: [[300, 0], [360, 0], [360, 40], [300, 40]]}
equipment:
  truck:
    tag: "AA:BB:CC:00:00:01"
    parked: [-20, 0]
    trips:
      - {at: "07:10", route: [[30, -6]], speed_kmh: 20}
      - {at: "15:20", route: [[-20, 0]], speed_kmh: 20}
  saw: {tag: "AA:BB:CC:00:00:02", carried_by: Ana}
crews:
  riders:
    workers: [Ana]
    in_rain: half_day
    day:
      - {arrive: depot, at: "06:50"}
      - {ride: truck}
      - {work: Maric, until: "11:30"}
      - {lunch: truck, until: "12:00"}
      - {work: Maric, until: "15:00"}
      - {walk: truck}
      - {ride: truck}
      - {leave: depot}
  gardeners:
    workers: [Boris]
    in_rain: shed
    day:
      - {arrive: depot, at: "07:00"}
      - {contracts: due, until: "15:00"}
      - {drive: depot}
      - {leave: depot}
badges: [{count: 3}]
calendar:
  weather: {rain_share: 0}
  contracts:
    Maric: {crew: gardeners, weekday: mon}
    Babic: {crew: gardeners, weekday: mon, every_weeks: 2}
"""
DAY = [{"arrive": "depot", "at": "07:00"}, {"work": "p", "until": "15:00"}, {"leave": "depot"}]


def crew(**changes):
    return Crew.model_validate({"workers": ["A"], "day": DAY, **changes})


def calendar(**changes):
    return Calendar.model_validate(changes)


def day(text):
    return date.fromisoformat(text)

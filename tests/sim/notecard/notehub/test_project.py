from __future__ import annotations

from sim.notecard.notehub.project import DEVICES_MAX, EVENTS_KEPT, Project


def test_a_device_over_its_fleets_over_the_project():
    project = Project()
    fleet = project.add_fleet("yard", 0)
    device = project.device("dev:1", 0)
    device.fleets = [fleet.uid]
    project.env, fleet.env, device.env = {"a": "p", "b": "p"}, {"b": "f", "c": "f"}, {"c": "d"}
    assert project.variables(device) == {"a": "p", "b": "f", "c": "d"}
    project.remove_fleet(fleet.uid)
    assert project.variables(device) == {"a": "p", "b": "p", "c": "d"}


def test_events_are_numbered_on_when_the_oldest_go():
    project = Project()
    for n in range(EVENTS_KEPT + 5):
        project.add({"event": str(n), "file": "a.qo", "device": f"dev:{n % 2}"})
    chosen = project.chosen(devices=["dev:0"], files=["a.qo"])
    assert chosen[0][0] == int(chosen[0][1]["event"]) == 6
    assert project.chosen(system_only=True) == []


def test_devices_have_a_bound():
    project = Project()
    for n in range(DEVICES_MAX + 10):
        project.device(f"dev:{n}", n)
    assert len(project.devices) == DEVICES_MAX

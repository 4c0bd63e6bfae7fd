"""The real notehub-py, unmodified, reads back what a card has sent, and sends to it."""

from __future__ import annotations

import warnings

import pytest

from sim.notecard.api.app import launch_api
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute
from tests.patience import until
from tests.sim.notecard.rig import DEVICE, go_online

notehub = pytest.importorskip("notehub_py", reason="notehub-py is not installed")
APP = "app:00000000-0000-4000-8000-000000000001"


@pytest.fixture
def hub(live, web_server):
    """A card that has sent two notes of each of two files, and a client of its Notehub."""
    card = live(hub=Hub([EventRoute(web_server(b"", status=202).url + "/in", {"X": "secret"})]))
    card.receive(b'{"req":"hub.set","sn":"mower-7"}\n')
    for n in (b"1", b"2"):
        card.receive(b'{"req":"note.add","file":"a.qo","body":{"n":%s}}\n' % n)
        card.receive(b'{"req":"note.add","file":"b.qo","body":{"n":%s}}\n' % n)
    card.receive(b'{"req":"note.add","file":"set.db","note":"rate","body":{"v":5}}\n')
    card.receive(b'{"req":"hub.log","text":"hot","alert":true}\n')
    go_online(card)
    until(lambda: card.notecard.hub.counts.delivered == 5)
    with launch_api(card, token="t") as url, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = notehub.ApiClient(notehub.Configuration(host=url, access_token="t"))
        yield card, client


def test_devices(hub):
    _, client = hub
    api = notehub.DeviceApi(client)
    (device,) = api.get_devices(APP).devices
    assert (device.uid, device.serial_number, device.sku) == (DEVICE, "mower-7", "NOTE-MBGLW")
    assert api.get_device(APP, DEVICE).product_uid == "product:p:q"
    assert device.voltage == 3.9
    assert device.tower_location.name == "Beverly MA"


def test_the_environment_of_device_fleet_and_project(hub):
    card, client = hub
    devices, projects = notehub.DeviceApi(client), notehub.ProjectApi(client)
    fleet = projects.create_fleet(APP, notehub.CreateFleetRequest(label="yard"))
    members = notehub.AddDeviceToFleetsRequest(fleet_uids=[fleet.uid])
    assert projects.add_device_to_fleets(APP, DEVICE, members).fleets[0].label == "yard"
    assert [one.uid for one in projects.get_fleets(APP).fleets] == [fleet.uid]
    assert [one.uid for one in devices.get_fleet_devices(APP, fleet.uid).devices] == [DEVICE]

    def variables(**given):
        return notehub.EnvironmentVariables(environment_variables=given)

    projects.set_project_environment_variables(APP, environment_variables=variables(a="p", b="p"))
    projects.set_fleet_environment_variables(APP, fleet.uid, variables(b="f", c="f"))
    devices.set_device_environment_variables(APP, DEVICE, variables(c="d"))
    found = devices.get_device_environment_variables(APP, DEVICE)
    assert found.environment_variables == {"c": "d"}
    assert found.environment_variables_effective == {"a": "p", "b": "f", "c": "d"}
    until(lambda: card.notecard.card.state.env_hub == {"a": "p", "b": "f", "c": "d"})
    devices.delete_device_environment_variable(APP, DEVICE, "c")
    assert devices.get_device_environment_variables(APP, DEVICE).environment_variables == {}
    card.receive(b'{"req":"note.add","file":"a.qo","body":{"n":3},"sync":true}\n')
    until(lambda: card.notecard.hub.counts.delivered == 6)
    events = notehub.EventApi(client).get_fleet_events(APP, fleet.uid).events
    assert [event.body for event in events] == [{"n": 3}]


def test_events_by_page_by_file_and_latest(hub):
    _, client = hub
    api = notehub.EventApi(client)
    page = api.get_events(APP, page_size=2, page_num=1, sort_order="asc")
    assert (len(page.events), page.has_more) == (2, True)
    assert page.events[0].file == "_session.qo"
    found = api.get_events(APP, files="a.qo,b.qo", sort_order="asc").events
    assert [(one.file, one.body["n"]) for one in found] == [
        ("a.qo", 1),
        ("a.qo", 2),
        ("b.qo", 1),
        ("b.qo", 2),
    ]
    latest = notehub.DeviceApi(client).get_device_latest_events(APP, DEVICE).latest_events
    assert {one.file: one.body for one in latest}["a.qo"] == {"n": 2}


def test_events_by_cursor_each_once(hub):
    _, client = hub
    api, cursor, seen = notehub.EventApi(client), None, []
    while True:
        page = api.get_events_by_cursor(APP, limit=2, cursor=cursor)
        seen += [event.event for event in page.events]
        if not page.has_more:
            break
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == 7


def test_sessions_health_and_route_logs(hub):
    _, client = hub
    devices, routes = notehub.DeviceApi(client), notehub.RouteApi(client)
    (session,) = devices.get_device_sessions(APP, DEVICE).sessions
    event = notehub.EventApi(client).get_events(APP, files="a.qo").events[0]
    assert session.session == event.session
    assert session.events == 7
    (health,) = devices.get_device_health_log(APP, DEVICE).health_log
    assert (health.text, health.alert) == ("hot", True)
    (route,) = routes.get_routes(APP)
    (log,) = notehub.EventApi(client).get_route_logs_by_event(APP, event.event)
    assert (log.status, log.route_uid) == ("202", route.uid)
    assert len(routes.get_route_logs_by_route(APP, route.uid)) == 5
    assert "secret" not in str(routes.get_route(APP, route.uid).to_dict())


def test_the_notes_of_a_database_go_both_ways(hub):
    card, client = hub
    api = notehub.DeviceApi(client)
    assert api.get_db_note(APP, DEVICE, "set.db", "rate").body == {"v": 5}
    note = notehub.NoteInput(body={"v": 6})
    api.update_db_note(APP, DEVICE, "set.db", "rate", note)
    until(lambda: card.notecard.card.state.files["set.db"].notes["rate"].body == {"v": 6})
    assert api.get_notefile(APP, DEVICE, "set.db").notes["rate"]["body"] == {"v": 6}
    api.delete_note(APP, DEVICE, "set.db", "rate")
    until(lambda: not card.notecard.card.state.files["set.db"].notes)
    api.add_qi_note(APP, DEVICE, "data.qi", notehub.NoteInput(body={"go": 1}))
    until(lambda: "data.qi" in card.notecard.card.state.files)
    assert api.signal_device(APP, DEVICE, notehub.Body(body={"s": 1})).connected


def test_host_firmware_goes_from_the_client_to_the_host(hub):
    card, client = hub
    api = notehub.ProjectApi(client)
    image = b"firmware" * 100
    info = api.upload_firmware(APP, "host", "app.bin", image, version="1.2.3")
    assert info.version == "1.2.3"
    api.perform_dfu_action(
        APP,
        "host",
        "update",
        dfu_action_request=notehub.DfuActionRequest(filename="app.bin"),
        device_uid=[DEVICE],
    )
    until(lambda: card.notecard.card.firmware.status()["mode"] == "ready")
    assert card.notecard.card.firmware.image == image


def test_what_is_not_modelled_says_so(hub):
    _, client = hub
    with pytest.raises(notehub.ApiException) as caught:
        notehub.MonitorApi(client).get_monitors(APP)
    assert caught.value.status == 501
    assert "not of this one" in caught.value.body

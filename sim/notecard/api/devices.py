"""/v1/projects/…/devices: what is known of a device, its variables, notes, signals, sessions."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.exceptions import HTTPException

from sim.notecard.api import shapes
from sim.notecard.api.ports import (
    PAGE_MAX,
    EnvironmentVariables,
    HubOwner,
    InboundNote,
    SignalBody,
    acted,
    known,
    page,
)
from sim.notecard.api.routes import Routes
from sim.notecard.notehub.device import HubDevice
from sim.notecard.notehub.hub import Hub

PageSize = Annotated[int, Field(alias="pageSize", ge=1, le=PAGE_MAX)]
PageNum = Annotated[int, Field(alias="pageNum", ge=1)]
Many = Annotated[list[str], Field()]
ROOT = "/v1/projects/{project}/devices"
ONE = ROOT + "/{device}"


def listed(hub: Hub, fleet: str = "", uids: list[str] | None = None) -> list[dict[str, Any]]:
    """Devices that have synced, or were asked for by name."""
    found = [
        one
        for one in hub.project.devices.values()
        if (not uids or one.uid in uids) and (not fleet or fleet in one.fleets)
    ]
    return [shapes.device(one) for one in found]


def router(owner: HubOwner) -> Routes:
    """The routes."""
    api = Routes()

    @api.get(ROOT)
    def devices(
        size: PageSize = 50,
        number: PageNum = 1,
        device_uid: Annotated[list[str] | None, Field(alias="deviceUID")] = None,
        fleet_uid: Annotated[str, Field(alias="fleetUID")] = "",
    ) -> dict[str, Any]:
        found = acted(owner, lambda hub: listed(hub, fleet_uid, device_uid))
        shown, more = page(found, size, number)
        return {"devices": shown, "has_more": more}

    @api.get(ONE)
    def device(device: str) -> dict[str, Any]:
        return acted(owner, lambda hub: shapes.device(known(hub, device)))

    @api.delete(ONE, status_code=204)
    def forget(device: str) -> None:
        def act(hub: Hub) -> None:
            known(hub, device)
            hub.forget(device)

        acted(owner, act)

    @api.get(ONE + "/environment_variables")
    def variables(device: str) -> dict[str, Any]:
        def found(hub: Hub) -> dict[str, Any]:
            one = known(hub, device)
            return {
                "environment_variables": dict(one.env),
                "environment_variables_env_default": {},
                "environment_variables_effective": hub.project.variables(one),
            }

        return acted(owner, found)

    @api.put(ONE + "/environment_variables")
    def set_variables(device: str, wanted: EnvironmentVariables) -> dict[str, Any]:
        given = wanted.environment_variables

        def act(hub: Hub) -> dict[str, str]:
            known(hub, device)
            hub.set_env(given, device=device)
            return dict(known(hub, device).env)

        return {"environment_variables": acted(owner, act)}

    @api.delete(ONE + "/environment_variables/{key}")
    def delete_variable(device: str, key: str) -> dict[str, Any]:
        return set_variables(device, EnvironmentVariables(environment_variables={key: ""}))

    @api.post(ONE + "/signal")
    def send_signal(device: str, signal: SignalBody) -> dict[str, bool]:
        def act(hub: Hub) -> bool:
            known(hub, device)
            return hub.send_signal(signal.body, device=device)

        return {"connected": acted(owner, act)}

    @api.get(ONE + "/sessions")
    def sessions(device: str, size: PageSize = 50, number: PageNum = 1) -> dict[str, Any]:
        def found(hub: Hub) -> list[dict[str, Any]]:
            one = known(hub, device)
            return [shapes.session(each, one) for each in reversed(one.sessions)]

        shown, more = page(acted(owner, found), size, number)
        return {"sessions": shown, "has_more": more}

    @api.get(ONE + "/health-log")
    def health(device: str) -> dict[str, Any]:
        def found(hub: Hub) -> list[dict[str, Any]]:
            log = known(hub, device).health
            return [one | {"when": shapes.when(one["when"] * 1000)} for one in log]

        return {"health_log": acted(owner, found)}

    @api.get(ONE + "/latest")
    def latest(device: str) -> dict[str, Any]:
        def found(hub: Hub) -> list[dict[str, Any]]:
            known(hub, device)
            chosen = hub.project.chosen(devices=[device])
            by_file = {event["file"]: event for _, event in chosen}
            return list(by_file.values())

        return {"latest_events": acted(owner, found)}

    @api.get(ONE + "/fleets")
    def fleets(device: str) -> dict[str, Any]:
        return acted(owner, lambda hub: _fleets(hub, known(hub, device)))

    @api.put(ONE + "/fleets")
    def join(device: str, wanted: dict[str, list[str]]) -> dict[str, Any]:
        return _change_fleets(owner, device, wanted.get("fleet_uids", []), leave=False)

    @api.delete(ONE + "/fleets")
    def leave(device: str, wanted: dict[str, list[str]]) -> dict[str, Any]:
        return _change_fleets(owner, device, wanted.get("fleet_uids", []), leave=True)

    _add_notes(api, owner)
    return api


def _fleets(hub: Hub, one: HubDevice) -> dict[str, Any]:
    found = [hub.project.fleets[uid] for uid in one.fleets if uid in hub.project.fleets]
    return {"fleets": [shapes.fleet(each) for each in found]}


def _change_fleets(owner: HubOwner, device: str, uids: list[str], *, leave: bool) -> dict[str, Any]:
    def act(hub: Hub) -> dict[str, Any]:
        one = known(hub, device)
        for uid in uids:
            if uid not in hub.project.fleets:
                raise HTTPException(404, f"no fleet {uid[:100]}")
        kept = [uid for uid in one.fleets if uid not in uids]
        one.fleets = kept if leave else [*kept, *uids]
        return _fleets(hub, one)

    return acted(owner, act)


def _add_notes(api: Routes, owner: HubOwner) -> None:
    @api.post(ONE + "/notes/{file}")
    def add_queue_note(device: str, file: str, note: InboundNote) -> dict[str, Any]:
        return _queue(owner, device, file, note)

    @api.post(ONE + "/notes/{file}/{note_id}")
    @api.put(ONE + "/notes/{file}/{note_id}")
    def add_db_note(device: str, file: str, note_id: str, note: InboundNote) -> dict[str, Any]:
        return _queue(owner, device, file, note, note_id)

    @api.delete(ONE + "/notes/{file}/{note_id}")
    def delete_note(device: str, file: str, note_id: str) -> dict[str, Any]:
        return _queue(owner, device, file, InboundNote(payload=""), note_id, deleted=True)

    @api.get(ONE + "/notes/{file}/{note_id}")
    def db_note(device: str, file: str, note_id: str) -> dict[str, Any]:
        def found(hub: Hub) -> dict[str, Any]:
            one = known(hub, device).databases.get(file, {}).get(note_id)
            if one is None:
                raise HTTPException(404, f"no note {note_id[:100]} in {file[:100]}")
            return shapes.note(one)

        return acted(owner, found)

    @api.get(ONE + "/notes/{file}")
    def notefile(device: str, file: str, limit: Annotated[int, Field(alias="max")] = 0) -> Any:
        def found(hub: Hub) -> dict[str, Any]:
            one = known(hub, device)
            held = {key: shapes.note(note) for key, note in one.databases.get(file, {}).items()}
            if file.endswith((".qi", ".qis")):
                waiting = [each for each in one.inbound if each.file == file]
                held = {str(n): {"body": each.body or {}} for n, each in enumerate(waiting, 1)}
            shown = dict(list(held.items())[: limit or None])
            return {"notes": shown, "total": len(held), "changes": 0}

        return acted(owner, found)

    @api.get(ONE + "/files")
    def files(device: str) -> Any:
        def found(hub: Hub) -> list[dict[str, Any]]:
            return [
                {"id": name, "notes": [{"id": key} | shapes.note(n) for key, n in held.items()]}
                for name, held in known(hub, device).databases.items()
            ]

        return acted(owner, found)


def _queue(
    owner: HubOwner,
    device: str,
    file: str,
    note: InboundNote,
    note_id: str = "",
    *,
    deleted: bool = False,
) -> dict[str, Any]:
    def act(hub: Hub) -> None:
        known(hub, device)
        hub.add_note(file, note.body, note.payload, note_id, device=device, deleted=deleted)

    acted(owner, act)
    return {}

"""/v1/projects/…: the project itself, its products, fleets, routes and host firmware."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from sim.notecard.api import shapes
from sim.notecard.api.devices import PageNum, PageSize, listed
from sim.notecard.api.ports import EnvironmentVariables, HubOwner, acted, known, page
from sim.notecard.api.routes import Routes
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.project import FLEETS_MAX, HubFleet

PROJECT = "/v1/projects/{project}"
FLEET = PROJECT + "/fleets/{fleet}"


def _fleet(hub: Hub, uid: str) -> HubFleet:
    if uid not in hub.project.fleets:
        raise HTTPException(404, f"no fleet {uid[:100]}")
    return hub.project.fleets[uid]


def _merged(env: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in (env | given).items() if text}


def router(owner: HubOwner) -> Routes:
    """The routes."""
    api = Routes()

    @api.get("/v1/projects")
    def projects() -> dict[str, Any]:
        return {"projects": [acted(owner, lambda hub: shapes.project(hub.project))]}

    @api.get(PROJECT)
    def project() -> dict[str, Any]:
        return acted(owner, lambda hub: shapes.project(hub.project))

    @api.get(PROJECT + "/products")
    def products() -> dict[str, Any]:
        def found(hub: Hub) -> list[str]:
            uids = [shapes.device(one)["product_uid"] for one in hub.project.devices.values()]
            return sorted({uid for uid in uids if uid})

        shown = [
            {"uid": uid, "label": uid, "disable_devices_by_default": False}
            for uid in acted(owner, found)
        ]
        return {"products": shown}

    @api.get(PROJECT + "/environment_variables")
    def variables() -> dict[str, Any]:
        return {"environment_variables": acted(owner, lambda hub: dict(hub.project.env))}

    @api.put(PROJECT + "/environment_variables")
    def set_variables(wanted: EnvironmentVariables) -> dict[str, Any]:
        def act(hub: Hub) -> dict[str, str]:
            hub.project.env = _merged(hub.project.env, wanted.environment_variables)
            return dict(hub.project.env)

        return {"environment_variables": acted(owner, act)}

    @api.delete(PROJECT + "/environment_variables/{key}")
    def delete_variable(key: str) -> dict[str, Any]:
        return set_variables(EnvironmentVariables(environment_variables={key: ""}))

    _add_fleets(api, owner)
    _add_routes(api, owner)
    _add_firmware(api, owner)
    return api


def _add_fleets(api: Routes, owner: HubOwner) -> None:
    @api.get(PROJECT + "/fleets")
    def fleets() -> dict[str, Any]:
        found = acted(owner, lambda hub: list(hub.project.fleets.values()))
        return {"fleets": [shapes.fleet(one) for one in found]}

    @api.post(PROJECT + "/fleets", status_code=201)
    def create(wanted: dict[str, Any]) -> dict[str, Any]:
        def act(hub: Hub) -> dict[str, Any]:
            if len(hub.project.fleets) >= FLEETS_MAX:
                raise HTTPException(400, f"{FLEETS_MAX} fleets are the most")
            label = str(wanted.get("label", "fleet"))[:100]
            return shapes.fleet(hub.project.add_fleet(label, hub.utc_ms))

        return acted(owner, act)

    @api.get(FLEET)
    def fleet(fleet: str) -> dict[str, Any]:
        return acted(owner, lambda hub: shapes.fleet(_fleet(hub, fleet)))

    @api.delete(FLEET, status_code=204)
    def remove(fleet: str) -> None:
        def act(hub: Hub) -> None:
            _fleet(hub, fleet)
            hub.project.remove_fleet(fleet)

        acted(owner, act)

    @api.get(FLEET + "/devices")
    def devices(fleet: str, size: PageSize = 50, number: PageNum = 1) -> dict[str, Any]:
        found = acted(owner, lambda hub: listed(hub, _fleet(hub, fleet).uid))
        shown, more = page(found, size, number)
        return {"devices": shown, "has_more": more}

    @api.get(FLEET + "/environment_variables")
    def variables(fleet: str) -> dict[str, Any]:
        return {"environment_variables": acted(owner, lambda hub: dict(_fleet(hub, fleet).env))}

    @api.put(FLEET + "/environment_variables")
    def set_variables(fleet: str, wanted: EnvironmentVariables) -> dict[str, Any]:
        def act(hub: Hub) -> dict[str, str]:
            one = _fleet(hub, fleet)
            one.env = _merged(one.env, wanted.environment_variables)
            return dict(one.env)

        return {"environment_variables": acted(owner, act)}

    @api.delete(FLEET + "/environment_variables/{key}")
    def delete_variable(fleet: str, key: str) -> dict[str, Any]:
        return set_variables(fleet, EnvironmentVariables(environment_variables={key: ""}))


def _add_routes(api: Routes, owner: HubOwner) -> None:
    @api.get(PROJECT + "/routes")
    def routes() -> Any:
        return acted(owner, lambda hub: [shapes.route(one) for one in hub.routes])

    @api.get(PROJECT + "/routes/{route}")
    def route(route: str) -> Any:
        def found(hub: Hub) -> dict[str, Any]:
            for one in hub.routes:
                if one.uid == route:
                    http = {"url": one.shown_url, "timeout": int(one.timeout_s)}
                    return shapes.route(one) | {"http": http}
            raise HTTPException(404, f"no route {route[:100]}")

        return acted(owner, found)

    @api.get(PROJECT + "/routes/{route}/route-logs")
    def logs(route: str, size: PageSize = 50, number: PageNum = 1) -> Any:
        def found(hub: Hub) -> list[dict[str, Any]]:
            mine = [one for one in hub.deliveries.logs if one.route_uid == route]
            return [shapes.route_log(one) for one in reversed(mine)]

        return page(acted(owner, found), size, number)[0]


def _add_firmware(api: Routes, owner: HubOwner) -> None:
    @api.get(PROJECT + "/firmware")
    def firmware() -> Any:
        return acted(owner, lambda hub: [_info(one.body) for one in hub.firmware.values()])

    @api.put(PROJECT + "/firmware/host/{filename}")
    async def upload(
        filename: str,
        request: Request,
        version: Annotated[str, Field(max_length=100)] = "",
        notes: Annotated[str, Field(max_length=1000)] = "",
    ) -> Any:
        data = await request.body()
        offer = acted(owner, lambda hub: hub.add_firmware(filename, data, version, notes))
        return _info(offer.body)

    @api.post(PROJECT + "/dfu/host/{action}")
    def perform(
        action: str,
        wanted: dict[str, Any] | None = None,
        device_uid: Annotated[list[str] | None, Field(alias="deviceUID")] = None,
    ) -> dict[str, Any]:
        if action not in ("update", "cancel"):
            raise HTTPException(400, "action: update or cancel")
        filename = str((wanted or {}).get("filename", "")) if action == "update" else ""

        def act(hub: Hub) -> None:
            uids = device_uid or list(hub.project.devices) or [hub.default]
            for uid in uids:
                known(hub, uid)
            hub.offer_firmware(filename, uids)

        acted(owner, act)
        return {}


def _info(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "filename": body["name"],
        "type": "host",
        "md5": body["md5"],
        "version": str(body["info"].get("version", "")),
        "description": str(body["notes"]),
        "created": shapes.when(int(body["created"]) * 1000),
        "published": True,
    }

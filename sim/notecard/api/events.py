"""/v1/projects/…/events: by page, by cursor, by fleet; and what became of each."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.exceptions import HTTPException

from sim.notecard.api import shapes
from sim.notecard.api.devices import PageNum, PageSize
from sim.notecard.api.ports import PAGE_MAX, HubOwner, acted, page
from sim.notecard.api.routes import Routes

PROJECT = "/v1/projects/{project}"
Uids = Annotated[list[str] | None, Field(alias="deviceUID")]
Files = Annotated[str, Field(max_length=4096)]
Order = Annotated[str, Field(alias="sortOrder", pattern="^(asc|desc)$")]
SystemOnly = Annotated[bool, Field(alias="systemFilesOnly")]
FleetUid = Annotated[str, Field(alias="fleetUID")]


def router(owner: HubOwner) -> Routes:
    """The routes."""
    api = Routes()

    @api.get(PROJECT + "/events")
    @api.get(PROJECT + "/fleets/{fleet}/events")
    def events(
        size: PageSize = 50,
        number: PageNum = 1,
        device_uid: Uids = None,
        files: Files = "",
        order: Order = "desc",
        system_only: SystemOnly = False,
        fleet_uid: FleetUid = "",
        fleet: str = "",
    ) -> dict[str, Any]:
        chosen = _chosen(owner, device_uid, files, fleet or fleet_uid, system_only)
        found = [event for _, event in (chosen if order == "asc" else reversed(chosen))]
        shown, more = page(found, size, number)
        return {"events": shown, "has_more": more}

    @api.get(PROJECT + "/events-cursor")
    @api.get(PROJECT + "/fleets/{fleet}/events-cursor")
    def by_cursor(
        limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 50,
        cursor: Annotated[str, Field(max_length=64)] = "",
        device_uid: Uids = None,
        files: Files = "",
        order: Order = "asc",
        system_only: SystemOnly = False,
        fleet_uid: FleetUid = "",
        fleet: str = "",
    ) -> dict[str, Any]:
        chosen = _chosen(owner, device_uid, files, fleet or fleet_uid, system_only)
        rising = order == "asc"
        if not rising:
            chosen = chosen[::-1]
        if cursor:
            at = _position(cursor, chosen)
            chosen = [one for one in chosen if (one[0] > at if rising else one[0] < at)]
        shown, more = chosen[:limit], len(chosen) > limit
        following = str(shown[-1][1]["event"]) if shown else cursor
        return {"events": [e for _, e in shown], "next_cursor": following, "has_more": more}

    def _position(cursor: str, chosen: list[tuple[int, dict[str, Any]]]) -> int:
        """A cursor is the ID of the last event that was shown."""
        numbers = acted(owner, lambda hub: {str(e["event"]): n for n, e in hub.project.chosen()})
        if cursor not in numbers:
            raise HTTPException(400, "cursor: not one that was given out, or too old")
        return numbers[cursor]

    @api.get(PROJECT + "/events/{event}/route-logs")
    def logs_of_event(event: str) -> Any:
        return acted(
            owner,
            lambda hub: [
                shapes.route_log(one) for one in hub.deliveries.logs if one.event_uid == event
            ],
        )

    return api


def _chosen(
    owner: HubOwner, devices: list[str] | None, files: str, fleet: str, system_only: bool
) -> list[tuple[int, dict[str, Any]]]:
    named = [one.strip() for one in files.split(",") if one.strip()]
    return acted(
        owner,
        lambda hub: hub.project.chosen(
            devices=devices or (), files=named, fleet=fleet, system_only=system_only
        ),
    )

"""What a person may do to a running badge: pick a worker, end the shift."""

from __future__ import annotations

from collections.abc import Mapping

from badge.errors import InputError
from badge.inputs import Assign, Unassign
from hil.app.pump import AsyncPump


class BadgeButtons:
    """Buttons and keys alike; every method answers in words, or raises InputError."""

    def __init__(self, pump: AsyncPump, worker_id: str) -> None:
        self._pump, self._worker_id = pump, worker_id

    def assign(self, worker_id: str | None = None, assigned_by: str | None = None) -> str:
        """Begin a shift of a worker, by default the one given at the start."""
        worker_id = worker_id or self._worker_id
        badge = self._pump.badge
        known = badge.config.worker_ids
        if known and worker_id not in known:
            raise InputError(f"{worker_id}: not in the configuration's worker_ids")
        if badge.state == "active":
            raise InputError(
                f"a shift is open already ({badge.store.state.worker_id}); end it first"
            )
        self._pump.receive(Assign(worker_id, assigned_by))
        if badge.state != "active":
            raise InputError(f"the badge is {badge.state} and took no worker")
        return f"the shift of {worker_id} has begun"

    def unassign(self) -> str:
        """End the shift."""
        badge = self._pump.badge
        worker_id = badge.store.state.worker_id
        if badge.state != "active":
            raise InputError("no shift is open")
        self._pump.receive(Unassign())
        return f"the shift of {worker_id} has ended"

    def press(self, request: Mapping[str, object]) -> str:
        """Do what a request over the socket asks for."""
        match request:
            case {"do": "assign", "worker_id": str(worker_id), "assigned_by": str(by)} if worker_id:
                return self.assign(worker_id, by)
            case {"do": "assign", "worker_id": str(worker_id)} if worker_id:
                return self.assign(worker_id)
            case {"do": "unassign"}:
                return self.unassign()
        raise InputError("assign with a worker_id, or unassign, is expected")

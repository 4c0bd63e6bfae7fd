"""How a process watches its badges for the platforms; without any it watches nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from badge.effects import Upload
from sim.fleet.field.life import FieldLife
from sim.fleet.upload.backend import Backend, Reply
from sim.scenario.plan.roster import Roster

if TYPE_CHECKING:
    from sim.fleet.webhooks.badge_causes import BadgeCauses, CauseContext
    from sim.fleet.webhooks.cause_files import LiveCauses


class WatchedBackend:
    """A cloud that tells of each batch that reaches it, before it is posted on."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.causes: BadgeCauses | None = None

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Tell, and post."""
        if self.causes is not None:
            self.causes.uploaded(upload)
        return self._backend.post(device_id, upload)


class Unwatched:
    """Nobody wants to know."""

    def watched(self, backend: Backend) -> Backend:
        """Leave the cloud as it is."""
        return backend

    def follow(self, index: int, badge: FieldLife, watched: Backend) -> None:
        """Follow nobody."""

    def begin_live(self, number: int) -> None:
        """Nobody listens."""

    def tell(self, before_ms: int) -> None:
        """Nobody listens."""

    def finish(self, *indexes: int) -> None:
        """Nothing was noted."""


class Watch(Unwatched):
    """Notes what the badges of one process cause, and writes it into the job's folder."""

    def __init__(self, context: CauseContext, folder: Path) -> None:
        self._context, self._folder = context, folder
        self._causes: dict[int, BadgeCauses] = {}
        self._live: LiveCauses | None = None

    def watched(self, backend: Backend) -> Backend:
        """Listen to what reaches a cloud."""
        return WatchedBackend(backend)

    def follow(self, index: int, badge: FieldLife, watched: Backend) -> None:
        """Follow a badge from before its first boot on."""
        from sim.fleet.webhooks.badge_causes import BadgeCauses

        assert isinstance(watched, WatchedBackend)
        watched.causes = self._causes[index] = BadgeCauses(self._context, index, badge)
        badge.observe(*badge.observers, watched.causes)

    def begin_live(self, number: int) -> None:
        """Write while the badges run, into the file of the process of that number."""
        from sim.fleet.webhooks.cause_files import LiveCauses

        self._live = LiveCauses(self._folder, number, list(self._causes.values()))

    def tell(self, before_ms: int) -> None:
        """Everything before a time has happened."""
        if self._live is not None:
            self._live.tell(self._context.start_unix_ms + before_ms)

    def finish(self, *indexes: int) -> None:
        """These badges are done."""
        from sim.fleet.webhooks.cause_files import write_whole

        end_ms = self._context.start_unix_ms + self._context.roster.parameters.end_ms
        if self._live is not None:
            self._live.tell(end_ms + 1, now=True)
            return
        for index in indexes:
            write_whole(self._folder, index, self._causes.pop(index), end_ms)


def watch_of(roster: Roster, folder: Path) -> Unwatched:
    """Watch, if any platform is on the site."""
    if not roster.source.scenario.platforms.any:
        return Unwatched()
    from sim.fleet.webhooks.badge_causes import CauseContext

    return Watch(CauseContext(roster), folder)

"""How a process watches its badges for the neighbours; without any it watches nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from badge.effects import Upload
from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import Cloud, Reply
from sim.scenario.plan.roster import Roster

if TYPE_CHECKING:
    from sim.fleet.webhooks.badge_causes import Ground, Trace
    from sim.fleet.webhooks.cause_files import LiveCauses


class Ears:
    """A cloud that tells of each batch that reaches it, before it is posted on."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.trace: Trace | None = None

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Tell, and post."""
        if self.trace is not None:
            self.trace.uploaded(upload)
        return self._cloud.post(device_id, upload)


class Unwatched:
    """Nobody wants to know."""

    def ears(self, cloud: Cloud) -> Cloud:
        """Leave the cloud as it is."""
        return cloud

    def follow(self, index: int, badge: FieldBadge, ears: Cloud) -> None:
        """Follow nobody."""

    def begin_live(self, number: int) -> None:
        """Nobody listens."""

    def tell(self, before_ms: int) -> None:
        """Nobody listens."""

    def finish(self, *indexes: int) -> None:
        """Nothing was noted."""


class Watch(Unwatched):
    """Notes what the badges of one process cause, and writes it into the job's folder."""

    def __init__(self, ground: Ground, folder: Path) -> None:
        self._ground, self._folder = ground, folder
        self._traces: dict[int, Trace] = {}
        self._live: LiveCauses | None = None

    def ears(self, cloud: Cloud) -> Cloud:
        """Listen to what reaches a cloud."""
        return Ears(cloud)

    def follow(self, index: int, badge: FieldBadge, ears: Cloud) -> None:
        """Follow a badge from before its first boot on."""
        from sim.fleet.webhooks.badge_causes import Trace

        assert isinstance(ears, Ears)
        ears.trace = self._traces[index] = Trace(self._ground, index, badge)
        badge.observe(*badge.observers, ears.trace)

    def begin_live(self, number: int) -> None:
        """Write while the badges run, into the file of the process of that number."""
        from sim.fleet.webhooks.cause_files import LiveCauses

        self._live = LiveCauses(self._folder, number, list(self._traces.values()))

    def tell(self, before_ms: int) -> None:
        """Everything before a time has happened."""
        if self._live is not None:
            self._live.tell(before_ms)

    def finish(self, *indexes: int) -> None:
        """These badges are done."""
        from sim.fleet.webhooks.cause_files import write_whole

        end_ms = self._ground.roster.parameters.end_ms
        if self._live is not None:
            self._live.tell(end_ms + 1, now=True)
            return
        for index in indexes:
            write_whole(self._folder, index, self._traces.pop(index), end_ms)


def watch_of(roster: Roster, folder: Path) -> Unwatched:
    """Watch, if any neighbour is on the site."""
    if not roster.source.scenario.platforms.any:
        return Unwatched()
    from sim.fleet.webhooks.badge_causes import Ground

    return Watch(Ground(roster), folder)

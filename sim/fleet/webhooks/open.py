"""The platforms of a run, or none: only a site with platforms needs their libraries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.fleet.webhooks.options import WebhookOptions
from sim.scenario.plan.roster import Roster

if TYPE_CHECKING:
    from sim.fleet.webhooks.run import WebhookRun


class NoWebhooks:
    """No platform is on the site."""

    def __enter__(self) -> NoWebhooks:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def finish(self) -> None:
        """Nothing is to be done."""

    def write(self, truth: Path, facts: Mapping[str, str]) -> dict[str, Any]:
        """Nothing is to be written."""
        return {}

    def figures(self) -> dict[str, Any]:
        """Nothing was posted."""
        return {}


def open_webhooks(
    roster: Roster,
    webhooks: WebhookOptions,
    folder: Path,
    parts: Path,
    speed: float | None,
    processes: int,
) -> WebhookRun | NoWebhooks:
    """Bring the platforms onto the site, if there are any; see `WebhookRun`."""
    if not roster.source.scenario.platforms.any:
        return NoWebhooks()
    from sim.fleet.webhooks.run import WebhookRun

    return WebhookRun(roster, webhooks, folder, parts, speed, processes)

"""What a badge on wires is asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from badge.config import BadgeConfig

uplink_option = click.option(
    "--uplink",
    type=click.Choice(["web", "note"]),
    default="web",
    show_default=True,
    help="By web.post, a batch each, or by notes, an event each.",
)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """A badge as `badge run` and the real gates are asked for it."""

    notecard: str
    scanner: str
    config: BadgeConfig
    flash: Path
    uplink: str = "web"
    route: str = "ingest"
    name: str = ""
    product: str | None = None
    record: Path | None = None
    worker: str = "W-007"
    assign_now: bool = False
    firmware_version: str = "0.1.0"
    duration_s: float | None = None

"""Formats by their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:  # the names of the formats are in the help, which loads no library
    from sim.view.sources.opened import Opened


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """Where a format's writer is, loaded when it is asked for, and how its files end."""

    module: str
    writer: str
    suffix: str

    def write(self, opened: Opened, file: BinaryIO) -> None:
        """Write a picture."""
        write: Callable[[Any, BinaryIO], None] = getattr(import_module(self.module), self.writer)
        write(opened, file)


FORMATS = {
    "gpx": ExportFormat("sim.view.export.gpx", "write_gpx", ".gpx"),
    "geojson": ExportFormat("sim.view.export.geojson", "write_geojson", ".geojson"),
    "csv": ExportFormat("sim.view.export.table", "write_csv", ".csv"),
    "perfetto": ExportFormat("sim.view.export.perfetto", "write_perfetto", ".perfetto-trace"),
    "mcap": ExportFormat("sim.view.export.mcap", "write_mcap", ".mcap"),
}

"""What a badge in C leaves behind: its rows in columns, written as the parts of a run are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from badge.contract.events import EVENT_TYPES
from badge.effects import Upload
from badge.host.c_pump import WHYS
from sim.fleet.columnar.badge import ColumnarBadge
from sim.fleet.columnar.truth import ColumnTruth
from sim.fleet.output.part_files import RowFiles
from sim.fleet.output.parts import LifePart, numbers_of
from sim.scenario.plan.site import SitePlan


class ColumnarPart(LifePart):
    """Writes the final rows of a badge in C."""

    def __init__(
        self, site_plan: SitePlan, files: RowFiles, index: int, badge: ColumnarBadge
    ) -> None:
        self._columns = ColumnTruth(site_plan, badge.worn)
        super().__init__(files, index, badge, self._columns)
        self._pump = badge.pump
        self._watched = site_plan.source.scenario.platforms.any
        self._batches: list[bytes] = []

    def keep_batch(self, upload: Upload) -> None:
        """Keep an upload as it was sent, for the next time that something is written."""
        self._batches += (upload.body, b"\n")

    @property
    def _settled(self) -> int:
        return self._pump.closed_count

    def _write(self) -> None:
        if self._batches:
            self._append(".batches", self._batches)
            self._batches.clear()
        rows, text = self._pump.take_rows()
        events, truths = self._columns.lines_of(rows, text)
        self._append(".events", [events])
        self._append(".truth", [truths])
        if self._watched:
            self._append(".numbers", [numbers_of(np.column_stack((rows["ms"], rows["number"])))])
        self._events.update(_counts(rows["type"], EVENT_TYPES))
        self._fates.update(_counts(rows["why"], ("delivered", *WHYS[1:])))


def _counts(column: NDArray[np.uint8], names: Sequence[str | None]) -> dict[str, int]:
    """Count each value by its name, in the order in which they first came."""
    return {str(names[value]): count for value, count in Counter(column.tobytes()).items()}

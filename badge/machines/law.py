"""All tables of the law in one place, for diagrams, coverage counts and tests."""

from __future__ import annotations

from badge.machines.battery import THRESHOLD
from badge.machines.firmware import FIRMWARE
from badge.machines.gps import GPS
from badge.machines.motion import MOTION
from badge.machines.proximity import SCAN, TAG
from badge.machines.shift import SHIFT
from badge.machines.table import Table
from badge.machines.upload import UPLOAD

TABLES: tuple[Table, ...] = (SHIFT, MOTION, GPS, SCAN, TAG, THRESHOLD, UPLOAD, FIRMWARE)

"""Drive a badge from a loop of your own: no fleet, no files, no clock but yours.

A worker walks past a mower for a minute.  The badge says when it wants to be called next; what it
wants done comes back as effects, in order.  Run it:  python examples/own_loop.py

     0 s  reboot {'reason': 'power_on', 'previous_uptime_s': 0, 'events_in_queue': 0}
     0 s  shift_start {'worker_id': 'W-007'}
     2 s  gps {'lat': 45.8, 'lon': 15.97, 'accuracy_m': 3.6, 'fix_type': '3d'}
    15 s  ble_proximity {'tag_mac': 'F4:A7:2E:11:03:BC', 'rssi': -58, 'detection_count': 3}
    17 s  gps {'lat': 45.800135, 'lon': 15.97, 'accuracy_m': 3.6, 'fix_type': '3d'}
    32 s  gps {'lat': 45.80027, 'lon': 15.97, 'accuracy_m': 3.6, 'fix_type': '3d'}
    47 s  gps {'lat': 45.800405, 'lon': 15.97, 'accuracy_m': 3.6, 'fix_type': '3d'}
    60 s  upload of 7 events, 1425 bytes
    60 s  shift_end {'worker_id': 'W-007', 'end_reason': 'manual'}
    61 s  upload of 1 events, 195 bytes
"""

from __future__ import annotations

from badge import Badge, BadgeConfig
from badge.effects import Logged, PollGps, StartScan, Upload
from badge.inputs import (
    Assign,
    Boot,
    GpsFix,
    Input,
    ScanResult,
    Tick,
    Unassign,
    UploadAnswer,
    UtcLearned,
)

MOWER = "F4:A7:2E:11:03:BC"
badge = Badge(BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=[MOWER]))
todo: list[tuple[int, Input]] = [(0, Boot()), (0, UtcLearned(1_773_477_135_000))]
todo += [(0, Assign("W-007")), (60_000, Unassign())]

while todo[0][0] <= 62_000:
    now_ms, what = todo.pop(0)
    for effect in badge.receive(what, now_ms):
        match effect:
            case Logged(entry):
                print(f"{now_ms // 1000:6} s  {entry.event_type} {entry.payload}")
            case PollGps():
                todo.append((now_ms + 2000, GpsFix(45.8 + now_ms * 9e-9, 15.97, hdop=1.2)))
            case StartScan(duration_ms):
                todo.append((now_ms + duration_ms, ScanResult(((MOWER, -58),))))
            case Upload(request, body, count):
                print(f"{now_ms // 1000:6} s  upload of {count} events, {len(body)} bytes")
                todo.append((now_ms + 1000, UploadAnswer(request, 202)))
    if badge.next_deadline_ms is not None:  # None: it is off
        todo.append((badge.next_deadline_ms, Tick()))
    todo.sort(key=lambda item: item[0])

"""How often a device may ask."""

from __future__ import annotations

from collections import OrderedDict, deque

WINDOW_MS = 60_000
DEVICES_REMEMBERED = 10_000


class RequestPace:
    """At most `per_minute` requests of one device within any 60 s; memory is bounded."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._asked_ms: OrderedDict[str, deque[int]] = OrderedDict()

    def wait_s(self, device_id: str, now_ms: int) -> int:
        """Admit and count a request (0), or tell how many whole seconds to wait."""
        asked = self._asked_ms.setdefault(device_id, deque(maxlen=self._per_minute))
        self._asked_ms.move_to_end(device_id)
        if len(self._asked_ms) > DEVICES_REMEMBERED:
            self._asked_ms.popitem(last=False)
        left_ms = asked[0] + WINDOW_MS - now_ms if len(asked) == self._per_minute else 0
        if left_ms > 0:
            return -(-left_ms // 1000)
        asked.append(now_ms)
        return 0

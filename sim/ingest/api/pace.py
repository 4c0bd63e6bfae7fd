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
        """Admit a request (0), or tell how many whole seconds to wait."""
        asked = self._asked_ms.get(device_id)
        if asked is None or len(asked) < self._per_minute:
            return 0
        return max(0, -(-(asked[0] + WINDOW_MS - now_ms) // 1000))

    def count(self, device_id: str, now_ms: int) -> None:
        """Count a request that was taken; the device that was silent longest may be forgotten."""
        asked = self._asked_ms.setdefault(device_id, deque(maxlen=self._per_minute))
        self._asked_ms.move_to_end(device_id)
        if len(self._asked_ms) > DEVICES_REMEMBERED:
            self._asked_ms.popitem(last=False)
        asked.append(now_ms)

"""Why a server refuses, by reason and device, and the last bodies that it refused, on demand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.host.files import whole_file
from badge.words import counted
from sim.ingest.api.answers import Answer

KEPT_MAX = 50  # bodies, the last ones
KINDS_MAX = 1000  # of reasons and devices that are told apart; what is more goes by one name
NOBODY, OTHERS = "no device", "other devices"
REASONS_SHOWN = 10
DEVICES_SHOWN = 3
_TEXT_MAX = 120
_DEVICE = re.compile(rb'"device_id"\s*:\s*"(ACT-[0-9A-F]{8})"')
_KEY = re.compile(r"ak_([0-9A-F]{8})_")
_SECRET = re.compile(rb"(?:ak_[0-9A-Fa-f]{8}|prov|admin)_[A-Za-z0-9_-]+")
_LOOKED_AT_BYTES = 8192


class Refusals:
    """Counts what was refused: an event of a 207, else a request; keeps the last bodies in `keep`.

    A body is written with its answer and without any key.  A folder that cannot be written is told
    to `say` once, and then no more is kept; the server goes on.
    """

    def __init__(
        self, keep: Path | None = None, say: Callable[[str], None] = lambda words: None
    ) -> None:
        self.counts: Counter[tuple[int, str, str]] = Counter()  # status, reason, device
        self._keep, self._say = keep, say
        self._kept: list[Path] = []
        self._serial = 0

    def note(self, answer: Answer, raw: bytes, key: str, at: str) -> None:
        """Take an answer in with the body and the key that it is an answer to."""
        reasons = _reasons(answer)
        if not reasons:
            return
        device = _device(raw, key)
        for reason in reasons:
            kind = (answer.status, reason, device)
            if kind not in self.counts and len(self.counts) >= KINDS_MAX:
                kind = (answer.status, "other reasons", OTHERS)
            self.counts[kind] += 1
        if self._keep is not None and raw:  # of a stranger nothing was read
            self._write(self._keep, answer, raw, device, at)

    def lines(self) -> Iterator[str]:
        """Say why, the most frequent reason first, and whom it concerns."""
        by_reason: dict[tuple[int, str], Counter[str]] = {}
        for (status, reason, device), count in self.counts.items():
            by_reason.setdefault((status, reason), Counter())[device] += count
        ranked = sorted(by_reason.items(), key=lambda item: (-item[1].total(), item[0]))
        for (status, reason), devices in ranked[:REASONS_SHOWN]:
            named = ", ".join(f"{name} {n}" for name, n in devices.most_common(DEVICES_SHOWN))
            more = len(devices) - DEVICES_SHOWN
            named += f" and {counted(more, 'more device')}" if more > 0 else ""
            yield f"refused {devices.total()} ({status}): {reason}: {named}"
        if len(ranked) > REASONS_SHOWN:
            yield f"refused for {counted(len(ranked) - REASONS_SHOWN, 'more reason')}"

    def rows(self) -> list[dict[str, Any]]:
        """Return the same for machines, whole."""
        return [
            {"status": status, "reason": reason, "device": device, "count": count}
            for (status, reason, device), count in self.counts.most_common()
        ]

    def _write(self, folder: Path, answer: Answer, raw: bytes, device: str, at: str) -> None:
        self._serial += 1
        name = device if device.startswith("ACT-") else "nobody"
        path = folder / f"{self._serial:06d}-{answer.status}-{name}.json"
        body = _SECRET.sub(b"(a key)", raw).decode("utf-8", "backslashreplace")
        kept = {"at": at, "status": answer.status, "answer": answer.body, "body": body}
        try:
            with whole_file(path) as file:
                file.write(to_json(kept) + b"\n")
            self._kept.append(path)
            if len(self._kept) > KEPT_MAX:
                self._kept.pop(0).unlink(missing_ok=True)
        except OSError as error:
            self._say(f"{folder}: {error.strerror or error}; no more refused bodies are kept")
            self._keep = None


def _reasons(answer: Answer) -> list[str]:
    if answer.status == 207:
        listed = answer.body.get("rejected_events", [])
        return [_plain(str(one.get("reason", ""))) for one in listed]
    return [_plain(str(answer.body.get("error", "")))] if answer.status >= 400 else []


def _plain(text: str) -> str:
    """A reason without what differs each time, in printable ASCII."""
    ascii_text = to_json(re.sub(r"\d+", "N", text)).decode().encode("ascii", "backslashreplace")
    return ascii_text.decode()[1:-1][:_TEXT_MAX]


def _device(raw: bytes, key: str) -> str:
    """Whom it concerns: the device that the body names, else that of the key."""
    if found := _DEVICE.search(raw[:_LOOKED_AT_BYTES]):
        return found[1].decode()
    named = _KEY.match(key)
    return f"ACT-{named[1]}" if named else NOBODY

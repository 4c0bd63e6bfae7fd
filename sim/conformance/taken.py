"""What a receiver made of the deliveries that it acknowledged: each event once, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.documents import read_file
from sim.conformance.kit.check import Check
from sim.conformance.kit.webhook import Event, ReceiverUnderTest, WebhookSession
from sim.conformance.run import CheckResult

CLAUSE = "docs/conform.md: one line of JSON for each event that the receiver processes"
BYTES_MAX = 1 << 28
LOOK_S = 0.2
_SHOWN = 5


def look_at_taken(
    receiver: ReceiverUnderTest, path: Path, pause: Callable[[float], None] = sleep
) -> Iterator[CheckResult]:
    """Compare the lines that a receiver wrote with what it acknowledged in this run.

    A line is an event as it came, or what `badge listen --json` prints; its lines that say
    `"duplicate": true` or `refused` do not count.  A receiver that works after its answer is
    waited for.  InputError for a file that cannot be read.
    """
    until_s = monotonic() + receiver.profile.patience_s
    taken = _read(receiver, path)
    while not taken.keys() >= receiver.acknowledged.keys() and monotonic() < until_s:
        pause(LOOK_S)
        taken = _read(receiver, path)
    known = receiver.acknowledged
    # One that was turned away and taken later is no stranger.
    strangers = receiver.refused - known.keys()
    yield _result(
        "processes what it acknowledged", "a line for each event", known.keys() - taken.keys()
    )
    twice = {key for key in known.keys() & taken.keys() if len(taken[key]) > 1}
    yield _result("processes each event once", "one line for each event", twice)
    yield _result(
        "processes nothing that it refused", "no line for a refused one", strangers & taken.keys()
    )
    # What was sent first may have been taken without an answer in time, and stands for the key.
    sent = {key: [known[key], *receiver.unanswered.get(key, ())] for key in known}
    changed = {
        key
        for key in known.keys() & taken.keys()
        if not any(one in sent[key] for one in taken[key])
    }
    yield _result("processes events unchanged", "each event as it came", changed, level="should")


def _result(name: str, expected: str, wrong: set[str], level: str = "must") -> CheckResult:
    check = Check(name, CLAUSE, "must" if level == "must" else "should", (), _already_told)
    if not wrong:
        return CheckResult(check, 0.0)
    few = "; ".join(sorted(wrong)[:_SHOWN])
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return CheckResult(check, 0.0, f"{expected}; not so for {len(wrong)}: {few}{more}")


def _read(receiver: ReceiverUnderTest, path: Path) -> dict[str, list[Event]]:
    """The events in a file of lines, by dedup key, but for a last line without its end."""
    try:
        content = read_file(path, BYTES_MAX)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check --taken") from None
    taken: dict[str, list[Event]] = {}
    for line in content.split(b"\n")[:-1]:
        for event in _events(line, path):
            key = receiver.platform.key_of(event)
            if key is not None:
                taken.setdefault(key, []).append(event)
    return taken


def _events(line: bytes, path: Path) -> Iterator[Event]:
    if not line.strip():
        return
    try:
        content: Any = parse(line)
    except InputError:
        raise InputError(
            f"{path}: {json.dumps(line[:60].decode(errors='replace'))} is no line of JSON"
        ) from None
    for one in content if isinstance(content, list) else [content]:
        if isinstance(one, dict) and not one.get("duplicate") and "refused" not in one:
            inner = one.get("event")
            yield inner if isinstance(inner, dict) else one


def _already_told(_session: WebhookSession) -> None:
    """The file was looked at as a whole; there is nothing to say to the receiver."""

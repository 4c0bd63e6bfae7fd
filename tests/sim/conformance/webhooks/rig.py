"""A receiver to judge: that of `badge listen` in this process, right or with a fault planted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sim.conformance.kit.check import Check
from sim.conformance.kit.profile import ReceiverProfile
from sim.conformance.kit.webhook import ReceiverUnderTest
from sim.conformance.run import conform, hook_checks
from sim.conformance.taken import look_at_taken
from sim.net.server import LOOPBACK, TimeLimits, listening, serving
from sim.platforms import open as registry
from sim.platforms.listen import Arrival, ReceiverRules, Refusal, receiver_app
from tests.sim.conformance.webhooks.faults import RIGHT, HookFault
from tests.sim.platforms.cases import SECRETS

OTHERS = {"blecon": "Blecon-Secret: next", "grouplink": "X-Key: an other", "peridio": "0F" * 16}


@dataclass(slots=True)
class Lines:
    """Writes each new event as a line, as docs/conform.md asks of a receiver."""

    path: Path

    def __call__(self, report: Refusal | Arrival) -> None:
        if isinstance(report, Arrival) and not report.duplicate:
            with self.path.open("a") as file:
                file.write(json.dumps(report.received.event) + "\n")


@contextmanager
def receiver(
    name: str, folder: Path, fault: HookFault = RIGHT, **profile: Any
) -> Iterator[ReceiverUnderTest]:
    """Serve a receiver; gives what the kit needs to know of it."""
    lines = Lines(folder / "taken.ndjson")
    lines.path.touch()
    right = registry.platform(name)
    secrets = (SECRETS[name], OTHERS[name])
    rules = ReceiverRules(fault.row(right), secrets, body_timeout_s=1.0)
    app = fault.app(receiver_app(rules, lines))
    limits = TimeLimits(stop_s=0.5)
    with listening(LOOPBACK, 0) as listener, serving(app, listener, limits) as served:
        yield ReceiverUnderTest(
            url=f"{served.url}/hook",
            platform=right,
            secrets=secrets,
            profile=ReceiverProfile(**{"client_timeout_s": 1.0, "patience_s": 10.0} | profile),
            ids=Random(name),
        )


def failures(one: ReceiverUnderTest, wanted: list[Check], folder: Path) -> list[str]:
    """What the checks say against a receiver, and a look at what it processed."""
    results = conform(one, wanted).results
    results += look_at_taken(one, folder / "taken.ndjson")
    assert not [r for r in results if r.skipped]
    return [f"{r.check.name}: {r.expected}" for r in results if r.expected]


def of_subject(name: str, subject: str) -> list[Check]:
    """The checks of a platform that a file of them holds."""
    module = f"sim.conformance.webhooks.{subject}"
    return [
        check
        for check in hook_checks(name).values()
        if getattr(check.story, "func", check.story).__module__ == module
    ]

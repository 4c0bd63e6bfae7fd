"""A backend to judge: the reference ingest in this process, right or with a fault planted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sim.conformance.kit.profile import BackendProfile
from sim.conformance.kit.session import BackendUnderTest
from sim.conformance.run import checks, conform
from sim.ingest.api.ingest import Rules
from sim.ingest.http.limits import Bounds
from sim.ingest.launch import Running, launch_ingest


@contextmanager
def backend(
    rules: Rules | None = None,
    profile: BackendProfile | None = None,
    bounds: Bounds | None = None,
) -> Iterator[BackendUnderTest]:
    """Serve the reference; gives what the kit needs to know of it."""
    with launch_ingest(rules=rules or Rules(), bounds=bounds or Bounds()) as server:
        yield known(server, profile)


def known(server: Running, profile: BackendProfile | None = None) -> BackendUnderTest:
    """What the kit needs to know of a server of the reference, with new keys."""
    keys = server.ingest.new_service_keys()
    return BackendUnderTest(
        url=server.url,
        profile=profile or BackendProfile(),
        provisioning_key=keys["provisioning"],
        admin_key=keys["admin"],
        prefix=0xC0000000,
    )


def failures_of(subject: str) -> list[str]:
    """What the checks of one subject say against the reference, which is right."""
    module = f"sim.conformance.checks.{subject}"
    wanted = [
        check
        for check in checks().values()
        if getattr(check.story, "func", check.story).__module__ == module
    ]
    assert wanted
    with backend() as right:
        outcome = conform(right, wanted)
    return [f"{r.check.name}: {r.expected}" for r in outcome.results if r.expected]


def sees(name: str) -> bool:
    """Whether a check finds something wrong with the backend as it is now."""
    with backend() as wrong:
        (result,) = conform(wrong, [checks()[name]]).results
    return bool(result.expected)

"""Put a backend through the checks: one after the other, each with devices of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic

from badge.errors import InputError
from badge.words import near
from sim.conformance.kit.check import CHECKS, HOOK_CHECKS, Check, Level
from sim.conformance.kit.exchange import HttpExchange
from sim.conformance.kit.session import BackendUnderTest
from sim.conformance.kit.talk import NotAsPromisedError, NotLookedAtError
from sim.conformance.kit.webhook import ReceiverUnderTest
from sim.net.answer import NoAnswer
from sim.net.client import Client
from sim.net.url import without_password

UnderTest = BackendUnderTest | ReceiverUnderTest
_UNREACHED = ("away", "unknown host", "certificate", "tls", "late")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What became of one check.

    `expected` and `exchange` (the last that was said) tell of a failure, `skipped` why it was not
    made; all three are empty where the backend passed.
    """

    check: Check
    seconds: float
    expected: str = ""
    exchange: HttpExchange | None = None
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Whether the backend did as the clause says."""
        return not self.expected and not self.skipped


@dataclass(slots=True)
class Conformance:
    """A run over a backend or a receiver, and what it came to so far."""

    backend: UnderTest
    results: list[CheckResult] = field(default_factory=list)

    @property
    def passed(self) -> int:
        """Checks that the backend passed."""
        return sum(result.passed for result in self.results)

    def failures(self, level: Level = "should") -> list[CheckResult]:
        """Checks that it failed; of those that must be passed alone if `level` is must."""
        return [
            result
            for result in self.results
            if result.expected and (level == "should" or result.check.level == "must")
        ]

    @property
    def skipped(self) -> list[CheckResult]:
        """Checks that were not made."""
        return [result for result in self.results if result.skipped]


def checks() -> dict[str, Check]:
    """All checks of an ingest by name, in order."""
    # Importing a subject enters its checks; the order is that of the report.
    from sim.conformance.checks import accepting, refusing  # noqa: F401, I001
    from sim.conformance.checks import batches, duplicates, keys  # noqa: F401
    from sim.conformance.checks import devices, http, site, abuse  # noqa: F401

    return CHECKS


def hook_checks(platform: str) -> dict[str, Check]:
    """All checks of a receiver of a platform's webhook by name, in order."""
    # As above.
    from sim.conformance.webhooks import accepting, batches, origin  # noqa: F401, I001
    from sim.conformance.webhooks import again, transport  # noqa: F401

    return HOOK_CHECKS[platform]


def chosen(
    level: Level = "should",
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    among: dict[str, Check] | None = None,
) -> list[Check]:
    """The checks of a level whose names hold a word of `only` (if any) and none of `skip`.

    They are an ingest's, or those of `among`.
    InputError for a word that no name holds: it would silently check less, or more.
    """
    everything = checks() if among is None else among
    wanted, unwanted = tuple(only), tuple(skip)
    for word in (*wanted, *unwanted):
        if not any(word.lower() in name.lower() for name in everything):
            words = [*everything, *(part for name in everything for part in name.split())]
            meant = near(word, words)
            see = f"see badge conform --list{meant}"
            raise InputError(f"{word!r}: no check has that in its name; {see}")
    return [
        check
        for name, check in everything.items()
        if (level == "should" or check.level == "must")
        and (not wanted or any(word.lower() in name.lower() for word in wanted))
        and not any(word.lower() in name.lower() for word in unwanted)
    ]


def reach(backend: UnderTest) -> None:
    """InputError if nobody is there: each check would fail for that, and none is at fault."""
    with Client(timeout_s=backend.profile.patience_s) as client:
        answer = client.request("GET", backend.url)
    if isinstance(answer, NoAnswer) and answer.cause in _UNREACHED:
        raise InputError(f"{without_password(backend.url)}: {answer}")


def conform(
    backend: UnderTest,
    wanted: Iterable[Check],
    told: Callable[[CheckResult], None] = lambda result: None,
) -> Conformance:
    """Make each check against the backend; `told` hears of each result as it comes."""
    outcome = Conformance(backend)
    # One client a thread would do; eight connections serve the check that sends in parallel.
    with Client(timeout_s=backend.profile.patience_s, at_once=8) as client:
        for result in _results(backend, wanted, client):
            outcome.results.append(result)
            told(result)
    return outcome


def _results(backend: UnderTest, wanted: Iterable[Check], client: Client) -> Iterator[CheckResult]:
    for check in wanted:
        begun_s = monotonic()
        why_not = backend.profile.skip.get(check.name) or backend.missing(check.needs)
        if why_not:
            yield CheckResult(check, 0.0, skipped=why_not)
            continue
        session = backend.session(client)
        try:
            check.story(session)
        except NotLookedAtError as error:
            yield CheckResult(check, monotonic() - begun_s, skipped=str(error))
        except NotAsPromisedError as error:
            last = session.exchanges[-1] if session.exchanges else None
            yield CheckResult(check, monotonic() - begun_s, str(error), last)
        except OSError as error:
            last = session.exchanges[-1] if session.exchanges else None
            if last is not None:
                last.text = error.strerror or str(error)
            yield CheckResult(check, monotonic() - begun_s, "an answer", last)
        else:
            yield CheckResult(check, monotonic() - begun_s)

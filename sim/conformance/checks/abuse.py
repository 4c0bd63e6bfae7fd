"""Bad clients: whatever they send, they are turned away, and an honest one is served after them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from sim.conformance.kit.abuse import DAWDLING, NAMES, WITH_A_WRONG_KEY, Abused, Case, cases
from sim.conformance.kit.check import Need, check
from sim.conformance.kit.exchange import HttpExchange
from sim.conformance.kit.samples import event
from sim.conformance.kit.session import Credentials, HttpSession

CLAUSE = "contract 4: what is wrong is refused; what comes after it is served"
CROWD = 200
BODY_BYTES = 1 << 20
_NOT_HELD_AGAINST = (501, 505)  # of what is no request, or none of ours
_BUSY = (408, 413, 429, 503)
# RFC 8259 8.2: what a reader makes of half a character is its own affair.
_EITHER = ("half a surrogate pair",)
_HONEST = 1000  # a number that no abuse has


def _abused(t: HttpSession, badge: Credentials, *, with_other: bool = False) -> Abused:
    parts = urlsplit(t.backend.url.rstrip("/") + t.profile.events_path)
    return Abused(
        device=badge.key,
        other=t.device().key if with_other else "",
        admin=t.backend.admin_key,
        device_id=badge.device_id,
        host=parts.netloc.rpartition("@")[2],
        path=parts.path or "/",
        key_header=t.profile.key_header,
        key_prefix=t.profile.key_prefix,
    )


def _withstands(name: str, t: HttpSession) -> None:
    badge = t.device()
    timeout_s = t.profile.client_timeout_s or 1.0
    at = _abused(t, badge, with_other=name in WITH_A_WRONG_KEY)
    case = next(one for one in cases(at, timeout_s) if one.name == name)
    said = t.raw(
        badge,
        case.pieces,
        pause_s=case.pause_s,
        then_leave=case.leaves,
        then_end=case.half_closes,
        wait_s=2 * timeout_s + 5 if name in DAWDLING else None,
    )
    if not case.leaves:
        _judge(t, case, said)
    honest = t.post(badge, [event(badge.device_id, _HONEST)])
    t.expect_accepted(honest, 1)


def _judge(t: HttpSession, case: Case, said: HttpExchange) -> None:
    if case.statuses == (202,):
        t.expect_accepted(said, 1)
    elif case.name in _EITHER and said.status in t.profile.allowed(202):
        return
    elif case.statuses == (200,):  # a route of the reference: another backend may not have it
        t.expect_that(said.status is None or said.status < 500, "a status below 500")
    else:
        refused = said.status is None and said.closed
        refused = refused or (said.status is not None and 400 <= said.status < 500)
        refused = refused or said.status in _NOT_HELD_AGAINST
        usual = " or ".join(str(status) for status in case.statuses if status) or "a close"
        t.expect_that(refused, f"{usual}, or at least a refusal (400 to 499) or a close")


for _name in NAMES:
    _needs: tuple[Need, ...] = ("keys",) if _name in WITH_A_WRONG_KEY else ()
    if _name in DAWDLING:
        _needs = ("client_timeout",)
    check(f"withstands {_name}", CLAUSE, needs=_needs)(partial(_withstands, _name))


def _crowd(t: HttpSession, body: bytes) -> list[HttpExchange]:
    """As many clients as make a crowd, all with the same batch."""
    badge = t.device()
    at = _abused(t, badge)
    pieces = at.request(at.batch(1).ljust(len(body)) if body else at.batch(1), badge.key)
    with ThreadPoolExecutor(CROWD) as pool:
        said = list(pool.map(lambda _: t.raw(badge, pieces), range(CROWD)))
    t.expect_accepted(t.post(badge, [event(badge.device_id, _HONEST)]), 1)
    return said


@check(f"answers {CROWD} connections at once", CLAUSE)
def _connections(t: HttpSession) -> None:
    answers = [said.status for said in _crowd(t, b"")]
    allowed = t.profile.allowed(202, 429, 503)
    t.expect_that(set(answers) <= set(allowed), f"202 for each, or 429 or 503; not {set(answers)}")


@check(f"stands {CROWD} bodies of 1 MiB at once", CLAUSE, level="should")
def _bodies(t: HttpSession) -> None:
    answers = {said.status for said in _crowd(t, bytes(BODY_BYTES))}
    fair = {None, *t.profile.allowed(202), *_BUSY}
    t.expect_that(answers <= fair, f"202, or a refusal of a busy server; not {answers - fair}")

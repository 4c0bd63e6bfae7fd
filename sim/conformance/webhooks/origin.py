"""Who may post: what a receiver must turn away, and what it must not."""

from __future__ import annotations

from sim.conformance.kit.check import hook_check
from sim.conformance.kit.webhook import WebhookSession
from sim.platforms.peridio.signature import PUBLISHED_AT, SIGNATURE

ALL = {
    "blecon": "Blecon, data routing: headers that you chose",
    "grouplink": "GroupLink, configuration: the header agreed on",
    "peridio": "Peridio, webhooks: verify the signature",
}
SHARED = {name: ALL[name] for name in ("blecon", "grouplink")}
SIGNED = {"peridio": "Peridio, webhooks: HMAC of the time of publishing and the raw body"}
STALE = {"peridio": "Peridio, webhooks: reject what was published over 5 minutes ago"}
ROLL = {"peridio": "Peridio, roll_secret: two signatures with a comma, one of them is yours"}
MINUTE_MS = 60_000


@hook_check("refuses a delivery without its proof", ALL, needs=("secret",))
def _no_proof(t: WebhookSession) -> None:
    stamped = t.stamp(b"")
    for left_out in (tuple(stamped), *((name,) for name in stamped)):
        body = t.body(t.event())
        rest = {k: v for k, v in t.stamp(body).items() if k not in left_out}
        t.expect_refused(t.post(body, rest), f"a delivery without {' and '.join(left_out)}")


@hook_check("refuses another secret", ALL, needs=("secret",))
def _other_secret(t: WebhookSession) -> None:
    for secret in t.receiver.current:
        first = secret.index(":") + 2 if t.receiver.platform.schemes == () else 0
        for place in (first, len(secret) - 1):
            other = secret[:place] + ("1" if secret[place] != "1" else "0") + secret[place + 1 :]
            wrong = [other if one == secret else one for one in t.receiver.current]
            body = t.body(t.event())
            t.expect_refused(t.post(body, t.stamp(body, wrong)), "another secret")


@hook_check("refuses a part of a secret, and more", SHARED, needs=("secret",))
def _part(t: WebhookSession) -> None:
    body = t.body(t.event())
    for name, value in t.stamp(body).items():
        for wrong in (value[:-1], value[: len(value) // 2] or "x", value + "0", "x" + value):
            body = t.body(t.event())
            said = t.post(body, t.stamp(body) | {name: wrong})
            t.expect_refused(said, f"a part of the value of {name}, or more than it")


@hook_check("refuses a secret in other letters", SHARED, needs=("secret",))
def _other_letters(t: WebhookSession) -> None:
    for name, value in t.stamp(b"").items():
        for wrong in {value.upper(), value.lower(), value.swapcase()} - {value}:
            body = t.body(t.event())
            said = t.post(body, t.stamp(body) | {name: wrong})
            t.expect_refused(said, f"the value of {name} in other letters")


@hook_check(
    "takes the proof's headers in any letters",
    dict.fromkeys(ALL, "RFC 9110 5.1: field names have no case"),
    needs=("secret",),
)
def _any_letters(t: WebhookSession) -> None:
    for spell in (str.upper, str.lower, str.title):
        body = t.body(t.event())
        stamped = {spell(name): value for name, value in t.stamp(body).items()}
        t.expect_taken(t.post(body, stamped), "the same headers, their names in other letters")


@hook_check("turns away with 401", ALL, level="should", needs=("secret",))
def _unauthorized(t: WebhookSession) -> None:
    said = t.post(t.body(t.event()), {})
    t.expect_that(said.status == 401, "401 for a delivery without its proof")


@hook_check("looks at the origin before the body", ALL, level="should", needs=("secret",))
def _origin_first(t: WebhookSession) -> None:
    said = t.post(b"no JSON", {})
    t.expect_that(said.status in (401, 403), "401 for a body of a stranger, whatever is in it")


@hook_check("takes either secret while one is rolled", ALL, needs=("second secret",))
def _either(t: WebhookSession) -> None:
    for other in t.receiver.others:
        name = other.partition(":")[0].strip().lower()
        body = t.body(t.event())
        rest = [s for s in t.receiver.current if s.partition(":")[0].strip().lower() != name]
        used = [other] if t.platform.schemes else [*rest, other]
        t.expect_taken(t.post(body, t.stamp(body, used)), "the other secret")
        t.expect_taken(t.deliver(t.event()), "the first secret")


@hook_check("takes two signatures while a secret is rolled", ROLL, needs=("secret",))
def _two_signatures(t: WebhookSession) -> None:
    own, other = t.receiver.secrets[0], "0123456789ABCDEF" * 2
    for secrets in ((other, own), (own, other)):
        body = t.body(t.event())
        which = "second" if secrets[1] == own else "first"
        t.expect_taken(t.post(body, t.stamp(body, secrets)), f"two signatures, the {which} yours")


@hook_check("refuses two signatures that are both wrong", ROLL, needs=("secret",))
def _two_wrong(t: WebhookSession) -> None:
    body = t.body(t.event())
    wrong = ("0123456789ABCDEF" * 2, "FEDCBA9876543210" * 2)
    t.expect_refused(t.post(body, t.stamp(body, wrong)), "two signatures, neither of them yours")


@hook_check("takes two signatures with a blank between", ROLL, level="should", needs=("secret",))
def _blank(t: WebhookSession) -> None:
    body = t.body(t.event())
    stamped = t.stamp(body, ("0123456789ABCDEF" * 2, t.receiver.secrets[0]))
    stamped[SIGNATURE] = stamped[SIGNATURE].replace(",", ", ")
    t.expect_taken(t.post(body, stamped), "two signatures with a comma and a blank")


@hook_check("refuses a changed body", SIGNED, needs=("secret",))
def _changed_body(t: WebhookSession) -> None:
    body = t.body(t.event())
    changed = (body[:-1] + b" }", body.replace(b'"version":1', b'"version":2'), body + b"\n")
    for other in changed:
        said = t.post(other, t.stamp(body))
        t.expect_refused(said, "a body of which a byte is not the signed one")


@hook_check("refuses a signature of another time", SIGNED, needs=("secret",))
def _other_time(t: WebhookSession) -> None:
    body = t.body(t.event())
    old = t.stamp(body, age_ms=MINUTE_MS)
    said = t.post(body, old | {PUBLISHED_AT: t.stamp(body)[PUBLISHED_AT]})
    t.expect_refused(said, f"a {PUBLISHED_AT} that is not the signed one")


@hook_check("refuses a part of a signature", SIGNED, needs=("secret",))
def _part_of_signature(t: WebhookSession) -> None:
    body = t.body(t.event())
    right = t.stamp(body)
    whole = right[SIGNATURE]
    for wrong in (whole[:1], whole[:32], whole[:-1], whole + "0", ",", "," + whole[:8]):
        said = t.post(body, right | {SIGNATURE: wrong})
        t.expect_refused(said, "a part of the signature, or more than it")


@hook_check("reads the body as it came", SIGNED, needs=("secret",))
def _raw_bytes(t: WebhookSession) -> None:
    text = t.body(t.event()).decode()
    spelt = text.replace('"version":1', '"version": 1').replace("device", "d\\u0065vice")
    for body in (spelt.encode(), ('{"note":"\u0142\\/",' + text[1:]).encode()):
        t.expect_taken(
            t.post(body), "JSON written otherwise than a library would write it again, but signed"
        )


@hook_check("refuses what was published ten minutes ago", STALE, needs=("secret",))
def _stale(t: WebhookSession) -> None:
    for minutes in (10, 60 * 24 * 365):
        body = t.body(t.event())
        said = t.post(body, t.stamp(body, age_ms=minutes * MINUTE_MS))
        t.expect_refused(said, f"a delivery published {minutes} minutes ago")


@hook_check("refuses what was published tomorrow", STALE, level="should", needs=("secret",))
def _future(t: WebhookSession) -> None:
    for minutes in (10, 60 * 24):
        body = t.body(t.event())
        said = t.post(body, t.stamp(body, age_ms=-minutes * MINUTE_MS))
        t.expect_refused(said, f"a delivery published in {minutes} minutes")


@hook_check("takes what was published four minutes ago", STALE, needs=("secret",))
def _four_minutes(t: WebhookSession) -> None:
    for minutes in (1, 4):
        body = t.body(t.event())
        said = t.post(body, t.stamp(body, age_ms=minutes * MINUTE_MS))
        t.expect_taken(said, f"a delivery published {minutes} minutes ago: clocks differ")


@hook_check("refuses a time of publishing that is none", STALE, needs=("secret",))
def _no_time(t: WebhookSession) -> None:
    body = t.body(t.event())
    for wrong in ("", "now", "0", "2026-02-30T08:00:00Z", "9" * 400):
        said = t.post(body, t.stamp(body) | {PUBLISHED_AT: wrong})
        t.expect_refused(said, f"{PUBLISHED_AT}: {wrong[:30]}")

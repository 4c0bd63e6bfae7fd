"""card.usage.get and card.usage.test: what went over the air, and how long it may go on."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, spoken
from sim.notecard.codec.settings import at_least, one_of
from sim.notecard.storage.usage import HOUR_S, PERIODS

QUOTA_MB = 1024
DAYS_MAX = 36_500  # of a projection: a hundred years say enough


def get(card: Card, args: Args) -> Members:
    """card.usage.get: the totals since activation, or of a period `offset` periods back."""
    usage, now_s = card.state.usage, card.clock.utc_s
    mode = one_of(args, "mode", ("total", *PERIODS))
    if mode in PERIODS and now_s:
        length_s = PERIODS[mode] * HOUR_S
        begin_s = now_s - length_s * (max(0, args.integer("offset")) + 1)
        counted = usage.between(begin_s, begin_s + length_s)
        return spoken(seconds=length_s, time=begin_s, **counted)
    since_s = card.state.activated_s
    seconds = now_s - since_s if since_s and now_s else 0
    return spoken(seconds=seconds, time=since_s, **usage.totals())


def test(card: Card, args: Args) -> Members:
    """card.usage.test: days that the quota lasts at the usage of the last days or hours."""
    for name in ("days", "hours", "megabytes"):
        at_least(args, name, 1)
    now_s, since_s = card.clock.utc_s, card.state.activated_s
    lived_s = now_s - since_s if since_s and now_s else 0
    hours = args.integer("hours") if "hours" in args else 24 * args.integer("days", 7)
    seconds = min(hours * HOUR_S, lived_s)
    counted = card.state.usage.between(now_s - seconds, now_s) if seconds else {}
    moved = counted.get("bytes_sent", 0) + counted.get("bytes_received", 0)
    per_day = moved * 86_400 // seconds if seconds else 0
    quota = (args.integer("megabytes") or QUOTA_MB) * 1_048_576
    total = card.state.usage
    left = max(0, quota - total.bytes_sent - total.bytes_received)
    return spoken(
        max=min(DAYS_MAX, left // per_day) if per_day else DAYS_MAX,
        days=-(-hours // 24),
        bytes_per_day=per_day,
        seconds=seconds,
        time=since_s,
        **counted,
    )


REQUESTS: dict[str, Request] = {"card.usage.get": get, "card.usage.test": test}

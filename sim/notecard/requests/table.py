"""All requests that the card knows: the families' tables in one."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.card.replies import Answered
from sim.notecard.codec.arguments import Args, RequestError
from sim.notecard.requests import dfu, env, file, hub, note, ntn, template, var, web
from sim.notecard.requests.of_card import (
    attn,
    aux,
    binary,
    core,
    location,
    motion,
    power,
    radio,
    usage,
)
from sim.notecard.requests.refusals import REFUSED

_FAMILIES = (
    core,
    attn,
    aux,
    binary,
    location,
    motion,
    power,
    radio,
    usage,
    hub,
    note,
    template,
    file,
    env,
    var,
    web,
    dfu,
    ntn,
)


def _strict(name: str, request: Request) -> Request:
    """Refuse what is documented and not modelled, rather than ignore it."""
    refused = REFUSED.get(name)
    if refused is None:
        return request

    def checked(card: Card, args: Args) -> Answered:
        for parameter, reason in refused.items():
            if args.all.get(parameter):
                raise RequestError(f"{parameter}: {reason} {{not-supported}}")
        return request(card, args)

    return checked


REQUESTS: dict[str, Request] = {
    name: _strict(name, request)
    for family in _FAMILIES
    for name, request in family.REQUESTS.items()
}

"""env.*: variables of the card and of Notehub.  Names ignore case; values are strings.

What env.set sets wins over Notehub's, and Notehub's over the default.
"""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken


def variables(card: Card) -> dict[str, str]:
    """All variables in force, under the name last given to each."""
    state = card.state
    by_key: dict[str, tuple[str, str]] = {}
    for layer in (state.env_default, state.env_hub, state.env_set):
        by_key |= {name.lower(): (name, text) for name, text in layer.items()}
    return dict(by_key.values())


def _changed(card: Card) -> None:
    card.state.env_modified_s = card.clock.utc_s or card.state.env_modified_s + 1
    card.touch()


def _check_time(card: Card, args: Args) -> None:
    if "time" in args and card.state.env_modified_s <= args.integer("time"):
        raise RequestError("environment has not been modified {env-not-modified}")


def get(card: Card, args: Args) -> Members:
    """env.get: one variable as text, or several as body; an unset one is absent."""
    _check_time(card, args)
    known = variables(card)
    if args.text("name"):
        return spoken(text=_find(known, args.text("name")))
    asked = [name.lower() for name in args.strings("names")]
    body = {name: text for name, text in known.items() if not asked or name.lower() in asked}
    return spoken(body=body or None, time=card.state.env_modified_s)


def _find(known: dict[str, str], wanted: str) -> str:
    return next((text for name, text in known.items() if name.lower() == wanted.lower()), "")


def default(card: Card, args: Args) -> Members:
    """env.default: the value while nobody else sets one; no text removes it."""
    return _put(card, card.state.env_default, args)


def set_(card: Card, args: Args) -> Members:
    """env.set: a value that Notehub cannot override; no text removes it."""
    _put(card, card.state.env_set, args)
    return spoken(time=card.state.env_modified_s)


def _put(card: Card, layer: dict[str, str], args: Args) -> Members:
    name = args.required("name")
    for other in [other for other in layer if other.lower() == name.lower()]:
        del layer[other]
    if args.text("text"):
        layer[name] = args.text("text")
    _changed(card)
    return {}


def modified(card: Card, args: Args) -> Members:
    """env.modified: when any variable last changed."""
    _check_time(card, args)
    return spoken(time=card.state.env_modified_s)


REQUESTS: dict[str, Request] = {
    "env.get": get,
    "env.default": default,
    "env.set": set_,
    "env.modified": modified,
}

"""env.*: variables of the card and of Notehub.  Names ignore case; values are strings.

What env.set sets wins over Notehub's, and Notehub's over the default.
"""

from __future__ import annotations

from math import isfinite

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.storage.templates import template_bytes


def variables(card: Card) -> dict[str, str]:
    """All variables in force, under the name last given to each."""
    state = card.state
    by_key: dict[str, tuple[str, str]] = {}
    for layer in (state.env_default, state.env_hub, state.env_set):
        typed = {name: text for name, text in layer.items() if _typed(card, name, text)}
        by_key |= {name.lower(): (name, text) for name, text in typed.items()}
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
        return spoken(text=_find(known, args.text("name")), time=card.state.env_modified_s)
    asked = [name.lower() for name in args.strings("names")]
    body = {name: text for name, text in known.items() if not asked or name.lower() in asked}
    return spoken(body=body or None, time=card.state.env_modified_s)


def _find(known: dict[str, str], wanted: str) -> str:
    return next((text for name, text in known.items() if name.lower() == wanted.lower()), "")


def default(card: Card, args: Args) -> Members:
    """env.default: the value while nobody else sets one; no text removes it."""
    _put(card, card.state.env_default, args)
    if args.flag("sync"):
        card.sync_now()
    return {}


def set_(card: Card, args: Args) -> Members:
    """env.set: a value that Notehub cannot override; no text removes it."""
    _put(card, card.state.env_set, args)
    return {"time": card.state.env_modified_s}


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
    return {"time": card.state.env_modified_s}


def template(card: Card, args: Args) -> Members:
    """env.template: types for the variables; a value of another type is not taken."""
    if args.body() is not None:
        template_bytes(args.body() or {}, compact=True)
        card.state.env_template = dict(args.body() or {})
        card.touch()
    return {"bytes": template_bytes(card.state.env_template, compact=True)}


def _typed(card: Card, name: str, text: str) -> bool:
    """Whether a text reads as what the template says of this variable."""
    hints = {known.lower(): hint for known, hint in card.state.env_template.items()}
    hint = hints.get(name.lower())
    if hint is None or isinstance(hint, str | dict | list):
        return True
    if isinstance(hint, bool):
        return text.lower() in ("true", "false", "1", "0")
    try:
        return float(text) == int(float(text)) if isinstance(hint, int) else isfinite(float(text))
    except (ValueError, OverflowError):
        return False


REQUESTS: dict[str, Request] = {
    "env.get": get,
    "env.default": default,
    "env.set": set_,
    "env.modified": modified,
    "env.template": template,
}

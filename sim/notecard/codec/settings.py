"""How a request changes settings: given ones are taken, ``-`` and -1 mean the default."""

from __future__ import annotations

from sim.notecard.codec.arguments import Args, Members, RequestError


def keep(
    kept: Members,
    args: Args,
    *,
    texts: tuple[str, ...] = (),
    integers: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> bool:
    """Take what is given into `kept`; True if anything was given."""
    given: Members = {name: args.text(name) for name in texts if name in args}
    given |= {name: args.integer(name) for name in integers if name in args}
    given |= {name: args.flag(name) for name in flags if name in args}
    for name, value in given.items():
        if value == "-" or (value == -1 and not isinstance(value, bool)):
            kept.pop(name, None)
        else:
            kept[name] = value
    return bool(given)


def one_of(args: Args, name: str, words: tuple[str, ...]) -> str:
    """A text argument that must be one of these, or absent; RequestError otherwise."""
    word = args.text(name)
    if word and word not in words:
        raise RequestError(f"{name}: unrecognized {name} '{word[:40]}'")
    return word


def at_least(args: Args, name: str, least: int) -> int:
    """An integer of at least so much, or -1 for the default; RequestError otherwise."""
    value = args.integer(name, -1)
    if value != -1 and value < least:
        raise RequestError(f"{name}: {least} or more expected")
    return value

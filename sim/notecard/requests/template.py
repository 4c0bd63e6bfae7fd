"""note.template: set, verify or clear the template of an outbound queue."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.storage.notefiles import Notefile, check_name
from sim.notecard.storage.templates import template_bytes


def template(card: Card, args: Args) -> Members:
    """Answers the bytes of one record; notes queued before keep their form."""
    name = check_name(args.required("file"))
    if args.flag("verify"):
        return _verify(card.files.find(name))
    _check(name, args)
    body = args.body()
    if body is None:
        if name in card.state.files:
            _clear(card.state.files[name])
        card.touch()
        return {}
    compact = args.text("format") == "compact"
    size = template_bytes(body, compact) + max(0, args.integer("length"))
    file = card.files.open(name)
    file.template = body
    file.template_options = _options(args)
    card.touch()
    return {"bytes": size}


def _check(name: str, args: Args) -> None:
    if not name.endswith((".qo", ".qos")):
        raise RequestError(f"{name}: templates are for outbound queues {{template-incompatible}}")
    if args.text("format") not in ("", "compact"):
        raise RequestError(f"format: unrecognized format '{args.text('format')}'")
    if "port" in args and args.integer("port") != -1 and not 1 <= args.integer("port") <= 100:
        raise RequestError("port: 1 to 100 expected")


def _options(args: Args) -> Members:
    return spoken(
        length=max(0, args.integer("length")),
        port=max(0, args.integer("port")),
        format=args.text("format"),
        delete=args.flag("delete"),
    )


def _clear(file: Notefile) -> None:
    file.template, file.template_options = None, {}


def _verify(file: Notefile) -> Members:
    if file.template is None:
        return {}
    size = template_bytes(file.template, file.template_options.get("format") == "compact")
    size += int(file.template_options.get("length", 0))
    return {"body": file.template, "template": True, "bytes": size} | file.template_options


REQUESTS: dict[str, Request] = {"note.template": template}

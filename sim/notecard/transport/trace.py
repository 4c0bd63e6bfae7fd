"""Watching a card: each request, answer and event as a line, in colour or as NDJSON."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections.abc import Callable
from typing import TextIO

from rich.console import Console
from rich.text import Text

from badge.cli.terminal import plain
from badge.contract.documents import parse
from badge.errors import InputError
from sim.notecard.model.outputs import Traced

_STYLES = {
    "request": ("→", "cyan"),
    "reply": ("←", "green"),
    "binary": ("≡", "blue"),
    "link": ("~", "yellow"),
    "note": ("+", "white"),
    "hub": ("^", "magenta"),
    "aux": ("»", "bright_black"),
    "pin": ("!", "bright_white"),
    "fault": ("✗", "red"),
}


def readable(text: str) -> str:
    """Return a line of the card's wire with the text that its `payload` carries in base64.

    A payload of anything but UTF-8 text stays as it is.
    """
    try:
        members = parse(text.encode())
        payload = b64decode(members["payload"], validate=True).decode()
    except (InputError, ValueError, LookupError, TypeError):
        return text
    return json.dumps({**members, "payload": payload}, ensure_ascii=False, separators=(",", ":"))


def json_watch(stream: TextIO = sys.stdout) -> Callable[[int, Traced], None]:
    """Write ``{"ms":…,"kind":…,"text":…}`` lines; `ms` is the card's clock."""

    def watch(now_ms: int, seen: Traced) -> None:
        line = {"ms": now_ms, "kind": seen.kind, "text": seen.text}
        stream.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace").decode())
        stream.write("\n")
        stream.flush()

    return watch


def colour_watch(console: Console) -> Callable[[int, Traced], None]:
    """Write one line each, coloured on a terminal; a refusal is red, a payload in clear text."""

    def watch(now_ms: int, seen: Traced) -> None:
        sign, style = _STYLES[seen.kind]
        if seen.kind == "reply" and seen.text.startswith('{"err":'):
            style = "red"
        text = f"{now_ms / 1000:9.3f} {sign} {plain(readable(seen.text))}"
        console.print(Text(text, style=style), soft_wrap=True)

    return watch

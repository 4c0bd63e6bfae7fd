"""Match rules: which signals a program wants (D-Bus specification, Match Rules)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dbus_fast import Message, MessageType

from badge.errors import InputError

_PAIR = re.compile(r"\s*([a-z0-9_]+)\s*=\s*((?:'[^']*'|\\'|[^,'\\]|\\)*)\s*(?:,|$)")
_ARGUMENT = re.compile(r"arg(\d{1,2})(path|namespace)?")
_PLAIN = ("sender", "interface", "member", "path", "destination")
_TYPES = {kind.name.lower(): kind for kind in MessageType}


@dataclass(frozen=True, slots=True)
class Rule:
    """One parsed rule; `plain` are exact fields, `arguments` (index, kind, wanted)."""

    kind: MessageType | None
    plain: tuple[tuple[str, str], ...]
    namespace: str | None
    arguments: tuple[tuple[int, str, str], ...]

    def matches(self, message: Message, owners: Mapping[str, str]) -> bool:
        """Tell whether a message matches; `owners` maps well-known names to unique ones."""
        if self.kind is not None and message.message_type is not self.kind:
            return False
        for key, wanted in self.plain:
            value = owners.get(wanted, wanted) if key == "sender" else wanted
            if getattr(message, key) != value:
                return False
        if self.namespace is not None and not _within(message.path or "", self.namespace, "/"):
            return False
        return all(_argument(message, *wanted) for wanted in self.arguments)


def _within(name: str, space: str, separator: str) -> bool:
    return name == space or space == separator or name.startswith(space + separator)


def _argument(message: Message, index: int, kind: str, wanted: str) -> bool:
    value = message.body[index] if index < len(message.body) else None
    if not isinstance(value, str):
        return False
    if kind == "path":
        return (
            value == wanted
            or (wanted.endswith("/") and value.startswith(wanted))
            or (value.endswith("/") and wanted.startswith(value))
        )
    return _within(value, wanted, ".") if kind == "namespace" else value == wanted


def rule_from(text: str) -> Rule:
    """Read a rule, quoted or not; InputError if it is none."""
    kind: MessageType | None = None
    namespace: str | None = None
    plain: list[tuple[str, str]] = []
    arguments: list[tuple[int, str, str]] = []
    for key, value in _pairs(text):
        argument = _ARGUMENT.fullmatch(key)
        if key == "type" and value in _TYPES:
            kind = _TYPES[value]
        elif key == "path_namespace":
            namespace = value
        elif key in _PLAIN:
            plain.append((key, value))
        elif argument:
            arguments.append((int(argument[1]), argument[2] or "", value))
        elif key != "eavesdrop":
            raise InputError(f"match rule {text!r}: {key}={value} is unknown")
    return Rule(kind, tuple(plain), namespace, tuple(arguments))


def _pairs(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            raise InputError(f"match rule {text!r}: not understood from character {at}")
        found.append((pair[1], pair[2].replace("\\'", "\0").replace("'", "").replace("\0", "'")))
        at = pair.end()
    return found

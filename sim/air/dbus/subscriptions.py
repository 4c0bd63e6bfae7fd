"""Who wants which signal: every program's match rules, found by member and path."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

from dbus_fast import Message

from badge.errors import InputError
from sim.air.dbus.match import Rule, rule_from

RULES_MAX = 512
_P = TypeVar("_P", bound=Hashable)
_Key = tuple[str | None, str | None]


class Subscriptions(Generic[_P]):
    """Rules of many programs; a signal is compared only with those of its member and path."""

    def __init__(self) -> None:
        self._by_key: dict[_Key, list[tuple[_P, str, Rule]]] = {}
        self._counts: dict[_P, int] = {}

    def add(self, program: _P, text: str) -> None:
        """Remember a rule; InputError if it is none or the program's one too many."""
        if self._counts.get(program, 0) >= RULES_MAX:
            raise InputError(f"more than {RULES_MAX} match rules")
        rule = rule_from(text)
        self._by_key.setdefault(_key(rule), []).append((program, text, rule))
        self._counts[program] = self._counts.get(program, 0) + 1

    def drop(self, program: _P, text: str) -> bool:
        """Forget one rule; False if it was not there."""
        for rules in self._by_key.values():
            for i, (owner, known, _) in enumerate(rules):
                if owner == program and known == text:
                    del rules[i]
                    self._counts[program] -= 1
                    return True
        return False

    def leave(self, program: _P) -> None:
        """Forget all rules of a program."""
        self._counts.pop(program, None)
        for rules in self._by_key.values():
            rules[:] = [entry for entry in rules if entry[0] != program]

    def wanting(self, message: Message, owners: Mapping[str, str]) -> list[_P]:
        """Return every program that wants a signal, each once, in a fixed order."""
        found: dict[_P, None] = {}
        for member in (message.member, None):
            for path in (message.path, None):
                for program, _, rule in self._by_key.get((member, path), ()):
                    if program not in found and rule.matches(message, owners):
                        found[program] = None
        return list(found)


def _key(rule: Rule) -> _Key:
    plain = dict(rule.plain)
    return plain.get("member"), plain.get("path")

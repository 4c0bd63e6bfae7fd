"""YAML to plain values, and the line and column of every one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml

from badge.errors import InputError

BYTES_MAX = 1 << 20
VALUES_MAX = 200_000  # aliases of aliases would otherwise grow without end
DEPTH_MAX = 40

Keys = tuple[str | int, ...]
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(slots=True)
class Lined:
    """A document as plain values, with the place of each path: (line, column), from 1."""

    value: object = None
    places: dict[Keys, tuple[int, int]] = field(default_factory=dict)

    def place_of(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Give the place of a path, or of the nearest thing around it."""
        known: Keys = ()
        for part in path:
            if (*known, part) in self.places:
                known = (*known, part)
        return self.places[known]


def read_lines(content: bytes, name: str) -> Lined:
    """Read YAML (core schema of version 1.2: `10:40` is a text); InputError with the place."""
    if len(content) > BYTES_MAX:
        raise InputError(f"{name}: larger than {BYTES_MAX} bytes; is it a scenario?")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise InputError(f"{name}{where}: not YAML: {error.problem}") from None
    except (ValueError, OverflowError):
        # An escape beyond Unicode, a version of YAML with endless digits.
        where = f" line {loader.line + 1}" if loader else ""
        why = "a number or an escape is too large"
        raise InputError(f"{name}{where}: not YAML: {why}") from None
    except (yaml.YAMLError, RecursionError) as error:
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{name}: not YAML: {why}") from None
    if node is None:
        raise InputError(f"{name}: empty; `badge scenario new {name}` writes one to start from")
    lined = Lined()
    lined.value = _Reader(lined, name).read(node, ())
    return lined


class _Reader:
    def __init__(self, lined: Lined, name: str) -> None:
        self._places = lined.places
        self._name = name

    def read(self, node: yaml.Node, path: Keys) -> object:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self._places.setdefault(path, place)
        if len(self._places) > VALUES_MAX or len(path) > DEPTH_MAX:
            raise self._wrong(node, "too many values; is it a scenario?")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        self._check_text(node)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Keys) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(key, "a key must be a plain word")
            self._check_text(key)
            if key.value in found:
                raise self._wrong(key, f"{key.value!r} is listed twice; remove one")
            self._places[*path, key.value] = (key.start_mark.line + 1, key.start_mark.column + 1)
            found[key.value] = self.read(value, (*path, key.value))
        return found

    def _check_text(self, node: yaml.ScalarNode) -> None:
        if any("\ud800" <= char <= "\udfff" for char in node.value):
            raise self._wrong(node, "half a surrogate pair is no text")

    def _wrong(self, node: yaml.Node, what: str) -> InputError:
        mark = node.start_mark
        return InputError(f"{self._name} line {mark.line + 1} column {mark.column + 1}: {what}")


def _scalar(node: yaml.ScalarNode) -> object:
    text: str = node.value
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) < 30:
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text

"""Which fields of two events differ, by their paths; what counts as the same is the caller's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

ABSENT: Final = object()  # null is a value, and not the same as no field

Same = Callable[[str, Any, Any], bool]


class FieldDifference(NamedTuple):
    """One field, like `payload.lat` or `payload.list[2]`; a side is ABSENT if it lacks it."""

    path: str
    old: Any
    new: Any


def differences(
    old: object, new: object, same: Same = lambda path, old, new: bool(old == new), path: str = ""
) -> Iterator[FieldDifference]:
    """Yield the innermost fields that differ, in the order in which `old` has them.

    `same(path, old, new)` is asked at every level, the outer first: True ends the search there,
    False looks inside two objects, or two arrays of one length, and tells anything else.
    """
    if same(path, old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            inner = f"{path}.{key}" if path else str(key)
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), same, inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, same, f"{path}[{index}]")
    else:
        yield FieldDifference(path, old, new)

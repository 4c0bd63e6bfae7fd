"""How a package hands on its public names when they are first used.

Importing a package must cost nothing: `badge --help` has 300 ms for all of it, and the models
alone take longer.  An `__init__` therefore names its exports and where each lives:

    __getattr__, __dir__ = exports(__name__, {"Badge": "badge.badge"})
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def exports(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the package's `__getattr__` and `__dir__`; `homes` maps each name to its module.

    A name is looked up once: after that it is the package's own.
    """

    def get(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names

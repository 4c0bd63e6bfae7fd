"""What the pumps' stand-ins and the real parts both are, told by the type checker's own eyes."""

from __future__ import annotations

import inspect

import pytest

from badge import ports
from badge.host.flash_file import FlashFile
from badge.host.observers import Counts, Recorder
from sim.engine.flash import FlashChip


def shape(kind, name):
    """The parameters of a method, by name and annotation."""
    signature = inspect.signature(getattr(kind, name))
    return [(p.name, p.kind) for p in signature.parameters.values()]


@pytest.mark.parametrize(
    ("port", "kind"),
    [
        (ports.Flash, FlashFile),
        (ports.Flash, FlashChip),
        (ports.FlashReader, FlashFile),
        (ports.FlashReader, FlashChip),
        (ports.Observer, Recorder),
        (ports.Observer, Counts),
    ],
)
def test_what_is_there_fits_its_port(port, kind):
    asked = [name for name in vars(port) if not name.startswith("_")]
    assert asked
    for name in asked:
        assert shape(kind, name) == shape(port, name)

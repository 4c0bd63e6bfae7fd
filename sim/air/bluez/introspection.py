"""What an object offers, as the XML that D-Bus libraries build their proxies from.

D-Bus specification, Introspection Data Format.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from sim.air.bluez.interfaces import Interface

_HEAD = (
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
    '"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n'
)


def xml_of(interfaces: Iterable[Interface], children: Iterable[str]) -> str:
    """Return the description of an object with these interfaces and child nodes."""
    lines = [line for interface in interfaces for line in _interface(interface)]
    lines += [f"<node name={quoteattr(child)}/>" for child in children]
    return _HEAD + "<node>" + "".join(lines) + "</node>"


def _interface(interface: Interface) -> Iterable[str]:
    yield f"<interface name={quoteattr(interface.name)}>"
    for name, method in interface.methods.items():
        yield f"<method name={quoteattr(name)}>"
        yield from _arguments(method.takes, ' direction="in"')
        yield from _arguments(method.answers, ' direction="out"')
        yield "</method>"
    for name, arguments in interface.signals.items():
        yield f"<signal name={quoteattr(name)}>"
        yield from _arguments(arguments, "")
        yield "</signal>"
    for name in interface.properties:
        access = "readwrite" if interface.is_writable(name) else "read"
        kind = quoteattr(interface.type_of(name))
        yield f'<property name={quoteattr(name)} type={kind} access="{access}"/>'
    yield "</interface>"


def _arguments(words: str, direction: str) -> Iterable[str]:
    for word in words.split():
        name, _, kind = word.partition(":")
        yield f"<arg name={quoteattr(name)} type={quoteattr(kind)}{direction}/>"

"""What org.freedesktop.DBus offers, as introspection tells it."""

from __future__ import annotations

DRIVER = "org.freedesktop.DBus"
_METHODS = {
    "Hello": ("", "s"), "RequestName": ("su", "u"), "ReleaseName": ("s", "u"),
    "StartServiceByName": ("su", "u"), "NameHasOwner": ("s", "b"), "ListNames": ("", "as"),
    "ListActivatableNames": ("", "as"), "AddMatch": ("s", ""), "RemoveMatch": ("s", ""),
    "GetNameOwner": ("s", "s"), "ListQueuedOwners": ("s", "as"),
    "GetConnectionUnixUser": ("s", "u"), "GetConnectionUnixProcessID": ("s", "u"),
    "GetConnectionCredentials": ("s", "a{sv}"), "GetId": ("", "s"), "ReloadConfig": ("", ""),
}  # fmt: skip
_SIGNALS = {"NameOwnerChanged": "sss", "NameLost": "s", "NameAcquired": "s"}
_OTHERS = """<interface name="org.freedesktop.DBus.Introspectable"><method name="Introspect">
<arg type="s" direction="out"/></method></interface>
<interface name="org.freedesktop.DBus.Monitoring"><method name="BecomeMonitor">
<arg type="as" direction="in"/><arg type="u" direction="in"/></method></interface>
<interface name="org.freedesktop.DBus.Peer"><method name="Ping"/><method name="GetMachineId">
<arg type="s" direction="out"/></method></interface>
<interface name="org.freedesktop.DBus.Properties"><method name="Get">
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/></method>
<method name="GetAll"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
</interface>"""


def _arguments(signature: str, direction: str) -> str:
    # Every argument of this interface is a basic type or one array: split before each letter
    # that is not within an array's type.
    parts = [signature] if signature.startswith("a") else list(signature)
    return "".join(f'<arg type="{part}"{direction}/>' for part in parts)


def _introspection() -> str:
    methods = "".join(
        f'<method name="{name}">{_arguments(takes, " direction=" + chr(34) + "in" + chr(34))}'
        f"{_arguments(answers, ' direction=' + chr(34) + 'out' + chr(34))}</method>"
        for name, (takes, answers) in _METHODS.items()
    )
    signals = "".join(
        f'<signal name="{name}">{_arguments(kind, "")}</signal>' for name, kind in _SIGNALS.items()
    )
    properties = "".join(
        f'<property name="{name}" type="as" access="read"/>' for name in ("Features", "Interfaces")
    )
    own = f'<interface name="{DRIVER}">{methods}{signals}{properties}</interface>'
    return f"<node>{own}{_OTHERS}</node>"


INTROSPECTION = _introspection()

"""A line for a shell that asks the same again, byte by byte; a secret is a variable in it."""

from __future__ import annotations

import base64
import gzip
import shlex
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from badge.words import counted
from sim.net.url import without_password

KEY_VARIABLE = "$KEY"
SECRET_CHARS_MIN = 4  # a shorter one stands in every other word
PLAIN_CHARS_MAX = 4000
PACKED_CHARS_MAX = 16_000
_IN_QUOTES = {"\\": "\\\\\\\\", '"': '\\"', "$": "\\$", "`": "\\`", "\r": "\\r", "\n": "\\n"}


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Return the text with a variable for each secret."""
    # The longest first: one may be the beginning of another.
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= SECRET_CHARS_MIN:
            text = text.replace(secret, KEY_VARIABLE)
    return text


def curl(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    key_headers: Collection[str],
    secrets: Iterable[str],
) -> str:
    """Repeat a request by curl; the values of `key_headers` (in lower case) are the variable."""
    line = shlex.join(["curl", "-i", "-X", method, without_password(url)])
    for name, value in headers.items():
        if name.lower() in key_headers:
            line += f' -H "{name}: {KEY_VARIABLE}"'
        else:
            line += f" -H {shlex.quote(f'{name}: {value}')}"
    if not body:
        return line
    text = hidden(body.decode("utf-8", "replace"), secrets)
    if len(text) <= PLAIN_CHARS_MAX and text.isprintable() and text.encode() == body:
        return f"{line} --data-binary {shlex.quote(text)}"
    return _piped(body, f"{line} --data-binary @-", secrets)


def raw(url: str, content: bytes, secrets: Iterable[str]) -> str:
    """Repeat bytes on a connection of their own, but for the pauses between them."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    host = shlex.quote(parts.hostname or "")
    to = f"openssl s_client -quiet -connect {host}:{port}" if tls else f"nc {host} {port}"
    if len(content) > PLAIN_CHARS_MAX:
        return _piped(content, to, secrets)
    parts_between = hidden(content.decode("latin-1"), secrets).split(KEY_VARIABLE)
    return f'printf %b "{KEY_VARIABLE.join(map(_escaped, parts_between))}" | {to}'


def _escaped(text: str) -> str:
    """Write bytes as `printf %b` reads them within double quotes."""
    return "".join(
        _IN_QUOTES.get(char)
        or (char if char.isascii() and char.isprintable() else f"\\0{ord(char):03o}")
        for char in text
    )


def _piped(content: bytes, to: str, secrets: Iterable[str]) -> str:
    """Write bytes packed, for they are too long or too strange to be read."""
    shown = hidden(content.decode("latin-1"), secrets).encode("latin-1")
    packed = base64.b64encode(gzip.compress(shown, mtime=0)).decode()
    if len(packed) > PACKED_CHARS_MAX:
        return f"{to}  # {counted(len(content), 'byte')}, not shown"
    put_in = "" if shown == content else f' | LC_ALL=C sed "s/[$]KEY/{KEY_VARIABLE}/g"'
    return f"echo {packed} | base64 -d | gunzip{put_in} | {to}"

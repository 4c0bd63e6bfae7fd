"""Changes of valid input that keep most of its structure, by kind of input.

The same random numbers make the same bytes.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
from collections.abc import Callable, Sequence
from functools import reduce
from operator import xor
from random import Random
from typing import Any

from tests.fuzz.reader import Mutate

WHOLE = (0, 1, 2, 4, 7, 8, 15, 16, 127, 128, 255, 256, 4096, 0x7FFF, 0xFFFF, 2**31 - 1, 2**31)
WHOLE += (2**32 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
WORDS = (
    *("", " ", "\0", "-", ".", "0", "-0", "-1", "1e308", "1e309", "-1e400", "nan", "inf", "NaN"),
    *(
        "-Infinity",
        "9" * 30,
        "9" * 5000,
        "0x10",
        "1_0",
        "١٢",
        "²",
        "٣.٥",
        "true",
        "null",
        "é",
        "\ud800",
    ),
    *(
        "[/x]",
        "[bold]",
        "\x1b[2J",
        "%n%s",
        "../../x",
        "/dev/zero",
        "💥" * 9,
        "a" * 140_000,
        "\u2028",
    ),
    *("9999-12-31T23:59:59.999999999Z", "0000-00-00T00:00:00Z", "2026-02-30T25:61:61Z"),
    *("ACT-3F8A21B4", "F4:A7:2E:11:03:BC", "gps", "2026-03-14T08:32:15+99:99", "+00:00", "T", ":"),
)
NUMBERS = ("0", "-1", "-0.0", "1e308", "1e400", "-1e999", "NaN", "Infinity", "1" * 25, "9" * 5000)
NUMBERS += ("1.5", "1e-400", "18446744073709551616", "9223372036854775807", "1E3", "4294967296")
_RAW = (
    *NUMBERS,
    *("null", "true", "false", '""', "[]", "{}", "[[]]", '{"":null}', r'"\ud800"', r'"\u0000"'),
    *(r'"\udfff\ud800"', '"' + "x" * 70_000 + '"', "[" * 150 + "]" * 150, "[" * 5000 + "]" * 5000),
    *('{"a":' * 190 + "1" + "}" * 190, '{"a":1,"a":2}', "[" + "0," * 3000 + "0]", '"[/x]"'),
)


GROWTH_BYTES_MAX = 1 << 20  # one change repeats its piece up to here: repeats of repeats explode


def _up_to(count: int, size_bytes: int) -> int:
    """How often a piece of this size may be repeated."""
    return max(1, min(count, GROWTH_BYTES_MAX // max(1, size_bytes)))


def times(rng: Random) -> int:
    """Mostly one change, now and then several."""
    return rng.choice((1, 1, 1, 1, 2, 2, 3, 6))


def mixed(*ways: tuple[int, Mutate]) -> Mutate:
    """Change in one of several ways, by weight."""
    weights = [weight for weight, _ in ways]

    def mutate(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
        ((_, way),) = rng.choices(ways, weights)
        return way(rng, seed, others)

    return mutate


# -- octets: lengths, counts, ends, pieces ------------------------------------------------------


def _number(rng: Random, data: bytearray) -> None:
    code = rng.choice("BHIQ")
    size = struct.calcsize(code)
    if len(data) >= size:
        at = rng.randrange(len(data) - size + 1)
        order = rng.choice("<>")
        old = struct.unpack_from(order + code, data, at)[0]
        new = rng.choice((rng.choice(WHOLE), old + 1, old - 1, old * 2, -old, rng.getrandbits(64)))
        struct.pack_into(order + code, data, at, new % 2 ** (8 * size))


def _bit(rng: Random, data: bytearray) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _octet(rng: Random, data: bytearray) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.choice((0, 255, 10, 32, 34, 128, rng.randrange(256)))


def _slice(rng: Random, data: bytearray) -> slice:
    at = rng.randrange(len(data) + 1)
    return slice(at, at + rng.choice((1, 2, 4, 8, 16, 64, rng.randrange(len(data) + 1))))


def _cut(rng: Random, data: bytearray) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _drop(rng: Random, data: bytearray) -> None:
    del data[_slice(rng, data)]


def _again(rng: Random, data: bytearray) -> None:
    part = data[_slice(rng, data)]
    at = rng.randrange(len(data) + 1)
    data[at:at] = part * _up_to(rng.choice((1, 1, 2, 50)), len(part))


def _noise(rng: Random, data: bytearray) -> None:
    data[_slice(rng, data)] = rng.randbytes(rng.choice((1, 2, 4, 8, 32)))


_OCTETS = (_number, _number, _number, _bit, _bit, _octet, _cut, _drop, _again, _noise)


def octets(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """Change integers of 1 to 8 bytes in both orders, bits, ends; drop, repeat, splice pieces."""
    data = bytearray(seed)
    for _ in range(times(rng)):
        if rng.random() < 0.05:
            other = rng.choice(others)
            data[rng.randrange(len(data) + 1) :] = other[rng.randrange(len(other) + 1) :]
        else:
            rng.choice(_OCTETS)(rng, data)
    return bytes(data)


def packed(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """The input in gzip, which is damaged in turn."""
    return octets(rng, gzip.compress(seed, 1, mtime=0), others)


# -- JSON ---------------------------------------------------------------------------------------

_MARK = "\ue000{}\ue000"
_MARKED = re.compile('"\ue000([0-9]+)\ue000"')


def _places(value: Any) -> list[tuple[Any, Any]]:
    found, todo = [], [value]
    while todo:
        inner = todo.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner))
        for key in keys:
            found.append((inner, key))
            if isinstance(inner[key], dict | list):
                todo.append(inner[key])
    return found


def _change(rng: Random, root: list[Any]) -> None:
    places = _places(root)
    holder, key = rng.choice(places)
    value = holder[key]
    what = rng.randrange(9)
    if what <= 3:
        holder[key] = _MARK.format(rng.randrange(len(_RAW)))
    elif what == 4 and holder is not root:
        del holder[key]
    elif what == 5:
        other, at = rng.choice(places)
        holder[key] = json.loads(json.dumps(other[at]))
    elif what == 6:
        many = _up_to(600, len(json.dumps(root)))
        holder[key] = rng.choice(([value], {"a": value}, str(value), [value] * many, [[value]] * 2))
    elif what == 7 and isinstance(holder, dict):
        holder[rng.choice((*WORDS, *holder))] = holder.pop(key)
    else:
        holder[key] = _like(rng, value)


def _like(rng: Random, value: Any) -> Any:
    """A value of the same type: these go deepest."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice((-value, value + 1, value - 1, value * 10**9, *WHOLE, -(2**63), 2**70))
    if isinstance(value, float):
        return rng.choice((-value, value * 1e300, 1e-320, 0.0, 90.0, 180.0, 1e308, float("nan")))
    if isinstance(value, str):
        at = rng.randrange(len(value) + 1)
        word = rng.choice(WORDS)
        return rng.choice(
            (
                word,
                value[:at] + word + value[at:],
                value[at:],
                value.lower(),
                value * _up_to(9, len(value)),
            )
        )
    if isinstance(value, list):
        many = _up_to(500, len(json.dumps(value)))
        return rng.choice((value[::-1], value * 2, value[1:], value[:1] * many))
    return {} if value else [value]


def document(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """Change a JSON document: values of wrong kinds and right ones, keys, depth, sizes."""
    try:
        root = [json.loads(seed)]
    except (ValueError, RecursionError):
        return octets(rng, seed, others)
    for _ in range(times(rng)):
        if len(json.dumps(root)) > GROWTH_BYTES_MAX:  # each change may double it
            break
        _change(rng, root)
    text = json.dumps(root[0], ensure_ascii=rng.random() < 0.5)
    room = GROWTH_BYTES_MAX

    def raw(found: re.Match[str]) -> str:
        nonlocal room
        word = _RAW[int(found[1][:9]) % len(_RAW)]
        room -= len(word)
        return word if room >= 0 else "0"

    return _MARKED.sub(raw, text).encode(errors="surrogatepass")


def spoilt(mutate: Mutate) -> Mutate:
    """Change by structure; one in six by octets, too, so that it is not even JSON any more."""
    return mixed((5, mutate), (1, octets), (1, lambda r, s, o: octets(r, mutate(r, s, o), o)))


json_document = spoilt(document)


# -- lines --------------------------------------------------------------------------------------


def lines_of(change: Mutate, per_line: int = 4) -> Mutate:
    """Change the inside of some lines, and the order, number and ends of lines."""

    def mutate(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
        lines = seed.split(b"\n")
        for _ in range(times(rng)):
            at = rng.randrange(len(lines))
            what = rng.randrange(per_line + 6)
            if what < per_line:
                lines[at] = change(rng, lines[at], [lines[at]])
            elif what == per_line:
                line = rng.choice(lines)
                lines[at:at] = [line] * _up_to(rng.choice((1, 2, 300)), len(line))
            elif what == per_line + 1 and len(lines) > 1:
                del lines[at]
            elif what == per_line + 2:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            elif what == per_line + 3:
                lines[at : at + 2] = [b"".join(lines[at : at + 2])]
            elif what == per_line + 4:
                cut = rng.randrange(len(lines[at]) + 1)
                lines[at : at + 1] = [lines[at][:cut], lines[at][cut:]]
            else:
                lines[at] = rng.choice((b"", b"\xef\xbb\xbf" + lines[at], lines[at] + b"\r", b"\0"))
        return rng.choice((b"\n", b"\n", b"\n", b"\r\n")).join(lines)

    return mutate


json_lines = spoilt(lines_of(document))


def fields(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """Change one field of a line of text: another word, none, two, or its neighbour's."""
    parts = re.split(rb"([,;:=\t $*|/]+)", seed)
    for _ in range(times(rng)):
        at = rng.randrange(0, len(parts), 2)
        word = rng.choice(WORDS).encode(errors="surrogatepass")
        kinds = (
            word,
            word,
            b"",
            parts[at] * 2,
            parts[at][:-1],
            rng.choice(parts),
            b"-" + parts[at],
        )
        parts[at] = rng.choice(kinds)
    return b"".join(parts)


text_lines = mixed((5, lines_of(fields)), (1, octets))


def sealed(line: bytes) -> bytes:
    """An NMEA sentence with its right checksum; what is none stays."""
    if not line.startswith(b"$"):
        return line
    body = line[1:].partition(b"*")[0]
    return b"$%s*%02X" % (body, reduce(xor, body, 0))


def _sentence(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    changed = fields(rng, seed.rstrip(b"\r"), others)
    return sealed(changed) if rng.random() < 0.8 else changed


nmea = mixed((6, lines_of(_sentence, 8)), (1, octets), (1, text_lines))


# -- XML ----------------------------------------------------------------------------------------

_BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (ord("b") + n, b"&%c;" % (ord("a") + n) * 20) for n in range(9)
    )
    + b"]>"
)
_SPLIT = re.compile(rb"(<[^<>]*>)")
_ATTRIBUTE = re.compile(rb'"[^"]*"')
_TEXTS = (
    b"&j;",
    b"&#0;",
    b"&#xD800;",
    b"<![CDATA[x]]>",
    b"<!-- -- -->",
    b"<a>" * 3000,
    b"\xff\xfe",
)


def xml(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    """Change tags, attributes, texts, the order of elements, entities and the encoding."""
    parts = _SPLIT.split(seed)
    for _ in range(times(rng)):
        at = rng.randrange(len(parts))
        word = rng.choice(WORDS).encode(errors="surrogatepass")
        what = rng.randrange(8)
        if what == 0:
            parts[at] = b""
        elif what == 1:
            some = parts[at : at + rng.randrange(1, 9)]
            parts[at:at] = some * _up_to(rng.choice((1, 2, 200)), sum(map(len, some)))
        elif what == 2:
            parts[at] = rng.choice(parts)
        elif what == 3:
            parts[at] = rng.choice(_TEXTS) + parts[at]
        elif what == 4 and parts[0] == b"":
            parts[2:2] = [_BOMB]
        elif parts[at].startswith(b"<"):
            given = b'"' + word[:5000].replace(b"\\", b"") + b'"'
            parts[at] = _ATTRIBUTE.sub(given, parts[at], count=1)
        else:
            parts[at] = word
    data = b"".join(parts)
    if rng.random() < 0.05:
        data = data.decode(errors="replace").encode(rng.choice(("utf-16", "utf-16-be", "utf-7")))
    return data


xml_document = mixed((6, xml), (1, octets), (1, lambda r, s, o: octets(r, xml(r, s, o), o)))


# -- YAML and TOML ------------------------------------------------------------------------------

_SCALARS = (
    *(
        "&a",
        "*a",
        "&a [*a, *a]",
        "!!python/object:os.system x",
        "!!binary eA==",
        "{? : }",
        "<<: *a",
    ),
    *(
        "- - - -",
        "!!set {a}",
        "1e999",
        ".nan",
        ".inf",
        "0o7",
        "2026-03-16",
        "1:2:3",
        "~",
        "|",
        ">",
        "%YAML 9.9",
    ),
    *(
        '"\\UFFFFFFFF"',
        '"\\xZZ"',
        "[" * 300,
        "{a: " * 300,
        "? ?",
        "---",
        "...",
        "\t",
        "#",
        "'",
        '"',
    ),
    *("[0, 0]", "[1e308, -1e308]", "[.nan, 0]", "1" * 5000, "-5", "99999", "0", "nothing", "depot"),
)
_BOMB_YAML = "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}' if n else 'y'] * 9)}]\n" for n in range(9)
).encode()


def _yaml_line(rng: Random, seed: bytes, others: Sequence[bytes]) -> bytes:
    what = rng.randrange(6)
    scalar = rng.choice((*_SCALARS, *WORDS)).encode(errors="surrogatepass")
    if what == 0:
        return b" " * rng.randrange(9) + seed.lstrip()
    if what <= 3:
        spots = [found.span() for found in re.finditer(rb"[^\s:,{}\[\]]+", seed)] or [(0, 0)]
        start, end = rng.choice(spots)
        return seed[:start] + scalar + seed[end:]
    if what == 4:
        return seed + b" " + scalar
    return rng.choice((fields(rng, seed, others), _BOMB_YAML + seed))


yaml_lines = mixed((6, lines_of(_yaml_line, 12)), (1, octets))

KINDS: dict[str, Callable[..., bytes]] = {
    "octets": octets,
    "packed": packed,
    "json": json_document,
    "json lines": json_lines,
    "text": text_lines,
    "nmea": nmea,
    "xml": xml_document,
    "yaml": yaml_lines,
}

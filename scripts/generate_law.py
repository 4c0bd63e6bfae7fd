"""Write badge/c/law.h for the C core: the tables of `badge/machines`, settings and numbers.

python scripts/generate_law.py           rewrite it
python scripts/generate_law.py --check   exit 1 if it is out of date

An action of a table is a C function of the same name, so a row that changes here changes one
table, and the compiler names the function that is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from badge import badge as badge_module
from badge.config import BadgeConfig
from badge.contract.events import EVENT_TYPES, EndReason, FixType, RebootReason
from badge.machines import battery, gps, proximity, upload
from badge.machines.core import Due
from badge.machines.law import TABLES
from badge.machines.table import Table, ignore, never
from badge.storage import codec, config_slots, geometry, journal, recovery
from badge.storage.record import FORMAT, RecordKind

HEADER = Path(__file__).parent.parent / "badge" / "c" / "law.h"
ACTIONS_MAX, STATES_MAX = 14, 16  # four bits each; two actions are everybody's
NUMBERS = {
    "LOW_PCT": battery.LOW_PCT,
    "CRITICAL_PCT": battery.CRITICAL_PCT,
    "UNHEARD_DBM": proximity.UNHEARD_DBM,
    "LAST_KNOWN_MAX_MS": gps.LAST_KNOWN_MAX_MS,
    "STATIONARY_POLLS_BEFORE_SLOW": gps.STATIONARY_POLLS_BEFORE_SLOW,
    "RETRY_AFTER_MAX_S": upload.RETRY_AFTER_MAX_S,
    "REASON_CHARS_MAX": upload._REASON_CHARS_MAX,
    "REQUESTS_PER_BOOT": upload._REQUESTS_PER_BOOT,
    "OPEN_BYTES": geometry.OPEN_BYTES,
    "OPEN_BODY_MAX": journal.OPEN_BODY_MAX,
    "BOOT_BYTES": geometry._BOOT_BYTES,
    "CONFIG_BYTES_MAX": geometry.CONFIG_BYTES_MAX,
    "CONFIG_COPIES": config_slots._COPIES,
    "CONFIG_TRIES": config_slots._TRIES,
    "STATE_BYTES_MAX": journal.STATE_BYTES_MAX,
    "OVERFLOW_BYTES": journal._OVERFLOW_BYTES,
    "PAGE_FAULTS_MAX": journal._PAGE_FAULTS_MAX,
    "FAULTS_MAX": journal._FAULTS_MAX,
    "RANGES_ALWAYS": codec._RANGES_ALWAYS,
    "REFUSED_PER_RECORD": codec._REFUSED_PER_RECORD,
    "TEAR_GAP_BYTES": recovery.TEAR_GAP_BYTES,
    "SEQUENCE_RESERVE": recovery.SEQUENCE_RESERVE,
    "RECORD_FORMAT": FORMAT,
}


def name_of(words: str) -> str:
    """Write words as a C constant's name."""
    return "".join(c if c.isalnum() else "_" for c in words).strip("_").upper()


def prefix_of(table: Table) -> str:
    """Return the one word that a table's names begin with."""
    return table.name.split()[-1]


def action_of(table: Table, action: Any) -> str:
    """Return the C function of an action."""
    if action in (ignore, never):
        return f"badge_{action.__name__}"
    return f"{prefix_of(table)}_{action.__name__.strip('_')}"


def enum(name: str, prefix: str, words: Iterable[str], count: str = "") -> Iterator[str]:
    """Yield the lines of an enumeration."""
    yield f"enum {name} {{"
    for word in words:
        yield f"    {prefix}{word},"
    if count:
        yield f"    {prefix}{count},"
    yield "};"
    yield ""


def table_lines(table: Table) -> Iterator[str]:
    """Yield a table's states, facts and rows."""
    prefix = prefix_of(table)
    upper = prefix.upper()
    yield from enum(f"{prefix}_state", f"{upper}_", [s.name for s in table.states], "STATES")
    yield from enum(f"{prefix}_fact", f"{upper}_ON_", [f.name for f in table.facts], "FACTS")
    yield f"#define {upper}_LAW(ROW) \\"
    rows = [
        f"    ROW({upper}_{state.name}, {upper}_ON_{fact.name}, {upper}_{following.name}, "
        f"{action_of(table, action)})"
        for (state, fact), (following, action) in sorted(
            table.rows.items(),
            key=lambda row: (table.states.index(row[0][0]), table.facts.index(row[0][1])),
        )
    ]
    yield " \\\n".join(rows)
    yield ""
    yield f"#define {upper}_ACTIONS(ACTION) \\"
    names = dict.fromkeys(action_of(table, action) for _, action in table.rows.values())
    own = sorted(name for name in names if not name.startswith("badge_"))
    if len(own) > ACTIONS_MAX or len(table.states) > STATES_MAX:
        raise ValueError(f"{table.name}: a row of the C core is one byte")
    yield " \\\n".join(f"    ACTION({name})" for name in own)
    yield ""


def setting_lines() -> Iterator[str]:
    """Yield the settings in the order of the configuration, with bounds and defaults."""
    yield "/* kind(identifier, name, least, most, default); lists: most items, most characters */"
    yield "#define BADGE_SETTINGS(TEXT, NUMBER, REAL, MACS, NAMES) \\"
    rows = [f"    {_setting(name, field)}" for name, field in BadgeConfig.model_fields.items()]
    yield " \\\n".join(rows)
    yield ""


def _setting(name: str, field: FieldInfo) -> str:
    low, high = 0, 0
    for bound in field.metadata:
        if isinstance(bound, Ge | Gt):
            # Whatever is compared may be a bound; ours are numbers.
            low = int(bound.ge if isinstance(bound, Ge) else bound.gt)  # type: ignore[call-overload]
        elif isinstance(bound, Le):
            high = int(bound.le)  # type: ignore[call-overload]  # a number, too
    head = f'{name_of(name)}, "{name}"'
    if field.annotation is int:
        return f"NUMBER({head}, {low}, {high}, {field.default})"
    if field.annotation is float:
        return f"REAL({head}, {low}, {high}, {round(field.default)})"
    if name == "known_equipment_tags":
        return f"MACS({head}, 0, {_most(field)}, 17)"
    if name == "worker_ids":
        return f"NAMES({head}, 0, {_most(field)}, {_most_chars(field)})"
    return f"TEXT({head}, 0, 0, 0)"


def _most(field: FieldInfo) -> int:
    return next(m.max_length for m in field.metadata if hasattr(m, "max_length"))


def _most_chars(field: FieldInfo) -> int:
    items = get_args(get_args(field.annotation)[0])
    found = [getattr(m, "max_length", None) for i in items[1:] for m in getattr(i, "metadata", [i])]
    return next(int(most) for most in found if most is not None)


def law() -> str:
    """Return the whole header."""
    lines = [
        "/* Generated by scripts/generate_law.py from badge/machines, badge/config.py and",
        " * badge/storage: change those, then run it.  Included by the core's own files only. */",
        "#ifndef BADGE_LAW_H",
        "#define BADGE_LAW_H",
        "",
    ]
    lines += enum("badge_event_type", "EVENT_", [name_of(word) for word in EVENT_TYPES], "TYPES")
    for title, words in (
        ("EVENT_TYPES", EVENT_TYPES),
        ("REBOOT_REASONS", get_args(RebootReason)),
        ("FIX_TYPES", get_args(FixType)),
        ("END_REASONS", get_args(EndReason)),
    ):
        joined = " ".join(f'"{word}\\0"' for word in words)
        lines.append(f"#define BADGE_{title} {joined}")
    lines.append("")
    lines += enum("end_reason", "END_", [name_of(word) for word in get_args(EndReason)])
    places = sorted((at, name) for name, at in vars(Due).items() if isinstance(at, int))
    lines += enum("badge_due", "DUE_", [name for _, name in places])
    lines += enum("record_kind", "KIND_", ["NONE", *(kind.name for kind in RecordKind)], "END")
    lines += [f"#define {name} ({value})" for name, value in NUMBERS.items()]
    lines += [f"#define UNIX_MS_END INT64_C({badge_module.UNIX_MS_END})", ""]
    for table in TABLES:
        lines += table_lines(table)
    lines += setting_lines()
    lines += ["#endif", ""]
    return "\n".join(lines)


def main() -> int:
    """Rewrite or check; return the exit code."""
    present = HEADER.read_text(encoding="utf-8") if HEADER.exists() else ""
    wanted = law()
    if "--check" in sys.argv[1:]:
        if present != wanted:
            print("badge/c/law.h is out of date; run python scripts/generate_law.py")
        return int(present != wanted)
    HEADER.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

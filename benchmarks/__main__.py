"""`python -m benchmarks [NAME…]`: run benchmarks and print each ratio beside its goal."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in ("__init__", "__main__", "shift_load")
)


def main() -> int:
    """Run the named benchmarks, or list them."""
    wanted = sys.argv[1:]
    unknown = [name for name in wanted if name not in NAMES]
    if not wanted or unknown:
        print(f"usage: python -m benchmarks NAME…, out of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"{name}:")
        for label, value, goal in import_module(f"benchmarks.{name}").ratios():
            verdict = "" if goal is None else f"   goal {goal:g}"
            print(f"  {label:<58} {value:>10.3g}{verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Where the checkout's own folders and the real input beside it lie, for any test at any depth."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"
SHARED = ROOT.parent / "shared"  # real recordings and the owner's documents; tests skip without
RECORDINGS = SHARED / "recordings"
SEEDS = SHARED / "seeds"

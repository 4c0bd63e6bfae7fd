"""`python scripts/mutation.py`: `tests/mutation/run.py` says what it takes and prints."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.mutation.run import main  # the checkout comes first

if __name__ == "__main__":
    sys.exit(main())

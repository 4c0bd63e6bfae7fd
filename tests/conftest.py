"""What holds for every test."""

from __future__ import annotations

import signal

# A shell starts what it puts into the background with Ctrl-C ignored, and children inherit that:
# stories that interrupt a command would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

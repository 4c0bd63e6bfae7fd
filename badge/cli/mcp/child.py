"""The process that a tool call becomes: the rule first, then one command, as a shell would run it.

`python -P -m badge.cli.mcp.child HOSTS COMMAND …`, in the folder; HOSTS with commas, or empty.
It ends when its standard input does: then whoever started it is gone.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Thread

from badge.cli.main import main
from badge.cli.mcp.guard import enforce
from badge.cli.mcp.rule import Confinement


def run(arguments: list[str]) -> None:
    """Run a command under the rule; ends the process."""
    hosts, *words = arguments
    enforce(Confinement(Path.cwd().resolve(), tuple(filter(None, hosts.split(",")))))
    Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["badge", *words]
    main()


def _end_with_parent() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    run(sys.argv[1:])

"""``python -m badge`` is the ``badge`` command: a door, so it opens the host's room by name."""

import runpy

if __name__ == "__main__":
    runpy.run_module("badge.cli.main", run_name="__main__")

"""``python -m badge`` is the ``badge`` command."""

import runpy

if __name__ == "__main__":
    runpy.run_module("badge.cli.program.start", run_name="__main__")

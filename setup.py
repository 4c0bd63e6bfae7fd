"""Builds the C core where there is a compiler; without one, all but `badge.host.c_core` works.

python setup.py build_ext --inplace    in a clone that runs from its sources
"""

import runpy
from pathlib import Path

from setuptools import Extension, setup

CORE = Path("badge") / "c"
digest = runpy.run_path("badge/host/core/sources.py")["core_digest"](CORE)

setup(
    ext_modules=[
        Extension(  # a plain shared library: it needs neither Python's headers nor cffi
            "badge.host._c_core",
            sorted(str(path) for path in CORE.rglob("*.c") if "export" not in path.parts),
            depends=sorted(map(str, CORE.rglob("*.h"))),
            include_dirs=[str(CORE)],
            define_macros=[("BADGE_SIZES", '"host/sizes.h"'), ("BADGE_DIGEST", f'"{digest}"')],
            extra_compile_args=["-std=c99", "-O3"],
            optional=True,
        )
    ]
)

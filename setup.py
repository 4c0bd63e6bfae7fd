"""Builds the C core, and the world's models in C, where there is a compiler.

Without one, all but `badge.host.c_core` works.

python setup.py build_ext --inplace    in a clone that runs from its sources
"""

import runpy
from pathlib import Path

from setuptools import Extension, setup

CORE = Path("badge") / "c"
WORLD = Path("sim") / "compiled" / "c"
digest_of = runpy.run_path("badge/host/core/sources.py")["core_digest"]

setup(
    ext_modules=[
        Extension(  # a plain shared library: it needs neither Python's headers nor cffi
            "badge.host._c_core",
            sorted(str(path) for path in CORE.rglob("*.c") if "export" not in path.parts),
            depends=sorted(map(str, CORE.rglob("*.h"))),
            include_dirs=[str(CORE)],
            define_macros=[
                ("BADGE_SIZES", '"host/sizes.h"'),
                ("BADGE_DIGEST", f'"{digest_of(CORE)}"'),
            ],
            # Nobody takes the place of its functions: they may be written into each other.
            extra_compile_args=["-std=c99", "-O3", "-fno-semantic-interposition"],
            optional=True,
        ),
        Extension(  # the same kind
            "sim.compiled._c_world",
            sorted(map(str, WORLD.glob("*.c"))),
            depends=sorted(map(str, WORLD.glob("*.h"))),
            include_dirs=[str(WORLD)],
            define_macros=[("WORLD_DIGEST", f'"{digest_of(WORLD)}"')],
            # Sums as they are written: Python's are not fused either.
            extra_compile_args=["-std=c99", "-O3", "-ffp-contract=off"],
            optional=True,
        ),
    ]
)

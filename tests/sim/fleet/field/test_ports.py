"""Both clocks of a badge in the field run calls in the same order."""

from random import Random

import pytest

from badge.config import BadgeConfig
from sim.engine.clock import Clock
from tests.badge.host.twins import core_is_built, needs_core

if core_is_built():
    from badge.host.c_pump import CPump


def walked(clock, seed):
    """Let calls ask for more calls, and tell which ran when."""
    rng, said = Random(seed), []

    def call(number):
        said.append((clock.now_ms, number))
        for _ in range(rng.choice([0, 1, 1, 2])):
            if len(said) < 300:
                clock.after(rng.randint(0, 3), lambda: call(rng.random()))

    for n in range(20):
        clock.at(rng.randint(0, 9), lambda n=n: call(n))
    clock.run_until(10_000)
    return said


@needs_core
@pytest.mark.parametrize("seed", range(5))
def test_the_clock_in_c_is_the_clock_in_python(seed):
    pump = CPump(BadgeConfig(device_id="ACT-00000001"), "0.1.0", Nobody())
    assert walked(pump, seed) == walked(Clock(), seed)


class Nobody:
    """Is asked nothing, since the badge is never booted."""

    poll = listen = upload = effect = staticmethod(print)

from tests.sim.fleet.conftest import small

__all__ = ["small"]

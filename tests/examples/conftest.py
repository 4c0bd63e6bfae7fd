from tests.sim.platforms.conftest import serve

__all__ = ["serve"]

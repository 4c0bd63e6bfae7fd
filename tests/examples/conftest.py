from tests.sim.platforms.conftest import serve
from tests.sim.reconcile.conftest import database, postgres

__all__ = ["database", "postgres", "serve"]

"""Many seeds with its progress bar; Ctrl-C ends it, and what was proven stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, count, islice
from pathlib import Path
from time import monotonic

from badge.cli import terminal
from badge.host.processes import WorkerLostError, cores
from badge.words import counted
from sim.chaos.proof import Proof
from sim.chaos.run import prove_seeds

_DEFAULT_SEEDS = 100


class Campaign:
    """Runs `known` seeds, then new ones from `first` on: so many, or for so many hours."""

    def __init__(
        self,
        known: Iterable[int],
        first: int,
        seeds: int | None,
        hours: float | None,
        processes: int | None,
        *,
        twice: bool,
        core: Path | None = None,
    ) -> None:
        self._known = tuple(known)
        self._first = first
        self._seeds = seeds if seeds is not None else _DEFAULT_SEEDS
        self._limit_s = None if hours is None else hours * 3600
        self._processes = processes or cores()
        self._twice, self._core = twice, core
        self.proof = Proof()
        self.interrupted = False
        self.lost: WorkerLostError | None = None
        self.elapsed_s = 0.0

    def go(self) -> None:
        """Run until done, interrupted, or a process is lost: what was proven stays."""
        started_s = monotonic()
        results = prove_seeds(
            self._todo(started_s), self._processes, twice=self._twice, core=self._core
        )
        total = self._limit_s if self._limit_s is not None else len(self._known) + self._seeds
        try:
            with terminal.progress() as bar:
                task = bar.add_task("proving", total=total, word="")
                for result in results:
                    self.proof.add(result)
                    self.elapsed_s = monotonic() - started_s
                    done = self.proof.runs if self._limit_s is None else self.elapsed_s
                    bar.update(task, completed=done, word=self._word())
        except KeyboardInterrupt:
            self.interrupted = True
        except WorkerLostError as error:
            self.lost = error
        finally:
            results.close()
        self.elapsed_s = monotonic() - started_s

    def _word(self) -> str:
        proof = self.proof
        rate = proof.badge_hours / max(self.elapsed_s, 1e-9)
        broken = f", {len(proof.failures)} broken" if proof.failures else ""
        return f"{counted(round(proof.badge_hours), 'badge-hour')}, {rate:,.0f}/s{broken}"

    def _todo(self, started_s: float) -> Iterator[int]:
        known = set(self._known)
        fresh = (seed for seed in count(self._first) if seed not in known)
        if self._limit_s is None:
            yield from chain(self._known, islice(fresh, self._seeds))
            return
        for seed in chain(self._known, fresh):
            if monotonic() - started_s >= self._limit_s:
                return
            yield seed

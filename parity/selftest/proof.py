"""Everything that the gate's proof of itself consists of, run in processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

from parity.registry import all_cases
from parity.runner import pin_threads
from parity.selftest.bugs import BUGS
from parity.selftest.controls import CONTROLS, Control, control
from parity.selftest.kill import Kill, kill
from parity.selftest.vacuity import Linted, linted

SHARES = 8  # in which the cases are linted, one after the other in each


class Proof(NamedTuple):
    """What the parts showed; None for those that were not asked for."""

    controls: tuple[Control, ...] | None
    vacuity: Linted | None
    kills: tuple[Kill, ...] | None


def prove(
    parts: Sequence[str], jobs: int, seed: int, said: Callable[[str], None] = lambda _: None
) -> Proof:
    """Run the parts, and say of each what it showed as soon as it is there."""
    controls: list[Control] = []
    lints: list[Linted] = []
    kills: list[Kill] = []
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=pin_threads) as pool:
        tasks: list[tuple[Future[Any], list[Any]]] = []
        if "controls" in parts:
            tasks += [(pool.submit(control, name, seed), controls) for name in CONTROLS]
        if "vacuity" in parts:
            shares = [partial(linted, i, SHARES, seed) for i in range(SHARES)]
            tasks += [(pool.submit(share), lints) for share in shares]
        for future, where in tasks:
            where.append(future.result())
        for done in controls:
            said(f"{done.what}: {done.cells:,} cells, {len(done.wrong)} wrong")
        if lints:
            said(f"vacuity: {sum(len(found.findings) for found in lints)} findings")
        if "kills" in parts:
            for done_kill in pool.map(partial(kill, seed=seed), BUGS, chunksize=4):
                kills.append(done_kill)
                if not done_kill.killed:
                    said(f"survived: {done_kill.bug.id}")
    return Proof(
        tuple(controls) if "controls" in parts else None,
        Linted.joined(lints, all_cases()) if "vacuity" in parts else None,
        tuple(kills) if "kills" in parts else None,
    )

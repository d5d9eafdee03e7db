"""A pair of sides that both part from the others: how far the two are from one another."""

from __future__ import annotations

from typing import assert_never

from parity import operations, optimizers
from parity.backends.base import Adapter
from parity.case import AnyCase, Case, InitializerCase, OptimizerCase, TrainingCase
from parity.cells import framed, side
from parity.compare import Deviation
from parity.errors import UnsupportedError
from parity.judge import Verdict
from parity.result import CellResult, Status
from parity.trajectory.between import between as training_between


def run_between(case: AnyCase, dtype: str, one: Adapter, other: Adapter, seed: int) -> CellResult:
    """Return the cell of two sides in which ``one`` stands for the oracle.

    It passes where the two are as close to one another as the bounds of both together allow.
    """

    def run() -> Deviation:
        args = (dtype, one, other, seed)
        match case:
            case Case():
                return operations.between(case, *args)
            case OptimizerCase():
                return optimizers.between(case, *args)
            case TrainingCase():
                return training_between(case, *args)
            case InitializerCase():
                raise UnsupportedError("samples are not compared with one another")
            case _:
                assert_never(case)

    found = framed(case.op, dtype, one, other, run)
    if isinstance(found, Verdict):
        verdict, measured = found, None
    else:
        status = Status.PASS if found.within else Status.FAIL
        verdict, measured = Verdict(status, found.worst), side(found)
    return CellResult(
        case=case.id,
        op=case.op,
        regime=case.regime,
        dtype=dtype,
        subject=one.name,
        backend=other.name,
        status=verdict.status,
        reason=verdict.reason,
        other=measured,
    )

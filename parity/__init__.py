"""Prove an implementation of neural-network operations against others, and write it as tables.

``parity run`` is the command. From a program::

    from parity import Request, run

    finished = run(Request(selectors=["dense"], dtypes=["float32"]))
    assert finished.report.exit_code == 0

:class:`Adapter` is what an implementation of your own derives from.
"""

from parity.assertion import assert_parity
from parity.backends.base import Adapter, Functions, Outcome, Step, Trainer, Update
from parity.errors import (
    AdapterError,
    CaseError,
    CheckpointError,
    ParityError,
    RegisterError,
    SelectionError,
    UnsupportedError,
)
from parity.run import Finished, Request, run

__all__ = [
    "Adapter",
    "AdapterError",
    "CaseError",
    "CheckpointError",
    "Finished",
    "Functions",
    "Outcome",
    "ParityError",
    "RegisterError",
    "Request",
    "SelectionError",
    "Step",
    "Trainer",
    "UnsupportedError",
    "Update",
    "assert_parity",
    "run",
]

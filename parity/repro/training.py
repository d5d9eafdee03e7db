"""A training run again: where it first parts, and the update in which it does so as a script."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.backends import adapter
from parity.backends.base import cast_values
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import oracle_dtype
from parity.case import TrainingCase
from parity.errors import ReproError
from parity.report.rows import short
from parity.repro.script import VERSIONS, Wanted, script
from parity.repro.update import Updates, text_of
from parity.result import TrainingResult
from parity.runner import Task
from parity.trajectory import lockstep
from parity.trajectory.data import in_dtype, load
from parity.trajectory.lockstep import State
from parity.trajectory.run import batches_of, initial_params, sides_of

SHOWN = 5


def words(result: TrainingResult) -> str:
    """Return where a run's sides first part, and its worst tensors."""
    lines = [
        f"{name} is first apart at step {first.step}: {first.tensor}, {short(first.ratio)} times "
        "as far from the oracle as rounding explains"
        for name, first in (
            (result.subject, result.subject_apart),
            (result.backend, result.backend_apart),
        )
        if first is not None
    ]
    lines += [
        f"{x.name}: worst at step {x.step}, {result.subject} {short(x.subject_ratio)}, "
        f"{result.backend} {short(x.backend_ratio)}"
        for x in result.tensors[:SHOWN]
    ]
    return "\n".join(lines)


def training_script(task: Task, result: TrainingResult, text: str) -> str:
    """Return the script of the update in which a run first parts, or is worst.

    It has the state before that step, the gradient that the side computed there, and the update of
    its optimizer. The bound is the lockstep limit, which counts the rounding of the gradient too.

    Raises
    ------
    ReproError
        If the run parts in its loss or a gradient, before the update, or raises.
    """
    assert isinstance(task.case, TrainingCase)
    case, dtype = task.case, task.dtype
    apart = [(0, result.subject_apart), (1, result.backend_apart)]
    found = [(first.step, -side, first.tensor) for side, first in apart if first is not None]
    if found:
        step, side, tensor = min(found)
        side = -side
    elif result.tensors:
        updated = [t for t in result.tensors if t.step and not _before_update(t.name)]
        step, side, tensor = updated[0].step, 1, updated[0].name
    else:
        raise _refused("a run that was not compared", result.reason)
    if not step or _before_update(tensor):
        what = f"a run that parts in the {tensor} of step {step}, before the update"
        raise _refused(what, "The model would have to be written out; `parity run` has the steps.")
    subject, backend = adapter(task.subject), adapter(task.backend)
    wide = oracle_dtype(dtype)
    assert wide is not None
    data = load(case.data)
    batches = batches_of(case, data, task.seed)
    with np.errstate(all="ignore"):
        sides = sides_of(case, subject, backend)
        params = initial_params(case, data, dtype, task.seed)
        state = State(params, sides.plain.slots(params), 0)
        while state.done < step - 1:
            plain = sides.plain.step(*state, *in_dtype(batches.at(state.done), dtype))
            state = State(plain.params, plain.slots, state.done + 1)
        batch = batches.at(state.done)
        one = (sides.subject, sides.backend)[side]
        taken = one.step(*state, *in_dtype(batch, dtype))
        key = f"{task.seed}|{case.id}|{dtype}"
        limit = lockstep.limits(sides, state, batch, dtype, wide, key)[tensor]
        wanted = _updated(case, state, taken.grads, wide)[tensor]
    slot, _, name = tensor.rpartition(" of ")
    updates = Updates(
        case.optimizer,
        case.optimizer_options,
        dtype,
        state.params,
        state.slots,
        state.done,
        [taken.grads],
        slot,
        name,
    )
    got = lockstep.tensors(taken)[tensor]
    gap = np.abs(got.astype(wide) - wanted)
    place = tuple(map(int, np.unravel_index(int(np.argmax(gap)), gap.shape)))
    spec = (task.subject, task.backend)[side]
    title = f"Update {step} of {case.id} in {dtype}: {result.backend} beside its formula."
    limits = np.full(wanted.shape, limit)
    found_there = Wanted(f"{tensor} after update {step}", dtype, got, wanted, limits, place)
    return script(title, text, text_of(updates, spec), found_there, VERSIONS.get(spec, '"own"'))


def _before_update(tensor: str) -> bool:
    return tensor == "loss" or tensor.startswith("gradient of ")


def _updated(case: TrainingCase, state: State, grads: Any, wide: np.dtype[Any]) -> dict[str, Any]:
    """Return slots and parameters after refnet's update of a state in higher precision."""
    slots = {slot: cast_values(values, wide) for slot, values in state.slots.items()}
    update = RefnetAdapter.update(
        case.optimizer,
        case.optimizer_options,
        cast_values(state.params, wide),
        slots,
        state.done,
        cast_values(grads, wide),
    )
    named = {f"{s} of {n}": a for s, values in update.slots.items() for n, a in values.items()}
    return {**update.params, **named}


def _refused(what: str, cause: str) -> ReproError:
    return ReproError(
        "repro", got=what, needs="a run that parts in an optimizer's update", cause=cause
    )

"""One training run in one dtype: lockstep, then free-running, judged and summed up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
import numpy as np

from parity.backends.base import Adapter, Array, Step, Trainer, Values, cast_values
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import oracle_dtype
from parity.case import TrainingCase
from parity.cells import both, framed, number, raised_alone
from parity.errors import AdapterError, CheckpointError, UnsupportedError
from parity.inputs import normal
from parity.judge import Verdict, judge
from parity.result import TrainingResult
from parity.trajectory import free_running, lockstep
from parity.trajectory.checkpoint import Checkpoint, Reached
from parity.trajectory.data import Batches, Data, in_dtype, load
from parity.trajectory.free_running import Free
from parity.trajectory.lockstep import LIMIT, Sides
from parity.trajectory.summary import apart, by_tensor, deviation
from parity.trajectory.twins import TwinError

T = TypeVar("T")


def run_training(
    case: TrainingCase,
    dtype: str,
    subject: Adapter,
    backend: Adapter,
    seed: int,
    tick: Callable[[], None] = lambda: None,
    kept: Checkpoint | None = None,
) -> TrainingResult:
    """Run a training case and return what it showed; whatever is raised becomes its status.

    It goes on from where its checkpoint ``kept`` has come, and writes what it comes to there.
    """
    common: dict[str, Any] = {
        "case": case.id,
        "op": case.op,
        "dtype": dtype,
        "subject": subject.name,
        "backend": backend.name,
    }

    def run() -> TrainingResult:
        found = kept.load() if kept else None
        if isinstance(found, TrainingResult):
            for _ in range(case.steps + case.free_steps):
                tick()
            return found
        result = _run(case, dtype, subject, backend, seed, tick, common, kept, found)
        if kept:
            kept.finish(result)
        return result

    result = framed(case.op, dtype, subject, backend, run)
    if isinstance(result, Verdict):
        return TrainingResult(**common, status=result.status, reason=result.reason)
    return result


def _run(
    case: TrainingCase,
    dtype: str,
    subject: Adapter,
    backend: Adapter,
    seed: int,
    tick: Callable[[], None],
    common: dict[str, Any],
    kept: Checkpoint | None,
    reached: Reached | None,
) -> TrainingResult:
    wide = oracle_dtype(dtype)
    assert wide is not None
    data = load(case.data)
    key = f"{seed}|{case.id}|{dtype}"
    batches = batches_of(case, data, seed)

    def first_step(adapter: Adapter, params: Values | None) -> None:
        if params is not None:
            made = trainer(case, adapter)
            batch = in_dtype(batches.at(0), dtype)
            made.step(_copied(params), made.slots(_copied(params)), 0, *batch)

    def keep(done: int, of: int) -> None:
        if kept and (done % kept.every == 0 or done == of):
            kept.save(Reached(state, ratios, running))

    free, accuracies = None, []
    with np.errstate(all="ignore"):
        start = partial(initial_params, case, data, dtype, seed)
        params, *_ = both(subject, backend, start, first_step)
        sides = sides_of(case, subject, backend)
        if reached is None:
            reached = Reached(*lockstep.start(sides, params, wide))
        state, ratios, running = reached
        for _ in range(state.done + (len(running.losses) if running else 0)):
            tick()
        try:
            while state.done < case.steps:
                batch = batches.at(state.done)
                state, found = lockstep.advance(sides, state, batch, dtype, wide, key)
                ratios += found
                keep(state.done, case.steps)
                tick()
            running = running or free_running.start(sides, params)
            while len(running.losses) < case.free_steps:
                batch = in_dtype(batches.at(len(running.losses)), dtype)
                free_running.advance(sides, running, batch, key, case.steps)
                keep(len(running.losses), case.free_steps)
                tick()
            free = free_running.summed_up(running, case.steps)
            accuracies = _accuracies(sides, free, data, dtype)
        except CheckpointError:
            raise
        except Exception:
            # A run that has parted already may well leave the finite numbers: it has parted.
            if all(max(r.subject, r.backend) <= LIMIT for r in ratios):
                raise
    mine, theirs = (deviation(ratios, i) for i in (0, 1))
    verdict = judge(subject.name, backend.name, mine, theirs)
    tensors = by_tensor(ratios)
    result = TrainingResult(
        **common,
        status=verdict.status,
        reason=verdict.reason,
        data=data.note,
        steps=case.steps,
        compared=len(ratios),
        subject_ratio=number(max(r.subject for r in ratios)),
        backend_ratio=number(max(r.backend for r in ratios)),
        subject_apart=apart(ratios, 0),
        backend_apart=apart(ratios, 1),
        worst=tensors[0].name,
        tensors=tensors,
    )
    return result if free is None else _with_free_running(result, free, accuracies)


def sides_of(case: TrainingCase, subject: Adapter, backend: Adapter) -> Sides:
    """Return the four parties of a case's run; what the others raise names them."""
    plain = Guarded(trainer(case, None), "refnet", pure=True)
    foreign = type(subject) is not RefnetAdapter
    return Sides(
        plain=plain,
        oracle=plain,
        subject=Guarded(trainer(case, subject), subject.name) if foreign else plain,
        backend=Guarded(trainer(case, backend), backend.name),
    )


def _with_free_running(result: TrainingResult, free: Free, accuracies: list[Any]) -> TrainingResult:
    return msgspec.structs.replace(
        result,
        free_steps=free.steps,
        followed=free.followed,
        horizon=free.horizon,
        horizon_reason=free.reason,
        growth=_optional(free.growth),
        distance=_optional(free.distance),
        envelope=_optional(free.envelope),
        losses=[(n, number(a), number(b)) for n, a, b in free.losses],
        accuracies=accuracies,
        trail=[(n, number(d), number(e)) for n, d, e in free.trail],
    )


class Guarded:
    """A side's trainer; what it raises after the first step names the side.

    Unless it is ``pure``, it is handed copies: one that writes into its arguments harms nobody.
    """

    def __init__(self, inner: Trainer, name: str, *, pure: bool = False) -> None:
        self.inner, self.name = inner, name
        self._own: Callable[[Values], Values] = (lambda values: values) if pure else _copied

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        return self._tried(lambda: self.inner.slots(self._own(params)))

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t."""

        def step() -> Step:
            own = self._own
            own_x, own_t = own({"x": x, "t": t}).values()
            own_slots = {name: own(values) for name, values in slots.items()}
            own_masks = () if masks is None else (own(masks),)
            taken = self.inner.step(own(params), own_slots, done, own_x, own_t, *own_masks)
            if not isinstance(taken, Step):
                raise AdapterError(
                    "step",
                    got=f"a {type(taken).__name__}",
                    needs="a parity.Step of loss, grads, params, slots and branches",
                    cause="Does the trainer return a tuple or dict of its own?",
                )
            return taken

        return self._tried(step)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        return self._tried(lambda: self.inner.predict(self._own(params), self._own({"x": x})["x"]))

    def _tried(self, task: Callable[[], T]) -> T:
        try:
            return task()
        except (TwinError, UnsupportedError):
            raise
        except (Exception, SystemExit) as error:
            raise raised_alone(self.name, error) from error


def _copied(values: Values) -> Values:
    return {name: a.copy() for name, a in values.items()}


def trainer(case: TrainingCase, adapter: Adapter | None) -> Trainer:
    """Return an adapter's trainer of a case; refnet's for None."""
    owner = RefnetAdapter() if adapter is None else adapter
    return owner.trainers()[case.op](case.model, case.optimizer, case.optimizer_options)


def batches_of(case: TrainingCase, data: Data, seed: int) -> Batches:
    """Return a case's minibatches, with masks if its model has dropout."""
    dropped = RefnetAdapter.dropped(case.op, case.model, data.sample)
    return Batches(data, case.batch_size, f"{seed}|{case.id}", dropped)


def initial_params(case: TrainingCase, data: Data, dtype: str, seed: int) -> Values:
    """Return a case's initial parameters: the data's, or weights of size gain and biases zero."""
    if data.start is not None:
        return cast_values(dict(data.start), dtype)
    shapes = RefnetAdapter.parameter_shapes(case.op, case.model, data.sample)
    return {
        name: (
            np.zeros(shape)
            if name.rpartition(".")[2].startswith("b")
            else case.gain * normal(f"{seed}|{case.id}|{name}", shape)
        ).astype(dtype)
        for name, shape in shapes.items()
    }


def _accuracies(sides: Sides, free: Free, data: Data, dtype: str) -> list[Any]:
    """Return the share of test samples that each side gets right, if there is a right and wrong.

    That is the class, or every one of several targets of 0 and 1.
    """
    t = data.test_t
    classes = t.dtype.kind in "iu"
    if not classes and not np.isin(t, (0, 1)).all():
        return []
    x = data.test_x.astype(dtype)
    shares = []
    for side, params in zip((sides.subject, sides.backend), free.finals, strict=True):
        y: Array = side.predict(params, x)
        right = y.argmax(axis=-1) == t if classes else (y > 0.5) == (t > 0.5)
        samples = right.T if data.columns else right
        shares.append(number(float(samples.reshape(len(samples), -1).all(axis=1).mean())))
    return shares


def _optional(x: float | None) -> Any:
    return None if x is None else number(x)

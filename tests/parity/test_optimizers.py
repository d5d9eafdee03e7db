from __future__ import annotations

import math

import numpy as np
import pytest

from parity import Adapter
from parity.backends import adapter
from parity.backends.base import Update, cast_values
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import oracle_dtype
from parity.case import OptimizerCase
from parity.optimizers import LIMITS, run_optimizer, values_of
from parity.registry import all_cases, select

REFNET, TORCH = adapter("refnet"), adapter("torch")
CASES = [c for c in all_cases() if isinstance(c, OptimizerCase)]
OPTIMIZERS = sorted({c.op for c in CASES})


def of(op):
    return [c for c in CASES if c.op == op]


class Own(Adapter):
    """SGD of somebody's own: refnet's updates, changed."""

    name = "own"

    def __init__(self, change):
        self.change = change

    def optimizers(self):
        def updates(params, grads, **options):
            found = REFNET.optimizers()["sgd"](params, grads, **options)
            return [self.change(u, t) for t, u in enumerate(found, start=1)]

        return {"sgd": updates}


@pytest.mark.parametrize("op", OPTIMIZERS)
def test_both_sides_stay_inside_and_use_some_of_the_bound(op):
    """`parity run` has every cell of seed 0; here are others, each case in one of its dtypes."""
    for k, case in enumerate(of(op)):
        dtype = case.dtypes[k % len(case.dtypes)]
        measured = run_optimizer(case, dtype, REFNET, TORCH, 1 + k)
        for side in (measured.actual, measured.other):
            assert side.within, (case.id, dtype, side.worst)
            if case.options.get("lr") != 0 and case.name != "nothing":
                assert side.ratio > 1e-3, (case.id, dtype)


@pytest.mark.parametrize("op", OPTIMIZERS)
def test_no_tolerance_is_above_the_signal(op):
    """What is compared would be missed if it were gone: a move as well as a slot."""
    for case in of(op):
        for dtype in case.dtypes:
            wide = oracle_dtype(dtype)
            params, grads = values_of(case, dtype, 0)
            params, grads = cast_values(params, wide), [cast_values(g, wide) for g in grads]
            updates = RefnetAdapter().optimizers()[op](params, grads, **case.options)
            kind, fields = RefnetAdapter.optimizer_fields(op, case.options)
            limits = LIMITS[kind](dtype, params, grads, fields)
            share = {"float16": 1.0, "bfloat16": 1.0, "float32": 1e-1, "float64": 1e-10}[dtype]
            for update, limit in zip(updates, limits, strict=True):
                for name, p in update.params.items():
                    moved = np.abs(p - params[name]).max()
                    assert limit.params[name].min() < share * moved or moved == 0, case.id
                for slot, values in update.slots.items():
                    for name, value in values.items():
                        size, e = np.abs(value), limit.slots[slot][name]
                        assert np.isfinite(e).all(), case.id
                        assert (e[size > 0] < share * size[size > 0]).any() or not size.any()


def parameters_moved(by):
    return lambda u, t: u._replace(params={n: p + by for n, p in u.params.items()})


def slots_moved(by):
    return lambda u, t: u._replace(
        slots={s: {n: p + by for n, p in v.items()} for s, v in u.slots.items()}
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (parameters_moved(1e-5), "after update"),
        (slots_moved(1e-5), "momentum_buffer of"),
        (lambda u, t: u if t < 4 else parameters_moved(1e-4)(u, t), "after update 4"),
        (lambda u, t: u._replace(slots={}), "slots [] instead of"),
        (lambda u, t: u._replace(done=t - 1), "updates counted after"),
        (lambda u, t: u._replace(params={n: p * math.nan for n, p in u.params.items()}), "nan"),
        (lambda u, t: u._replace(point=None), "gradient point of"),
        (lambda u, t: u._replace(point={n: p + 1e-5 for n, p in u.point.items()}), "point of"),
    ],
)
def test_wrong_updates_are_outside(change, words):
    (case,) = select(["sgd/lookahead"])
    measured = run_optimizer(case, "float32", Own(change), TORCH, 0)
    assert not measured.actual.within
    assert words in measured.actual.worst
    assert measured.other.within


def test_an_optimizer_without_a_step_counter_is_fine():
    (case,) = select(["sgd/momentum"])
    uncounted = Own(lambda u, t: Update(u.params, u.slots))
    assert run_optimizer(case, "float32", uncounted, TORCH, 0).actual.within


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", OPTIMIZERS)
def test_one_element_off_by_a_few_ulps_is_outside(op, dtype):
    """A parameter off by 50 ulps of itself, at the first update: rounding does not explain it."""

    class OneOff(RefnetAdapter):
        name = "one off"

        def optimizers(self):
            def updates(params, grads, **options):
                first, *rest = super(OneOff, self).optimizers()[op](params, grads, **options)
                place = np.unravel_index(np.abs(first.params["w"]).argmax(), (5, 3))
                first.params["w"][place] *= 1 + 50 * np.finfo(dtype).eps
                return [first, *rest]

            return {op: updates}

    (case,) = select([f"{op}/decay-l2"])
    measured = run_optimizer(case, dtype, OneOff(), TORCH, 0)
    assert not measured.actual.within
    assert "w[" not in measured.actual.worst or "after update 1" in measured.actual.worst
    assert measured.other.within


def test_every_gradient_size_is_tried():
    for op in set(OPTIMIZERS) - {"sgd", "momentum", "nesterov"}:
        sizes = {c.gradients for c in of(op)}
        assert 1.0 in sizes
        assert 0.0 in sizes
        assert any(0 < s < 1e-2 for s in sizes)


def test_gradients_of_a_size_and_none():
    case = OptimizerCase("sgd", "tiny", {"lr": 1.0}, {"w": (4, 3)}, steps=2, gradients=1e-7)
    params, grads = values_of(case, "float64", 0)
    assert 0.1 < np.abs(params["w"]).max() < 4
    assert all(1e-8 < np.abs(g["w"]).max() < 4e-7 for g in grads)
    (none, _) = values_of(OptimizerCase("sgd", "0", {}, {"w": (9,)}, 2, 0.0), "float32", 0)[1]
    assert not none["w"].any()
    assert not np.signbit(none["w"]).any()

"""Bounds from both sides: correct runs stay inside, wrong ones do not, and none is slack."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.backends import adapter
from parity.backends.base import Outcome, results
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import (
    Arithmetic,
    arithmetic,
    bound,
    bounds,
    find,
    forward_limit,
    oracle_dtype,
    per_reduction,
    summed,
    vjp_limits,
    widened,
)
from parity.case import Case
from parity.errors import CaseError
from parity.inputs import arrays, cotangents
from parity.operations import cast, cast_options, run_operation
from parity.registry import all_cases
from parity.selftest.bounds import observe

TYPICAL = [c for c in all_cases() if isinstance(c, Case) and c.regime == "typical"]
# Copies, and choices between values: nothing rounds.
EXACT = {
    "abs",
    "clip",
    "concat",
    "global_max_pool2d",
    "hard_tanh",
    "identity",
    "max",
    "min",
    "one_hot",
    "relu",
    "reshape",
    "slice",
    "split",
    "stack",
    "step",
    "transpose",
    "unstack",
}
RUNS = 100


def typical(op):
    return [c for c in TYPICAL if c.op == op]


def test_every_operation_has_a_bound_and_every_bound_an_operation():
    assert set(bounds()) == set(rn.ops())


@pytest.mark.parametrize("op", rn.ops())
def test_correct_runs_are_inside_and_the_bound_is_not_slack(op):
    """What `python -m parity.selftest.bounds` does with many more runs."""
    found = observe(op, RUNS, seed=100)
    assert not found.outside
    if op in EXACT:
        # Nothing was outside a limit of 0. The cotangents of ties, of which typical inputs have
        # none, are divided.
        assert found.refnet_median == found.torch_median == 0
    else:
        assert found.refnet_median > 1e-3
        assert found.torch_median > 1e-3


class Perturbed(RefnetAdapter):
    """refnet with its results, or its cotangents, off by a small part of themselves."""

    name = "perturbed"

    def __init__(self, part, by):
        self.part, self.by = part, by

    def run(self, op, inputs, options, cotangents):
        y, found = super().run(op, inputs, options, cotangents)
        if self.part == "forward":
            moved = tuple(map(self._moved, y)) if isinstance(y, tuple) else self._moved(y)
            return Outcome(moved, found)
        return Outcome(y, [tuple(self._moved(c) for c in cs) for cs in found or ()] or None)

    def _moved(self, a):
        return None if a is None else np.asarray(a + (np.abs(a) * self.by).astype(a.dtype))


@pytest.mark.parametrize(
    ("dtype", "by"),
    [("float16", 2e-2), ("bfloat16", 1e-1), ("float32", 1e-2), ("float64", 1e-10)],
)
@pytest.mark.parametrize("part", ["forward", "cotangents"])
@pytest.mark.parametrize("op", sorted(rn.ops()))
def test_small_errors_are_outside(op, part, dtype, by):
    # None, or zero, whatever it is multiplied by.
    if op in ("one_hot", "step") and part == "cotangents":
        return
    wrong, torch = Perturbed(part, by), adapter("torch")
    for case in typical(op):
        if dtype in case.dtypes:
            measured = run_operation(case, dtype, wrong, torch, 7)
            assert not measured.actual.within, case.id
            assert measured.other.within, case.id


# Sums of products, whose condition is that of the same operation on absolute values; elsewhere it
# is the size of the value.
LINEAR = {
    "add",
    "avg_pool2d",
    "bias_add",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "dense",
    "global_avg_pool2d",
    "matmul",
    "mean",
    "subtract",
    "sum",
}


# Sums of terms of either sign that are no operation of refnet's: their elements are tried instead.
CANCEL = {"kl_div"}


class OneOff(RefnetAdapter):
    """refnet with one element of its result off by 100 u C, C the operation on absolute values."""

    name = "one off"

    def run(self, op, inputs, options, cotangents):
        outcome = super().run(op, inputs, options, cotangents)
        sizes = outcome.y
        if op in LINEAR:
            sizes = rn.ops()[op](*(None if a is None else np.abs(a) for a in inputs), **options)
        moved = []
        for y, size in zip(results(outcome.y), map(np.abs, results(sizes)), strict=True):
            y = y.copy()
            if y.size:
                place = np.unravel_index(int(size.argmax()), size.shape)
                y[place] += 50 * np.finfo(y.dtype).eps * size[place]
            moved.append(y)
        return outcome._replace(y=tuple(moved) if isinstance(outcome.y, tuple) else moved[0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", sorted(rn.ops()))
def test_one_element_off_by_100_u_c_is_outside(op, dtype):
    wrong, torch = OneOff(), adapter("torch")
    for case in typical(op):
        # A sum of 100 terms and more may be off by that much.
        long = case.name.startswith(("long", "many", "rows-of-blocks"))
        cancels = op in CANCEL and case.options.get("reduction") != "none"
        if dtype in case.dtypes and not long and not cancels:
            measured = run_operation(case, dtype, wrong, torch, 7)
            assert not measured.actual.within, case.id


# Elsewhere results underflow, overflow or saturate, and a limit of the size of the value is right.
SIGNAL = ("typical", "offset", "cancelling", "kinks", "layouts", "edge shapes")


@pytest.mark.parametrize("op", sorted(set(rn.ops()) - EXACT))
def test_no_tolerance_is_above_the_signal(op):
    """In every array that is compared some element would notice that it is gone altogether."""
    oracle = adapter("refnet")
    for case in all_cases():
        if not isinstance(case, Case) or case.op != op or case.regime not in SIGNAL:
            continue
        for dtype in case.dtypes:
            wide = oracle_dtype(dtype)
            inputs, options = arrays(case, dtype, 0)
            inputs, options = cast(inputs, wide), cast_options(options, wide)
            with np.errstate(all="ignore"):
                y = oracle.run(op, inputs, options, None).y
                shape = [v.shape for v in y] if isinstance(y, tuple) else y.shape
                dys = cast(cotangents(case, shape, dtype, 0) if case.vjp else [], wide)
                expected = oracle.run(op, inputs, options, dys)
            every = {**rn.ops()[op].options, **options}
            for side in (oracle, adapter("torch")):
                accumulation = side.accumulation(op, dtype)
                limits = forward_limit(op, dtype, accumulation, y, inputs, every)
                values = [*results(y)]
                for dy, found in zip(dys, expected.cotangents, strict=True):
                    limits += vjp_limits(op, dtype, accumulation, found, dy, inputs, every)
                    values += found
                for value, limit in zip(values, limits, strict=True):
                    if value is not None and (seen := np.isfinite(value) & (value != 0)).any():
                        assert (limit[seen] < np.abs(value[seen]) / 2).any(), (case.id, dtype)


def test_gamma_is_higham_s():
    a = arithmetic("float32")
    assert a == Arithmetic(2.0**-24, 2.0**-149, 2.0**-24)
    assert a.gamma(1000) == pytest.approx(1000 * 2**-24 / (1 - 1000 * 2**-24))
    assert a.gamma(0) == 0
    # Past n u = 1 the formula would turn negative: it keeps growing here.
    values = a.gamma(np.array([2.0**22, 2.0**23, 2.0**24, 2.0**26]))
    assert (np.diff(values) > 0).all()
    assert (values > 0).all()


def test_arithmetic_of_float16_is_that_of_its_accumulation():
    assert arithmetic("float16").u == 2.0**-24
    assert arithmetic("float16").saved == 2.0**-11
    composed = arithmetic("float16", "float16")
    assert (composed.u, composed.inner) == (2.0**-11, 2.0**-24)
    # Each kernel rounds to float16 once, and accumulates in float32.
    assert composed.gamma(3) == pytest.approx(3 * 2.0**-11, rel=2e-3)
    assert composed.gamma(1000) == pytest.approx(8 * 2.0**-11 + 1000 * 2.0**-24, rel=1e-2)
    assert arithmetic("float64").u == 2.0**-53


def test_widened_leaves_exact_limits_exact():
    value = np.array([1.0, -3.0])
    assert (widened("float32", value, 0.0) == 0).all()
    assert (widened("float16", value, 0.0) == 0).all()
    half = widened("float16", value, 1e-6)
    assert (half > 2.0**-11 * np.abs(value)).all()
    assert (half < 2.0**-11 * np.abs(value) + 1.1e-6).all()


def test_summed_counts_its_terms():
    a = np.arange(24.0).reshape(2, 3, 4)
    total, n = summed(a, (3, 1))
    np.testing.assert_array_equal(total, a.sum(axis=(0, 2)).reshape(3, 1))
    assert n == 8
    total, n = summed(a, (2, 3, 4))
    assert n == 1
    np.testing.assert_array_equal(total, a)


def test_unknown_operations_reductions_and_doubles_are_refused():
    with pytest.raises(CaseError, match="'conv' without a bound"):
        find("conv")
    with pytest.raises(CaseError, match="median"):
        per_reduction("median", np.ones(2), 2)
    with pytest.raises(CaseError, match="second bound for 'dense'"):
        bound("dense", None, None)

"""Options given as NumPy's scalars are the plain numbers and bools that they hold."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.case import Case
from parity.inputs import arrays
from parity.registry import all_cases
from refnet import DtypeError, OptionError

WITH_OPTIONS = {
    op: [c for c in all_cases() if isinstance(c, Case) and c.op == op and c.regime == "typical"]
    for op in rn.ops()
}
SCALARS = {bool: np.bool_, int: np.int64, float: np.float64}


@pytest.mark.parametrize("op", [name for name, cases in WITH_OPTIONS.items() if cases])
def test_a_scalar_s_dtype_does_not_leak(op):
    for case in WITH_OPTIONS[op]:
        inputs, options = arrays(case, "float32", 0)
        every = {**rn.ops()[op].options, **options}
        scalars = {k: SCALARS.get(type(v), lambda v: v)(v) for k, v in every.items()}
        plain, other = (rn.ops()[op](*inputs, **o) for o in (every, scalars))
        for one, two in zip(_results(plain), _results(other), strict=True):
            np.testing.assert_array_equal(one, two, strict=True)
        dy = tuple(map(np.ones_like, plain)) if isinstance(plain, tuple) else np.ones_like(plain)
        for c in rn.ops()[op].vjp(dy, *inputs, **scalars):
            assert c is None or c.dtype == np.float32, case.id


def test_a_wider_scalar_does_not_leak_either():
    probs, labels = np.array([[0.5, 0.5]], np.float32), np.array([0])
    for eps in (np.finfo(np.float64).eps, np.longdouble(1e-7)):
        assert rn.cross_entropy(probs, labels, eps=eps).dtype == np.float32


@np.errstate(all="ignore")  # the mean over nothing is NaN
def test_over_nothing_no_logit_has_a_part():
    x, labels = np.zeros((3, 4)), np.full(3, -1)
    for loss in (rn.softmax_cross_entropy, rn.nll):
        for options in ({}, {"weight": np.ones(4)}):
            (dx, _) = loss.vjp(np.array(1.0), x, labels, ignore_index=-1, **options)
            np.testing.assert_array_equal(dx, np.zeros((3, 4)))
    (dx, _) = rn.softmax_cross_entropy.vjp(
        np.array(1.0), x, labels, ignore_index=-1, label_smoothing=0.1
    )
    np.testing.assert_array_equal(dx, np.zeros((3, 4)))
    for op, inputs in (
        (rn.mean, (np.zeros(0),)),
        (rn.mean_squared_error, (np.zeros(0), np.zeros(0))),
        (rn.l1, (np.zeros(0), np.zeros(0))),
    ):
        assert op.vjp(np.array(1.0), *inputs)[0].shape == (0,)


def test_weights_may_be_a_list():
    logits, probs = np.array([[1.0, 2.0, 3.0]]), np.array([[0.2, 0.3, 0.5]])
    for options in ({}, {"label_smoothing": 0.1}):
        one, two = (
            rn.softmax_cross_entropy.vjp(np.array(1.0), logits, probs, weight=w, **options)
            for w in ([1.0, 2.0, 3.0], np.array([1.0, 2.0, 3.0]))
        )
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "call",
    [
        lambda: rn.split(np.ones((3, 4)), parts=2**70),
        lambda: rn.split(np.ones((3, 4)), parts=10**12),
    ],
)
def test_more_parts_than_entries_are_refused(call):
    with pytest.raises(OptionError):
        call()


def test_bool_labels_are_pointed_at_integers():
    with pytest.raises(DtypeError, match="int64"):
        rn.softmax_cross_entropy(np.zeros((2, 3)), np.array([True, False]))


def _results(y):
    return y if isinstance(y, tuple) else (y,)

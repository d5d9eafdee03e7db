"""The class axis of the losses on classes: wherever it is, the loss is that of its rows."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

OPS = {op.name: op for op in (rn.softmax_cross_entropy, rn.nll, rn.cross_entropy)}
ON_ROWS = {name: op for name, op in OPS.items() if op is not rn.nll}
SHAPE = (2, 3, 4, 5)


def scores_of(op, rng, shape):
    p = rng.random(shape) + 0.1
    return np.log(p) if op is rn.nll else p


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1, -2, -4, np.int64(1)])
@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
def test_class_numbers(rng, op, axis, reduction):
    scores = scores_of(op, rng, SHAPE)
    rows = np.moveaxis(scores, axis, -1)
    labels = rng.integers(0, SHAPE[axis], rows.shape[:-1])
    options = {"reduction": reduction}
    if op is not rn.cross_entropy:
        options |= {"weight": rng.random(SHAPE[axis]) + 0.5, "ignore_index": 1}
    wanted = op(rows, labels, **options)
    y = op(scores, labels, axis=axis, **options)
    np.testing.assert_array_equal(y, wanted)
    dy = rng.standard_normal(y.shape)
    dscores, none = op.vjp(dy, scores, labels, axis=axis, **options)
    assert none is None
    drows, _ = op.vjp(dy, rows, labels, **options)
    np.testing.assert_array_equal(dscores, np.moveaxis(drows, -1, axis))


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("axis", [0, 1, -2, 3])
@pytest.mark.parametrize("op", ON_ROWS.values(), ids=ON_ROWS)
def test_rows_of_probabilities(rng, op, axis, reduction):
    scores, labels = scores_of(op, rng, SHAPE), rng.random(SHAPE)
    rows, targets = (np.moveaxis(a, axis, -1) for a in (scores, labels))
    y = op(scores, labels, axis=axis, reduction=reduction)
    np.testing.assert_array_equal(y, op(rows, targets, reduction=reduction))
    dy = rng.standard_normal(y.shape)
    found = op.vjp(dy, scores, labels, axis=axis, reduction=reduction)
    wanted = op.vjp(dy, rows, targets, reduction=reduction)
    for c, w in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(c, np.moveaxis(w, -1, axis))


def test_images_by_hand():
    # (N, C, d1): two classes over one row of two pixels.
    logits = np.array([[[0.0, 2.0], [0.0, 1.0]]])
    y = rn.softmax_cross_entropy(logits, np.array([[0, 1]]), axis=1, reduction="none")
    np.testing.assert_allclose(y, [[np.log(2), np.log1p(np.e)]], rtol=1e-15)


S = np.ones((2, 3, 4))
L = np.zeros((2, 4), int)
TOO_LARGE = np.where(np.arange(4) == 2, 3, L)


@pytest.mark.parametrize("op", OPS.values(), ids=OPS)
@refused(
    [
        ErrorInput("no such axis", (S, L), {"axis": 3}, OptionError, "an axis from -3 to 2"),
        ErrorInput("float axis", (S, L), {"axis": 1.0}, OptionError, "axis as an integer"),
        ErrorInput("bool axis", (S, L), {"axis": True}, OptionError, "bool"),
        ErrorInput("axis None", (S, L), {"axis": None}, OptionError, "NoneType"),
        ErrorInput("axis forgotten", (S, L), {}, ShapeError, r"labels \(2, 3\).*another axis"),
        ErrorInput(
            "another axis", (S, L), {"axis": 2}, ShapeError, r"on axis 2 and labels \(2, 3\)"
        ),
        ErrorInput("integers", (S, np.zeros(S.shape, int)), {"axis": 1}, ShapeError, "one-hot"),
        ErrorInput("label", (S, TOO_LARGE), {"axis": 1}, DomainError, r"label 3 .* \(0, 2\).*to 2"),
        ErrorInput("no classes", (S[:, :0], L), {"axis": 1}, ShapeError, "at least one class"),
        ErrorInput("float labels", (S, L * 1.0), {"axis": 1}, DtypeError, "integer"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)


@pytest.mark.parametrize("op", ON_ROWS.values(), ids=ON_ROWS)
def test_a_position_is_that_of_the_labels_as_given(op):
    rows = np.ones(S.shape)
    rows[1, 2, 0] = -0.5
    check_refused(
        op, ErrorInput("", (S, rows), {"axis": 1}, DomainError, r"labels -0.5 at .*\(1, 2, 0\)")
    )

"""assert_parity in tests of somebody's own."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity import assert_parity
from parity.errors import SelectionError

X = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)
W = np.random.default_rng(1).standard_normal((6, 3)).astype(np.float32)
DY = np.random.default_rng(2).standard_normal((4, 3)).astype(np.float32)


def test_another_order_of_the_sums_is_rounding():
    y = sum(X[:, i : i + 1] * W[i] for i in reversed(range(6)))
    assert_parity(y, op="matmul", inputs=[X, W])
    assert_parity(y, X.astype(np.float64) @ W.astype(np.float64), op="matmul", inputs=[X, W])


def test_the_message_says_where_and_how_far():
    y = X @ W
    y[2, 1] += 1e-3
    with pytest.raises(AssertionError) as caught:
        assert_parity(y, op="matmul", inputs=[X, W])
    words = str(caught.value)
    assert "matmul in float32: 1 of 12 elements" in words
    assert f"y[2, 1] = {y[2, 1]:.9g}, expected" in words
    for said in ("times its bound", "ULP", "the least rtol that would pass"):
        assert said in words


def test_cotangents():
    da, db = rn.matmul.vjp(DY, X, W)
    assert_parity((da, db), op="matmul", inputs=[X, W], dy=DY)
    wrong = db.copy()
    wrong[0, 0] = np.nan
    with pytest.raises(AssertionError, match=r"db\[0, 0\]"):
        assert_parity((da, wrong), op="matmul", inputs=[X, W], dy=DY)
    ids, table = np.array([1, 0]), W
    dids, dtable = rn.embedding.vjp(DY[:2], ids, table)
    assert_parity((dids, dtable), op="embedding", inputs=[ids, table], dy=DY[:2])
    with pytest.raises(AssertionError, match="other inputs"):
        assert_parity((dtable, dids), op="embedding", inputs=[ids, table], dy=DY[:2])


def test_several_results_and_options():
    parts = tuple(np.split(X, 3, axis=1))
    assert_parity(parts, op="split", inputs=[X], options={"parts": 3, "axis": 1})
    with pytest.raises(AssertionError, match="result"):
        assert_parity(parts[:2], op="split", inputs=[X], options={"parts": 3, "axis": 1})


@pytest.mark.parametrize(
    "wrong",
    [
        (X @ W).astype(np.float64)[:2],
        (X @ W).T,
        np.where(np.arange(3) == 1, np.nan, X @ W).astype(np.float32),
        np.zeros((4, 3), np.float32),
    ],
)
def test_what_is_no_rounding(wrong):
    with pytest.raises(AssertionError):
        assert_parity(wrong, op="matmul", inputs=[X, W])


def test_an_operation_that_is_none():
    with pytest.raises(SelectionError, match="Did you mean 'softmax'"):
        assert_parity(X, op="sofmax", inputs=[X])

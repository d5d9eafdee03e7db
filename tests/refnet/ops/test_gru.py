"""gru_cell and gru."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

T, N, C, H = 5, 3, 4, 2


@pytest.fixture
def inputs(rng):
    shapes = ((T, N, C), (N, H), (C, 3 * H), (H, 3 * H), (3 * H,), (3 * H,))
    return [rng.standard_normal(s) for s in shapes]


def blocks(a, gates="rzn"):
    """The blocks of a along its last axis, by letter."""
    return dict(zip(gates, np.split(a, 3, axis=-1), strict=True))


def reordered(inputs, gates):
    """The inputs of order rzn with their blocks in the order ``gates``."""
    return [
        *inputs[:2],
        *(np.concatenate([blocks(a)[k] for k in gates], -1) for a in inputs[2:]),
    ]


@pytest.mark.parametrize("reset_after", [True, False])
def test_cell_against_mpmath(inputs, reset_after):
    xs, h, *weights = inputs
    w_x, w_h, b, b_h = map(blocks, weights)
    y = rn.gru_cell(xs[0], h, *weights, reset_after=reset_after)
    with mpmath.workdps(40):

        def exact(a):
            return mpmath.matrix(a.tolist())

        def sigmoid(v):
            return v.apply(lambda e: 1 / (1 + mpmath.exp(-e)))

        def times(a, b):
            return mpmath.matrix([[a[0, j] * b[0, j] for j in range(H)]])

        for n in range(N):
            x, old = exact(xs[0, [n]]), exact(h[[n]])
            a = {k: x * exact(w_x[k]) + exact(b[k][None]) for k in "rzn"}
            r, z = (sigmoid(a[k] + old * exact(w_h[k]) + exact(b_h[k][None])) for k in "rz")
            if reset_after:
                inner = times(r, old * exact(w_h["n"]) + exact(b_h["n"][None]))
            else:
                inner = times(r, old) * exact(w_h["n"]) + exact(b_h["n"][None])
            new = (a["n"] + inner).apply(mpmath.tanh)
            for j in range(H):
                wanted = (1 - z[0, j]) * new[0, j] + z[0, j] * old[0, j]
                assert abs(float(y[n, j]) - wanted) < 3e-15


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("gates", ["zrn", "nzr", "rnz"])
def test_the_order_of_gates_is_a_permutation_of_columns(inputs, rng, gates, reset_after):
    moved, how = reordered(inputs, gates), {"reset_after": reset_after}
    for a, b in zip(rn.gru(*inputs, **how), rn.gru(*moved, gates=gates, **how), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    dy = (rng.standard_normal((T, N, H)), rng.standard_normal((N, H)))
    wanted = reordered(rn.gru.vjp(dy, *inputs, **how), gates)
    for a, b in zip(rn.gru.vjp(dy, *moved, gates=gates, **how), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_sequence_is_its_steps(inputs, reverse, reset_after):
    xs, h, *weights = inputs
    hs, h_last = rn.gru(*inputs, reverse=reverse, reset_after=reset_after)
    for t in range(T)[:: -1 if reverse else 1]:
        h = rn.gru_cell(xs[t], h, *weights, reset_after=reset_after)
        np.testing.assert_allclose(hs[t], h, rtol=1e-12)
    np.testing.assert_allclose(h_last, h, rtol=1e-12)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_sample_with_a_length_is_its_own_shorter_sequence(inputs, rng, reverse, reset_after):
    xs, h0, *weights = inputs
    lengths, how = np.array([2, 5, 0]), {"reverse": reverse, "reset_after": reset_after}
    hs, h_last = rn.gru(*inputs, lengths=lengths, **how)
    dhs, dlast = rng.standard_normal((T, N, H)), rng.standard_normal((N, H))
    found = rn.gru.vjp((dhs, dlast), *inputs, lengths=lengths, **how)
    sums = [np.zeros_like(w) for w in weights]
    for n, end in enumerate(lengths):
        alone = xs[:end, [n]], h0[[n]], *weights
        wanted, last = rn.gru(*alone, **how)
        np.testing.assert_allclose(hs[:end, [n]], wanted, rtol=1e-12)
        assert (hs[end:, n] == 0).all()
        np.testing.assert_allclose(h_last[[n]], last, rtol=1e-12)
        dxs, dh0, *grads = rn.gru.vjp((dhs[:end, [n]], dlast[[n]]), *alone, **how)
        np.testing.assert_allclose(found[0][:end, [n]], dxs, rtol=1e-11, atol=1e-14)
        assert (found[0][end:, n] == 0).all()
        np.testing.assert_allclose(found[1][[n]], dh0, rtol=1e-11, atol=1e-14)
        sums = [a + b for a, b in zip(sums, grads, strict=True)]
    for got, wanted in zip(found[2:], sums, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-14)


def test_an_open_update_gate_keeps_the_state():
    xs, h0 = np.ones((50, 1, 1)), np.array([[1 / 3]])
    zero, b = np.zeros((1, 3)), np.array([0.0, 1e4, 0.0])
    _, h_last = rn.gru(xs, h0, zero, zero, b)
    np.testing.assert_array_equal(h_last, h0)
    dh = np.array([[0.7]])
    np.testing.assert_array_equal(rn.gru.vjp((None, dh), xs, h0, zero, zero, b)[1], dh)


def test_before_and_after_agree_where_nothing_mixes(inputs):
    """r (h W) is (r h) W for a diagonal W and no bias."""
    xs, h, w_x, w_h, b, _ = inputs
    w_h = w_h.copy()
    blocks(w_h)["n"][~np.eye(H, dtype=bool)] = 0  # a view
    after = rn.gru_cell(xs[0], h, w_x, w_h, b)
    np.testing.assert_allclose(
        after, rn.gru_cell(xs[0], h, w_x, w_h, b, reset_after=False), rtol=1e-12
    )


def test_which_biases_are_one(inputs):
    """Without the reset after the product, and outside n's block, only b + b_h counts."""
    xs, h, w_x, w_h, b, b_h = inputs
    both = rn.gru_cell(xs[0], h, w_x, w_h, b, b_h, reset_after=False)
    one = rn.gru_cell(xs[0], h, w_x, w_h, b + b_h, reset_after=False)
    np.testing.assert_allclose(both, one, rtol=1e-12)
    *_, db, db_h = rn.gru_cell.vjp(np.ones((N, H)), xs[0], *inputs[1:])
    assert (np.abs(db - db_h)[: 2 * H] == 0).all()
    assert (db != db_h)[2 * H :].all()


X, STATE, W_X, W_H, B = (np.ones(s) for s in ((N, C), (N, H), (C, 3 * H), (H, 3 * H), (3 * H,)))
XS = np.ones((T, N, C))
CELL = (X, STATE, W_X, W_H, B, B)
FULL = (XS, *CELL[1:])


@refused(
    [
        ErrorInput("no weights", (X, STATE), {}, ArgumentError, "2 positional"),
        ErrorInput("a sequence", FULL, {}, ShapeError, "call gru"),
        ErrorInput("w_h turned", (X, STATE, W_X, W_H.T), {}, ShapeError, "passed transposed"),
        ErrorInput("exchanged", (X, STATE, W_H, W_X), {}, ShapeError, "exchanged"),
        ErrorInput("w_x turned", (X, STATE, W_X.T, W_H), {}, ShapeError, "passed transposed"),
        ErrorInput("other h", (X, STATE[:1], *CELL[2:]), {}, ShapeError, r"h \(3, 2\)"),
        ErrorInput("one gate's bias", (*CELL[:4], B[:2]), {}, ShapeError, "one gate's"),
        ErrorInput("one gate's b_h", (*CELL[:5], B[:2]), {}, ShapeError, r"b_h \(2,\)"),
        ErrorInput("Keras's two rows", (*CELL[:4], np.ones((2, 6))), {}, ShapeError, "two biases"),
        ErrorInput("ONNX's letters", CELL, {"gates": "zrh"}, OptionError, "elsewhere h"),
        ErrorInput("a gate twice", CELL, {"gates": "rrn"}, OptionError, "gates='rrn'"),
        ErrorInput("None", CELL, {"gates": None}, OptionError, "gates=None"),
        ErrorInput("a number", CELL, {"reset_after": 1}, OptionError, "of type int"),
        ErrorInput("integers", (X.astype(int), *CELL[1:]), {}, DtypeError, "int64"),
    ]
)
def test_cell_refuses(case):
    check_refused(rn.gru_cell, case)


@refused(
    [
        ErrorInput("one step", CELL, {}, ShapeError, "axis of the samples"),
        ErrorInput("other h0", (XS, STATE.T, *FULL[2:]), {}, ShapeError, r"got h0 \(2, 3\)"),
        ErrorInput("too long", FULL, {"lengths": [6, 1, 1]}, DomainError, "length 6 for sample 0"),
        ErrorInput("unsigned", FULL, {"lengths": np.uint8([9, 1, 1])}, DomainError, "length 9"),
        ErrorInput("two lengths", FULL, {"lengths": [1, 2]}, ShapeError, "for 3 sample"),
        ErrorInput("text", FULL, {"lengths": "123"}, DtypeError, "lengths of dtype <U3"),
        ErrorInput("ragged", FULL, {"lengths": [[1], [2, 3]]}, ShapeError, "ragged"),
        ErrorInput("reverse", FULL, {"reverse": None}, OptionError, "reverse=None"),
        ErrorInput("reset_after", FULL, {"reset_after": "after"}, OptionError, "reset_after"),
        ErrorInput("an LSTM's", FULL, {"gates": "ifgo"}, OptionError, "r \\(reset\\)"),
        ErrorInput("direction", FULL, {"direction": "reverse"}, ArgumentError, "'direction'"),
    ]
)
def test_refuses(case):
    check_refused(rn.gru, case)

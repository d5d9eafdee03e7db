from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from parity.backends import adapter
from parity.registry import select
from parity.trajectory.run import trainer
from parity.trajectory.twins import Mover, TwinError, twin_step


def is_next(moved, a):
    up, down = (np.nextafter(a, a.dtype.type(end)) for end in (np.inf, -np.inf))
    return (moved == up) | (moved == down)


@given(
    hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=9),
        elements=st.floats(-100, 100, width=16),
    )
)
def test_every_element_moves_by_one_ulp_and_zeros_stay(a):
    moved = Mover("key")(a)
    assert (moved.dtype, moved.shape) == (a.dtype, a.shape)
    assert np.where(a == 0, moved == 0, is_next(moved, a)).all()


def test_both_directions_half_of_the_time():
    a = np.ones(10_000)
    up = (Mover("key")(a) > a).mean()
    assert abs(up - 0.5) < 6 * 0.5 / np.sqrt(a.size)


def test_a_mover_is_its_key():
    a = np.linspace(1, 2, 200)
    np.testing.assert_array_equal(Mover("one")(a), Mover("one")(a))
    assert (Mover("one")(a) != Mover("two")(a)).any()
    mover = Mover("one")
    assert (mover(a) != mover(a)).any()


@pytest.mark.parametrize("other", [np.float32, np.float64])
def test_tables_are_moved_array_by_array(other):
    tables = [{"a": np.linspace(1, 2, 6).reshape(2, 3)}, {}, {"b": np.ones((), other)}]
    tables[0]["c"] = np.zeros((0, 2))
    moved = Mover("key").tables(tables)
    for before, after in zip(tables, moved, strict=True):
        assert list(before) == list(after)
        for name, a in before.items():
            assert (after[name].shape, after[name].dtype) == (a.shape, a.dtype)
            assert is_next(after[name], a).all()
            assert after[name].flags.c_contiguous


def test_targets_of_zero_and_one_stay():
    seen = []

    class Watching:
        def step(self, params, slots, done, x, t):
            seen.append(t)

    for t in (np.array([[0.0], [1.0]]), np.array([[0.0], [0.5]])):
        twin_step(Watching(), Mover("key"), {"w": np.ones(1)}, {}, 0, (np.ones((2, 2)), t))
        assert (seen[-1] is t) == (t.max() == 1)


def test_longdouble_moves_by_its_own_ulp():
    a = np.ones(50, np.longdouble)
    assert (np.abs(Mover("key")(a) - a) <= np.finfo(np.longdouble).eps).all()


def test_integers_stay_and_nan_is_an_error():
    labels = np.arange(4)
    assert Mover("key")(labels) is labels
    for bad in (np.nan, np.inf):
        with pytest.raises(TwinError, match="not finite"):
            Mover("key")(np.array([1.0, bad]))


# Where an operation takes from 1 what is all but 1. Each has an error of order u there, however
# small what is left of it is.
ONE, LABEL, ZERO = np.ones((1, 1, 1)), np.array([0]), np.zeros((1, 1))
W4, W3 = np.full((1, 4), 9.0), np.full((1, 3), 9.0)
CANCELLING = {
    "softmax cross-entropy": ("softmax_cross_entropy", (np.array([[16.0, 0.0]]), LABEL), 0),
    "its rows": ("softmax_cross_entropy", (np.array([[16.0, 0.0]]), np.array([[1.0, 0.0]])), 0),
    "two classes": ("binary_cross_entropy_with_logits", (np.array([16.0]), np.ones(1)), 0),
    "rnn": ("rnn", (ONE, ZERO, ZERO + 9, ZERO), 2),
    "lstm": ("lstm", (ONE, ZERO, ZERO, W4, 0 * W4), 3),
    "gru": ("gru", (ONE, ZERO, W3, 0 * W3), 2),
    "cosine": ("cosine", (np.array([[0.6, 0.8]]), np.array([[1.2, 1.6]])), 0),
}


@pytest.mark.parametrize(("op", "inputs", "of"), CANCELLING.values(), ids=CANCELLING.keys())
def test_what_cancels_inside_an_operation_is_moved(op, inputs, of):
    def spread(**inside):
        found = []
        for _ in range(8):
            with rn.intercepted(lambda _, a: a, **inside):
                y, vjp = rn.ops()[op].with_vjp(*inputs)
                ones = tuple(map(np.ones_like, y)) if isinstance(y, tuple) else np.ones_like(y)
                found.append(vjp(ones)[of])
        return np.ptp(found, axis=0).max()

    assert spread() == 0
    assert spread(inside=Mover("key")) >= np.finfo(float).eps / 2


def test_a_twin_moves_state_batch_and_every_result():
    (case,) = select(["xor/momentum"])
    refnet = trainer(case, adapter("refnet"))
    rng = np.random.default_rng(0)
    params = {
        name: rng.standard_normal(shape).astype(np.float32)
        for name, shape in {"fc1.w": (2, 7), "fc1.b": (7,), "fc2.w": (7, 1), "fc2.b": (1,)}.items()
    }
    slots = refnet.slots(params)
    x, t = (rng.standard_normal((4, n)).astype(np.float32) for n in (2, 1))
    plain = refnet.step(params, slots, 0, x, t)
    names, seen = [], Mover("key")

    class Recording(Mover):
        def __call__(self, a):
            names.append(a.shape)
            return seen(a)

    twin = twin_step(refnet, Recording("key"), params, slots, 0, (x, t))
    # parameters and buffers at once, batch; then dense, relu, dense, loss and their cotangents
    assert names[0] == (2 * sum(p.size for p in params.values()),)
    assert len(names) >= 1 + 2 + 4 + 4
    assert float(twin.loss) != float(plain.loss)
    np.testing.assert_allclose(twin.loss, plain.loss, rtol=1e-4)
    rn.identity(np.ones(2))
    assert refnet.step(params, slots, 0, x, t).loss == plain.loss  # nothing is left behind

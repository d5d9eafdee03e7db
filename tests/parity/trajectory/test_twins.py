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
    up, down = np.nextafter(a, np.inf, dtype=a.dtype), np.nextafter(a, -np.inf, dtype=a.dtype)
    assert np.where(a == 0, moved == 0, (moved == up) | (moved == down)).all()


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


def test_longdouble_moves_by_its_own_ulp():
    a = np.ones(50, np.longdouble)
    assert (np.abs(Mover("key")(a) - a) <= np.finfo(np.longdouble).eps).all()


def test_integers_stay_and_nan_is_an_error():
    labels = np.arange(4)
    assert Mover("key")(labels) is labels
    for bad in (np.nan, np.inf):
        with pytest.raises(TwinError, match="not finite"):
            Mover("key")(np.array([1.0, bad]))


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
    # parameters, buffers, batch; then dense, relu, dense, loss and their cotangents
    assert len(names) >= 4 + 4 + 2 + 4 + 4
    assert not np.array_equal(twin.grads["fc1.w"], plain.grads["fc1.w"])
    np.testing.assert_allclose(twin.loss, plain.loss, rtol=1e-4)
    rn.identity(np.ones(2))
    assert refnet.step(params, slots, 0, x, t).loss == plain.loss  # nothing is left behind

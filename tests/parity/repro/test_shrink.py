"""Failing inputs become small, and stay failing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parity.inputs import Drawn
from parity.repro.shrink import Failing, shrink


def shape(failing):
    return failing.given.inputs[0].shape


def made(*inputs, options=None, layouts=None):
    return Failing(Drawn(inputs, options or {}, layouts or {}), lambda s: [np.ones(s)] * 3)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_to_a_single_element():
    x, w = rng().standard_normal((6, 5)), rng(1).standard_normal((5, 4))

    def fails(f):
        a, b = f.given.inputs
        return b is not None and a.shape[1] == b.shape[0] and bool((a > 0.5).any())

    found = shrink(made(x, w, layouts={0: "reversed"}), fails, shape)
    a, b = found.failing.given.inputs
    assert (a.shape, b.shape) == ((1, 1), (1, 1))
    assert a.item() == 1
    assert b.item() == 0
    assert found.failing.given.layouts == {}
    assert found.failing.make is None
    assert fails(found.failing)


def test_what_the_failure_needs_is_kept():
    x = np.arange(12.0).reshape(3, 4) + 0.123
    options = {"axis": 1, "eps": 1e-3}

    def fails(f):
        a = f.given.inputs[0]
        return (
            f.given.options.get("axis") == 1
            and f.given.layouts.get(0) == "strided"
            and f.make is not None
            and len(f.dys()(a.shape)) == 1
            and a.shape[1] >= 2
        )

    found = shrink(made(x, options=options, layouts={0: "strided"}), fails, shape).failing
    assert found.given.options == {"axis": 1}
    assert found.given.layouts == {0: "strided"}
    assert found.given.inputs[0].shape == (1, 2)
    assert len(found.cotangents) == 1
    assert not found.cotangents[0].any()


def test_gates_are_shortened_with_their_units():
    h, w = rng().standard_normal((5, 3)), rng(1).standard_normal((3, 12))

    def fails(f):
        a, b = f.given.inputs
        return b is not None and a.shape[1] == b.shape[0] and b.shape[1] == 4 * a.shape[1]

    a, b = shrink(made(h, w), fails, shape).failing.given.inputs
    assert (a.shape, b.shape) == ((1, 1), (1, 4))


def test_labels_and_optional_inputs():
    t, b = np.array([3, 1, 2]), rng().standard_normal(3)
    found = shrink(
        made(rng().standard_normal(3), t, b), lambda f: f.given.inputs[1] is not None, shape
    )
    inputs = found.failing.given.inputs
    assert inputs[1].tolist() == [0]
    assert inputs[2] is None


def test_what_never_fails_otherwise_stays(monkeypatch):
    whole = made(rng().standard_normal((4, 3)))
    found = shrink(whole, lambda f: False, shape)
    assert found.failing is whole


def test_so_many_runs_and_no_more():
    runs = []

    def fails(f):
        runs.append(f)
        return f.given.inputs[0].any()

    found = shrink(made(rng().standard_normal((40, 30))), fails, shape, 7)
    assert found.runs == 7
    assert len(runs) == 7


@given(seed=st.integers(0, 50), threshold=st.floats(0.1, 2))
def test_it_is_the_same_again_and_still_fails(seed, threshold):
    x = rng(seed).standard_normal((3, 4))

    def fails(f):
        return bool((np.abs(f.given.inputs[0]) >= threshold).any())

    if not fails(made(x)):
        return
    one, two = (shrink(made(x), fails, shape) for _ in range(2))
    assert fails(one.failing)
    assert one.runs == two.runs
    np.testing.assert_array_equal(one.failing.given.inputs[0], two.failing.given.inputs[0])
    assert one.failing.given.inputs[0].size == 1

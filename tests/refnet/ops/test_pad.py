from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused


@st.composite
def padding(draw):
    x = draw(
        hnp.arrays(
            float,
            hnp.array_shapes(min_dims=1, max_dims=3, max_side=4),
            elements=st.floats(-9, 9, width=32),
        )
    )
    mode = draw(st.sampled_from(["constant", "edge", "reflect"]))
    most = [n - 1 if mode == "reflect" else 3 for n in x.shape]
    pads = tuple(draw(st.tuples(st.integers(0, m), st.integers(0, m))) for m in most)
    return x, pads, mode


@given(padding())
def test_forward_is_numpy_s_and_the_vjp_its_adjoint(drawn):
    x, pads, mode = drawn
    y = rn.pad(x, pads=pads, mode=mode)
    np.testing.assert_array_equal(y, np.pad(x, pads, mode=mode))
    assert y.shape == rn.pad.shape(x.shape, pads=pads, mode=mode)
    dy = np.linspace(-1, 2, y.size).reshape(y.shape)
    (dx,) = rn.pad.vjp(dy, x, pads=pads, mode=mode)
    # <dy, P x> = <P^T dy, x>: padding with zeros and with copies is linear.
    assert (dx * x).sum() == pytest.approx((dy * y).sum(), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("constant", [7, 7, 1, 2, 3, 7, 7]),
        ("edge", [1, 1, 1, 2, 3, 3, 3]),
        ("reflect", [3, 2, 1, 2, 3, 2, 1]),
    ],
)
def test_by_hand(mode, expected):
    x = np.array([1.0, 2.0, 3.0])
    value = {"value": 7} if mode == "constant" else {}
    assert rn.pad(x, pads=2, mode=mode, **value).tolist() == expected
    dy = 10.0 ** np.arange(7)
    (dx,) = rn.pad.vjp(dy, x, pads=2, mode=mode, **value)
    wanted = {
        "constant": [1e2, 1e3, 1e4],
        "edge": [111, 1e3, 1110000],
        "reflect": [1000100, 101010, 10001],
    }
    assert dx.tolist() == wanted[mode]


def test_corners_are_copies_of_copies():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    y = rn.pad(x, pads=1, mode="reflect")
    assert y[0].tolist() == [4, 3, 4, 3]
    (dx,) = rn.pad.vjp(np.ones((4, 4)), x, pads=1, mode="edge")
    assert dx.tolist() == [[4, 4], [4, 4]]


def test_nothing_to_pad():
    for mode in ("constant", "edge", "reflect"):
        x = np.array(3.0)
        y = rn.pad(x, pads=(), mode=mode)
        assert y == 3
        assert not np.shares_memory(x, y)
        assert rn.pad(x, pads=5, mode=mode) == 3
        assert rn.pad(np.ones((0, 2)), pads=((0, 0), (1, 1)), mode=mode).shape == (0, 4)
    assert rn.pad(np.ones((0, 2)), pads=1, value=4).tolist() == [[4.0] * 4] * 2


def test_value_is_rounded_to_the_dtype():
    assert rn.pad(np.ones(1, np.float32), pads=((1, 0),), value=0.1)[0] == np.float32(0.1)
    assert rn.pad(np.ones(1, np.float16), pads=((1, 0),), value=0.1)[0] == np.float16(0.1)
    assert rn.pad(np.ones(1, np.float32), pads=((1, 0),), value=1e300)[0] == np.inf


def test_lists_will_do():
    assert rn.pad(np.ones((1, 2)), pads=[[0, 1], (2, 0)]).shape == (2, 4)


X = np.ones((2, 3))
SIDES = ((1, 1), (1, 1))


@refused(
    [
        ErrorInput("no pads", (X,), {}, ArgumentError, "no option 'pads'"),
        ErrorInput("None", (X,), {"pads": None}, OptionError, "pads=None"),
        ErrorInput("one pair", (X,), {"pads": ((1, 1),)}, ShapeError, "1 pair"),
        ErrorInput("three pairs", (X,), {"pads": ((1, 1),) * 3}, ShapeError, "3 pair"),
        ErrorInput("a flat pair", (X,), {"pads": (1, 1)}, OptionError, "parentheses"),
        ErrorInput("a triple", (X,), {"pads": ((1, 1, 1), (0, 0))}, OptionError, "for each axis"),
        ErrorInput("negative", (X,), {"pads": -1}, OptionError, "at least 0"),
        ErrorInput("one negative", (X,), {"pads": ((0, -1), (0, 0))}, OptionError, "pads=-1"),
        ErrorInput("float", (X,), {"pads": 1.0}, OptionError, "of type float"),
        ErrorInput("bool", (X,), {"pads": True}, OptionError, "of type bool"),
        ErrorInput("mode", (X,), {"pads": 1, "mode": "replicate"}, OptionError, "'edge'"),
        ErrorInput("mode SAME", (X,), {"pads": 1, "mode": None}, OptionError, "mode=None"),
        ErrorInput(
            "value beside a mode",
            (X,),
            {"pads": 1, "mode": "edge", "value": 1.0},
            OptionError,
            "mode='constant' alone",
        ),
        ErrorInput("NaN value", (X,), {"pads": 1, "value": np.nan}, OptionError, "finite"),
        ErrorInput("value as text", (X,), {"pads": 1, "value": "0"}, OptionError, "of type str"),
        ErrorInput("reflect too far", (X,), {"pads": 2, "mode": "reflect"}, ShapeError, "axis 0"),
        ErrorInput(
            "reflect nothing",
            (np.ones((0, 3)),),
            {"pads": SIDES, "mode": "reflect"},
            ShapeError,
            "axis 0 of x",
        ),
        ErrorInput(
            "edge of nothing",
            (np.ones((0, 3)),),
            {"pads": SIDES, "mode": "edge"},
            ShapeError,
            "to repeat",
        ),
        ErrorInput("by position", (X, 1), {}, ArgumentError, "by keyword"),
        ErrorInput("integers", (np.arange(3),), {"pads": 1}, DtypeError, "int64"),
    ]
)
def test_refuses(case):
    check_refused(rn.pad, case)

"""slice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

X = np.arange(24.0).reshape(2, 3, 4)
ENTRY = st.none() | st.integers(-6, 6)


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=3),
    st.lists(st.tuples(ENTRY, ENTRY, ENTRY.filter(lambda n: n != 0)), max_size=3),
)
def test_forward_is_python_s_and_the_vjp_its_adjoint(shape, parts):
    parts = parts[: len(shape)]
    starts, stops, steps = zip(*parts, strict=True) if parts else ((), (), ())
    options = {"starts": starts, "stops": stops, "steps": steps}
    x = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    y = rn.slice(x, **options)
    np.testing.assert_array_equal(y, x[tuple(slice(*p) for p in parts)])
    assert y.shape == rn.slice.shape(x.shape, **options)
    assert not np.shares_memory(x, y)
    (dx,) = rn.slice.vjp(-y, x, **options)
    # Each element of x is another number.
    np.testing.assert_array_equal(dx, np.where(np.isin(x, y), -x, 0))


def test_the_axes_that_are_not_named_are_whole():
    np.testing.assert_array_equal(rn.slice(X, starts=(1,), stops=(2,)), X[1:2])
    np.testing.assert_array_equal(rn.slice(X, starts=(), stops=()), X)
    assert rn.slice(np.array(3.0), starts=(), stops=()).shape == ()
    np.testing.assert_array_equal(
        rn.slice.vjp(np.array(2.0), np.array(3.0), starts=(), stops=())[0], 2
    )


def test_backwards():
    y = rn.slice(X, starts=(None, -1), stops=(None, 0), steps=(-1, -1))
    np.testing.assert_array_equal(y, X[::-1, -1:0:-1])
    assert y.flags.c_contiguous


def test_numbers_may_be_numpy_s_and_lists_will_do():
    y = rn.slice(X, starts=[np.int64(0), None], stops=[1, np.int32(2)], steps=[1, None])
    np.testing.assert_array_equal(y, X[:1, :2])


def test_options_that_have_passed_do_not_let_their_equals_pass():
    for _ in range(2):
        assert rn.slice(X, starts=(1,), stops=(2,)).shape == (1, 3, 4)
        assert rn.slice(X, starts=(0,), stops=(2,)).shape == (2, 3, 4)
        for wrong in (True, 1.0):
            with pytest.raises(OptionError, match="in starts"):
                rn.slice(X, starts=(wrong,), stops=(2,))


@refused(
    [
        ErrorInput("no stops", (X,), {"starts": (1,)}, ArgumentError, "no option 'stops'"),
        ErrorInput("an int", (X,), {"starts": 1, "stops": (2,)}, OptionError, "comma missing"),
        ErrorInput("None", (X,), {"starts": (0,), "stops": None}, OptionError, "stops=None"),
        ErrorInput("float", (X,), {"starts": (0,), "stops": (2.0,)}, OptionError, "type float"),
        ErrorInput("bool", (X,), {"starts": (True,), "stops": (2,)}, OptionError, "type bool"),
        ErrorInput("text", (X,), {"starts": ("0",), "stops": (2,)}, OptionError, "in starts"),
        ErrorInput(
            "too few stops", (X,), {"starts": (0, 1), "stops": (2,)}, OptionError, "2 starts and 1"
        ),
        ErrorInput(
            "too many steps",
            (X,),
            {"starts": (0,), "stops": (2,), "steps": (1, 1)},
            OptionError,
            "2 steps",
        ),
        ErrorInput(
            "step 0", (X,), {"starts": (0,), "stops": (2,), "steps": (0,)}, OptionError, "than 0"
        ),
        ErrorInput(
            "too many axes",
            (X[0, 0],),
            {"starts": (0, 0), "stops": (1, 1)},
            ShapeError,
            r"2 starts for an input of 1 dim",
        ),
        ErrorInput("by position", (X, (0,), (1,)), {}, ArgumentError, "by keyword"),
        ErrorInput(
            "integers", (np.arange(3),), {"starts": (0,), "stops": (1,)}, DtypeError, "int64"
        ),
    ]
)
def test_refuses(case):
    check_refused(rn.slice, case)

"""concat, stack, unstack and split."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

A = np.arange(6.0).reshape(2, 3)


@given(st.integers(0, 3), st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_split_undoes_concat(axis, sizes):
    shape = [2, 3, 1, 2]
    xs = []
    for i, n in enumerate(sizes):
        shape[axis] = n
        xs.append(np.full(shape, float(i)))
    y = rn.concat(*xs, axis=axis)
    assert y.shape[axis] == sum(sizes)
    for part, x in zip(rn.split(y, parts=sizes, axis=axis), xs, strict=True):
        np.testing.assert_array_equal(part, x)
    for dx, x in zip(rn.concat.vjp(y, *xs, axis=axis), xs, strict=True):
        np.testing.assert_array_equal(dx, x)


@given(st.integers(-3, 2), st.integers(1, 4))
def test_unstack_undoes_stack(axis, n):
    xs = [A + i for i in range(n)]
    y = rn.stack(*xs, axis=axis)
    for entry, x in zip(rn.unstack(y, axis=axis), xs, strict=True):
        np.testing.assert_array_equal(entry, x)
    (dy,) = rn.unstack.vjp(tuple(xs), y, axis=axis)
    np.testing.assert_array_equal(dy, y)


def test_equal_parts():
    parts = rn.split(A, parts=3, axis=1)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), A)
    assert [p.shape for p in parts] == [(2, 1)] * 3
    assert [p.shape for p in rn.split(A, parts=np.array([2, 1]), axis=1)] == [(2, 2), (2, 1)]


def test_a_result_that_is_not_used_has_no_cotangent():
    (dx,) = rn.unstack.vjp((None, A[0]), A)
    np.testing.assert_array_equal(dx, [[0, 0, 0], A[0]])
    y, vjp = rn.split.with_vjp(A, parts=(1, 1))
    np.testing.assert_array_equal(vjp((y[0], None))[0], [A[0], [0, 0, 0]])


def test_the_wanted_inputs_are_named_by_position():
    found = rn.concat.vjp(np.ones((6, 3)), A, A, A, wrt=("xs[1]",))
    assert [c is None for c in found] == [True, False, True]
    with pytest.raises(ArgumentError, match=r"xs\[0\], xs\[1\]"):
        rn.concat.vjp(np.ones((4, 3)), A, A, wrt=("xs[2]",))


@pytest.mark.parametrize("op", [rn.concat, rn.stack])
@pytest.mark.parametrize("xs", [[A, A], (A, A), [A], [A, A[:1]], [A.tolist(), A]])
def test_a_list_of_arrays_is_not_one_array(op, xs):
    wanted = rf"without unpacking it\? {op.name}\(\*xs\)"
    with pytest.raises(ArgumentError, match=wanted):
        op(xs)
    with pytest.raises(ArgumentError, match=wanted):
        op.with_vjp(xs, axis=1)
    with pytest.raises(ArgumentError, match=wanted):
        op.vjp(A, xs)
    np.testing.assert_array_equal(rn.concat(A.tolist()), A)


@refused(
    [
        ErrorInput("nothing", (), {}, ArgumentError, "0 positional"),
        ErrorInput("another width", (A, A[:, :2]), {}, ShapeError, r"xs\[1\] \(2, 2\).*axis 0"),
        ErrorInput("another rank", (A, A[0]), {}, ShapeError, "equal but for axis 0"),
        ErrorInput(
            "scalars", (np.float64(1), np.float64(1)), {}, OptionError, "input with an axis"
        ),
        ErrorInput("no such axis", (A, A), {"axis": 2}, OptionError, "axis=2"),
        ErrorInput("an axis of text", (A, A), {"axis": "0"}, OptionError, "of type str"),
        ErrorInput("two dtypes", (A, A.astype(np.float32)), {}, DtypeError, "float32 beside"),
        ErrorInput("integers", (A, np.ones((2, 3), int)), {}, DtypeError, "int64"),
        ErrorInput("None", (A, None), {}, DtypeError, "object"),
    ]
)
def test_concat_refuses(case):
    check_refused(rn.concat, case)


@refused(
    [
        ErrorInput("nothing", (), {}, ArgumentError, "0 positional"),
        ErrorInput("another shape", (A, A[:, :2]), {}, ShapeError, r"xs\[1\] \(2, 2\)"),
        ErrorInput("no such axis", (A, A), {"axis": 3}, OptionError, "axis=3"),
        ErrorInput("two dtypes", (A, A.astype(np.float16)), {}, DtypeError, "float16 beside"),
        ErrorInput("unknown option", (A, A), {"dim": 0}, ArgumentError, "'dim'"),
    ]
)
def test_stack_refuses(case):
    check_refused(rn.stack, case)


@refused(
    [
        ErrorInput("no entries", (np.ones((0, 3)),), {}, ShapeError, "at least one entry"),
        ErrorInput("scalar", (np.float64(1),), {}, OptionError, "input with an axis"),
        ErrorInput("no such axis", (A,), {"axis": -3}, OptionError, "axis=-3"),
        ErrorInput("a bool as axis", (A,), {"axis": True}, OptionError, "of type bool"),
        ErrorInput("integers", (np.ones((2, 3), int),), {}, DtypeError, "int64"),
    ]
)
def test_unstack_refuses(case):
    check_refused(rn.unstack, case)


@refused(
    [
        ErrorInput("no parts", (A,), {}, ArgumentError, "no option 'parts'"),
        ErrorInput("parts by position", (A, 2), {}, ArgumentError, "2 positional"),
        ErrorInput("unequal", (A,), {"parts": 2, "axis": 1}, OptionError, "add up"),
        ErrorInput("too few", (A,), {"parts": (1,)}, OptionError, "add up"),
        ErrorInput("no sizes", (A,), {"parts": ()}, OptionError, "of type tuple"),
        ErrorInput("zero", (A,), {"parts": 0}, OptionError, "at least 1"),
        ErrorInput("negative", (A,), {"parts": (3, -1)}, OptionError, "parts=-1"),
        ErrorInput("a float", (A,), {"parts": 2.0}, OptionError, "of type float"),
        ErrorInput("no such axis", (A,), {"parts": 1, "axis": 2}, OptionError, "axis=2"),
    ]
)
def test_split_refuses(case):
    check_refused(rn.split, case)


@refused(
    [
        ErrorInput("one array", (A, A), {}, ShapeError, "a tuple of 2 arrays"),
        ErrorInput("too few", ((A[0],), A), {}, ShapeError, "dy of 1 entries"),
        ErrorInput("misshapen", ((A[0], A), A), {}, ShapeError, r"dy\[1\] of shape \(2, 3\)"),
        ErrorInput(
            "another dtype", ((A[0], A[0].astype(np.float32)), A), {}, DtypeError, "float32"
        ),
    ]
)
def test_a_vjp_of_several_results_refuses(case):
    check_refused(rn.unstack.vjp, case)

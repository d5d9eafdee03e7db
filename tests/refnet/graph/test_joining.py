import numpy as np
import pytest

from refnet.errors import DtypeError, OptionError, ShapeError
from refnet.graph import (
    Session,
    cast,
    concat,
    constant,
    convert,
    gather,
    placeholder,
    stack,
    transpose,
    unstack,
)

A, B = np.arange(6.0).reshape(2, 3), np.arange(6.0, 12.0).reshape(2, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.bool_])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_stack_and_concat(graph, dtype, axis):
    a, b = A.astype(dtype), B.astype(dtype)
    x = placeholder(dtype, [None, 3], name="x")
    got = Session().run([stack([x, b], axis), concat([x, b], axis)], {x: a})
    np.testing.assert_array_equal(got[0], np.stack([a, b], axis))
    np.testing.assert_array_equal(got[1], np.concatenate([a, b], axis))
    assert got[0].dtype == dtype


def test_lists_with_nodes_in_them_are_stacked(graph):
    n = placeholder(np.int32, [], name="n")
    assert Session().run(convert([[n, 2], [3, n]]), {n: 7}).tolist() == [
        [7, 2],
        [3, 7],
    ]


def test_dtypes_and_shapes_that_differ(graph):
    x = placeholder(np.float32, [None, 3], name="x")
    with pytest.raises(DtypeError, match=r"x:0.*float32, int64"):
        concat([x, constant(A.astype(np.int64))], 0)
    with pytest.raises(ShapeError, match="x:0"):
        concat([x, constant(np.ones((2, 4), np.float32))], 0)


def test_unstack_needs_a_length(graph):
    x = placeholder(np.float32, [None, 3], name="x")
    with pytest.raises(OptionError, match="'x:0'"):
        unstack(x)
    assert len(unstack(x, 2)) == 2
    assert len(unstack(x, axis=-1)) == 3


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("ids", [1, [0, 1, 1], [[1], [0]]], ids=str)
@pytest.mark.parametrize("shape", [(4,), (3, 2), (3, 2, 5)], ids=str)
def test_gather(graph, dtype, ids, shape):
    params = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    x = placeholder(dtype, shape, name="x")
    got = gather(x, ids)
    np.testing.assert_array_equal(Session().run(got, {x: params}), params[np.array(ids)])
    assert got.shape == params[np.array(ids)].shape
    if np.ndim(ids) < 2 and len(shape) > 1:
        along = Session().run(gather(x, ids, axis=-1), {x: params})
        np.testing.assert_array_equal(along, np.take(params, ids, axis=-1))


def test_gather_refuses(graph):
    x = placeholder(np.float32, [3, 2], name="x")
    with pytest.raises(DtypeError, match="'x:0'"):
        gather(x, [0.5])
    unknown = placeholder(np.float32, name="unknown")
    with pytest.raises(OptionError, match="'unknown:0'"):
        gather(unknown, [0], axis=1)


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_transpose(graph, dtype):
    x = placeholder(dtype, [2, 3, 4], name="x")
    value = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for axes in (None, (1, 0, 2)):
        got = transpose(x, axes)
        np.testing.assert_array_equal(Session().run(got, {x: value}), np.transpose(value, axes))
        assert got.shape == np.transpose(value, axes).shape


def test_cast(graph):
    x = placeholder(np.float64, [2], name="x")
    assert cast(x, np.float64) is x
    assert Session().run(cast(x, np.int32), {x: [1.7, -1.7]}).tolist() == [1, -1]
    with pytest.raises(DtypeError, match="'x:0'"):
        cast(x, "text")

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet.errors import ShapeError
from refnet.graph import placeholder
from refnet.graph.shapes import TensorShape, compatible, inferred, merged, shown


@pytest.mark.parametrize(
    ("op", "known", "options", "expected"),
    [
        (rn.add, [(None, 10), (10,)], {}, (None, 10)),
        (rn.add, [(None, 10), (100, 10)], {}, (100, 10)),
        (rn.add, [(None, 10), (1, 10)], {}, (None, 10)),
        (rn.add, [(None, None), (None, None)], {}, (None, None)),
        (rn.matmul, [(None, 784), (784, 300)], {}, (None, 300)),
        (rn.matmul, [(3, None), (None, 5)], {}, (3, 5)),
        (rn.sum, [(None, 3)], {"axis": 0}, (3,)),
        (rn.conv2d, [(None, 28, 28, 1), (5, 5, 1, 32)], {"padding": "SAME"}, (None, 28, 28, 32)),
        (rn.conv2d, [(None, None, 28, 1), (5, 5, 1, 3)], {"stride": 2}, (None, None, 12, 3)),
        (rn.max_pool2d, [(None, 28, 28, 2)], {"kernel": 2}, (None, 14, 14, 2)),
        (rn.reshape, [(None, 28, 28)], {"shape": (-1, 784)}, (None, 784)),
        (rn.concat, [(None, 2), (None, 8)], {"axis": 1}, (None, 10)),
        (rn.softmax_cross_entropy, [(None, 10), (None, 10)], {"reduction": "none"}, (None,)),
        (rn.softmax_cross_entropy, [(None, 10), (None,)], {"reduction": "sum"}, ()),
        (rn.sum, [None], {}, None),
    ],
)
def test_what_follows_from_what_is_known(op, known, options, expected):
    def rule(*shapes):
        return op.shape(*shapes, **options)

    assert inferred(rule, known) == [expected]


def test_several_results():
    assert inferred(lambda x: rn.unstack.shape(x, axis=1), [(None, 3)]) == [(None,)] * 3
    assert inferred(lambda x: rn.split.shape(x, parts=2, axis=0), [(None, 3)]) == [(None, 3)] * 2


@pytest.mark.parametrize(
    ("op", "known"),
    [
        (rn.matmul, [(None, 784), (10, 300)]),
        (rn.add, [(None, 10), (3,)]),
        (rn.conv2d, [(None, 28, 28, 3), (5, 5, 1, 32)]),
    ],
)
def test_no_length_would_do(op, known):
    with pytest.raises(ShapeError):
        inferred(op.shape, known)


lengths = st.lists(st.integers(1, 6), min_size=1, max_size=3)


@given(lengths, st.data())
def test_never_contradicts_the_real_shape(shape, data):
    """What is inferred with some lengths hidden agrees with the result of any lengths there."""
    other = [n if data.draw(st.booleans()) else 1 for n in shape]
    hidden = [
        tuple([None if data.draw(st.booleans()) else n for n in each]) for each in (shape, other)
    ]
    (dims,) = inferred(rn.add.shape, hidden)
    assert compatible(dims, rn.add.shape(tuple(shape), tuple(other)))


def test_merged():
    assert merged((None, 3), (2, None)) == (2, 3)
    assert merged(None, (2,)) == merged((2,), None) == (2,)
    for other in ((3,), (2, 1)):
        with pytest.raises(ValueError):
            merged((2,), other)


def test_tensor_shape():
    shape = TensorShape((None, 3))
    assert shape == [None, 3]
    assert shape == TensorShape([None, 3])
    assert shape != (3,)
    assert shape.as_list() == [None, 3] == list(shape)
    assert len(shape) == shape.ndims == shape.rank == 2
    assert shape[1:] == (3,)
    assert shape[-1] == 3
    assert shape[-1].value == 3
    assert shape[0] is None
    assert not shape.is_fully_defined()
    assert TensorShape((2, 3)).is_fully_defined()
    assert TensorShape((2, 3)).num_elements() == 6
    assert shape.num_elements() is None
    assert hash(shape) == hash(TensorShape((None, 3)))
    assert (str(shape), repr(shape)) == ("(?, 3)", "TensorShape([None, 3])")
    assert np.zeros(TensorShape((2, 3))).shape == (2, 3)


def test_unknown_number_of_axes():
    shape = TensorShape(None)
    assert shape.ndims is None
    assert shown(None) == "unknown"
    assert repr(shape) == "TensorShape(None)"
    with pytest.raises(ShapeError, match="number of axes"):
        len(shape)


def test_lengths_that_were_tried_out_are_not_told(graph):
    x = placeholder(np.float64, [None, 3], name="x")
    with pytest.raises(ShapeError, match=r"a \(\?, 3\) and b \(2, 2\)"):
        x @ np.ones((2, 2))

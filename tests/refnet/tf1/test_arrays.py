import numpy as np
import pytest

from refnet.errors import OptionError, RefnetError
from tests.refnet.tf1.agreement import Rows, check_agreement, check_gradients, drawn

X, Y = drawn(2, 3, 4), drawn(2, 3, 4, seed=1)
V = drawn(5)
N = np.array([[7, -7, 5], [3, -2, 0]], np.int32)

ROWS = Rows()
ROWS.add(
    "reshape",
    lambda tf, x: [tf.reshape(x, [-1]), tf.reshape(x, (4, 6)), tf.reshape(x, [2, -1, 2])],
    X,
)
ROWS.add("reshape_computed", lambda tf, x: tf.reshape(x, [tf.shape(x)[0], -1]), X)
ROWS.add("reshape_stacked", lambda tf, x: tf.reshape(x, tf.stack([tf.shape(x)[0] * 3, 4])), X)
ROWS.add(
    "reshape_ints", lambda tf, n: [tf.reshape(n, [3, 2]), tf.reshape(n, [-1, tf.shape(n)[0]])], N
)
ROWS.add(
    "transpose",
    lambda tf, x: [tf.transpose(x), tf.transpose(x, [1, 0, 2]), tf.matrix_transpose(x)],
    X,
)
ROWS.add("transpose_ints", lambda tf, n: tf.transpose(n), N)
ROWS.add("concat", lambda tf, x, y: [tf.concat([x, y], 1), tf.concat((x, y), axis=-1)], X, Y)
ROWS.add("concat_ints", lambda tf, n: tf.concat([n, n], 0), N)
ROWS.add("stack", lambda tf, x, y: [tf.stack([x, y]), tf.stack([x, y], axis=-1)], X, Y)
ROWS.add("unstack", lambda tf, x: [tf.unstack(x, axis=1), tf.unstack(x, 4, 2)], X)
ROWS.add("unstack_ints", lambda tf, n: tf.unstack(n, axis=1), N)
ROWS.add("split", lambda tf, x: [tf.split(x, 2, 2), tf.split(x, [1, -1], axis=1)], X)
ROWS.add("split_keywords", lambda tf, x: tf.split(value=x, num_or_size_splits=3, axis=1), X)
ROWS.add("split_ints", lambda tf, n: tf.split(n, [1, 2], 1), N)
ROWS.add(
    "expand_dims",
    lambda tf, x: [tf.expand_dims(x, 0), tf.expand_dims(x, -1), tf.expand_dims(x, dim=1)],
    X,
)
ROWS.add(
    "squeeze", lambda tf, x: [tf.squeeze(x), tf.squeeze(x, [0]), tf.squeeze(x, -1)], drawn(1, 3, 1)
)
ROWS.add(
    "tile", lambda tf, x: [tf.tile(x, [1, 2, 1]), tf.tile(x, tf.stack([tf.shape(x)[0], 1, 3]))], X
)
ROWS.add("tile_ints", lambda tf, n: tf.tile(n, [2, 1]), N)
ROWS.add(
    "pad",
    lambda tf, x: [
        tf.pad(x, [[0, 0], [1, 2], [0, 3]]),
        tf.pad(x, [[1, 1]] * 3, constant_values=2.0),
    ],
    X,
)
ROWS.add(
    "pad_ints",
    lambda tf, n: [
        tf.pad(n, [[0, 1], [2, 0]]),
        tf.pad(n, [[1, 0], [0, 0]], constant_values=7),
        tf.pad(n, [[1, 1], [0, 2]], "REFLECT"),
    ],
    N,
)
ROWS.add(
    "pad_mirrored",
    lambda tf, x: [
        tf.pad(x, [[0, 0], [2, 1], [1, 1]], "REFLECT"),
    ],
    X,
)
ROWS.add("slice", lambda tf, x: tf.slice(x, [0, 1, 2], [-1, 2, 1]), X)
ROWS.add(
    "slices",
    lambda tf, x: [
        x[0],
        x[:, -1],
        x[..., 1],
        x[:, None, 1:, ::2],
        x[-1, 2, 3],
        x[:, ::-1],
        x[:, tf.newaxis],
    ],
    X,
)
ROWS.add("slices_ints", lambda tf, n: [n[0], n[:, -1], n[..., 1], n[:, None, 1:], n[::-1]], N)
ROWS.add("sliced_by_a_node", lambda tf, x: x[tf.shape(x)[0] - 1], X)
ROWS.add(
    "slices_computed",
    lambda tf, x: [
        x[:, : tf.shape(x)[1] - 1],
        x[tf.shape(x)[0] - 1, 1:, None, : tf.shape(x)[1]],
        x[:, tf.constant(-1), ::2],
    ],
    X,
)
ROWS.add("slices_computed_ints", lambda tf, n: [n[:, 1 : tf.shape(n)[1]], n[:, tf.argmax(n[0])]], N)
ROWS.add(
    "slice_computed",
    lambda tf, x: [
        tf.slice(x, [0, tf.shape(x)[0] - 1, 0], [-1, 2, tf.shape(x)[1]]),
        tf.slice(x, tf.stack([0, 1, tf.shape(x)[0]]), [2, -1, 1]),
    ],
    X,
)
ROWS.add(
    "gather",
    lambda tf, x: [
        tf.gather(x, [1, 0, 1]),
        tf.gather(x, 1),
        tf.gather(x, [[2], [0]], axis=1),
        tf.gather(x, [3, 0], axis=-1),
    ],
    X,
)
ROWS.add("gather_vector", lambda tf, v: [tf.gather(v, [4, 0]), tf.gather(v, 3)], V)
ROWS.add("gather_ints", lambda tf, n: [tf.gather(n, [1, 0, 0]), tf.gather(n, 2, axis=1)], N)
ROWS.add("reverse", lambda tf, x: [tf.reverse(x, [1]), tf.reverse(x, [0, -1])], X)
ROWS.add(
    "where", lambda tf, x, y: [tf.where(x > y, x, y), tf.where(x > 0, x, tf.zeros_like(x))], X, Y
)
ROWS.add("where_rows", lambda tf, x, y: tf.where([True, False], x, y), X, Y)
ROWS.add("where_ints", lambda tf, n: tf.where(n > 0, n, -n), N)
ROWS.add("where_places", lambda tf, n: tf.where(n > 0), N)
ROWS.add(
    "one_hot",
    lambda tf, n: [
        tf.one_hot(n, 4),
        tf.one_hot(n, depth=4, on_value=5.0, off_value=-1.0),
        tf.one_hot(n, 4, dtype=tf.int32),
        tf.one_hot(n, 4, axis=0),
    ],
    np.array([0, 3, 1], np.int32),
)
ROWS.add(
    "made",
    lambda tf, x: [
        tf.zeros([2, 3]),
        tf.ones((3,), tf.int32),
        tf.fill([2, 2], 7.0),
        tf.fill([2], 3),
        tf.eye(3),
        tf.eye(2, 4),
    ],
    X,
)
ROWS.add(
    "made_of_shapes",
    lambda tf, x: [
        tf.zeros([tf.shape(x)[0], 3]),
        tf.ones(tf.shape(x)),
        tf.fill([tf.shape(x)[1], 2], 1.5),
        tf.zeros(tf.shape(x)[1:]),
    ],
    X,
)
ROWS.add("likes", lambda tf, x: [tf.zeros_like(x), tf.ones_like(x, dtype=tf.int32)], X)
ROWS.add(
    "ranges",
    lambda tf, n: [
        tf.range(5),
        tf.range(2, 10, 3),
        tf.range(0.0, 1.0, 0.25),
        tf.range(tf.shape(n)[1]),
        tf.range(3, 0, -1),
    ],
    N,
)
ROWS.add("linspace", lambda tf, n: [tf.linspace(-1.0, 1.0, 5), tf.lin_space(0.0, 2.0, 3)], N)
ROWS.add(
    "shapes", lambda tf, x: [tf.shape(x), tf.size(x), tf.rank(x), tf.shape(x, out_type=tf.int64)], X
)
ROWS.add(
    "constants",
    lambda tf, x: [
        tf.constant([1, 2]),
        tf.constant(0.5),
        tf.constant([[1.0, 2.0]], tf.float64),
        tf.constant(0.1, shape=[2, 3]),
        tf.constant([1, 2, 3, 4], shape=[2, 2]),
        tf.constant(np.arange(3)),
        tf.constant(True),
    ],
    X,
)
ROWS.add(
    "convert",
    lambda tf, x: [
        tf.convert_to_tensor(x),
        tf.convert_to_tensor([1.0, 2.0]),
        tf.convert_to_tensor([1], tf.float32),
    ],
    X,
)
ROWS.add("list_of_nodes", lambda tf, x: tf.reduce_sum([x[0], x[1]], 0), X)
ROWS.add("default", lambda tf, x: tf.placeholder_with_default([1.0, 2.0], [None]), X)


@pytest.mark.parametrize("name", [name for name in ROWS if name != "constants"])
def test_gradients_are_those_of_differences(tf, name):
    check_gradients(tf, ROWS[name])


@pytest.mark.parametrize("name", list(ROWS))
def test_values_and_gradients_are_tensorflows(tf, tensorflow, name):
    check_agreement(tf, tensorflow, ROWS[name])


def test_the_axis_before_the_values_is_explained(tf):
    with pytest.raises(ValueError, match=r"tf\.concat\(values, axis\)"):
        tf.concat(1, [tf.zeros([2, 3]), tf.zeros([2, 3])])


def test_a_placeholder_with_a_default_may_be_fed(tf):
    rate = tf.placeholder_with_default(0.5, [])
    session = tf.Session()
    assert session.run(rate * 2) == 1.0
    assert session.run(rate * 2, {rate: 3.0}) == 6.0


def test_lengths_that_are_not_known_are_named(tf):
    x = tf.placeholder(tf.float32, name="scores")
    with pytest.raises(ValueError, match="scores"):
        tf.squeeze(x)
    with pytest.raises(ValueError, match="scores"):
        tf.reverse(x, [0])
    with pytest.raises(ValueError, match="num"):
        tf.unstack(tf.placeholder(tf.float32, [None, 3]))


def test_values_of_a_condition_whose_axes_are_not_known_are_of_one_shape(tf):
    test, x = tf.placeholder(tf.bool), tf.placeholder(tf.float32, [None, 3])
    assert tf.where(test, x, 2 * x).get_shape().as_list() == [None, 3]


def test_places_that_are_no_numbers_are_refused(tf):
    x = tf.constant([1.0, 2.0, 3.0])
    for key in (np.s_[: tf.constant(1.5)], np.s_[tf.constant(2) :: -1], np.s_["a":]):
        with pytest.raises(ValueError, match="integers, or nodes of single ones"):
            x[key]


def test_squeezing_an_axis_of_another_length_is_refused(tf):
    with pytest.raises(ValueError, match="axes of length 1"):
        tf.squeeze(tf.zeros([2, 1]), [0])


def test_where_needs_both_values_or_none(tf):
    with pytest.raises(ValueError, match="one of x and y"):
        tf.where(tf.constant([True]), tf.constant([1.0]))


def _of_computed_shapes(tf):
    x, n = tf.placeholder(tf.float32, [None, 7, 4]), tf.placeholder(tf.int32, [None, 2])
    rows = tf.shape(x)[0]
    return [
        tf.zeros(tf.shape(x)),
        tf.zeros(tf.concat([tf.shape(x)[:1], [5]], 0)),
        tf.reshape(x, tf.shape(x)),
        tf.reshape(n, [rows, -1, 1]),
        tf.tile(tf.zeros([1, 5]), [rows, 1]),
        tf.tile(x, [2, 1, 3]),
        tf.tile(n, [2, 3]),
        tf.tile(n, tf.stack([rows, 2])),
        tf.random_uniform(tf.shape(x)),
        x * tf.random_normal(tf.shape(x), stddev=0.1),
        tf.random_normal(tf.stack([rows, 2]), mean=tf.zeros([2])),
        tf.truncated_normal([rows, 3]),
    ]


def test_lengths_that_are_known_of_computed_shapes_are_tensorflows(tf, tensorflow):
    with tensorflow.Graph().as_default():
        theirs = [y.shape.as_list() for y in _of_computed_shapes(tensorflow)]
    assert [y.shape.as_list() for y in _of_computed_shapes(tf)] == theirs


def _of_parts_whose_lengths_are_not_known(tf):
    p, x = tf.placeholder(tf.int32), tf.placeholder(tf.float32, [None, 0])
    whole = tf.concat([p, [3]], 0)
    every = [
        tf.zeros(whole),
        tf.reshape(tf.ones([2, 3]), whole),
        tf.random_uniform(whole),
        tf.expand_dims(x, 1),
        tf.squeeze(tf.expand_dims(x, 0), 0),
        tf.expand_dims(tf.ones([2, 3]), tf.constant(1)),
    ]
    with tf.Session() as session:
        return [v.shape for v in session.run(every, {p: [1, 2], x: np.zeros((5, 0))})]


def test_shapes_that_only_a_run_knows_are_tensorflows(tf, tensorflow):
    with tensorflow.Graph().as_default():
        theirs = _of_parts_whose_lengths_are_not_known(tensorflow)
    assert _of_parts_whose_lengths_are_not_known(tf) == theirs


def test_axes_and_repetitions_that_do_not_fit(tf):
    for axis in (3, -4, 1.5, tf.placeholder(tf.int32, [])):
        with pytest.raises(OptionError, match="expand_dims"):
            tf.expand_dims(tf.zeros([2, 3]), axis)
    for repeats in ([2, 2], [2, 1, 1, 1]):
        with pytest.raises(RefnetError, match="tile"):
            tf.tile(tf.zeros([2, 3, 4], tf.int32), repeats)
    n = tf.placeholder(tf.int32, [None])
    with pytest.raises(RefnetError, match="tile"):
        tf.Session().run(tf.tile(tf.zeros([2, 3], tf.int32), n), {n: [2]})

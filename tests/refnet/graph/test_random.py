import numpy as np
import pytest

from refnet.errors import OptionError, ShapeError
from refnet.graph import (
    Graph,
    Session,
    Variable,
    global_variables_initializer,
    gradients,
    placeholder,
    random_normal,
    random_uniform,
    set_random_seed,
    stack,
    truncated_normal,
)
from refnet.graph.random import mask


def test_moments_and_limits(graph):
    normal, cut, even, whole = Session().run(
        [
            random_normal([20000], 1.0, 2.0),
            truncated_normal([20000], stddev=0.1),
            random_uniform([20000], -1, 3),
            random_uniform([20000], 0, 4, np.int32),
        ]
    )
    assert normal.dtype == cut.dtype == even.dtype == np.float32
    assert abs(normal.mean() - 1) < 0.1 > abs(normal.std() - 2)
    assert abs(cut).max() <= 0.2
    assert even.min() >= -1
    assert even.max() < 3
    assert abs(even.mean() - 1) < 0.1
    assert sorted(set(whole.tolist())) == [0, 1, 2, 3]
    with pytest.raises(OptionError, match="maxval"):
        random_uniform([2], dtype=np.int32)


def draws(seed, op_seed, times=2):
    with Graph().as_default(), Session() as session:
        if seed is not None:
            set_random_seed(seed)
        first, second = (random_normal([3], seed=op_seed) for _ in range(2))
        return [session.run([first, second]) for _ in range(times)]


def test_seeds():
    """Anew in every run, the same in every session, the same program always the same."""
    for seeds in ((None, None), (1, None), (None, 1), (1, 1)):
        once, again = draws(*seeds), draws(*seeds)
        np.testing.assert_array_equal(once, again)
        assert not np.array_equal(once[0][0], once[1][0])
        same = seeds[1] is not None
        assert np.array_equal(once[0][0], once[0][1]) == same
    different = [
        draws(*seeds)[0][0].tolist() for seeds in ((None, None), (1, None), (1, 1), (2, 1))
    ]
    assert len(set(map(tuple, different))) == 4


@pytest.mark.parametrize("seed", [-1, 1.5, True, "a"])
def test_seeds_are_integers(graph, seed):
    with pytest.raises(OptionError):
        set_random_seed(seed)
    with pytest.raises(OptionError):
        random_normal([2], seed=seed)


def test_a_variable_is_drawn_once(graph):
    w = Variable(random_normal([3]), name="w")
    session = Session()
    session.run(global_variables_initializer())
    assert session.run(w).tolist() == session.run(w).tolist()


def test_a_shape_that_is_computed(graph):
    x = placeholder(np.int32, [2], name="shape")
    assert Session().run(random_normal(x), {x: [2, 3]}).shape == (2, 3)


def test_means_and_limits_that_are_computed(graph):
    place = placeholder(np.float32, [None, 2], name="place")
    spread = place * 0 + 0.5
    nodes = [
        random_normal([20000, 2], place, spread, seed=1, name="sample"),
        truncated_normal([20000, 2], place, spread, seed=1),
        random_uniform([20000, 2], place, place + 4, seed=1),
        random_uniform([20000, 2], maxval=place * 0 + 4, seed=1),
    ]
    assert nodes[0].name == "sample:0"
    assert all(node.shape.as_list() == [20000, 2] for node in nodes)
    normal, cut, even, first = Session().run(nodes, {place: [[10.0, -5.0]]})
    assert np.abs(normal.mean(axis=0) - [10, -5]).max() < 0.05
    assert np.abs(normal.std(axis=0) - 0.5).max() < 0.05
    assert np.abs(cut - [10, -5]).max() <= 1
    assert np.abs(even.mean(axis=0) - [12, -3]).max() < 0.1
    assert (first >= 0).all()
    assert (first < 4).all()
    # The draws are those of numbers, but for a rounding at each step.
    plain = random_normal([20000, 2], np.float32([10, -5]), 0.5, seed=1)
    np.testing.assert_allclose(Session().run(plain), normal, rtol=1e-6)


def test_there_are_derivatives_to_means_and_deviations(graph):
    mean = Variable(np.float64([1.0, 2.0]))
    deviation = Variable(np.float64([0.5, 0.25]))
    z = random_normal([3, 2], mean, deviation, np.float64)
    with Session() as session:
        session.run(global_variables_initializer())
        sample, dmean, ddeviation = session.run([z, *gradients(z, [mean, deviation])])
    np.testing.assert_array_equal(dmean, [3, 3])
    np.testing.assert_allclose(ddeviation, ((sample - [1, 2]) / [0.5, 0.25]).sum(axis=0))


def test_integers_between_limits_that_are_computed(graph):
    low = placeholder(np.int32, [], name="low")
    node = random_uniform([1000], low, low + 3, np.int32)
    assert set(Session().run(node, {low: 7}).tolist()) == {7, 8, 9}


def test_what_is_known_of_a_shape_that_is_computed(graph):
    n = placeholder(np.int32, [], name="n")
    node = random_normal(stack([n, np.int32(3)]))
    assert node.shape.as_list() == [None, 3]
    assert Session().run(node, {n: 2}).shape == (2, 3)


def test_masks(graph):
    x = placeholder(np.float32, [None, 100], name="x")
    kept = Session().run(mask(x, np.float32(0.25), seed=1), {x: np.zeros((50, 100))})
    assert set(kept.ravel().tolist()) == {0.0, 1.0}
    assert abs(kept.mean() - 0.75) < 0.03


def test_numbers_of_several_axes_take_part_in_the_shape(graph):
    mean = np.float32([[0], [100], [200]])
    nodes = [random_normal([2], mean), random_uniform([2], [0.0, 10.0], [1.0, 11.0])]
    assert [node.shape.as_list() for node in nodes] == [[3, 2], [2]]
    normal, even = Session().run(nodes)
    assert np.abs(normal - mean).max() < 10
    assert (np.floor(even) == [0, 10]).all()


@pytest.mark.parametrize(
    ("high", "error"), [(10.5, OptionError), ([3, 4], ShapeError), (np.int32([3]), ShapeError)]
)
def test_limits_of_integers_are_single_integers(high, error, graph):
    with pytest.raises(error, match="random_uniform/max"):
        random_uniform([2], 0, high, np.int32)

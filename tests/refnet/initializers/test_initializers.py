from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.initializers.base import fans

INIT = rn.initializers
EVERY = [
    INIT.std_normal(),
    INIT.truncated_normal(),
    INIT.he_uniform(),
    INIT.he_normal(),
    INIT.glorot_uniform(),
    INIT.glorot_normal(),
    INIT.constant(0.5),
    INIT.zeros(),
]


@pytest.mark.parametrize("init", EVERY, ids=repr)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_dtype_shape_and_reproducibility(init, dtype):
    a = init((5, 3), np.random.default_rng(1), dtype)
    b = init((5, 3), np.random.default_rng(1), dtype)
    assert (a.shape, a.dtype) == ((5, 3), np.dtype(dtype))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("init", EVERY, ids=repr)
def test_a_spec_says_what_it_is(init):
    again = INIT.from_spec(repr(init))
    assert repr(again) == repr(init)
    rng = np.random.default_rng
    np.testing.assert_array_equal(again((4, 3), rng(0)), init((4, 3), rng(0)))
    assert INIT.from_spec(init) is init


def test_the_global_generator_is_not_used():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for init in EVERY:
        init((5, 3), np.random.default_rng(1))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_truncation_counts_in_standard_deviations():
    w = INIT.truncated_normal(mean=5.0, std=0.1, lower=-1.0, upper=3.0)(
        (20000,), np.random.default_rng(0)
    )
    assert 4.9 <= w.min() < 4.901
    assert 5.25 < w.max() <= 5.3


def test_fans_count_the_receptive_field():
    assert fans("x", (7, 3)) == (7, 3)
    assert fans("x", (5, 3, 7, 2)) == (105, 30)


@pytest.mark.parametrize("init", EVERY, ids=repr)
def test_refuses_what_no_initializer_takes(init):
    rng = np.random.default_rng(0)
    with pytest.raises(DtypeError, match="dtype int64"):
        init((2, 3), rng, np.int64)
    for bad in (0, None, np.random.RandomState(0)):
        with pytest.raises(DtypeError, match="Generator"):
            init((2, 3), bad)
    for shape in ((2, -1), (2.0, 3), (True, 2)):
        with pytest.raises(OptionError, match="a length of shape"):
            init(shape, rng)


@pytest.mark.parametrize("name", ["he_uniform", "he_normal", "glorot_uniform", "glorot_normal"])
def test_fans_need_a_matrix(name):
    for shape in ((3,), (), (0, 3)):
        with pytest.raises(ShapeError, match="Start those at zeros"):
            getattr(INIT, name)()(shape, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("factory", "options"),
    [
        (INIT.std_normal, {"gain": -1}),
        (INIT.std_normal, {"gain": True}),
        (INIT.std_normal, {"gain": np.inf}),
        (INIT.constant, {"value": "1"}),
        (INIT.constant, {"value": np.nan}),
        (INIT.truncated_normal, {"std": -1.0}),
        (INIT.truncated_normal, {"lower": 2.0, "upper": -2.0}),
        (INIT.truncated_normal, {"lower": 5.0, "upper": 6.0}),
        (INIT.truncated_normal, {"lower": 1.0, "upper": 1.0}),
    ],
)
def test_refuses_options(factory, options):
    with pytest.raises(OptionError):
        factory(**options)


def test_initializers_are_values():
    import copy
    import pickle

    a = rn.initializers.std_normal(gain=np.float64(0.5))
    assert a == rn.initializers.std_normal(gain=0.5) != rn.initializers.std_normal()
    assert len({a, rn.initializers.std_normal(gain=0.5)}) == 1
    assert pickle.loads(pickle.dumps(a)) == copy.deepcopy(a) == a
    assert rn.initializers.from_spec(repr(a)) == a
    with pytest.raises(TypeError):
        a.options["gain"] = 3.0
    model = pickle.loads(pickle.dumps(rn.models.DFN(hidden=3)))
    assert model.summary() == rn.models.DFN(hidden=3).summary()


@pytest.mark.parametrize("shape", [3, None, "ab"])
def test_a_shape_is_a_tuple(shape):
    with pytest.raises(rn.ShapeError, match="zeros"):
        rn.initializers.zeros()(shape, np.random.default_rng(0))


@pytest.mark.parametrize("dtype", [None, "nope", np.int64])
def test_a_dtype_is_a_float_s(dtype):
    with pytest.raises(rn.DtypeError, match="zeros"):
        rn.initializers.zeros()((3,), np.random.default_rng(0), dtype)

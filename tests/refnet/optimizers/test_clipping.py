from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError
from refnet.optimizers.clipping import clip_from_spec, global_norm

ByValue, ByNorm = rn.optimizers.ClipByValue, rn.optimizers.ClipByGlobalNorm
ARRAYS = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0), elements=st.floats(-1e3, 1e3)
)


@given(w=ARRAYS, b=ARRAYS, limit=st.floats(1e-3, 1e4), eps=st.sampled_from([0.0, 1e-6]))
def test_the_documented_formulas(w, b, limit, eps):
    grads = {"w": w, "b": b}
    norm = math.sqrt(sum(float(x) ** 2 for g in grads.values() for x in g.ravel()))
    scaled = ByNorm(limit, eps=eps)(grads)
    for name, g in grads.items():
        factor = min(1.0, limit / (norm + eps)) if norm + eps else 1.0
        np.testing.assert_allclose(scaled[name], factor * g, rtol=1e-12)
        limited = np.array([min(max(x, -limit), limit) for x in g.ravel()]).reshape(g.shape)
        np.testing.assert_array_equal(ByValue(limit)(grads)[name], limited)
        assert scaled[name].shape == g.shape
        assert scaled[name].dtype == g.dtype
        assert not np.shares_memory(scaled[name], g)


def test_pytorch_differs_from_tensorflow_by_its_eps():
    grads = {"w": np.array([3.0, 4.0])}
    np.testing.assert_allclose(ByNorm(1.0)(grads)["w"], [0.6, 0.8], rtol=1e-15)
    eps = rn.conventions["torch", "clip_by_global_norm"].fields["eps"]
    np.testing.assert_allclose(
        ByNorm(1.0, eps=eps)(grads)["w"], np.array([3.0, 4.0]) / 5.000001, rtol=1e-15
    )


def test_what_is_within_the_limit_stays_to_the_bit():
    grads = {"w": np.array([0.1, 0.7, -0.0]), "f": np.array([0.3], np.float32)}
    for clip in (ByValue(1.0), ByNorm(1.0)):
        for name, g in clip(grads).items():
            assert g.tobytes() == grads[name].tobytes()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_norm_neither_overflows_nor_vanishes(dtype):
    for size in (np.finfo(dtype).max / 4, np.finfo(dtype).tiny):
        grads = {"w": np.array([3, -4], dtype) / 4 * dtype(size)}
        norm = global_norm(grads)
        assert np.isfinite(norm)
        np.testing.assert_allclose(norm / (5 / np.longdouble(4) * dtype(size)), 1, rtol=2e-3)
    big = {"w": np.array([3, -4], dtype) / 8 * np.finfo(dtype).max}
    np.testing.assert_allclose(ByNorm(1.0)(big)["w"].astype(float), [0.6, -0.8], rtol=2e-3)
    assert ByNorm(1.0)(big)["w"].dtype == dtype


def test_infinities_and_nan_are_seen():
    with np.errstate(invalid="ignore"):
        clipped = ByNorm(1.0)({"w": np.array([np.inf, 1.0]), "b": np.ones(1)})
        np.testing.assert_array_equal(clipped["w"], [np.nan, 0.0])
        np.testing.assert_array_equal(clipped["b"], [0.0])
        clipped = ByNorm(1.0)({"w": np.array([np.nan, 1.0]), "b": np.ones(1)})
    assert all(np.isnan(g).all() for g in clipped.values())
    limited = ByValue(1.0)({"w": np.array([np.inf, np.nan, -np.inf])})
    np.testing.assert_array_equal(limited["w"], [1.0, np.nan, -1.0])


def test_no_gradients():
    assert ByNorm(1.0)({}) == ByValue(1.0)({}) == {}
    assert ByNorm(1.0)({"w": np.zeros((0, 3))})["w"].shape == (0, 3)
    assert global_norm({}) == 0


def test_optimizers_clip_the_gradients_before_the_weight_decay():
    params = {"w": np.array([10.0, 0.0]), "b": np.array([0.0])}
    grads = {"w": np.array([3.0, 0.0]), "b": np.array([4.0])}
    opt = rn.optimizers.SGD(0.1, weight_decay=0.5, clip="by_global_norm(limit=1.0)")
    moved, _ = opt.update(params, grads, opt.init(params))
    np.testing.assert_allclose(moved["w"], [10 - 0.1 * (0.6 + 5.0), 0.0], rtol=1e-14)
    np.testing.assert_allclose(moved["b"], [-0.1 * 0.8], rtol=1e-14)
    opt = rn.optimizers.SGD(0.1, clip=ByValue(2.0))
    moved, _ = opt.update(params, grads, opt.init(params))
    np.testing.assert_allclose(moved["b"], [-0.2], rtol=1e-14)
    assert rn.optimizers.from_spec(repr(opt)) == opt


def test_the_norm_is_that_of_all_parameters_whatever_their_dtype():
    params = {"w": np.zeros(1, np.float16), "b": np.zeros(1, np.longdouble)}
    grads = {"w": np.full(1, 3, np.float16), "b": np.full(1, 4, np.longdouble)}
    opt = rn.optimizers.SGD(1.0, clip="by_global_norm(limit=1.0)")
    moved, _ = opt.update(params, grads, opt.init(params))
    assert moved["w"] == -np.float16(0.6)
    assert abs(moved["b"] + np.longdouble(4) / 5) < np.finfo(np.longdouble).eps


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ("by_value(limit=0.0)", "limit"),
        ("by_value(limit=-1.0)", "limit"),
        ("by_value()", "limit"),
        ("by_value(limit=1.0, eps=0.1)", "eps"),
        ("by_value(limit=True)", "limit"),
        ("by_global_norm(limit=0.0)", "limit"),
        ("by_global_norm(limit=1.0, eps=-1e-6)", "eps"),
        ("by_global_norm(limit='1')", "limit"),
        ("by_norm(limit=1.0)", "Did you mean"),
        ("1.0", "1.0"),
    ],
)
def test_refuses_options(spec, named):
    with pytest.raises(OptionError, match=named):
        rn.optimizers.SGD(0.1, clip=spec)


@pytest.mark.parametrize("value", [math.nan, math.inf, None, 1j, np.ones(1)])
def test_refuses_what_is_no_number(value):
    for make in (ByValue, ByNorm, lambda v: ByNorm(1.0, eps=v)):
        with pytest.raises(OptionError):
            make(value)


@pytest.mark.parametrize("clip", [1.0, True, ByValue, ["by_value"]])
def test_refuses_what_is_no_clipping(clip):
    with pytest.raises(OptionError, match="SGD, clip"):
        rn.optimizers.SGD(0.1, clip=clip)


@pytest.mark.parametrize("g", [np.ones(2, int), "g", None, np.ones(2, complex)])
def test_refuses_gradients_that_are_no_floats(g):
    for clip in (ByValue(0.5), ByNorm(0.5)):
        with pytest.raises(DtypeError):
            clip({"w": np.ones(2), "b": g})


@pytest.mark.parametrize("grads", [[np.ones(2)], np.ones(2), None])
def test_refuses_gradients_without_names(grads):
    with pytest.raises(ArgumentError, match="mapping from name to array"):
        ByNorm(0.5)(grads)


def test_a_limit_beyond_the_dtype_limits_nothing():
    grads = {"w": np.array([3e38, -1.0], np.float32)}
    for clip in (ByValue(1e300), ByNorm(1e300)):
        np.testing.assert_array_equal(clip(grads)["w"], grads["w"])


def test_a_clipping_of_ones_own():
    class Halved(rn.optimizers.Clip):
        def transform(self, grads, number):
            return lambda g: g / number(2)

    opt = rn.optimizers.SGD(1.0, clip=Halved())
    moved, _ = opt.update({"w": np.zeros(1)}, {"w": np.ones(1)}, opt.init({"w": np.zeros(1)}))
    assert moved["w"] == -0.5
    assert "Halved object" in repr(opt)


@pytest.mark.parametrize("clip", [ByValue(0.5), ByNorm(2.0, eps=1e-6)])
def test_is_a_value(clip):
    assert clip_from_spec(repr(clip)) == clip
    assert clip_from_spec(clip) is clip
    assert len({clip, clip_from_spec(repr(clip))}) == 1
    with pytest.raises(AttributeError):
        clip.limit = 1.0

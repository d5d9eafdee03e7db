from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError, convolution
from tests.error_inputs import ErrorInput, check_refused, refused


@st.composite
def convolutions(draw):
    groups, c, k, kernel, stride, dilation = (draw(st.integers(1, 4)) for _ in range(6))
    size = (kernel - 1) * dilation + draw(st.integers(1, 9))
    padding = draw(
        st.one_of(
            st.sampled_from(["SAME", "VALID"]),
            st.integers(0, 3),
            st.tuples(st.integers(0, 3), st.integers(0, 3)),
        )
    )
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.standard_normal((draw(st.integers(0, 3)), size, groups * c))
    w = rng.standard_normal((kernel, c, groups * k))
    b = rng.standard_normal(groups * k) if draw(st.booleans()) else None
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return x, w, b, options


@given(convolutions(), st.sampled_from([50, 1000, 1 << 20]))
def test_it_is_conv2d_of_one_row(drawn, room):
    x, w, b, options = drawn
    rows = {k: (1, options[k]) for k in ("stride", "dilation")}
    padding = options["padding"]
    if not isinstance(padding, str):
        pads = (padding, padding) if isinstance(padding, int) else padding
        padding = ((0, 0), pads)
    rows |= {"padding": padding, "groups": options["groups"]}
    expected, expected_vjp = rn.conv2d.with_vjp(x[:, None], w[None], b, **rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BUFFER", room)
        y, vjp = rn.conv1d.with_vjp(x, w, b, **options)
        dy = np.random.default_rng(1).standard_normal(y.shape)
        dx, dw, db = vjp(dy)
    np.testing.assert_allclose(y[:, None], expected, rtol=1e-12, atol=1e-12)
    other_dx, other_dw, other_db = expected_vjp(dy[:, None])
    np.testing.assert_allclose(dx[:, None], other_dx, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(dw[None], other_dw, rtol=1e-12, atol=1e-12)
    if b is not None:
        np.testing.assert_allclose(db, other_db, rtol=1e-12, atol=1e-12)
    shapes = [a if a is None else a.shape for a in (x, w, b)]
    assert rn.conv1d.shape(*shapes, **options) == y.shape


@given(convolutions())
def test_channels_first_is_the_same(drawn):
    x, w, b, options = drawn
    y, vjp = rn.conv1d.with_vjp(x, w, b, **options)
    first, weights = np.moveaxis(x, -1, 1), np.ascontiguousarray(w.transpose(2, 1, 0))
    other, other_vjp = rn.conv1d.with_vjp(first, weights, b, layout="NCW", **options)
    np.testing.assert_allclose(np.moveaxis(other, 1, -1), y, rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    dx, dw, _ = vjp(dy)
    other_dx, other_dw, _ = other_vjp(np.moveaxis(dy, -1, 1))
    np.testing.assert_allclose(np.moveaxis(other_dx, 1, -1), dx, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(other_dw.transpose(2, 1, 0), dw, rtol=1e-12, atol=1e-12)


def test_values_of_numpy(rng):
    x, w = rng.standard_normal(20), rng.standard_normal(4)
    y = rn.conv1d(x[None, :, None], w[:, None, None])[0, :, 0]
    np.testing.assert_allclose(y, np.correlate(x, w, "valid"), rtol=1e-12)
    y = rn.conv1d(x[None, :, None], w[:, None, None], padding=3)[0, :, 0]
    np.testing.assert_allclose(y, np.correlate(x, w, "full"), rtol=1e-12)


def test_causal(rng):
    """Padding before alone: no result depends on what comes after it."""
    x, w = rng.standard_normal((1, 9, 2)), rng.standard_normal((3, 2, 2))
    y = rn.conv1d(x, w, padding=(4, 0), dilation=2)
    x[:, 5:] = np.nan
    later = rn.conv1d(x, w, padding=(4, 0), dilation=2)
    assert y.shape == (1, 9, 2)
    np.testing.assert_array_equal(later[:, :5], y[:, :5])


X, W = np.ones((2, 7, 6)), np.ones((3, 6, 8))


@refused(
    [
        ErrorInput("an image", (X[None], W), {}, ShapeError, r"x \(N, W, C\)"),
        ErrorInput("flat weights", (X, W[0]), {}, ShapeError, r"w \(KW, C/groups, K\)"),
        ErrorInput("channels", (X[..., :5], W), {}, ShapeError, "5 channels and w .* for 6"),
        ErrorInput("other layout", (X, W), {"layout": "NCW"}, ShapeError, r"\(K, C/groups, KW\)"),
        ErrorInput("layout", (X, W), {"layout": "NHWC"}, OptionError, "'NWC', 'NCW'"),
        ErrorInput("groups", (X, W[:, :3]), {"groups": 3}, ShapeError, "groups=3"),
        ErrorInput("bias", (X, W, np.ones(3)), {}, ShapeError, r"b of shape \(8,\)"),
        ErrorInput("stride pair", (X, W), {"stride": (1, 1)}, OptionError, "type tuple"),
        ErrorInput("stride", (X, W), {"stride": 0}, OptionError, "stride=0"),
        ErrorInput("dilation", (X, W), {"dilation": 0}, OptionError, "dilation=0"),
        ErrorInput("causal", (X, W), {"padding": "CAUSAL"}, OptionError, r"\(kernel - 1, 0\)"),
        ErrorInput("pads", (X, W), {"padding": ((1, 1), (1, 1))}, OptionError, "type tuple"),
        ErrorInput("negative pad", (X, W), {"padding": (0, -1)}, OptionError, "padding=-1"),
        ErrorInput("padding", (X, W), {"padding": 1.0}, OptionError, r"\(before, after\)"),
        ErrorInput("no padding", (X, W), {"padding": None}, OptionError, "None"),
        ErrorInput("kernel above input", (X[:, :2], W), {}, ShapeError, "at least the 3"),
        ErrorInput("empty kernel", (X, W[:0]), {}, ShapeError, "window of 0"),
        ErrorInput("mixed", (X, W.astype(np.float16)), {}, DtypeError, "beside x"),
    ]
)
def test_refuses(case):
    check_refused(rn.conv1d, case)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError, convolution
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused


def by_hand(x, w, b, size, stride, dilation, pads, groups):
    """The definition: every value adds its window."""
    (top, _), (left, _) = pads
    c, k = x.shape[3] // groups, w.shape[2]
    y = np.zeros((len(x), *size, groups * k))
    for r, s in np.ndindex(x.shape[1:3]):
        for i, j in np.ndindex(w.shape[:2]):
            row, column = r * stride[0] + i * dilation[0] - top, s * stride[1] + j * dilation[1]
            column -= left
            if 0 <= row < size[0] and 0 <= column < size[1]:
                for g in range(groups):
                    part = x[:, r, s, g * c : (g + 1) * c] @ w[i, j, :, g * c : (g + 1) * c].T
                    y[:, row, column, g * k : (g + 1) * k] += part
    return y if b is None else y + b


@st.composite
def transposed(draw):
    groups, c, k = (draw(st.integers(1, 3)) for _ in range(3))
    kernel, stride, dilation, size = (
        (draw(st.integers(1, 3)), draw(st.integers(1, 3))) for _ in range(4)
    )
    span = [(n - 1) * d + 1 for n, d in zip(kernel, dilation, strict=True)]
    options = {"stride": stride, "dilation": dilation, "groups": groups}
    if draw(st.booleans()):
        whole = [n * s for n, s in zip(size, stride, strict=True)]
        totals = [
            max((n - 1) * s + r - m, 0)
            for n, s, r, m in zip(size, stride, span, whole, strict=True)
        ]
        pads = [(t // 2, t - t // 2) for t in totals]
        options["padding"] = "SAME"
    else:
        extra = tuple(
            draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)
        )
        most = [
            (n - 1) * s + r + e - 1 for n, s, r, e in zip(size, stride, span, extra, strict=True)
        ]
        before = [draw(st.integers(0, min(m, 4))) for m in most]
        pads = [(b, draw(st.integers(0, min(m - b, 4)))) for b, m in zip(before, most, strict=True)]
        whole = [m + 1 - sum(p) for m, p in zip(most, pads, strict=True)]
        options |= {"padding": tuple(pads), "output_padding": extra}
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.standard_normal((draw(st.integers(0, 3)), *size, groups * c))
    w = rng.standard_normal((*kernel, k, groups * c))
    b = rng.standard_normal(groups * k) if draw(st.booleans()) else None
    return x, w, b, whole, pads, options


def check_forward_and_vjp(drawn):
    x, w, b, whole, pads, options = drawn
    y = rn.conv2d_transpose(x, w, b, **options)
    sizes = (whole, options["stride"], options["dilation"], pads, options["groups"])
    np.testing.assert_allclose(y, by_hand(x, w, b, *sizes), rtol=1e-12, atol=1e-12)
    shapes = [a if a is None else a.shape for a in (x, w, b)]
    assert rn.conv2d_transpose.shape(*shapes, **options) == y.shape
    dy = np.random.default_rng(1).standard_normal(y.shape)
    dx, dw, db = rn.conv2d_transpose.vjp(dy, x, w, b, **options)
    assert (dx.shape, dw.shape) == (x.shape, w.shape)
    # Bilinear: <dy, x * w> = <dx, x> = <dw, w>.
    total = (dy * (y if b is None else y - b)).sum()
    assert (dx * x).sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert (dw * w).sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    if b is not None:
        np.testing.assert_allclose(db, dy.sum(axis=(0, 1, 2)), rtol=1e-12, atol=1e-12)
    return y, dy


@given(transposed())
def test_forward_and_vjp(drawn):
    check_forward_and_vjp(drawn)


@given(transposed(), st.integers(1, 3000))
def test_forward_and_vjp_in_blocks_of_any_size(drawn, room):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BUFFER", room)
        check_forward_and_vjp(drawn)


@given(transposed())
def test_it_is_the_adjoint_of_the_convolution(drawn):
    x, w, _, _, _, options = drawn
    y, dy = check_forward_and_vjp((x, w, None, *drawn[3:]))
    extra = options.pop("output_padding", (0, 0))
    if any(e >= s for e, s in zip(extra, options["stride"], strict=True)):
        return  # the convolution would have a further window there
    d = rn.conv2d(dy, w, **options)
    assert (d * x).sum() == pytest.approx((y * dy).sum(), rel=1e-9, abs=1e-9)


@given(transposed())
def test_channels_first_is_the_same(drawn):
    x, w, b, _, _, options = drawn
    y, vjp = rn.conv2d_transpose.with_vjp(x, w, b, **options)
    first, weights = np.moveaxis(x, -1, 1), np.ascontiguousarray(w.transpose(3, 2, 0, 1))
    other, other_vjp = rn.conv2d_transpose.with_vjp(first, weights, b, layout="NCHW", **options)
    np.testing.assert_allclose(np.moveaxis(other, 1, -1), y, rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    dx, dw, _ = vjp(dy)
    other_dx, other_dw, _ = other_vjp(np.moveaxis(dy, -1, 1))
    np.testing.assert_allclose(np.moveaxis(other_dx, 1, -1), dx, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(other_dw.transpose(2, 3, 1, 0), dw, rtol=1e-12, atol=1e-12)


def nchw(values):
    return np.array(values, np.float32)[None, None]


def test_values_of_onnx():
    """ConvTranspose in onnx/backend/test/case/node/convtranspose.py: its first and its pads."""
    x, w = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3), np.ones((1, 2, 3, 3), np.float32)
    expected = [
        [0, 1, 3, 3, 2],
        [3, 8, 15, 12, 7],
        [9, 21, 36, 27, 15],
        [9, 20, 33, 24, 13],
        [6, 13, 21, 15, 8],
    ]
    y = rn.conv2d_transpose(x, w, layout="NCHW")
    np.testing.assert_array_equal(y, nchw(expected).repeat(2, axis=1))
    expected = [[1, 1, 3], [1, 1, 3], [7, 4, 9], [7, 4, 9], [7, 4, 9], [13, 7, 15], [13, 7, 15]]
    y = rn.conv2d_transpose(x, w, layout="NCHW", stride=(3, 2), padding=((1, 1), (2, 2)))
    np.testing.assert_array_equal(y, nchw(expected).repeat(2, axis=1))


def test_output_size_of_onnx():
    """Its convtranspose_output_shape asks for 10 x 8: one row and one column more."""
    x, w = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3), np.ones((1, 2, 3, 3), np.float32)
    y = rn.conv2d_transpose(x, w, layout="NCHW", stride=(3, 2), output_padding=1)
    assert y.shape == (1, 2, 10, 8)
    assert (y[:, :, 9] == 0).all()
    assert (y[:, :, :, 7] == 0).all()
    np.testing.assert_array_equal(y[0, 0, :, 0], [0, 0, 0, 3, 3, 3, 6, 6, 6, 0])


def test_every_cell_has_the_bias():
    """Those that no window reaches have nothing else."""
    x, w, b = np.ones((1, 2, 2, 1)), np.ones((2, 2, 3, 1)), np.array([1.0, 2.0, 3.0])
    y = rn.conv2d_transpose(x, w, b, stride=4, padding="SAME")
    assert y.shape == (1, 8, 8, 3)
    assert (y - b).sum() == 4 * 4 * 3
    np.testing.assert_array_equal(y[0, 7, 7], b)


X, W = np.ones((2, 5, 4, 6)), np.ones((3, 2, 8, 6))


@refused(
    [
        ErrorInput("no batch", (X[0], W), {}, ShapeError, r"w \(KH, KW, K/groups, C\)"),
        ErrorInput(
            "weights of conv2d", (X, W.swapaxes(2, 3)), {}, ShapeError, "6 channels and w .* for 8"
        ),
        ErrorInput(
            "the other layout",
            (X, W),
            {"layout": "NCHW"},
            ShapeError,
            r"w \(C, K/groups, KH, KW\)",
        ),
        ErrorInput("layout", (X, W), {"layout": "NDHWC"}, OptionError, "'NDHWC'"),
        ErrorInput("groups", (X, W), {"groups": 4}, ShapeError, "C=6 and groups=4"),
        ErrorInput("no groups", (X, W), {"groups": None}, OptionError, "None"),
        ErrorInput("bias", (X, W, np.ones(6)), {}, ShapeError, r"b of shape \(8,\)"),
        ErrorInput(
            "bias of one group",
            (X, W, np.ones(8)),
            {"groups": 2},
            ShapeError,
            r"b of shape \(16,\)",
        ),
        ErrorInput("output_padding", (X, W), {"output_padding": 1}, OptionError, "less than the"),
        ErrorInput(
            "output_padding of one axis",
            (X, W),
            {"output_padding": (0, 2), "stride": 2},
            OptionError,
            "less than the stride",
        ),
        ErrorInput("negative", (X, W), {"output_padding": -1}, OptionError, "output_padding=-1"),
        ErrorInput(
            "beside SAME",
            (X, W),
            {"output_padding": 1, "padding": "SAME", "stride": 2},
            OptionError,
            "beside padding='SAME'",
        ),
        ErrorInput("pads", (X, W), {"padding": 4}, ShapeError, r"pads \(4, 4\) leave 0"),
        ErrorInput("nothing", (X[:, :0], W), {}, ShapeError, "an input of 0 cells"),
        ErrorInput("empty kernel", (X, W[:, :0]), {}, ShapeError, "window of 0"),
        ErrorInput("stride", (X, W), {"stride": 0}, OptionError, "stride=0"),
        ErrorInput("dilation", (X, W), {"dilation": 1.5}, OptionError, "dilation=1.5"),
        ErrorInput("padding", (X, W), {"padding": "FULL"}, OptionError, "'FULL'"),
        ErrorInput("mixed", (X, W.astype(np.float32)), {}, DtypeError, "beside x"),
        ErrorInput("output_size", (X, W), {"output_size": 9}, ArgumentError, "output_padding"),
    ]
)
def test_refuses(case):
    check_refused(rn.conv2d_transpose, case)

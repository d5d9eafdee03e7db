from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError, convolution
from refnet.errors import ArgumentError
from refnet.geometry import geometry
from tests.error_inputs import ErrorInput, check_refused, refused

PATH = Path(__file__).parents[2] / "golden" / "conv_same_valid.json"
GOLDEN = json.loads(PATH.read_text("utf-8"))
INPUT, KERNEL = GOLDEN["input"], GOLDEN["kernel"]
# Printed as 12. There the total pad (out - 1) stride + kernel - in = -2 is shared out as -1 and
# -1, which moves the window onto the centre; older TensorFlow did not clip it at 0 either. The
# published rule does, and the window lies on the first three rows and columns: 14, as TensorFlow
# 2.21 and JAX 0.10 give.
SAME_STRIDE_5 = ("SAME", 5)
PRINTED, PUBLISHED_RULE = [[12]], [[14]]


def image(values):
    return np.array(values, float)[None, :, :, None]


def kernel(values):
    return np.array(values, float)[:, :, None, None]


@pytest.mark.parametrize(
    ("padding", "stride", "printed"),
    [(name, int(s), v) for name in ("SAME", "VALID") for s, v in GOLDEN[name].items()],
)
def test_worked_tables(padding, stride, printed):
    y = rn.conv2d(image(INPUT), kernel(KERNEL), padding=padding, stride=stride)[0, :, :, 0]
    if (padding, stride) == SAME_STRIDE_5:
        assert printed == PRINTED
        np.testing.assert_array_equal(y, PUBLISHED_RULE)
    else:
        np.testing.assert_array_equal(y, printed)


def test_the_printed_value_of_same_with_stride_5_is_the_centre():
    """Where the printed 12 comes from: the window one cell further down and right."""
    y = rn.conv2d(image(INPUT), kernel(KERNEL))[0, :, :, 0]
    assert [[y[1, 1]]] == PRINTED
    assert [[y[0, 0]]] == PUBLISHED_RULE


def by_hand(x, w, b, g, groups):
    """The definition, a window at a time."""
    (top, _), (left, _) = g.pads
    n, c = w.shape[3] // groups, x.shape[3] // groups
    y = np.zeros((len(x), *g.out, w.shape[3]), x.dtype)
    for r, s in np.ndindex(g.out):
        for i, j in np.ndindex(g.kernel):
            row = r * g.stride[0] + i * g.dilation[0] - top
            column = s * g.stride[1] + j * g.dilation[1] - left
            if 0 <= row < g.size[0] and 0 <= column < g.size[1]:
                for k in range(groups):
                    cells = x[:, row, column, k * c : (k + 1) * c]
                    y[:, r, s, k * n : (k + 1) * n] += cells @ w[i, j, :, k * n : (k + 1) * n]
    return y if b is None else y + b


@st.composite
def convolutions(draw):
    """Inputs and options of any kind; the geometry is that of the options."""
    groups, c, k = (draw(st.integers(1, 3)) for _ in range(3))
    kernel, stride, dilation = (
        (draw(st.integers(1, 3)), draw(st.integers(1, 3))) for _ in range(3)
    )
    size = tuple(
        (n - 1) * d + draw(st.integers(1, 4)) for n, d in zip(kernel, dilation, strict=True)
    )
    pads = st.tuples(*(st.tuples(st.integers(0, 3), st.integers(0, 3)),) * 2)
    padding = draw(st.one_of(st.sampled_from(["SAME", "VALID"]), st.integers(0, 2), pads))
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    g = geometry("conv2d", size, kernel, **options)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    x = rng.standard_normal((draw(st.integers(0, 3)), *size, groups * c))
    w = rng.standard_normal((*kernel, c, groups * k))
    b = rng.standard_normal(groups * k) if draw(st.booleans()) else None
    return x, w, b, g, {**options, "groups": groups}


def check_forward_and_vjp(drawn):
    x, w, b, g, options = drawn
    y = rn.conv2d(x, w, b, **options)
    np.testing.assert_allclose(y, by_hand(x, w, b, g, options["groups"]), rtol=1e-12, atol=1e-12)
    shapes = [a if a is None else a.shape for a in (x, w, b)]
    assert rn.conv2d.shape(*shapes, **options) == y.shape
    dy = np.random.default_rng(1).standard_normal(y.shape)
    dx, dw, db = rn.conv2d.vjp(dy, x, w, b, **options)
    assert (dx.shape, dw.shape) == (x.shape, w.shape)
    # Bilinear: <dy, x * w> = <dx, x> = <dw, w>.
    whole = (dy * (y if b is None else y - b)).sum()
    assert (dx * x).sum() == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert (dw * w).sum() == pytest.approx(whole, rel=1e-9, abs=1e-9)
    if b is None:
        assert db is None
    else:
        np.testing.assert_allclose(db, dy.sum(axis=(0, 1, 2)), rtol=1e-12, atol=1e-12)


@given(convolutions())
def test_forward_and_vjp(drawn):
    check_forward_and_vjp(drawn)


@given(convolutions(), st.integers(1, 3000))
def test_forward_and_vjp_in_blocks_of_any_size(drawn, room):
    """From one row of windows at a time to all samples at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BUFFER", room)
        patch.setattr(convolution, "MANY", 1 + room % 7)
        check_forward_and_vjp(drawn)


@given(convolutions())
def test_channels_first_is_the_same(drawn):
    x, w, b, _, options = drawn
    y, vjp = rn.conv2d.with_vjp(x, w, b, **options)
    first = np.ascontiguousarray(np.moveaxis(x, -1, 1))
    weights = np.ascontiguousarray(w.transpose(3, 2, 0, 1))
    other, other_vjp = rn.conv2d.with_vjp(first, weights, b, layout="NCHW", **options)
    np.testing.assert_allclose(np.moveaxis(other, 1, -1), y, rtol=1e-12, atol=1e-12)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    dx, dw, db = vjp(dy)
    other_dx, other_dw, other_db = other_vjp(np.ascontiguousarray(np.moveaxis(dy, -1, 1)))
    np.testing.assert_allclose(np.moveaxis(other_dx, 1, -1), dx, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(other_dw.transpose(2, 3, 1, 0), dw, rtol=1e-12, atol=1e-12)
    if b is not None:
        np.testing.assert_allclose(other_db, db, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble, np.complex128])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_blocks_of_rows_of_one_large_image(dtype, groups, rng):
    x = rng.standard_normal((2, 40, 31, 4)).astype(dtype)
    w = rng.standard_normal((5, 4, 4 // groups, 8)).astype(dtype)
    options = {"padding": "SAME", "stride": (2, 1), "groups": groups}
    whole, vjp = rn.conv2d.with_vjp(x, w, **options)
    dy = rng.standard_normal(whole.shape).astype(dtype)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BUFFER", 20_000)
        parts, parts_vjp = rn.conv2d.with_vjp(x, w, **options)
        in_parts = parts_vjp(dy)[:2]
    for a, b in zip((whole, *vjp(dy)[:2]), (parts, *in_parts), strict=True):
        assert b.dtype == dtype
        tolerance = 1e-3 if dtype == np.float32 else 1e-10
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("x", "w", "options"),
    [
        ((64, 28, 28, 1), (5, 5, 1, 32), {"padding": "SAME"}),
        ((32, 28, 28, 16), (3, 3, 16, 24), {"padding": "SAME"}),
        ((1, 256, 256, 4), (3, 3, 4, 4), {"padding": "SAME"}),  # one sample of many rows
        ((1, 300, 300, 1), (3, 3, 1, 1), {"padding": 2}),
        ((16, 28, 28, 32), (3, 3, 32, 64), {"padding": "SAME", "stride": 2}),
        ((32, 28, 28, 16), (1, 1, 16, 24), {}),
        ((16, 28, 28, 32), (3, 3, 1, 32), {"padding": "SAME", "groups": 32}),
        ((16, 32, 28, 28), (24, 32, 3, 3), {"padding": 1, "layout": "NCHW"}),
        ((32, 57, 57, 16), (2, 2, 16, 24), {"padding": 1, "stride": 7}),
        ((16, 64, 56, 56), (64, 64, 1, 1), {"stride": 2, "layout": "NCHW"}),
        ((1, 1, 100_000, 4), (1, 3, 4, 8), {"padding": "SAME"}),
        ((1, 3, 50_000, 4), (3, 5, 4, 8), {"padding": ((0, 0), (2, 2))}),
        ((1, 1, 100_000, 8), (1, 3, 1, 8), {"padding": "SAME", "groups": 8}),
    ],
)
@pytest.mark.parametrize("bias", [False, True])
def test_memory_is_input_output_and_one_bounded_buffer(x, w, options, bias, rng):
    x = rng.standard_normal(x).astype(np.float32)
    w = rng.standard_normal(w).astype(np.float32)
    b = np.ones(w.shape[0 if "layout" in options else 3], np.float32) if bias else None
    rn.conv2d(x[:1], w, b, **options)
    tracemalloc.start()
    y = rn.conv2d(x, w, b, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    depth = w[..., 0].size if options.get("layout") is None else w[0].size
    windows = y.nbytes // y.shape[-1 if options.get("layout") is None else 1] * depth
    buffer = min(windows, max(convolution.BUFFER, w.nbytes))
    assert peak + x.nbytes <= 1.3 * (x.nbytes + y.nbytes + buffer)


def test_a_bias_copies_no_large_weights(rng):
    x, w = rng.standard_normal((1, 4, 4, 256)), rng.standard_normal((3, 3, 256, 256))
    tracemalloc.start()
    rn.conv2d(x, w, np.ones(256), padding="SAME")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * w.nbytes


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_one_long_row_is_the_same_in_blocks(groups, rng):
    x = rng.standard_normal((2, 3, 90, 4))
    w, b = rng.standard_normal((3, 5, 4 // groups, 8)), rng.standard_normal(8)
    options = {"padding": ((0, 0), (2, 1)), "stride": (1, 2), "groups": groups}
    whole, vjp = rn.conv2d.with_vjp(x, w, b, **options)
    dy = rng.standard_normal(whole.shape)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BUFFER", 2_000)
        parts, parts_vjp = rn.conv2d.with_vjp(x, w, b, **options)
        assert parts.flags.c_contiguous
        in_parts = parts_vjp(dy)
    for a, p in zip((whole, *vjp(dy)), (parts, *in_parts), strict=True):
        assert p.flags.c_contiguous
        np.testing.assert_allclose(a, p, rtol=1e-11, atol=1e-11)


def test_one_cell_of_one_step_needs_no_buffer(rng):
    x, w = rng.standard_normal((8, 32, 32, 16)), rng.standard_normal((1, 1, 16, 3))
    tracemalloc.start()
    y = rn.conv2d(x, w)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * y.nbytes
    np.testing.assert_allclose(y, x @ w[0, 0], rtol=1e-12)


def test_depthwise_is_a_convolution_of_each_channel(rng):
    x, w = rng.standard_normal((2, 6, 5, 3)), rng.standard_normal((3, 2, 1, 6))
    y = rn.conv2d(x, w, groups=3, padding="SAME")
    for c in range(3):
        one = rn.conv2d(x[..., c : c + 1], w[..., 2 * c : 2 * c + 2], padding="SAME")
        np.testing.assert_allclose(y[..., 2 * c : 2 * c + 2], one, rtol=1e-12, atol=1e-13)


def test_results_do_not_depend_on_what_memory_held(rng):
    """NaN left behind by earlier calls appears nowhere."""
    x, w = rng.standard_normal((3, 9, 8, 2)), rng.standard_normal((4, 3, 2, 5))
    options = {"padding": ((3, 2), (0, 4)), "stride": (1, 2), "dilation": (2, 1)}
    y, vjp = rn.conv2d.with_vjp(x, w, **options)
    dirty = [np.full(n, np.nan) for n in (x.size, y.size, 4 * y.size, 10_000)]
    del dirty
    again, again_vjp = rn.conv2d.with_vjp(x, w, **options)
    np.testing.assert_array_equal(again, y)
    for a, b in zip(vjp(y)[:2], again_vjp(y)[:2], strict=True):
        assert np.isfinite(a).all()
        np.testing.assert_array_equal(a, b)


def test_an_infinite_weight_spoils_no_cotangent_that_it_has_no_part_in():
    """The adjoint has fewer terms at the edge, where a flipped convolution would multiply pads."""
    x, w = np.ones((1, 4, 1, 1)), np.ones((2, 1, 1, 1))
    w[0] = np.inf
    dx, _, _ = rn.conv2d.vjp(np.ones((1, 3, 1, 1)), x, w)
    np.testing.assert_array_equal(dx[0, :, 0, 0], [np.inf, np.inf, np.inf, 1])


def test_leaves_out_what_is_not_wanted(rng):
    x, w, b = rng.standard_normal((2, 4, 4, 3)), rng.standard_normal((3, 3, 3, 2)), np.ones(2)
    dy = np.ones((2, 2, 2, 2))
    whole = rn.conv2d.vjp(dy, x, w, b)
    for i, name in enumerate("xwb"):
        found = rn.conv2d.vjp(dy, x, w, b, wrt=(name,))
        assert [c is not None for c in found] == [n == name for n in "xwb"]
        np.testing.assert_array_equal(found[i], whole[i])


def test_no_windows_and_no_channels():
    assert rn.conv2d(np.ones((2, 0, 3, 1)), np.ones((2, 2, 1, 4)), padding="SAME").size == 0
    b = np.array([1.0, 2.0])
    y, vjp = rn.conv2d.with_vjp(np.ones((1, 3, 3, 0)), np.ones((2, 2, 0, 2)), b)
    np.testing.assert_array_equal(y, np.broadcast_to(b, (1, 2, 2, 2)))
    dx, dw, db = vjp(np.ones_like(y))
    assert (dx.shape, dw.shape) == ((1, 3, 3, 0), (2, 2, 0, 2))
    np.testing.assert_array_equal(db, [4, 4])
    x = np.ones((1, 3, 3, 2))
    dx, dw, _ = rn.conv2d.vjp(np.ones((1, 2, 2, 0)), x, np.ones((2, 2, 2, 0)))
    np.testing.assert_array_equal(dx, np.zeros_like(x))


X, W, B = np.ones((2, 5, 4, 6)), np.ones((3, 2, 6, 8)), np.ones(8)


@refused(
    [
        ErrorInput("no batch", (X[0], W), {}, ShapeError, r"x \(N, H, W, C\)"),
        ErrorInput("flat weights", (X, W[0]), {}, ShapeError, r"w \(KH, KW, C/groups, K\)"),
        ErrorInput("channels", (X[..., :5], W), {}, ShapeError, "5 channels and w .* for 6"),
        ErrorInput(
            "weights of the other layout",
            (X, np.ones((8, 6, 3, 2))),
            {},
            ShapeError,
            "Is the layout another one than 'NHWC'",
        ),
        ErrorInput(
            "the other layout", (X, W), {"layout": "NCHW"}, ShapeError, r"\(K, C/groups, KH, KW\)"
        ),
        ErrorInput("groups missing", (X, W[:, :, :3]), {}, ShapeError, "or groups missing"),
        ErrorInput(
            "results in groups",
            (X, np.ones((3, 2, 2, 8))),
            {"groups": 3},
            ShapeError,
            "K=8 and groups=3",
        ),
        ErrorInput("groups 0", (X, W), {"groups": 0}, OptionError, "groups=0"),
        ErrorInput("groups of type float", (X, W), {"groups": 2.0}, OptionError, "type float"),
        ErrorInput("bias", (X, W, np.ones(6)), {}, ShapeError, r"b of shape \(8,\)"),
        ErrorInput("bias with axes", (X, W, B[None]), {}, ShapeError, r"b \(1, 8\)"),
        ErrorInput("layout", (X, W), {"layout": "HWCN"}, OptionError, "'HWCN'"),
        ErrorInput("layout of sequences", (X, W), {"layout": "NWC"}, OptionError, "'NWC'"),
        ErrorInput("layout unhashable", (X, W), {"layout": ["NHWC"]}, OptionError, "layout"),
        ErrorInput("padding", (X, W), {"padding": "same"}, OptionError, "mean 'SAME'"),
        ErrorInput("pads of one axis", (X, W), {"padding": (1, 1)}, OptionError, "rows, columns"),
        ErrorInput("padding of floats", (X, W), {"padding": 1.5}, OptionError, "1.5"),
        ErrorInput("stride", (X, W), {"stride": (1, 0)}, OptionError, "stride=0"),
        ErrorInput("strides", (X, W), {"stride": (1, 1, 1)}, OptionError, "a pair"),
        ErrorInput("dilation", (X, W), {"dilation": -1}, OptionError, "dilation=-1"),
        ErrorInput("kernel above input", (X[:, :2], W), {}, ShapeError, "SAME"),
        ErrorInput("many groups", (X, W), {"groups": 12}, ShapeError, "Is groups the number of x"),
        ErrorInput("dilated", (X, W), {"dilation": (3, 1)}, ShapeError, "with dilation 3"),
        ErrorInput("empty kernel", (X, W[:0]), {}, ShapeError, "window of 0"),
        ErrorInput("mixed", (X, W.astype(np.float32)), {}, DtypeError, "beside x"),
        ErrorInput("integers", (X.astype(int), W.astype(int)), {}, DtypeError, "int64"),
        ErrorInput("unknown option", (X, W), {"strides": 2}, ArgumentError, "Did you mean"),
        ErrorInput("bias by name", (X, W), {"b": B}, ArgumentError, "by position"),
    ]
)
def test_refuses(case):
    check_refused(rn.conv2d, case)

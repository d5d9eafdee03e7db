"""max_pool2d, avg_pool2d and the global pools."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from refnet.ops.pooling import PART
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
INF, NAN = np.inf, np.nan


def image(rows, dtype=np.float64):
    """One image of one channel."""
    return np.array(rows, dtype)[None, :, :, None]


def rows(y):
    return y[0, :, :, 0]


# 1 to 25 in five rows, as ONNX's published tests of MaxPool and AveragePool have it.
COUNTED = image(np.arange(1.0, 26).reshape(5, 5))


def test_published_maxima():
    y = rn.max_pool2d(COUNTED, kernel=2)
    np.testing.assert_array_equal(rows(y), [[7, 9], [17, 19]])
    y = rn.max_pool2d(COUNTED, kernel=3, stride=2, padding="SAME")
    np.testing.assert_array_equal(rows(y), [[7, 9, 10], [17, 19, 20], [22, 24, 25]])
    y = rn.max_pool2d(COUNTED, kernel=5, stride=1, padding=2)
    np.testing.assert_array_equal(rows(y)[0], [13, 14, 15, 15, 15])
    np.testing.assert_array_equal(rows(y)[4], [23, 24, 25, 25, 25])
    four = image(np.arange(1.0, 17).reshape(4, 4))
    y = rn.max_pool2d(four, kernel=3, stride=2, ceil_mode=True)
    np.testing.assert_array_equal(rows(y), [[11, 12], [15, 16]])
    y = rn.max_pool2d(four, kernel=2, stride=1, dilation=2)
    np.testing.assert_array_equal(rows(y), [[11, 12], [15, 16]])


def test_published_averages():
    y = rn.avg_pool2d(COUNTED, kernel=2)
    np.testing.assert_array_equal(rows(y), [[4, 6], [14, 16]])
    y = rn.avg_pool2d(COUNTED, kernel=3, stride=2, padding="SAME")
    np.testing.assert_array_equal(rows(y), [[4, 5.5, 7], [11.5, 13, 14.5], [19, 20.5, 22]])
    y = rn.avg_pool2d(COUNTED, kernel=5, stride=1, padding=2)
    np.testing.assert_array_equal(rows(y)[0], [7, 7.5, 8, 8.5, 9])
    y = rn.avg_pool2d(COUNTED, kernel=5, stride=1, padding=2, count_include_pad=True)
    np.testing.assert_allclose(rows(y)[0], [2.52, 3.6, 4.8, 4.08, 3.24], rtol=1e-15)
    four = image(np.arange(1.0, 17).reshape(4, 4))
    y = rn.avg_pool2d(four, kernel=3, stride=2, ceil_mode=True)
    np.testing.assert_array_equal(rows(y), [[6, 7.5], [12, 13.5]])
    y = rn.avg_pool2d(four, kernel=2, stride=1, dilation=2, ceil_mode=True)
    np.testing.assert_array_equal(rows(y), [[6, 7], [10, 11]])


def test_a_window_of_negatives_is_negative():
    y = rn.max_pool2d(image([[-1.0, -2.0], [-3.0, -4.0]]), kernel=3, stride=2, padding=1)
    np.testing.assert_array_equal(rows(y), [[-1]])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_first_of_equal_cells_takes_the_gradient(dtype):
    x = image([[1, 5, 5], [5, 5, 0]], dtype)
    (dx,) = rn.max_pool2d.vjp(image([[7]], dtype), x, kernel=(2, 3))
    np.testing.assert_array_equal(rows(dx), [[0, 7, 0], [0, 0, 0]])
    (dx,) = rn.max_pool2d.vjp(image([[7, -3]], dtype), x, kernel=2, stride=1)
    np.testing.assert_array_equal(rows(dx), [[0, 4, 0], [0, 0, 0]])
    (dx,) = rn.global_max_pool2d.vjp(np.array([[7]], dtype), x)
    np.testing.assert_array_equal(rows(dx), [[0, 7, 0], [0, 0, 0]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [2, 3, 40])
def test_of_two_zeros_the_first_is_the_value(dtype, width):
    """Which one numpy.maximum returns depends on the CPU and on the place in memory."""
    for first in (0.0, -0.0):
        x = np.full((1, 4, 6, width), -first, dtype)
        x[:, ::2, ::3] = first
        x[0, 2, 0] = -1  # here a later cell is the first of the zeros
        expected = np.full((2, 2, width), np.signbit(first))
        expected[1, 0] = not np.signbit(first)
        y = rn.max_pool2d(x, kernel=(2, 3))
        assert (y == 0).all()
        np.testing.assert_array_equal(np.signbit(y[0]), expected)
        y = rn.global_max_pool2d(x)
        np.testing.assert_array_equal(np.signbit(y), np.full((1, width), np.signbit(first)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_is_not_hidden_and_the_first_takes_the_gradient(dtype):
    x = image([[1, INF, 2, 3], [NAN, 5, NAN, NAN]], dtype)
    np.testing.assert_array_equal(rows(rn.max_pool2d(x, kernel=2)), [[NAN, NAN]])
    np.testing.assert_array_equal(rn.global_max_pool2d(x), [[NAN]])
    np.testing.assert_array_equal(rows(rn.avg_pool2d(x, kernel=2)), [[NAN, NAN]])
    (dx,) = rn.max_pool2d.vjp(image([[7, 8]], dtype), x, kernel=2)
    np.testing.assert_array_equal(rows(dx), [[0, 0, 0, 0], [7, 0, 8, 0]])
    (dx,) = rn.global_max_pool2d.vjp(np.array([[7]], dtype), x)
    np.testing.assert_array_equal(rows(dx), [[0, 0, 0, 0], [7, 0, 0, 0]])


def test_pads_are_never_chosen_before_a_real_minus_infinity():
    x = image([[-INF, -INF], [-INF, -INF]])
    y, vjp = rn.max_pool2d.with_vjp(x, kernel=2, stride=2, padding=1)
    np.testing.assert_array_equal(rows(y), np.full((2, 2), -INF))
    np.testing.assert_array_equal(rows(vjp(image([[1, 2], [3, 4]]))[0]), [[1, 2], [3, 4]])
    np.testing.assert_array_equal(
        rn.global_max_pool2d.vjp(np.ones((1, 1)), x)[0].ravel(), [1, 0, 0, 0]
    )


def test_windows_of_pads_alone():
    x = image([[3.0]])
    y, vjp = rn.max_pool2d.with_vjp(x, kernel=1, padding=1)
    np.testing.assert_array_equal(rows(y), [[-INF, -INF, -INF], [-INF, 3, -INF], [-INF] * 3])
    np.testing.assert_array_equal(vjp(np.full(y.shape, 2.0))[0], [[[[2]]]])
    y, vjp = rn.avg_pool2d.with_vjp(x, kernel=1, padding=1)
    np.testing.assert_array_equal(rows(y), [[NAN, NAN, NAN], [NAN, 3, NAN], [NAN] * 3])
    np.testing.assert_array_equal(vjp(np.full(y.shape, 2.0))[0], [[[[2]]]])
    y = rn.avg_pool2d(x, kernel=1, padding=1, count_include_pad=True)
    np.testing.assert_array_equal(rows(y), [[0, 0, 0], [0, 3, 0], [0, 0, 0]])


def test_overhang_never_counts_but_pads_may():
    x = image([[1.0, 2.0, 4.0, 8.0]])
    options = {"kernel": (1, 3), "stride": (1, 2), "padding": ((0, 0), (1, 0)), "ceil_mode": True}
    y = rn.avg_pool2d(x, **options)
    np.testing.assert_allclose(rows(y), [[1.5, 14 / 3]])
    y = rn.avg_pool2d(x, **options, count_include_pad=True)
    np.testing.assert_allclose(rows(y), [[1, 14 / 3]])
    y = rn.avg_pool2d(x[:, :, :3], **options, count_include_pad=True)
    np.testing.assert_allclose(rows(y), [[1, 3]])  # (2 + 4) / 2: the third cell is overhang


def test_the_average_divides_by_the_count():
    # 1/9 rounded and multiplied would give 0.33333334 for three of nine.
    y = rn.avg_pool2d(image([[1, 1, 1], [0, 0, 0], [0, 0, 0]], np.float32), kernel=3)
    assert y.item() == np.float32(3) / np.float32(9)
    assert rn.avg_pool2d(image([[7] * 7] * 7), kernel=7).item() == 7


def test_gradients_of_overlapping_windows_add_up():
    x = image([[1.0, 2.0, 9.0, 3.0, 4.0]])
    (dx,) = rn.max_pool2d.vjp(image([[1.0, 10.0, 100.0]]), x, kernel=(1, 3), stride=1)
    np.testing.assert_array_equal(rows(dx), [[0, 0, 111, 0, 0]])
    (dx,) = rn.avg_pool2d.vjp(image([[3.0, 30.0, 300.0]]), x, kernel=(1, 3), stride=1)
    np.testing.assert_array_equal(rows(dx), [[1, 11, 111, 110, 100]])


@pytest.mark.parametrize("stride", [1, 2])
def test_a_negative_zero_cotangent_arrives_as_zero(stride):
    (dx,) = rn.max_pool2d.vjp(image([[-0.0]]), image([[1.0, 2.0]]), kernel=(1, 2), stride=stride)
    assert not np.signbit(dx).any()


@pytest.mark.parametrize("stride", [1, 2])
def test_a_negative_zero_cotangent_of_a_mean_arrives_as_zero(stride):
    x = image([[1.0, 2.0]])
    (dx,) = rn.avg_pool2d.vjp(image([[-0.0]]), x, kernel=(1, 2), stride=stride)
    assert not np.signbit(dx).any()
    (dx,) = rn.global_avg_pool2d.vjp(np.array([[-0.0]]), x)
    assert not np.signbit(dx).any()


def test_a_window_above_the_input_by_less_than_a_stride_is_one_with_ceil_mode():
    x = image([[1.0, 2.0], [3.0, 4.0]])
    options = {"kernel": 3, "stride": 2, "ceil_mode": True}
    np.testing.assert_array_equal(rows(rn.max_pool2d(x, **options)), [[4]])
    y, vjp = rn.avg_pool2d.with_vjp(x, **options)
    np.testing.assert_array_equal(rows(y), [[2.5]])
    np.testing.assert_array_equal(rows(vjp(np.ones_like(y))[0]), np.full((2, 2), 0.25))
    with pytest.raises(ShapeError, match="less than the stride, 1"):
        rn.max_pool2d(x, kernel=3, stride=1, ceil_mode=True)


@pytest.mark.parametrize("op", [rn.max_pool2d, rn.avg_pool2d], ids=lambda op: op.name)
def test_a_single_window_may_be_any_step_from_the_next(op):
    x = image([[1.0, 2.0], [3.0, 4.0]])
    y, vjp = op.with_vjp(x, kernel=(1, 2), stride=10**30, dilation=(10**30, 1))
    np.testing.assert_array_equal(rows(y), [[2.0 if op is rn.max_pool2d else 1.5]])
    assert vjp(y)[0].sum() == y.sum()


@pytest.mark.parametrize("op", [rn.global_max_pool2d, rn.global_avg_pool2d], ids=lambda op: op.name)
def test_keepdims_may_be_a_bool_of_numpy(op):
    y, vjp = op.with_vjp(X, keepdims=np.bool_(True))
    assert y.shape == (1, 1, 1, 2)
    assert vjp(y)[0].shape == X.shape


def test_global_pools(rng):
    x = rng.standard_normal((2, 3, 4, 5))
    np.testing.assert_array_equal(rn.global_max_pool2d(x), x.max(axis=(1, 2)))
    np.testing.assert_array_equal(
        rn.global_max_pool2d(x, layout="NCHW", keepdims=True), x.max(axis=(2, 3), keepdims=True)
    )
    np.testing.assert_allclose(rn.global_avg_pool2d(x), x.mean(axis=(1, 2)), rtol=1e-14)
    assert rn.global_avg_pool2d(x, keepdims=True).shape == (2, 1, 1, 5)
    dy = rng.standard_normal((2, 3))
    (dx,) = rn.global_avg_pool2d.vjp(dy, x, layout="NCHW")
    np.testing.assert_array_equal(dx, np.broadcast_to(dy[:, :, None, None] / 20, x.shape))
    whole = rn.max_pool2d(x, kernel=(3, 4))
    np.testing.assert_array_equal(whole[:, 0, 0], rn.global_max_pool2d(x))


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_nothing_to_pool(layout):
    x = np.ones((2, 0, 3, 4) if layout == "NHWC" else (2, 4, 0, 3))
    y, vjp = rn.global_max_pool2d.with_vjp(x, layout=layout)
    np.testing.assert_array_equal(y, np.full((2, 4), -INF))
    assert vjp(y)[0].shape == x.shape
    y, vjp = rn.global_avg_pool2d.with_vjp(x, layout=layout)
    np.testing.assert_array_equal(y, np.full((2, 4), NAN))
    assert vjp(y)[0].shape == x.shape
    for op in (rn.max_pool2d, rn.avg_pool2d):
        y, vjp = op.with_vjp(x, kernel=2, padding="SAME", layout=layout)
        assert y.shape == ((2, 0, 2, 4) if layout == "NHWC" else (2, 4, 0, 2))
        assert vjp(y)[0].shape == x.shape
    for shape in ((0, 4, 4, 2), (2, 4, 4, 0)):
        assert rn.max_pool2d(np.ones(shape), kernel=2).shape == (shape[0], 2, 2, shape[3])


def test_batches_are_pooled_in_parts_and_samples_alone_alike(rng):
    x = rng.standard_normal((5, 8, 9, PART // 144 + 1), np.float32)
    for op in (rn.max_pool2d, rn.avg_pool2d):
        y, vjp = op.with_vjp(x, kernel=3, stride=2)
        dy = rng.standard_normal(y.shape, np.float32)
        (dx,) = vjp(dy)
        for i in range(5):
            one, vjp = op.with_vjp(x[i : i + 1], kernel=3, stride=2)
            np.testing.assert_array_equal(y[i : i + 1], one)
            np.testing.assert_array_equal(dx[i : i + 1], vjp(dy[i : i + 1])[0])


def test_a_result_that_was_moved_does_not_mislead_the_vjp(rng):
    """The cell that was chosen is looked for with the maximum itself."""
    x = rng.standard_normal((1, 4, 4, 2))
    expected = rn.max_pool2d.vjp(np.ones((1, 2, 2, 2)), x, kernel=2)[0]
    with rn.intercepted(lambda _, a: np.nextafter(a, np.inf)):
        _, vjp = rn.max_pool2d.with_vjp(x, kernel=2)
    np.testing.assert_array_equal(vjp(np.ones((1, 2, 2, 2)))[0], expected)
    y = rn.max_pool2d(x, kernel=2)
    (dx,) = rn.max_pool2d.vjp(np.ones((1, 2, 2, 2)), x, y=np.nextafter(y, np.inf), kernel=2)
    np.testing.assert_array_equal(dx, expected)


def axis_windows(size, kernel, stride, dilation, padding, ceil_mode):
    """The cells of each window along one axis, from their definition, with those of the pads."""
    span = (kernel - 1) * dilation + 1
    before, after = padding if padding != "SAME" else (0, 0)
    if padding == "SAME":
        out = -(-size // stride)
        total = max((out - 1) * stride + span - size, 0)
        before, after = total // 2, total - total // 2
    else:
        fits = size + before + after - span
        out = fits // stride + 1
        # One more that starts before the pads after, if cells are left.
        out += ceil_mode and fits % stride > 0 and out * stride < size + before
        out = max(out, 0)
    return [
        [(o * stride + i * dilation - before, size + after) for i in range(kernel)]
        for o in range(out)
    ]


def pooled(x, dy_of, kind, h_windows, w_windows, include):
    """Value and cotangent by nested loops over one image of one channel."""
    y = np.empty((len(h_windows), len(w_windows)))
    dy, dx = dy_of(y.shape), np.zeros(x.shape)
    for a, h_cells in enumerate(h_windows):
        for b, w_cells in enumerate(w_windows):
            pairs = [(h, w) for h in h_cells for w in w_cells]
            cells = [
                (h, w) for (h, _), (w, _) in pairs if 0 <= h < x.shape[0] and 0 <= w < x.shape[1]
            ]
            if kind == "avg":
                counted = [None for (h, top), (w, right) in pairs if h < top and w < right]
                n = len(counted) if include else len(cells)
                y[a, b] = sum(x[c] for c in cells) / n if n else NAN
                for c in cells:
                    dx[c] += dy[a, b] / n
            else:
                y[a, b] = max((x[c] for c in cells), default=-INF)
                chosen = next((c for c in cells if x[c] == y[a, b]), None)
                if chosen is not None:
                    dx[chosen] += dy[a, b]
    return y, dy, dx


AXIS = st.tuples(
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(1, 3),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
)


@given(AXIS, AXIS, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 2**32 - 1))
def test_against_nested_loops(h, w, same, ceil_mode, include, seed):
    rng = np.random.default_rng(seed)
    sizes, kernel, stride, dilation, pads = zip(h, w, strict=True)
    padding = "SAME" if same else pads
    options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    options["ceil_mode"] = ceil_mode
    x = rng.integers(-3, 4, (1, *sizes, 1)).astype(float)
    found = [
        axis_windows(*args, "SAME" if same else p, ceil_mode)
        for *args, p in zip(sizes, kernel, stride, dilation, pads, strict=True)
    ]
    if not all(found):
        with pytest.raises(ShapeError, match="at least"):
            rn.max_pool2d(x, **options)
        return
    for kind, op, more in (
        ("max", rn.max_pool2d, {}),
        ("avg", rn.avg_pool2d, {"count_include_pad": include}),
    ):
        expected, dy, dx = pooled(
            x[0, :, :, 0], lambda s: rng.integers(-9, 10, s).astype(float), kind, *found, include
        )
        y, vjp = op.with_vjp(x, **options, **more)
        np.testing.assert_allclose(rows(y), expected, rtol=1e-14)
        np.testing.assert_allclose(rows(vjp(image(dy))[0]), dx, rtol=1e-13, atol=1e-13)
        first = x.transpose(0, 3, 1, 2)
        y_first, vjp = op.with_vjp(first, **options, **more, layout="NCHW")
        np.testing.assert_array_equal(y_first[:, 0], y[..., 0])
        np.testing.assert_array_equal(vjp(dy[None, None])[0][:, 0], dx_of(op, dy, x, options, more))


def dx_of(op, dy, x, options, more):
    return op.vjp(image(dy), x, **options, **more)[0][..., 0]


@given(AXIS, st.integers(0, 2**32 - 1))
def test_order_and_translation(h, seed):
    """A maximum is no smaller than a mean; both move with their input."""
    size, kernel, stride, *_ = h
    x = np.random.default_rng(seed).integers(-8, 9, (2, size, 3, 2)).astype(float)
    options = {"kernel": (kernel, 1), "stride": stride, "padding": "SAME"}
    high, mean = rn.max_pool2d(x, **options), rn.avg_pool2d(x, **options)
    assert (high >= mean - 1e-12).all()
    np.testing.assert_array_equal(rn.max_pool2d(x + 4, **options), high + 4)
    np.testing.assert_allclose(rn.avg_pool2d(x + 4, **options), mean + 4)


X = np.ones((1, 4, 5, 2))


def refusals(kernel):
    return [
        ErrorInput("no kernel", (X,), {}, ArgumentError, "kernel"),
        ErrorInput("kernel 0", (X,), {"kernel": 0}, OptionError, "kernel=0"),
        ErrorInput("kernel of three", (X,), {"kernel": (1, 2, 2)}, OptionError, "pair"),
        ErrorInput("kernel as float", (X,), {"kernel": 2.0}, OptionError, "of type float"),
        ErrorInput("kernel as bool", (X,), {"kernel": True}, OptionError, "of type bool"),
        ErrorInput("stride 0", (X,), {**kernel, "stride": (1, 0)}, OptionError, "stride=0"),
        ErrorInput(
            "stride of NHWC", (X,), {**kernel, "stride": (1, 2, 2, 1)}, OptionError, "batch"
        ),
        ErrorInput("dilation 0", (X,), {**kernel, "dilation": 0}, OptionError, "dilation=0"),
        ErrorInput("padding full", (X,), {**kernel, "padding": "FULL"}, OptionError, "'FULL'"),
        ErrorInput("lower case", (X,), {**kernel, "padding": "same"}, OptionError, "'SAME'"),
        ErrorInput("padding -1", (X,), {**kernel, "padding": -1}, OptionError, "padding=-1"),
        ErrorInput("padding (1, 1)", (X,), {**kernel, "padding": (1, 1)}, OptionError, "top"),
        ErrorInput("ceil_mode 1", (X,), {**kernel, "ceil_mode": 1}, OptionError, "ceil_mode=1"),
        ErrorInput("layout", (X,), {**kernel, "layout": "NHCW"}, OptionError, "'NHWC'"),
        ErrorInput("three axes", (X[0],), kernel, ShapeError, r"x \(N, H, W, C\)"),
        ErrorInput(
            "two axes", (X[0, 0],), {**kernel, "layout": "NCHW"}, ShapeError, r"x \(N, C, H, W\)"
        ),
        ErrorInput("kernel above input", (X,), {"kernel": (5, 1)}, ShapeError, "4 cells"),
        ErrorInput(
            "dilated above input", (X,), {"kernel": 3, "dilation": (1, 3)}, ShapeError, "7 that"
        ),
        ErrorInput("no rows", (X[:, :0],), kernel, ShapeError, "0 cells"),
        ErrorInput("integers", (np.ones((1, 4, 5, 2), int),), kernel, DtypeError, "int64"),
        ErrorInput("unknown option", (X,), {**kernel, "pads": 1}, ArgumentError, "padding"),
        ErrorInput("ksize", (X,), {"ksize": 2}, ArgumentError, "'ksize'"),
    ]


@pytest.mark.parametrize("op", [rn.max_pool2d, rn.avg_pool2d], ids=lambda op: op.name)
@refused(refusals({"kernel": 2}))
def test_refuses(op, case):
    check_refused(op, case)


@refused(
    [
        ErrorInput(
            "count_include_pad as a number",
            (X,),
            {"kernel": 2, "count_include_pad": 1},
            OptionError,
            "count_include_pad=1",
        ),
        ErrorInput(
            "count_include_pad as text",
            (X,),
            {"kernel": 2, "count_include_pad": "no"},
            OptionError,
            "of type str",
        ),
    ]
)
def test_avg_pool2d_refuses(case):
    check_refused(rn.avg_pool2d, case)


def test_maxima_take_no_complex_numbers():
    for op, options in ((rn.max_pool2d, {"kernel": 2}), (rn.global_max_pool2d, {})):
        with pytest.raises(DtypeError, match="complex128"):
            op(X.astype(complex), **options)


@pytest.mark.parametrize("op", [rn.max_pool2d, rn.avg_pool2d], ids=lambda op: op.name)
def test_the_cotangent_has_the_result_s_shape(op):
    with pytest.raises(ShapeError, match=r"dy of shape \(1, 4, 5, 2\)"):
        op.vjp(X, X, kernel=2)


@pytest.mark.parametrize("op", [rn.global_max_pool2d, rn.global_avg_pool2d], ids=lambda op: op.name)
@refused(
    [
        ErrorInput("layout", (X,), {"layout": "nhwc"}, OptionError, "'NHWC'"),
        ErrorInput("no layout", (X,), {"layout": None}, OptionError, "layout=None"),
        ErrorInput("keepdims", (X,), {"keepdims": 1}, OptionError, "keepdims=1"),
        ErrorInput("three axes", (X[0],), {}, ShapeError, r"x \(N, H, W, C\)"),
        ErrorInput("five axes", (X[None],), {"layout": "NCHW"}, ShapeError, "N, C, H, W"),
        ErrorInput("a kernel", (X,), {"kernel": 2}, ArgumentError, "'kernel'"),
        ErrorInput("integers", (np.ones((1, 2, 2, 1), int),), {}, DtypeError, "int64"),
    ]
)
def test_global_pools_refuse(op, case):
    check_refused(op, case)

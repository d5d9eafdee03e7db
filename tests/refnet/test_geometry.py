from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refnet import OptionError, ShapeError
from refnet.geometry import (
    check_layout,
    geometry,
    inside,
    pair,
    places,
    span,
    transposed_geometry,
    windows,
)
from tests.error_inputs import ErrorInput, check_refused, refused

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
pads = st.tuples(*(st.tuples(st.integers(0, 3), st.integers(0, 3)),) * 2)
paddings = st.one_of(st.sampled_from(["SAME", "VALID"]), st.integers(0, 3), pads)


@st.composite
def geometries(draw, *, ceil_mode=False):
    size = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    padding = draw(paddings)
    options = {"stride": stride, "dilation": dilation, "ceil_mode": ceil_mode}
    try:
        return geometry("conv2d", size, kernel, padding=padding, **options)
    except ShapeError:  # wider than the input with its pads: as much padding as it takes
        whole = tuple((s, s) for s in span(kernel, dilation))
        return geometry("conv2d", size, kernel, padding=whole, **options)


def drawn(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@given(geometries())
def test_windows_by_index(g):
    x = drawn((2, *g.padded, 3))
    found = windows(x, g)
    assert found.shape == (2, *g.out, *g.kernel, 3)
    for r, s in np.ndindex(g.out):
        for i, j in np.ndindex(g.kernel):
            row = r * g.stride[0] + i * g.dilation[0]
            column = s * g.stride[1] + j * g.dilation[1]
            np.testing.assert_array_equal(found[:, r, s, i, j], x[:, row, column])
            assert g.padded[0] > row >= 0
            assert g.padded[1] > column >= 0


@given(geometries())
def test_places_are_a_cell_of_every_window(g):
    x = drawn((2, *g.padded, 3))
    for i, j in np.ndindex(g.kernel):
        there = places(x, g, i, j)
        np.testing.assert_array_equal(there, windows(x, g)[:, :, :, i, j])
        assert np.shares_memory(there, x)


def fitting(size, kernel, stride, dilation, before, after):
    """The windows that fit, one after the other."""
    count, first = 0, -before
    while first + (kernel - 1) * dilation < size + after:
        count, first = count + 1, first + stride
    return count


@given(
    st.integers(1, 12),
    st.integers(1, 5),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_sizes_by_counting(size, kernel, stride, dilation, before, after):
    options = {"stride": (stride, 1), "dilation": (dilation, 1)}
    padding = ((before, after), (0, 0))
    expected = fitting(size, kernel, stride, dilation, before, after)
    if expected == 0:
        with pytest.raises(ShapeError, match="with dilation"):
            geometry("conv2d", (size, 1), (kernel, 1), padding=padding, **options)
        return
    g = geometry("conv2d", (size, 1), (kernel, 1), padding=padding, **options)
    assert g.out == (expected, 1)
    assert g.overhang == (0, 0)
    assert g.padded == (size + before + after, 1)


@given(st.integers(1, 30), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
def test_same_is_the_published_rule(size, kernel, stride, dilation):
    # tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2, with the dilated filter's size.
    reach = (kernel - 1) * dilation + 1
    along = max(reach - stride, 0) if size % stride == 0 else max(reach - size % stride, 0)
    g = geometry(
        "conv2d", (size, 1), (kernel, 1), stride=(stride, 1), padding="SAME", dilation=(dilation, 1)
    )
    assert g.out == (math.ceil(size / stride), 1)
    assert g.pads[0] == (along // 2, along - along // 2)
    # All of the input but what the stride skips is inside a window, and no window is all pads.
    assert (g.out[0] - 1) * stride < size


@given(
    st.integers(1, 15), st.integers(1, 9), st.integers(1, 5), st.integers(1, 3), st.integers(0, 4)
)
def test_ceil_mode_is_pytorch_s_rule(size, kernel, stride, dilation, pad):
    pad = min(pad, kernel // 2)  # as PyTorch asks for
    # pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html: rounded up, but windows that start
    # in the pads after the input are left out.
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    expected = math.ceil(room / stride) + 1
    if (expected - 1) * stride >= size + pad:
        expected -= 1
    options = {"stride": (stride, 1), "dilation": (dilation, 1), "ceil_mode": True}
    options["padding"] = ((pad, pad), (0, 0))
    if expected < 1:
        with pytest.raises(ShapeError, match="less than the stride"):
            geometry("max_pool2d", (size, 1), (kernel, 1), **options)
        return
    g = geometry("max_pool2d", (size, 1), (kernel, 1), **options)
    assert g.out == (expected, 1)
    # What the last window reaches, or what the pads add where it reaches less.
    last = (expected - 1) * stride + dilation * (kernel - 1) + 1
    assert g.padded[0] == max(size + 2 * pad, last)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "dilation", "padding", "out", "pads"),
    [
        ((5, 5), (3, 3), 1, 1, "VALID", (3, 3), ((0, 0), (0, 0))),
        ((5, 6), (3, 2), 1, 1, "SAME", (5, 6), ((1, 1), (0, 1))),  # even: the odd cell after
        ((5, 6), (4, 4), 1, 1, "SAME", (5, 6), ((1, 2), (1, 2))),
        ((5, 5), (3, 3), 5, 1, "SAME", (1, 1), ((0, 0), (0, 0))),  # not -1
        ((7, 8), (2, 3), (3, 4), 1, "SAME", (3, 2), ((0, 1), (0, 0))),  # stride above the kernel
        ((7, 8), (2, 3), (3, 4), 1, "VALID", (2, 2), ((0, 0), (0, 0))),
        ((4, 5), (4, 5), 1, 1, "VALID", (1, 1), ((0, 0), (0, 0))),  # the whole input
        ((2, 3), (5, 4), 1, 1, "SAME", (2, 3), ((2, 2), (1, 2))),  # more than the input
        ((3, 4), (1, 1), 1, 1, "SAME", (3, 4), ((0, 0), (0, 0))),
        ((3, 4), (1, 1), 2, 1, "VALID", (2, 2), ((0, 0), (0, 0))),
        ((5, 7), (3, 3), 1, (2, 3), "VALID", (1, 1), ((0, 0), (0, 0))),
        ((5, 7), (3, 3), 1, (2, 3), "SAME", (5, 7), ((2, 2), (3, 3))),
        ((5, 6), (3, 2), 1, 1, 2, (7, 9), ((2, 2), (2, 2))),
        ((5, 6), (3, 2), 1, 1, ((0, 2), (3, 0)), (5, 8), ((0, 2), (3, 0))),
        ((5, 6), (3, 2), 1, 1, [[0, 2], [3, 0]], (5, 8), ((0, 2), (3, 0))),
        ((0, 3), (2, 2), 1, 1, "SAME", (0, 3), ((0, 0), (0, 1))),  # no rows, no windows
    ],
)
def test_worked_sizes(size, kernel, stride, dilation, padding, out, pads):
    g = geometry("conv2d", size, kernel, stride=stride, padding=padding, dilation=dilation)
    assert g.out == out
    assert g.pads == pads
    assert g.size == size
    assert g.span == span(kernel, g.dilation)


@given(geometries())
def test_the_transposed_geometry_is_of_a_convolution(g):
    """Some output_padding gives back each size that a convolution takes to its result."""
    reach = [(g.out[i] - 1) * g.stride[i] + g.span[i] for i in (0, 1)]
    extra = tuple(g.padded[i] - reach[i] for i in (0, 1))
    if any(extra[i] >= max(g.stride[i], g.dilation[i]) for i in (0, 1)):
        return  # SAME with a stride above the kernel
    found = transposed_geometry(
        "t",
        g.out,
        g.kernel,
        stride=g.stride,
        padding=g.pads,
        dilation=g.dilation,
        output_padding=extra,
    )
    assert found == g


@given(pairs, pairs, pairs, pairs)
def test_the_transposed_geometry_of_same(size, kernel, stride, dilation):
    options = {"stride": stride, "padding": "SAME", "dilation": dilation}
    g = transposed_geometry("t", size, kernel, **options)
    assert g.size == (size[0] * stride[0], size[1] * stride[1])
    assert g.out == size
    assert g == geometry("t", g.size, kernel, **options)


def test_one_window_or_cell_may_be_any_step_from_the_next():
    huge = 10**30
    g = geometry("conv2d", (3, 4), (1, 4), stride=(huge, huge), padding="VALID", dilation=(huge, 1))
    assert g.out == (1, 1)
    x = drawn((2, 3, 4, 1))
    view = windows(x, g)
    np.testing.assert_array_equal(view[:, 0, 0, 0], x[:, 0])
    assert np.shares_memory(view, x)
    assert not view.flags.writeable


@given(st.integers(-9, 9), st.integers(1, 5), st.integers(0, 9), st.integers(0, 5))
def test_which_windows_have_a_cell_inside(offset, stride, size, start):
    among = slice(start, start + 6)
    found, cells = inside(offset, stride, size, among)
    each = [r for r in range(among.start, among.stop) if 0 <= r * stride + offset < size]
    assert [start + r for r in range(6)[found]] == each
    assert list(range(size)[cells]) == [r * stride + offset for r in each]


def test_pairs():
    assert pair("conv2d", "stride", 2) == (2, 2)
    assert pair("conv2d", "stride", [2, 3]) == (2, 3)
    assert pair("conv2d", "stride", (np.int64(2), 3)) == (2, 3)
    assert pair("conv2d", "output_padding", 0, low=0) == (0, 0)


def test_layouts():
    assert check_layout("conv2d", "NCHW")
    assert not check_layout("conv2d", "NHWC")


def called(size, kernel, **options):
    plain = {"stride": 1, "padding": "VALID", "dilation": 1}
    return geometry("conv2d", size, kernel, **{**plain, **options})


@refused(
    [
        ErrorInput("stride 0", ((4, 4), (2, 2)), {"stride": 0}, OptionError, "stride=0"),
        ErrorInput("float stride", ((4, 4), (2, 2)), {"stride": 1.0}, OptionError, "type float"),
        ErrorInput("bool stride", ((4, 4), (2, 2)), {"stride": True}, OptionError, "type bool"),
        ErrorInput(
            "four strides", ((4, 4), (2, 2)), {"stride": (1, 2, 2, 1)}, OptionError, "batch and"
        ),
        ErrorInput("half stride", ((4, 4), (2, 2)), {"stride": (1, -2)}, OptionError, "=-2"),
        ErrorInput("dilation", ((4, 4), (2, 2)), {"dilation": (1, 0)}, OptionError, "dilation=0"),
        ErrorInput("name", ((4, 4), (2, 2)), {"padding": "same"}, OptionError, "mean 'SAME'"),
        ErrorInput("misspelt", ((4, 4), (2, 2)), {"padding": "SMAE"}, OptionError, "mean 'SAME'"),
        ErrorInput("pad pair", ((4, 4), (2, 2)), {"padding": (1, 2)}, OptionError, "rows, columns"),
        ErrorInput("negative", ((4, 4), (2, 2)), {"padding": -1}, OptionError, "padding=-1"),
        ErrorInput(
            "negative pad", ((4, 4), (2, 2)), {"padding": ((0, -1), (0, 0))}, OptionError, "=-1"
        ),
        ErrorInput("no padding", ((4, 4), (2, 2)), {"padding": None}, OptionError, "None"),
        ErrorInput(
            "too tall", ((4, 4), (5, 2)), {}, ShapeError, "along the rows; needs at least the 5"
        ),
        ErrorInput(
            "too wide", ((4, 4), (2, 3)), {"dilation": (1, 2)}, ShapeError, "along the columns"
        ),
        ErrorInput(
            "not wide enough", ((1, 1), (4, 4)), {"padding": 1}, ShapeError, r"pads \(1, 1\)"
        ),
        ErrorInput("no window", ((4, 4), (0, 2)), {}, ShapeError, "window of 0 cells"),
        ErrorInput("nothing to see", ((0, 4), (1, 1)), {}, ShapeError, "input of 0 cells"),
    ]
)
def test_refuses(case):
    check_refused(called, case)


def transposed(size, kernel, **options):
    plain = {"stride": 1, "padding": "VALID", "dilation": 1}
    return transposed_geometry("t", size, kernel, **{**plain, **options})


@refused(
    [
        ErrorInput(
            "stride", ((4, 4), (2, 2)), {"output_padding": 1}, OptionError, "less than the stride"
        ),
        ErrorInput(
            "one axis",
            ((4, 4), (2, 2)),
            {"output_padding": (1, 2), "stride": 2},
            OptionError,
            "less than",
        ),
        ErrorInput("negative", ((4, 4), (2, 2)), {"output_padding": -1}, OptionError, "at least 0"),
        ErrorInput(
            "same",
            ((4, 4), (2, 2)),
            {"output_padding": 1, "stride": 2, "padding": "SAME"},
            OptionError,
            "beside padding='SAME'",
        ),
        ErrorInput(
            "pads",
            ((4, 4), (2, 2)),
            {"padding": 3},
            ShapeError,
            r"rows, whose pads \(3, 3\) leave 0",
        ),
        ErrorInput("nothing", ((0, 4), (2, 2)), {}, ShapeError, "input of 0 cells"),
        ErrorInput("no window", ((4, 4), (2, 0)), {}, ShapeError, "window of 0 cells"),
        ErrorInput("no window, same", ((4, 4), (2, 0)), {"padding": "SAME"}, ShapeError, "0 cells"),
        ErrorInput("padding", ((4, 4), (2, 2)), {"padding": "FULL"}, OptionError, "FULL"),
    ]
)
def test_transposed_refuses(case):
    check_refused(transposed, case)


def test_refuses_a_layout():
    with pytest.raises(OptionError, match="'CHWN'"):
        check_layout("conv2d", "CHWN")

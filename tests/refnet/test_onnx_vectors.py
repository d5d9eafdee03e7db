"""ONNX's published vectors, through the public API.

The vectors are those of the operators' own tests ("node", which the package's case modules compute
with NumPy from fixed seeds) and the stored models with PyTorch's results ("pytorch-converted",
"pytorch-operator"). What they cannot tell: the order of the LSTM's gates, for its weights are all
alike, and ``lengths``, which are all T. How ONNX's attributes are said here:

=======================  =========================================================================
ONNX                     refnet
=======================  =========================================================================
(N, C, ...)              layout="NCHW" ("NCW"); W of a 1-D transposed convolution or pool: (1, W)
auto_pad                 padding: SAME_UPPER "SAME", VALID "VALID"; SAME_LOWER as explicit pads
pads [b0, b1, e0, e1]    padding=((b0, e0), (b1, e1)), conv1d (b, e)
strides                  stride; pooling: default 1, here the kernel
dilations, group         dilation, groups
output_padding           output_padding; what output_shape has beyond that size is added to it
count_include_pad        count_include_pad
ceil_mode                ceil_mode
epsilon                  eps
momentum, training_mode  momentum with momentum_of="old" and unbiased=False, training
LayerNormalization.axis  axis=tuple(range(axis, x.ndim))
InstanceNormalization    group_norm(groups=C)
W, R (D, gates H, ...)   w_x, w_h: one direction at a time, transposed
B [Wb, Rb]               b = Wb + Rb; gru: b, b_h
gates                    lstm gates="iofg", gru gates="zrn"; P is p.reshape(3, H)
linear_before_reset      reset_after
sequence_lens            lengths
direction                reverse; both: two calls
layout 1                 xs.swapaxes(0, 1)
classes on axis 1        axis=1
reduction                reduction
ignore_index, weights    ignore_index, weight
alpha                    leaky_relu slope, elu alpha, hard_sigmoid slope (beta: offset)
Clip (no end)            identity
PRelu                    prelu, the slopes as they are
Selu (alpha, gamma)      gamma elu(alpha) where they are not the paper's
HardSwish                x hard_sigmoid(x)
Swish                    silu
axes, keepdims           axis, keepdims
Reshape's 0              the length itself
Split                    parts
Gemm                     matmul, multiply, add
OneHot                   one_hot, then off + (on - off) y
Gather                   embedding, for axis 0
starts, ends, axes       slice: starts, stops, entries of None for the axes that are left out
Dropout                  dropout with the mask that the vector holds
Momentum                 optimizers.SGD: alpha momentum, norm_coefficient weight_decay
=======================  =========================================================================
"""

from __future__ import annotations

import importlib
import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import refnet as rn

onnx = pytest.importorskip("onnx", minversion="1.23")  # before, the case modules had other names


class NotExpressibleError(Exception):
    """A node is not to be expressed, or not all of its outputs."""


# ------------------------------------------------------------------------------------------------
# The translations: each takes a node's inputs, None where one is left out, and its attributes as
# keywords, so that an unknown attribute is an error; and returns its outputs.


def spatial(x, size, pads, auto_pad, strides, dilations):
    """Return stride, padding and dilation of two axes; the first is a dummy where there is one."""
    n = len(size)
    strides, dilations = strides or [1] * n, dilations or [1] * n
    if auto_pad in ("SAME_UPPER", "VALID"):
        padding = auto_pad.removesuffix("_UPPER")
    else:
        pads = pads or [0] * 2 * n
        if auto_pad == "SAME_LOWER":
            spans = [(k - 1) * d + 1 for k, d in zip(size, dilations, strict=True)]
            totals = [
                max((-(-length // s) - 1) * s + span - length, 0)
                for length, s, span in zip(x.shape[2:], strides, spans, strict=True)
            ]
            pads = [t - t // 2 for t in totals] + [t // 2 for t in totals]
        padding = ((0, 0),) * (2 - n) + tuple(zip(pads[:n], pads[n:], strict=True))
    flat = (1,) * (2 - n)
    return {
        "stride": flat + tuple(strides),
        "padding": padding,
        "dilation": flat + tuple(dilations),
    }


def two(x):
    """Return (N, C, W) as (N, C, 1, W), and what has two axes as it is."""
    return rn.reshape(x, shape=(*x.shape[:2], 1, x.shape[2])) if x.ndim == 3 else x


def like(y, x):
    return rn.reshape(y, shape=(*y.shape[:2], y.shape[3])) if x.ndim == 3 else y


def conv(
    x, w, b=None, *, auto_pad="NOTSET", pads=None, strides=None, dilations=None, group=1,
    kernel_shape=None,
):  # fmt: skip
    where = spatial(x, w.shape[2:], pads, auto_pad, strides, dilations)
    if x.ndim != 3:
        return rn.conv2d(x, w, b, groups=group, layout="NCHW", **where)
    one = {k: v if isinstance(v, str) else v[1] for k, v in where.items()}
    return rn.conv1d(x, w, b, groups=group, layout="NCW", **one)


def conv_transpose(
    x, w, b=None, *, auto_pad="NOTSET", pads=None, strides=None, dilations=None, group=1,
    kernel_shape=None, output_padding=None, output_shape=None,
):  # fmt: skip
    n = x.ndim - 2
    where = spatial(x, w.shape[2:], pads, auto_pad, strides, dilations)
    extra = (0,) * (2 - n) + tuple(output_padding or [0] * n)
    call = {"groups": group, "layout": "NCHW", **where}
    if output_shape:
        natural = rn.conv2d_transpose.shape(two(x).shape, two(w).shape, None, **call)[2:]
        extra = tuple(out - size for out, size in zip(output_shape, natural, strict=True))
    return like(rn.conv2d_transpose(two(x), two(w), b, output_padding=extra, **call), x)


def pool(op):
    def f(
        x, *, kernel_shape, auto_pad="NOTSET", pads=None, strides=None, dilations=None, ceil_mode=0,
        **options,
    ):  # fmt: skip
        where = spatial(x, kernel_shape, pads, auto_pad, strides, dilations)
        kernel = (1,) * (4 - x.ndim) + tuple(kernel_shape)
        options = {k: bool(v) for k, v in options.items()}
        y = op(two(x), kernel=kernel, ceil_mode=bool(ceil_mode), layout="NCHW", **where, **options)
        return like(y, x)

    return f


def global_pool(op):
    return lambda x: op(x, layout="NCHW", keepdims=True)


def softmax_cross_entropy_loss(x, labels, w=None, *, reduction="mean", ignore_index=None):
    y = rn.softmax_cross_entropy(
        x, labels, reduction=reduction, weight=w, ignore_index=ignore_index, axis=1
    )
    return y, rn.log_softmax(x, axis=1)


def nll_loss(x, labels, w=None, *, reduction="mean", ignore_index=None):
    return rn.nll(x, labels, reduction=reduction, weight=w, ignore_index=ignore_index, axis=1)


def batch_normalization(
    x, s, b, mean, var, *, epsilon=1e-5, momentum=0.9, training_mode=0, is_test=1
):
    return rn.batch_norm(
        x, s, b, mean, var, training=bool(training_mode), momentum=momentum, momentum_of="old",
        unbiased=False, eps=epsilon, layout="NCHW",
    )  # fmt: skip


def layer_normalization(x, s, b=None, *, axis=-1, epsilon=1e-5):
    axes = tuple(range(axis % x.ndim, x.ndim))
    mean = rn.mean(x, axis=axes, keepdims=True)
    var = rn.var(x, axis=axes, keepdims=True)
    deviation = rn.sqrt(rn.affine(var, intercept=epsilon))
    y = rn.layer_norm(x, s, b, axis=axes, eps=epsilon)
    return y, mean, rn.divide(np.ones_like(var), deviation)


def group_normalization(x, s, b, *, num_groups, epsilon=1e-5):
    return rn.group_norm(x, s, b, groups=num_groups, eps=epsilon, layout="NCHW")


def instance_normalization(x, s, b, *, epsilon=1e-5):
    return rn.group_norm(x, s, b, groups=x.shape[1], eps=epsilon, layout="NCHW")


def recurrent(x, states, hidden_size, direction, layout, sequence):
    """Return Y and the last states; ``sequence(i, xs, states, reverse)`` is direction i's call."""
    xs = x.swapaxes(0, 1) if layout else x
    reverses = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[direction]
    results = []
    for i, reverse in enumerate(reverses):
        zeros = np.zeros((xs.shape[1], hidden_size), x.dtype)
        own = [zeros if s is None else s[:, i] if layout else s[i] for s in states]
        results.append(sequence(i, xs, own, reverse))
    hs, *last = (rn.stack(*parts, axis=1) for parts in zip(*results, strict=True))
    return (hs.transpose(2, 0, 1, 3) if layout else hs), *(
        s if layout else s.swapaxes(0, 1) for s in last
    )


def halves(b, i):
    """Return Wb and Rb of direction i."""
    return (None, None) if b is None else rn.split(b[i], parts=2)


def rnn(x, w, r, b=None, n=None, h=None, *, hidden_size, direction="forward", layout=0):
    def sequence(i, xs, own, reverse):
        wb, rb = halves(b, i)
        both = None if b is None else rn.add(wb, rb)
        return rn.rnn(xs, *own, w[i].T, r[i].T, both, lengths=n, reverse=reverse)

    return recurrent(x, [h], hidden_size, direction, layout, sequence)


def lstm(
    x, w, r, b=None, n=None, h=None, c=None, p=None, *, hidden_size, direction="forward", layout=0
):
    def sequence(i, xs, own, reverse):
        wb, rb = halves(b, i)
        both = None if b is None else rn.add(wb, rb)
        peepholes = None if p is None else p[i].reshape(3, hidden_size)
        return rn.lstm(
            xs, *own, w[i].T, r[i].T, both, peepholes, gates="iofg", lengths=n, reverse=reverse
        )

    return recurrent(x, [h, c], hidden_size, direction, layout, sequence)


def gru(
    x, w, r, b=None, n=None, h=None, *, hidden_size, direction="forward", layout=0,
    linear_before_reset=0,
):  # fmt: skip
    def sequence(i, xs, own, reverse):
        return rn.gru(
            xs, *own, w[i].T, r[i].T, *halves(b, i), gates="zrn",
            reset_after=bool(linear_before_reset), lengths=n, reverse=reverse,
        )  # fmt: skip

    return recurrent(x, [h], hidden_size, direction, layout, sequence)


def prelu(x, slope):
    if slope.ndim == 1 and slope.size not in (1, x.shape[-1]):  # before opset 7 on axis 1
        slope = rn.reshape(slope, shape=(-1, *[1] * (x.ndim - 2)))
    return rn.prelu(x, slope)


def selu(x, *, alpha=None, gamma=None):
    if alpha is None and gamma is None:
        return rn.selu(x)
    return rn.affine(rn.elu(x, alpha=alpha), slope=gamma)


def hard_sigmoid(x, *, alpha=0.2, beta=0.5):
    return rn.hard_sigmoid(x, slope=alpha, offset=beta)


def swish(x, *, alpha=1.0):
    return rn.silu(x) if alpha == 1 else rn.multiply(x, rn.sigmoid(rn.affine(x, slope=alpha)))


def clip(x, low=None, high=None, *, min=None, max=None):
    low, high = (low, high) if min is max is None else (min, max)
    if low is high is None:
        return rn.identity(x)
    return rn.clip(
        x, low=None if low is None else float(low), high=None if high is None else float(high)
    )


def power(x, y):
    return rn.power(x, y.astype(x.dtype))


def fold(op):
    def f(x, *others):
        y = rn.identity(x)
        for other in others:
            y = op(y, other)
        return y

    return f


def average(*xs):
    return rn.affine(fold(rn.add)(*xs), slope=1 / len(xs))


def arithmetic(op):
    # broadcast and axis are of opset 6, here always as NumPy broadcasts.
    return lambda x, y, *, broadcast=0, axis=None: op(x, y)


def split(x, sizes=None, *, axis=0, num_outputs, split=None):
    sizes = split if sizes is None else [int(n) for n in sizes]
    if sizes is None and x.shape[axis] % num_outputs:
        n = -(-x.shape[axis] // num_outputs)
        sizes = [n] * (num_outputs - 1) + [x.shape[axis] - n * (num_outputs - 1)]
    return rn.split(x, parts=sizes or num_outputs, axis=axis)


def reshape(x, shape, *, allowzero=0):
    shape = [int(n) for n in shape]
    if not allowzero:
        shape = [n or x.shape[i] for i, n in enumerate(shape)]
    return rn.reshape(x, shape=tuple(shape))


def squeeze(x, *, axes):
    return rn.reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


def unsqueeze(x, *, axes):
    return rn.reshape(x, shape=np.expand_dims(x, tuple(axes)).shape)


def flatten(x, *, axis=1):
    return rn.reshape(x, shape=(int(np.prod(x.shape[:axis])), -1))


def transpose(x, *, perm=None):
    return rn.transpose(x, axes=None if perm is None else tuple(perm))


def pad(x, pads=None, value=None, axes=None, *, mode="constant", **attributes):
    pads = [int(n) for n in (attributes.pop("pads") if pads is None else pads)]
    value = attributes.pop("value", 0) if value is None else value
    assert not attributes
    n = len(pads) // 2
    ends = [(0, 0)] * x.ndim
    for i, axis in enumerate(range(n) if axes is None else axes):
        ends[axis] = (pads[i], pads[n + i])
    return rn.pad(x, pads=tuple(ends), mode=mode, value=float(value))


def slice_(x, starts=None, ends=None, axes=None, steps=None, **attributes):
    starts = attributes.pop("starts") if starts is None else starts
    ends = attributes.pop("ends") if ends is None else ends
    axes = attributes.pop("axes", range(len(starts))) if axes is None else axes
    assert not attributes
    parts = np.full((3, x.ndim), None)
    for i, axis in enumerate(axes):
        parts[:, axis] = starts[i], ends[i], 1 if steps is None else steps[i]
    starts, stops, steps = map(tuple, parts)
    return rn.slice(x, starts=starts, stops=stops, steps=steps)


def reduce(op):
    def f(x, indices=None, *, axes=None, keepdims=1, noop_with_empty_axes=0):
        axes = axes if indices is None else [int(i) for i in indices]
        if not axes and noop_with_empty_axes:
            return rn.identity(x)
        return op(x, axis=tuple(axes) if axes else None, keepdims=bool(keepdims))

    return f


def gemm(a, b, c=None, *, alpha=1.0, beta=1.0, transA=0, transB=0, broadcast=0):  # noqa: N803
    y = rn.matmul(a.T if transA else a, b.T if transB else b)
    y = y if alpha == 1 else rn.affine(y, slope=alpha)
    if c is None:
        return y
    return rn.add(y, c if beta == 1 else rn.affine(c, slope=beta))


def one_hot(indices, depth, values, *, axis=-1):
    y = rn.one_hot(indices.astype(np.int64), classes=int(depth), axis=axis, dtype=values.dtype)
    off, on = values
    return rn.affine(y, slope=float(on - off), intercept=float(off))


def gather(table, ids, *, axis=0):
    if axis != 0:
        raise NotExpressibleError
    rows = rn.reshape(table, shape=(table.shape[0], -1))
    return rn.reshape(rn.embedding(ids, rows), shape=ids.shape + table.shape[1:])


def dropout(x, rate=0.5, training=False, *, seed=None, ratio=None, mask=None):
    rate = float(rate if ratio is None else ratio)
    if not training or rate == 0:
        mask = np.ones(x.shape, bool)
    if mask is None:
        raise NotExpressibleError
    y = rn.dropout(x, mask.astype(x.dtype), rate=rate, training=bool(training))
    return y, mask


def momentum(lr, t, *tensors, alpha, beta, mode, norm_coefficient):
    # At T = 0 ONNX takes the gradient with the factor 1, whatever beta is, into the V it is given.
    opt = rn.optimizers.SGD(
        lr=float(lr), momentum=alpha, weight_decay=norm_coefficient, nesterov=mode == "nesterov"
    )
    xs, grads, buffers = ({str(i): a for i, a in enumerate(part)} for part in thirds(tensors))
    state = opt.init(xs)._replace(step=1, momentum_buffer=buffers)
    new, state = opt.update(xs, grads, state)
    return *new.values(), *state.momentum_buffer.values()


def thirds(tensors):
    n = len(tensors) // 3
    return tensors[:n], tensors[n : 2 * n], tensors[2 * n :]


TRANSLATIONS: dict[str, Any] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": pool(rn.max_pool2d),
    "AveragePool": pool(rn.avg_pool2d),
    "GlobalMaxPool": global_pool(rn.global_max_pool2d),
    "GlobalAveragePool": global_pool(rn.global_avg_pool2d),
    "Softmax": rn.softmax,
    "LogSoftmax": rn.log_softmax,
    "SoftmaxCrossEntropyLoss": softmax_cross_entropy_loss,
    "NegativeLogLikelihoodLoss": nll_loss,
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "GroupNormalization": group_normalization,
    "InstanceNormalization": instance_normalization,
    "RNN": rnn,
    "LSTM": lstm,
    "GRU": gru,
    "Relu": rn.relu,
    "LeakyRelu": lambda x, *, alpha=0.01: rn.leaky_relu(x, slope=alpha),
    "PRelu": prelu,
    "Elu": rn.elu,
    "Selu": selu,
    "Gelu": rn.gelu,
    "Softplus": rn.softplus,
    "Softsign": rn.softsign,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda x: rn.multiply(x, rn.hard_sigmoid(x)),
    "Mish": rn.mish,
    "Swish": swish,
    "Sigmoid": rn.sigmoid,
    "Tanh": rn.tanh,
    "Clip": clip,
    "Exp": rn.exp,
    "Log": rn.log,
    "Sqrt": rn.sqrt,
    "Sin": rn.sin,
    "Cos": rn.cos,
    "Abs": rn.abs,
    "Neg": lambda x: rn.affine(x, slope=-1.0),
    "Add": arithmetic(rn.add),
    "Sub": arithmetic(rn.subtract),
    "Mul": arithmetic(rn.multiply),
    "Div": arithmetic(rn.divide),
    "Pow": power,
    "Max": fold(rn.maximum),
    "Min": fold(rn.minimum),
    "Where": rn.where,
    "Sum": fold(rn.add),
    "Mean": average,
    "Concat": rn.concat,
    "Split": split,
    "Reshape": reshape,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Flatten": flatten,
    "Transpose": transpose,
    "Pad": pad,
    "Slice": slice_,
    "Tile": lambda x, repeats: rn.tile(x, repeats=tuple(repeats.tolist())),
    "ReduceMax": reduce(rn.max),
    "ReduceMin": reduce(rn.min),
    "ReduceMean": reduce(rn.mean),
    "ReduceSum": reduce(rn.sum),
    "Gemm": gemm,
    "MatMul": rn.matmul,
    "OneHot": one_hot,
    "Gather": gather,
    "Dropout": dropout,
    "Momentum": momentum,
    "Constant": lambda *, value: value,
}

# ------------------------------------------------------------------------------------------------
# The vectors.

MODULES = {"SoftmaxCrossEntropyLoss": "softmax_cross_entropy_loss"} | {
    op: op.replace("Normalization", "_normalization").lower()
    for op in ("BatchNormalization", "InstanceNormalization")
}
DATA = Path(onnx.__file__).parent / "backend/test/data"


class Vector(NamedTuple):
    name: str
    graph: Any
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]


@cache
def node_vectors(op):
    """Return the vectors of one operator's own tests."""
    random = np.random.get_state()  # noqa: NPY002
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of onnx's divisions by zero
        package = "onnx.backend.test.case.node"
        importlib.import_module(f"{package}.{MODULES.get(op, op.lower())}")
    np.random.set_state(random)  # noqa: NPY002 - onnx seeds it, in each case
    return [
        Vector(case.name, case.model.graph, *map(list, data))
        for case in importlib.import_module(package)._NodeTestCases
        # The others say the same operator, with the same results, by simpler ones.
        if "_expanded" not in case.name and case.model.graph.node[0].op_type == op
        for data in case.data_sets
    ]


def stored_vectors(kind):
    """Return the vectors of the stored models."""
    return [
        Vector(folder.name, onnx.load(folder / "model.onnx").graph, *map(read, ("input", "output")))
        for folder in sorted((DATA / kind).iterdir())
        for read in [lambda part, folder=folder: tensors(folder / "test_data_set_0", part)]
    ]


def tensors(folder, part):
    paths = (folder / f"{part}_{i}.pb" for i in range(len(os.listdir(folder))))
    return [onnx.numpy_helper.to_array(onnx.load_tensor(path)) for path in paths if path.exists()]


def plain(value):
    """Return an attribute's value, as Python and NumPy have it."""
    if isinstance(value, bytes):
        return value.decode()
    return onnx.numpy_helper.to_array(value) if hasattr(value, "dims") else value


def computed(vector):
    """Return the outputs of the vector's graph, computed by refnet."""
    values = {"": None}
    values |= {t.name: onnx.numpy_helper.to_array(t) for t in vector.graph.initializer}
    names = [i.name for i in vector.graph.input if i.name not in values]
    values |= dict(zip(names, vector.inputs, strict=True))
    for node in vector.graph.node:
        attributes = {a.name: plain(onnx.helper.get_attribute_value(a)) for a in node.attribute}
        if node.op_type not in TRANSLATIONS:
            raise NotExpressibleError
        if node.op_type == "Split":
            attributes.setdefault("num_outputs", len(node.output))
        if node.op_type == "Dropout" and len(node.output) > 1:
            attributes["mask"] = vector.outputs[1]
        result = TRANSLATIONS[node.op_type](*(values[n] for n in node.input), **attributes)
        results = result if isinstance(result, tuple) else (result,)
        if len(results) < len(node.output):
            raise NotExpressibleError
        values |= zip(node.output, results, strict=False)  # some outputs are not asked for
    return [values[o.name] for o in vector.graph.output]


# ------------------------------------------------------------------------------------------------
# What is compared, how closely, and what is not.


def words(text):
    return set(text.split())


# A copy, a choice, or one operation that IEEE 754 rounds correctly.
EXACT = words(
    "Abs Add Clip Concat Constant Div Flatten Gather GlobalMaxPool LeakyRelu Max MaxPool Min Mul "
    "Neg OneHot PRelu Pad ReduceMax ReduceMin Relu Reshape Slice Split Sqrt Squeeze Sub Tile "
    "Transpose Unsqueeze Where"
)
# No term cancels another: the error is relative to each element.
ELEMENTWISE = words("Cos Elu Exp Log Mish Pow Selu Sigmoid Sin Softplus Softsign Swish Tanh")
# The others are compared relative to the largest element of the output. The vectors are float32's,
# from NumPy and from PyTorch, and with what error is not published: 16 u, where the largest
# difference seen is 3.4 u (a convolution), elementwise 7 u (mish).
FACTOR = 16
# This one is written down with four decimals, and so is its input.
ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad": 0.0001}


def prefixed(prefix, names):
    return [prefix + name for name in names.split(" ")]


SMALL = "int8 int16 uint8 uint16 uint32 uint64"
ALL = f"{SMALL} int32 int64"
SPATIAL = "three spatial axes"
INTEGERS = "integers or booleans, which refnet refuses"
NOTHING = "the extremum of nothing, which refnet refuses"
RANGE = "numbers from the end or out of range, which refnet refuses"

# How many vectors of an operator are compared, at least, and which of them are not.
OPERATORS: dict[str, tuple[int, dict[str, list[str]]]] = {
    "Conv": (6, {}),
    "ConvTranspose": (10, {SPATIAL: ["test_convtranspose_3d"]}),
    "MaxPool": (
        12,
        {
            SPATIAL: [
                *prefixed("test_maxpool_3d_", "default dilations dilations_use_ref_impl"),
                "test_maxpool_3d_dilations_use_ref_impl_large",
            ],
            INTEGERS: ["test_maxpool_2d_uint8"],
            "Indices": prefixed("test_maxpool_with_argmax_2d_precomputed_", "pads strides"),
        },
    ),
    "AveragePool": (
        14,
        {
            SPATIAL: [
                *prefixed("test_averagepool_3d_", "default dilations_small"),
                *(
                    f"test_averagepool_3d_dilations_large_count_include_pad_is_{i}_ceil_mode_is_{c}"
                    for i in (0, 1)
                    for c in (True, False)
                ),
            ]
        },
    ),
    "GlobalMaxPool": (2, {}),
    "GlobalAveragePool": (2, {}),
    "Softmax": (7, {}),
    "LogSoftmax": (7, {}),
    "SoftmaxCrossEntropyLoss": (34, {}),
    "NegativeLogLikelihoodLoss": (18, {}),
    "BatchNormalization": (4, {}),
    "LayerNormalization": (19, {}),
    "GroupNormalization": (2, {}),
    "InstanceNormalization": (2, {}),
    "RNN": (6, {}),
    "LSTM": (6, {}),
    "GRU": (6, {}),
    "Relu": (1, {}),
    "LeakyRelu": (3, {}),
    "PRelu": (2, {}),
    "Elu": (3, {}),
    "Selu": (3, {}),
    "Gelu": (4, {}),
    "Softplus": (2, {}),
    "Softsign": (2, {}),
    "HardSigmoid": (3, {}),
    "HardSwish": (1, {}),
    "Mish": (1, {}),
    "Swish": (1, {}),
    "Sigmoid": (2, {}),
    "Tanh": (2, {}),
    "Clip": (
        8,
        {
            INTEGERS: prefixed("test_clip_default_int8_", "min max inbounds"),
            "low above high, which refnet refuses": ["test_clip_min_greater_than_max"],
        },
    ),
    "Exp": (2, {}),
    "Log": (2, {}),
    "Sqrt": (2, {}),
    "Sin": (2, {}),
    "Cos": (2, {}),
    "Abs": (1, {}),
    "Add": (2, {INTEGERS: prefixed("test_add_", SMALL)}),
    "Sub": (3, {INTEGERS: prefixed("test_sub_", SMALL)}),
    "Mul": (3, {INTEGERS: prefixed("test_mul_", SMALL)}),
    "Div": (3, {INTEGERS: prefixed("test_div_", f"{SMALL} int32_trunc")}),
    "Pow": (
        8,
        {
            INTEGERS: prefixed(
                "test_pow_types_", "int64_float32 int32_float32 int64_int64 int32_int32"
            )
        },
    ),
    "Max": (6, {INTEGERS: prefixed("test_max_", ALL)}),
    "Min": (6, {INTEGERS: prefixed("test_min_", ALL)}),
    "Where": (1, {INTEGERS: ["test_where_long_example"]}),
    "Sum": (3, {}),
    "Mean": (3, {}),
    "Concat": (12, {}),
    "Split": (16, {}),
    "Reshape": (10, {}),
    "Transpose": (7, {}),
    "Pad": (3, {INTEGERS: prefixed("test_", "edge_pad reflect_pad wrap_pad")}),
    "Slice": (8, {}),
    "Tile": (2, {}),
    "ReduceMax": (
        8,
        {
            INTEGERS: prefixed("test_reduce_max_", "bool_inputs empty_set_bool"),
            NOTHING: ["test_reduce_max_empty_set"],
        },
    ),
    "ReduceMin": (
        8,
        {
            INTEGERS: ["test_reduce_min_bool_inputs"],
            NOTHING: ["test_reduce_min_empty_set"],
        },
    ),
    "ReduceMean": (8, {}),
    "ReduceSum": (12, {}),
    "Gemm": (11, {}),
    "MatMul": (7, {}),
    "OneHot": (
        3,
        {
            INTEGERS: ["test_onehot_without_axis"],
            RANGE: prefixed("test_onehot_", "negative_indices out_of_range_indices"),
        },
    ),
    "Gather": (
        1,
        {
            RANGE: ["test_gather_negative_indices"],
            "another axis than 0": prefixed("test_gather_", "1 2d_indices"),
        },
    ),
    "Dropout": (
        10,
        {"no mask in the vector": prefixed("test_training_dropout", " _default")},
    ),
    "Momentum": (3, {}),
}
STORED: dict[str, tuple[int, dict[str, list[str]]]] = {
    "pytorch-converted": (
        69,
        {
            SPATIAL: [
                *prefixed("test_AvgPool3d", " _stride _stride1_pad0_gpu_input"),
                *prefixed("test_Conv3d", " _dilated _dilated_strided _groups _no_bias _stride"),
                "test_Conv3d_stride_padding",
                *prefixed("test_MaxPool3d", " _stride _stride_padding"),
            ],
        },
    ),
    "pytorch-operator": (
        34,
        {
            INTEGERS: ["test_operator_non_float_params"],
        },
    ),
}


def difference(vector):
    """Return what is wrong with refnet's outputs for the vector, or None."""
    nan = any(a.dtype.kind == "f" and np.isnan(a).any() for a in vector.outputs)
    with np.errstate(invalid="ignore" if nan else "warn"):  # NumPy says where NaN comes from
        outputs = computed(vector)
    ops = {node.op_type for node in vector.graph.node}
    for got, want in zip(outputs, vector.outputs, strict=True):
        want = np.asarray(want)
        if got.dtype != want.dtype or got.shape != want.shape:
            return f"{got.dtype} {got.shape} for {want.dtype} {want.shape}"
        if ops <= EXACT or want.dtype.kind != "f":
            off = (got != want) & ((got == got) | (want == want))  # but for NaN on both sides
        else:
            size = np.where(np.isfinite(want), np.abs(want), 0)
            size = size if ops <= ELEMENTWISE else size.max(initial=0)
            limit = ROUNDED.get(vector.name, FACTOR * np.finfo(want.dtype).eps / 2 * size)
            off = ~np.isclose(got, want, rtol=0, atol=limit, equal_nan=True)
        if off.any():
            return f"{got[off][:3]} for {want[off][:3]}"
    return None


def check(vectors, least, skipped):
    """Compare all vectors but those skipped, and check that those can indeed not be computed."""
    names = {v.name for v in vectors}
    listed = [name for some in skipped.values() for name in some]
    assert len(listed) == len(set(listed))
    assert set(listed) <= names, "skipped, and no longer published"
    failures = {}
    for vector in vectors:
        if vector.name in listed:
            with pytest.raises((rn.RefnetError, NotExpressibleError)):
                computed(vector)
            continue
        try:
            wrong = difference(vector)
        except Exception as error:
            wrong = repr(error)
        if wrong:
            failures[vector.name] = wrong
    assert failures == {}
    assert len(vectors) - len(listed) >= least


@pytest.mark.parametrize("op", OPERATORS)
def test_vectors_of_an_operator(op):
    check(node_vectors(op), *OPERATORS[op])


@pytest.mark.parametrize("kind", STORED)
def test_stored_vectors(kind):
    check(stored_vectors(kind), *STORED[kind])

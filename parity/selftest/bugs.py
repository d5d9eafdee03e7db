"""The injected bugs: small slips that people make, as data.

Each names a file, a text that occurs in it once, what the text becomes, and the cells that must
notice: `parity run` of that selection has to exit 1 and name the operation.
"""

from __future__ import annotations

from typing import NamedTuple


class Bug(NamedTuple):
    """One slip in one file.

    ``op`` is the operation, optimizer or model that a failing run has to name; the cells that are
    run are its own, or those of ``selector``.
    """

    op: str
    what: str
    file: str
    old: str
    new: str
    selector: str = ""

    @property
    def id(self) -> str:
        """A name for reports and tests."""
        return f"{self.op}: {self.what}"


ARITHMETIC = "refnet/ops/arithmetic.py"
REDUCTION = "refnet/ops/reduction.py"
DENSE = "refnet/ops/dense.py"
MATMUL = "refnet/ops/matmul.py"
SOFTMAX = "refnet/ops/softmax.py"
CROSS = "refnet/losses/softmax_cross_entropy.py"
LABELS = "refnet/losses/class_labels.py"
BINARY = "refnet/losses/binary_cross_entropy.py"
SQUARED = "refnet/losses/mean_squared_error.py"
SGD = "refnet/optimizers/sgd.py"
TORCH = "parity/backends/torch.py"
REFNET = "parity/backends/refnet.py"

BUGS = (
    # A sign.
    Bug("add", "minus for plus", ARITHMETIC, "return a + b", "return a - b"),
    Bug(
        "subtract", "db without its sign", ARITHMETIC, "sum_to(-dy, b.shape)", "sum_to(dy, b.shape)"
    ),
    Bug("relu", "min for max", "refnet/ops/relu.py", "np.maximum(x, 0)", "np.minimum(x, 0)"),
    Bug("sigmoid", "derivative y (1 + y)", "refnet/ops/sigmoid.py", "dx = 1 - y", "dx = 1 + y"),
    Bug("tanh", "derivative 1 + y^2", "refnet/ops/tanh.py", "(1 - y * y)", "(1 + y * y)"),
    Bug("affine", "intercept subtracted", "refnet/ops/affine.py", "* x + float", "* x - float"),
    Bug("identity", "cotangent negated", "refnet/ops/affine.py", "(dy.copy(),)", "(-dy.copy(),)"),
    Bug("nll", "loss negated", "refnet/losses/nll.py", "0 - (total", "0 + (total"),
    Bug("nll", "gradient without its sign", "refnet/losses/nll.py", "g = -dy / t", "g = dy / t"),
    Bug(
        "binary_cross_entropy_with_logits",
        "s + t",
        BINARY,
        "(sigmoid_of(x) - t)",
        "(sigmoid_of(x) + t)",
    ),
    Bug(
        "sgd",
        "ascent",
        SGD,
        "np.asarray(p - self.lr * direction)",
        "np.asarray(p + self.lr * direction)",
    ),
    Bug("sgd", "decay subtracted", SGD, "return g + self", "return g - self"),
    # An operand or a factor.
    Bug("multiply", "db = dy b", ARITHMETIC, "sum_to(dy * a, b.shape)", "sum_to(dy * b, b.shape)"),
    Bug("square", "derivative 0", ARITHMETIC, "(x + x)", "(x - x)"),
    Bug("mean_squared_error", "the 2 forgotten", SQUARED, "(dy + dy)", "dy"),
    Bug("mean_squared_error", "1/m for 1/2m", SQUARED, "return 2 * shape[0]", "return shape[0]"),
    Bug("mean_squared_error", "halves the sum twice", SQUARED, "return 2\n", "return 4\n"),
    Bug(
        "softmax", "y (dy + t)", SOFTMAX, "(dy - np.add.reduce(y * dy", "(dy + np.add.reduce(y * dy"
    ),
    Bug(
        "softmax",
        "diagonal of the Jacobian only",
        SOFTMAX,
        "y * (dy - np.add.reduce(y * dy, axis=axis, keepdims=True))",
        "y * (1 - y) * dy",
    ),
    Bug(
        "log_softmax",
        "exp forgotten in the VJP",
        SOFTMAX,
        "np.exp(y) * np.add.reduce(dy",
        "y * np.add.reduce(dy",
    ),
    Bug(
        "softmax_cross_entropy",
        "p - 2 at the label",
        CROSS,
        "np.expm1(picked)",
        "np.exp(picked) - 2",
    ),
    Bug(
        "softmax_cross_entropy",
        "gradient times the batch",
        CROSS,
        "g = dy / target.total",
        "g = dy * target.total",
    ),
    Bug(
        "softmax_cross_entropy",
        "smoothing without 1 - e",
        CROSS,
        "np.full(labels.size, 1 - smoothing",
        "np.full(labels.size, 1 + smoothing",
    ),
    Bug("binary_cross_entropy", "1 + t", BINARY, "+ (1 - t) * log_q)", "+ (1 + t) * log_q)"),
    Bug(
        "binary_cross_entropy_with_logits",
        "classes swapped",
        BINARY,
        "np.where(right, 1 - t, t)",
        "np.where(right, t, 1 - t)",
    ),
    Bug("dense", "db doubled", DENSE, "ones.fill(1)", "ones.fill(2)"),
    Bug("dense", "bias subtracted", DENSE, "y += b", "y -= b"),
    Bug(
        "dense",
        "a cotangent of no bias",
        DENSE,
        'if b is not None and "b" in wrt',
        'if b is not None or "b" in wrt',
    ),
    Bug(
        "binary_cross_entropy",
        "1 + t where p's limit acts",
        BINARY,
        "np.where(flat_q, 0, 1 - t)",
        "np.where(flat_q, 0, 1 + t)",
    ),
    Bug("bias_add", "bias subtracted", DENSE, "return x + b", "return x - b"),
    Bug(
        "affine",
        "derivative is the intercept",
        "refnet/ops/affine.py",
        "(float(slope) * dy,)",
        "(float(intercept) * dy,)",
    ),
    # An axis or a transpose.
    Bug("matmul", "a untransposed", MATMUL, "a2.swapaxes(-1, -2) @ dy", "a2 @ dy"),
    Bug("dense", "w untransposed", DENSE, "_product(dy, w.T)", "_product(dy, w)"),
    Bug(
        "sum",
        "another axis",
        REDUCTION,
        "return np.asarray(np.sum(x, axis=_axes(axis)",
        "return np.asarray(np.sum(x, axis=0",
    ),
    Bug(
        "softmax",
        "sum over the other axis",
        SOFTMAX,
        "y /= np.add.reduce(y, axis=axis",
        "y /= np.add.reduce(y, axis=axis - 1",
    ),
    Bug(
        "cross_entropy",
        "sum over rows",
        "refnet/losses/cross_entropy.py",
        "rows + eps)), axis=-1)",
        "rows + eps)), axis=0)",
    ),
    Bug(
        "add",
        "a stretched first axis not summed",
        "refnet/broadcasting.py",
        "for i in range(lead, a.ndim)",
        "for i in range(lead + 1, a.ndim)",
    ),
    # N against N - 1.
    Bug(
        "he_normal",
        "fan-in - 1",
        "refnet/initializers/he.py",
        'math.sqrt(2 / fans("he_normal", shape)[0])',
        'math.sqrt(2 / (fans("he_normal", shape)[0] - 1))',
    ),
    Bug(
        "mean",
        "N - 1",
        REDUCTION,
        "np.asarray(total / _per_result(x.shape, axis))",
        "np.asarray(total / (_per_result(x.shape, axis) - 1))",
    ),
    Bug("mean", "derivative times N", REDUCTION, "dy / _per_result", "dy * _per_result"),
    Bug(
        "softmax_cross_entropy",
        "smoothing over C - 1",
        CROSS,
        "q += (smoothing / n)",
        "q += (smoothing / (n - 1))",
    ),
    Bug(
        "nll",
        "mean over rows, not weights",
        LABELS,
        "else np.add.reduce(self.weight)",
        "else len(self.weight)",
    ),
    Bug(
        "cross_entropy",
        "mean over N - 1",
        "refnet/losses/reducing.py",
        "total / elements.size if",
        "total / (elements.size - 1) if",
    ),
    Bug(
        "he_uniform",
        "fan-out for fan-in",
        "refnet/initializers/he.py",
        'fans("he_uniform", shape)[0]',
        'fans("he_uniform", shape)[1]',
    ),
    Bug("he_normal", "sqrt(1 / n)", "refnet/initializers/he.py", "math.sqrt(2 /", "math.sqrt(1 /"),
    Bug(
        "glorot_uniform",
        "sqrt(5 / n)",
        "refnet/initializers/glorot.py",
        "math.sqrt(6 /",
        "math.sqrt(5 /",
    ),
    Bug(
        "glorot_normal",
        "sqrt(3 / n)",
        "refnet/initializers/glorot.py",
        "math.sqrt(2 /",
        "math.sqrt(3 /",
    ),
    Bug(
        "std_normal",
        "variance for deviation",
        "refnet/initializers/normal.py",
        "g * rng",
        "g * g * rng",
    ),
    Bug(
        "truncated_normal",
        "cut on one side",
        "refnet/initializers/normal.py",
        "(z < low) | (z > high)",
        "z > high",
    ),
    # An epsilon moved, a limit lost.
    Bug(
        "cross_entropy",
        "epsilon outside the logarithm",
        "refnet/losses/cross_entropy.py",
        "np.log(target.picked(rows) + eps)",
        "np.log(target.picked(rows)) + eps",
    ),
    Bug(
        "cross_entropy",
        "epsilon lost in the gradient",
        "refnet/losses/cross_entropy.py",
        "-g / (target.picked(rows) + eps)",
        "-g / (target.picked(rows))",
    ),
    Bug(
        "binary_cross_entropy",
        "limit at 0",
        BINARY,
        "np.where(log_p.real <= log_min, log_min, log_p)",
        "np.where(log_p.real <= log_min, 0, log_p)",
    ),
    Bug(
        "binary_cross_entropy",
        "log(1 - p) instead of log1p(-p)",
        BINARY,
        "        return np.log(p), np.log1p(-q)",
        "        return np.log(p), np.log(1 - q)",
    ),
    Bug(
        "binary_cross_entropy",
        "the derivative where the limit acts",
        BINARY,
        "| (log_q.real <= log_min)",
        "",
    ),
    # What only hard inputs show: float32 and centred data would pass.
    Bug(
        "log_softmax",
        "the shift forgotten",
        SOFTMAX,
        "return np.asarray(x - high), axis, back",
        "return np.asarray(x), axis, back",
    ),
    Bug(
        "log_softmax",
        "a maximum below 0 missed",
        SOFTMAX,
        "initial=-np.inf",
        "initial=0",
    ),
    Bug("nll", "ignored labels looked up", LABELS, "np.where(counts, flat, 0)", "flat"),
    Bug(
        "cross_entropy",
        "0 log 0",
        "refnet/losses/cross_entropy.py",
        "np.log(np.where(target == 0, 1, rows + eps))",
        "np.log(rows + eps)",
    ),
    Bug(
        "sigmoid",
        "exp(x) overflows",
        "refnet/ops/sigmoid.py",
        "np.exp(np.negative(z, out=z), out=z)",
        "np.exp(z, out=z)",
    ),
    Bug(
        "relu",
        "gradient 1 at the kink",
        "refnet/ops/relu.py",
        "_zeroed(dy, x <= 0)",
        "_zeroed(dy, x < 0)",
    ),
    Bug("step", "1 at the kink", "refnet/ops/step.py", "np.heaviside(x, 0)", "np.heaviside(x, 1)"),
    Bug(
        "dense",
        "float16 accumulated in float16",
        "refnet/admission.py",
        "return value.astype(FLOAT32)",
        "return value",
    ),
    # The optimizer.
    Bug(
        "sgd",
        "float16 comes back as float32",
        "refnet/optimizers/base.py",
        "r.astype(p.dtype, copy=False)",
        "r",
    ),
    Bug("sgd", "dampening added", SGD, "(1 - self.dampening)", "(1 + self.dampening)"),
    Bug(
        "sgd",
        "first buffer empty",
        SGD,
        "return self._moved(p, g, g)",
        "return self._moved(p, g, 0 * g)",
    ),
    Bug(
        "sgd",
        "Nesterov without the gradient",
        SGD,
        "direction = g + self.momentum * v",
        "direction = self.momentum * v",
    ),
    Bug(
        "sgd",
        "steps not counted",
        SGD,
        "return moved, SGDState(state.step + 1, buffers)",
        "return moved, SGDState(state.step, buffers)",
    ),
    # Networks and training.
    Bug(
        "dfn",
        "another activation",
        "refnet/models/dfn.py",
        'Activation("sigmoid")',
        'Activation("tanh")',
        "dfn/digits-fast",
    ),
    Bug(
        "xor",
        "another loss",
        "refnet/models/xor.py",
        'reduction="half_mean_rows"',
        'reduction="mean"',
        "xor/sources",
    ),
    Bug(
        "xor",
        "a layer's cotangent skipped",
        "refnet/layers/sequential.py",
        "cotangent, grads = layer.vjp(",
        "_, grads = layer.vjp(",
        "xor/sources",
    ),
    # The adapters.
    Bug(
        "dense",
        "the adapter's bias forgotten",
        TORCH,
        "functional.linear(x, w.T, b)",
        "functional.linear(x, w.T)",
    ),
    Bug(
        "cross_entropy",
        "the adapter's mean is a sum",
        TORCH,
        "getattr(elements, reduction)()",
        "elements.sum()",
    ),
    Bug("sum", "the adapter's axis", TORCH, "if axis is None else axis", "if axis is None else -1"),
    Bug(
        "mean_squared_error",
        "the adapter's half",
        TORCH,
        'reduction="sum") / 2\n',
        'reduction="sum")\n',
    ),
    Bug(
        "sgd",
        "the adapter's gradient doubled",
        TORCH,
        "tensor.grad = self._tensor(g[name])",
        "tensor.grad = 2 * self._tensor(g[name])",
    ),
    Bug(
        "xor",
        "the adapter's divisor",
        TORCH,
        "/ (2 * len(y))\n\n        def made",
        "/ len(y)\n\n        def made",
        "xor/sources",
    ),
    Bug(
        "dfn",
        "the adapter's layers share a bias",
        TORCH,
        'tensors[f"fc{i}.b"]',
        'tensors[f"fc{i}.b"] + 1',
        "dfn/digits-fast",
    ),
    Bug(
        "sgd",
        "the adapter's options lost",
        REFNET,
        "opt = rn.optimizers.SGD(**options)",
        'opt = rn.optimizers.SGD(options["lr"])',
    ),
)

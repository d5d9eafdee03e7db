"""Bugs of the activations."""

from __future__ import annotations

from parity.selftest.bug import Bug

LEAKY, ELU, GELU = (f"refnet/ops/{name}.py" for name in ("leaky_relu", "elu", "gelu"))
SILU, MISH, SOFTPLUS = (f"refnet/ops/{name}.py" for name in ("silu", "mish", "softplus"))
SOFTSIGN, HARD_SIGMOID = "refnet/ops/softsign.py", "refnet/ops/hard_sigmoid.py"
HARD_TANH, ERF = "refnet/ops/hard_tanh.py", "refnet/error_function.py"

BUGS = (
    Bug("relu", "min for max", "refnet/ops/relu.py", "np.maximum(x, 0)", "np.minimum(x, 0)"),
    Bug("sigmoid", "derivative y (1 + y)", "refnet/ops/sigmoid.py", "dx = 1 - y", "dx = 1 + y"),
    Bug("tanh", "derivative 1 + y^2", "refnet/ops/tanh.py", "(1 - y * y)", "(1 + y * y)"),
    Bug("affine", "intercept subtracted", "refnet/ops/affine.py", "* x + float", "* x - float"),
    Bug("identity", "cotangent negated", "refnet/ops/affine.py", "(dy.copy(),)", "(-dy.copy(),)"),
    Bug(
        "affine",
        "derivative is the intercept",
        "refnet/ops/affine.py",
        "(float(slope) * dy,)",
        "(float(intercept) * dy,)",
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
        "leaky_relu",
        "slope on the right side",
        LEAKY,
        "np.where(x > 0, 1, np.asarray(slope, x.dtype))",
        "np.where(x < 0, 1, np.asarray(slope, x.dtype))",
    ),
    Bug(
        "leaky_relu",
        "gradient 1 at the kink",
        LEAKY,
        "np.where(x > 0, 1, np.asarray(slope, x.dtype))",
        "np.where(x >= 0, 1, np.asarray(slope, x.dtype))",
    ),
    Bug("prelu", "da sums both sides", LEAKY, "where=~(x > 0))", "where=(x == x))"),
    Bug(
        "prelu",
        "da summed over all channels",
        LEAKY,
        "sum_to(below, slopes)",
        "(sum_to(below, ()) + np.zeros(slopes, x.dtype))",
    ),
    Bug("elu", "exp(x) for exp(x) - 1", ELU, "float(alpha) * np.expm1", "float(alpha) * np.exp"),
    Bug("elu", "no alpha in the VJP", ELU, "float(alpha) * np.exp(", "np.exp("),
    Bug(
        "selu",
        "exp(x) - 1 cancels",
        ELU,
        "product * np.expm1(_below(x))",
        "product * (np.exp(_below(x)) - 1)",
    ),
    Bug("selu", "float32's alpha", ELU, '"1.6732632423543772848170429916717"', '"1.6732632"'),
    Bug(
        "gelu",
        "Phi of x, not of x / sqrt(2)",
        GELU,
        "_cast(0.5, x.real.dtype)",
        "_cast(1, x.real.dtype)",
    ),
    Bug("gelu", "density without its constant", GELU, "_cast(1 / np.sqrt(2 * PI), real)", "1"),
    Bug("gelu", "0.0447 for 0.044715", GELU, '"0.044715"', '"0.0447"'),
    Bug(
        "gelu",
        "forms exchanged",
        GELU,
        'if approximate == "tanh":\n        left, right, _',
        'if approximate != "tanh":\n        left, right, _',
    ),
    Bug("gelu", "step for half the digits", ERF, "(digits + 4) * math", "digits / 2 * math"),
    Bug("gelu", "pole forgotten", ERF, "total -= np.where", "np.where"),
    Bug("silu", "derivative of the sigmoid alone", SILU, "(1 + c * rest)", "rest"),
    Bug("silu", "sigmoid of -x", SILU, "x.real >= 0, 1, h)", "x.real < 0, 1, h)"),
    Bug("mish", "sigmoid for tanh of softplus", MISH, "e, top * e + 2)", "e, top * e + 1)"),
    Bug("mish", "1 - t for 1 - t^2", MISH, "4 * e * np.where", "2 * e * np.where"),
    Bug(
        "softplus", "linear part lost", SOFTPLUS, "np.asarray(linear + ", "np.asarray(0 * linear + "
    ),
    Bug("softplus", "not divided by beta", SOFTPLUS, " / float(beta))\n\n", ")\n\n"),
    Bug("softplus", "overflow", SOFTPLUS, "np.exp(-float(beta) * a)", "np.exp(float(beta) * a)"),
    Bug("softsign", "derivative not squared", SOFTSIGN, "dy / below / below", "dy / below"),
    Bug("hard_sigmoid", "a slope of 1/5", HARD_SIGMOID, "a / 6 if", "a / 5 if"),
    Bug("hard_sigmoid", "gradient beyond the end", HARD_SIGMOID, "(line < 1)", "(line < 2)"),
    Bug("hard_sigmoid", "gradient at the end", HARD_SIGMOID, "(line < 1)", "(line <= 1)"),
    Bug("hard_tanh", "low is -high", HARD_TANH, "float(low) + 0.0, float", "-float(high), float"),
    Bug("hard_tanh", "gradient at the end", HARD_TANH, "(x < float(high))", "(x <= float(high))"),
)

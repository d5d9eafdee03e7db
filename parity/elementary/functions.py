"""The elementary functions and their derivatives, defined in mpmath and nowhere else.

A definition is a function of a context of mpmath, m, and a finite number x. It is the published
formula, written so that nothing cancels that would cost more than a few digits: 1 + erf(x) as
erfc(-x), 1 - sigmoid(x) as 1 / (1 + exp(x)), 1 + tanh(v) as 2 / (1 + exp(-2 v)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, nan
from typing import Any, NamedTuple

Formula = Callable[[Any, Any], Any]


class Function(NamedTuple):
    """A function of one number: its formula, its limits, and its values at zeros that are poles.

    ``ends`` are the values at -inf and inf; ``pole`` those at -0 and 0, if f is infinite there.
    """

    formula: Formula
    ends: tuple[float, float]
    pole: tuple[float, float] | None = None


class Elementary(NamedTuple):
    """An operation with its options, its value, and its derivative.

    At a kink the derivative is a convention, that of parity/cases; at NaN it is none of these.
    """

    op: str
    value: Function
    derivative: Function
    options: Mapping[str, Any] = {}

    @property
    def name(self) -> str:
        """The operation's name with the options that it is given."""
        return " ".join([self.op, *(f"{k}={v}" for k, v in self.options.items())])


def _sigmoid(m: Any, x: Any) -> Any:
    return 1 / (1 + m.exp(-x))


def _selu(m: Any) -> tuple[Any, Any]:
    scale = m.mpf("1.0507009873554804934193349852946")
    return scale, scale * m.mpf("1.6732632423543772848170429916717")


def _phi(m: Any, x: Any) -> Any:
    return m.erfc(-x / m.sqrt(2)) / 2


def _cubic(m: Any, x: Any) -> tuple[Any, Any]:
    """Return v of gelu's approximate form, and its derivative."""
    k, c = m.sqrt(2 / m.pi), m.mpf("0.044715")
    return k * (x + c * x**3), k * (1 + 3 * c * x**2)


def _gelu_tanh_slope(m: Any, x: Any) -> Any:
    v, slope = _cubic(m, x)
    e = m.exp(-2 * abs(v))
    return (e if x < 0 else 1) / (1 + e) + 2 * x * slope * e / (1 + e) ** 2


def _silu_slope(m: Any, x: Any) -> Any:
    return _sigmoid(m, x) * (1 + x / (1 + m.exp(x)))


def _softplus(m: Any, x: Any) -> Any:
    return m.log1p(m.exp(x))


def _mish_slope(m: Any, x: Any) -> Any:
    v = _softplus(m, x)
    return m.tanh(v) + x * m.sech(v) ** 2 * _sigmoid(m, x)


IDENTITY = Function(lambda m, x: x, (-inf, inf))
ZERO = Function(lambda m, x: m.zero, (0, 0))
ONE = Function(lambda m, x: m.one, (1, 1))
COS = Function(lambda m, x: m.cos(x), (nan, nan))
EXP = Function(lambda m, x: m.exp(x), (0, inf))
STEP = Function(lambda m, x: m.mpf(x > 0), (0, 1))
SIGMOID = Function(_sigmoid, (0, 1))

_EVERY = (
    Elementary(
        "abs",
        Function(lambda m, x: abs(x), (inf, inf)),
        Function(lambda m, x: m.sign(x), (-1, 1)),
    ),
    Elementary(
        "affine",
        Function(lambda m, x: m.mpf(-2) * x + m.mpf(0.3125), (inf, -inf)),
        Function(lambda m, x: m.mpf(-2), (-2, -2)),
        {"slope": -2.0, "intercept": 0.3125},
    ),
    Elementary(
        "clip",
        Function(lambda m, x: min(max(x, m.mpf(-0.75)), m.mpf(0.5)), (-0.75, 0.5)),
        Function(lambda m, x: m.mpf(-0.75 <= x <= 0.5), (0, 0)),
        {"low": -0.75, "high": 0.5},
    ),
    Elementary(
        "elu",
        Function(lambda m, x: x if x > 0 else m.expm1(x), (-1, inf)),
        Function(lambda m, x: m.one if x > 0 else m.exp(x), (0, 1)),
    ),
    # There is no limit at infinity: NaN.
    Elementary("cos", COS, Function(lambda m, x: -m.sin(x), (nan, nan))),
    Elementary("exp", EXP, EXP),
    Elementary(
        "gelu",
        Function(lambda m, x: x * _phi(m, x), (0, inf)),
        Function(lambda m, x: _phi(m, x) + x * m.npdf(x), (0, 1)),
    ),
    Elementary(
        "gelu",
        Function(lambda m, x: x / (1 + m.exp(-2 * _cubic(m, x)[0])), (0, inf)),
        Function(_gelu_tanh_slope, (0, 1)),
        {"approximate": "tanh"},
    ),
    Elementary(
        "hard_sigmoid",
        Function(lambda m, x: min(max(x / 6 + m.mpf(0.5), m.zero), m.one), (0, 1)),
        Function(lambda m, x: m.mpf(-3 < x < 3) / 6, (0, 0)),
    ),
    Elementary(
        "hard_tanh",
        Function(lambda m, x: min(max(x, -m.one), m.one), (-1, 1)),
        Function(lambda m, x: m.mpf(-1 < x < 1), (0, 0)),
    ),
    Elementary(
        "hard_tanh",
        Function(lambda m, x: min(max(x, m.zero), m.mpf(6)), (0, 6)),
        Function(lambda m, x: m.mpf(0 < x < 6), (0, 0)),
        {"low": 0.0, "high": 6.0},
    ),
    Elementary("identity", IDENTITY, ONE),
    Elementary(
        "leaky_relu",
        Function(lambda m, x: x if x > 0 else m.mpf(0.01) * x, (-inf, inf)),
        Function(lambda m, x: m.one if x > 0 else m.mpf(0.01), (0.01, 1)),
    ),
    Elementary(
        "log",
        Function(lambda m, x: m.log(x) if x > 0 else m.nan, (nan, inf), (-inf, -inf)),
        # Left of 0 too, where the logarithm is NaN.
        Function(lambda m, x: 1 / x, (0, 0), (-inf, inf)),
    ),
    Elementary(
        "mish",
        Function(lambda m, x: x * m.tanh(_softplus(m, x)), (0, inf)),
        Function(_mish_slope, (0, 1)),
    ),
    Elementary("relu", Function(lambda m, x: max(x, m.zero), (0, inf)), STEP),
    Elementary(
        "selu",
        Function(
            lambda m, x: _selu(m)[0] * x if x > 0 else _selu(m)[1] * m.expm1(x),
            (-1.7580993408473768, inf),
        ),
        Function(
            lambda m, x: _selu(m)[0] if x > 0 else _selu(m)[1] * m.exp(x),
            (0, 1.0507009873554805),
        ),
    ),
    Elementary(
        "sigmoid",
        SIGMOID,
        Function(lambda m, x: (m.sech(x / 2) / 2) ** 2, (0, 0)),
    ),
    Elementary(
        "silu",
        Function(lambda m, x: x * _sigmoid(m, x), (0, inf)),
        Function(_silu_slope, (0, 1)),
    ),
    Elementary("sin", Function(lambda m, x: m.sin(x), (nan, nan)), COS),
    Elementary("softplus", Function(_softplus, (0, inf)), SIGMOID),
    Elementary(
        "softsign",
        Function(lambda m, x: x / (1 + abs(x)), (-1, 1)),
        Function(lambda m, x: 1 / (1 + abs(x)) ** 2, (0, 0)),
    ),
    Elementary(
        "sqrt",
        Function(lambda m, x: m.sqrt(x) if x >= 0 else m.nan, (nan, inf)),
        Function(lambda m, x: 1 / (2 * m.sqrt(x)) if x > 0 else m.nan, (nan, 0), (-inf, inf)),
    ),
    Elementary(
        "square",
        Function(lambda m, x: x * x, (inf, inf)),
        Function(lambda m, x: 2 * x, (-inf, inf)),
    ),
    Elementary("step", STEP, ZERO),
    Elementary(
        "tanh",
        Function(lambda m, x: m.tanh(x), (-1, 1)),
        Function(lambda m, x: m.sech(x) ** 2, (0, 0)),
    ),
)

FUNCTIONS: Mapping[str, Elementary] = {f.name: f for f in _EVERY}

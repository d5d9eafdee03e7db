"""Bugs of elementary functions, quotients and powers."""

from __future__ import annotations

from parity.selftest.bug import Bug

ABS = "refnet/ops/abs.py"
ELEMENTARY = "refnet/ops/elementary.py"
DIVIDE = "refnet/ops/divide.py"
POWER = "refnet/ops/power.py"

BUGS = (
    Bug("abs", "another function", "x itself", ABS, "np.asarray(np.abs(x))", "x.copy()"),
    Bug(
        "abs",
        "wrong kink",
        "gradient 1 at the kink",
        ABS,
        "np.sign(x)",
        "np.where(x == 0, 1, np.sign(x))",
    ),
    Bug("abs", "wrong kink", "the sign of the bit", ABS, "np.sign(x)", "np.copysign(1, x)"),
    Bug("exp", "wrong operand", "derivative x", ELEMENTARY, "return (dy * y,)", "return (dy * x,)"),
    Bug("log", "another function", "logarithm to base 2", ELEMENTARY, "np.log(x)", "np.log2(x)"),
    Bug("log", "wrong operand", "derivative x", ELEMENTARY, "return (dy / x,)", "return (dy * x,)"),
    Bug("sqrt", "wrong operand", "derivative 1 / y", ELEMENTARY, "dy / (y + y)", "dy / y"),
    Bug(
        "sin",
        "another function",
        "cosine",
        ELEMENTARY,
        "np.asarray(np.sin(x))",
        "np.asarray(np.cos(x))",
    ),
    Bug(
        "sin",
        "wrong sign",
        "derivative with a minus",
        ELEMENTARY,
        "(dy * np.cos(x),)",
        "(-dy * np.cos(x),)",
    ),
    Bug(
        "sin",
        "too few digits",
        "reduced by a rounded pi",
        ELEMENTARY,
        "np.asarray(np.sin(x))",
        "np.asarray(np.sin(np.remainder(x, 2 * np.pi)))",
    ),
    Bug(
        "cos",
        "wrong sign",
        "derivative sin(x)",
        ELEMENTARY,
        "(-dy * np.sin(x),)",
        "(dy * np.sin(x),)",
    ),
    Bug(
        "cos",
        "another function",
        "degrees",
        ELEMENTARY,
        "np.asarray(np.cos(x))",
        "np.asarray(np.cos(np.radians(x)))",
    ),
    Bug("divide", "wrong sign", "db without its sign", DIVIDE, "-dy * (y / b)", "dy * (y / b)"),
    Bug(
        "divide",
        "overflow on the way",
        "b^2 overflows",
        DIVIDE,
        "-dy * (y / b)",
        "-dy * (a / (b * b))",
    ),
    Bug("power", "wrong operand", "b a^b", POWER, "np.where(b == 0, 1, b) - 1", "b"),
    Bug("power", "NaN out of nothing", "NaN at 0^0", POWER, "np.where(b == 0, 1, b) - 1", "b - 1"),
    Bug(
        "power",
        "NaN out of nothing",
        "log(0)",
        POWER,
        "np.where((a == 0) & (b.real >= 0), 0, log)",
        "log",
    ),
    Bug(
        "exp",
        "another function",
        "2^x",
        ELEMENTARY,
        "np.asarray(np.exp(x))",
        "np.asarray(np.exp2(x))",
    ),
    Bug(
        "sqrt",
        "too few digits",
        "by the logarithm",
        ELEMENTARY,
        "np.asarray(np.sqrt(x))",
        "np.asarray(np.exp(np.log(x) / 2))",
    ),
    Bug(
        "divide",
        "wrong operand",
        "da by y",
        DIVIDE,
        "sum_to(dy / b, a.shape)",
        "sum_to(dy * y, a.shape)",
    ),
)

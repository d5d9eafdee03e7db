"""Bugs of elementary functions, quotients and powers."""

from __future__ import annotations

from parity.selftest.bug import Bug

ABS = "refnet/ops/abs.py"
ELEMENTARY = "refnet/ops/elementary.py"
DIVIDE = "refnet/ops/divide.py"
POWER = "refnet/ops/power.py"

BUGS = (
    Bug("abs", "x itself", ABS, "np.asarray(np.abs(x))", "x.copy()"),
    Bug("abs", "gradient 1 at the kink", ABS, "np.sign(x)", "np.where(x == 0, 1, np.sign(x))"),
    Bug("abs", "the sign of the bit", ABS, "np.sign(x)", "np.copysign(1, x)"),
    Bug("exp", "derivative x", ELEMENTARY, "return (dy * y,)", "return (dy * x,)"),
    Bug("log", "logarithm to base 2", ELEMENTARY, "np.log(x)", "np.log2(x)"),
    Bug("log", "derivative x", ELEMENTARY, "return (dy / x,)", "return (dy * x,)"),
    Bug("sqrt", "derivative 1 / y", ELEMENTARY, "dy / (y + y)", "dy / y"),
    Bug("sin", "cosine", ELEMENTARY, "np.asarray(np.sin(x))", "np.asarray(np.cos(x))"),
    Bug("sin", "derivative with a minus", ELEMENTARY, "(dy * np.cos(x),)", "(-dy * np.cos(x),)"),
    Bug(
        "sin",
        "reduced by a rounded pi",
        ELEMENTARY,
        "np.asarray(np.sin(x))",
        "np.asarray(np.sin(np.remainder(x, 2 * np.pi)))",
    ),
    Bug("cos", "derivative sin(x)", ELEMENTARY, "(-dy * np.sin(x),)", "(dy * np.sin(x),)"),
    Bug(
        "cos",
        "degrees",
        ELEMENTARY,
        "np.asarray(np.cos(x))",
        "np.asarray(np.cos(np.radians(x)))",
    ),
    Bug("divide", "db without its sign", DIVIDE, "-dy * (y / b)", "dy * (y / b)"),
    Bug("divide", "b^2 overflows", DIVIDE, "-dy * (y / b)", "-dy * (a / (b * b))"),
    Bug("power", "b a^b", POWER, "np.where(b == 0, 1, b) - 1", "b"),
    Bug("power", "NaN at 0^0", POWER, "np.where(b == 0, 1, b) - 1", "b - 1"),
    Bug("power", "log(0)", POWER, "np.where((a == 0) & (b.real >= 0), 0, log)", "log"),
)

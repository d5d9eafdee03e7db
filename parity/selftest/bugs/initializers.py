"""Bugs of the initializers."""

from __future__ import annotations

from parity.selftest.bug import Bug

BUGS = (
    Bug(
        "he_normal",
        "N - 1",
        "fan-in - 1",
        "refnet/initializers/he.py",
        'math.sqrt(2 / fans("he_normal", shape)[0])',
        'math.sqrt(2 / (fans("he_normal", shape)[0] - 1))',
    ),
    Bug(
        "he_uniform",
        "wrong fan",
        "fan-out for fan-in",
        "refnet/initializers/he.py",
        'fans("he_uniform", shape)[0]',
        'fans("he_uniform", shape)[1]',
    ),
    Bug(
        "he_normal",
        "wrong scaling",
        "sqrt(1 / n)",
        "refnet/initializers/he.py",
        "math.sqrt(2 /",
        "math.sqrt(1 /",
    ),
    Bug(
        "glorot_uniform",
        "wrong scaling",
        "sqrt(5 / n)",
        "refnet/initializers/glorot.py",
        "math.sqrt(6 /",
        "math.sqrt(5 /",
    ),
    Bug(
        "glorot_normal",
        "wrong scaling",
        "sqrt(3 / n)",
        "refnet/initializers/glorot.py",
        "math.sqrt(2 /",
        "math.sqrt(3 /",
    ),
    Bug(
        "std_normal",
        "wrong scaling",
        "variance for deviation",
        "refnet/initializers/normal.py",
        "g * rng",
        "g * g * rng",
    ),
    Bug(
        "truncated_normal",
        "one end lost",
        "cut on one side",
        "refnet/initializers/normal.py",
        "(z < low) | (z > high)",
        "z > high",
    ),
    Bug(
        "he_uniform",
        "wrong constant",
        "sqrt(3 / n)",
        "refnet/initializers/he.py",
        "math.sqrt(6 /",
        "math.sqrt(3 /",
    ),
    Bug(
        "glorot_normal",
        "wrong fan",
        "fan-in alone",
        "refnet/initializers/glorot.py",
        'sum(fans("glorot_normal", shape))',
        '(2 * fans("glorot_normal", shape)[0])',
    ),
    Bug(
        "truncated_normal",
        "wrong operand",
        "mean and deviation exchanged",
        "refnet/initializers/normal.py",
        "centre + scale * z",
        "scale + centre * z",
    ),
    Bug(
        "constant",
        "wrong constant",
        "1 more",
        "refnet/initializers/constant.py",
        "np.full(shape, v)",
        "np.full(shape, v + 1)",
    ),
    Bug(
        "zeros",
        "wrong constant",
        "ones",
        "refnet/initializers/constant.py",
        "np.zeros(shape)",
        "np.ones(shape)",
    ),
)

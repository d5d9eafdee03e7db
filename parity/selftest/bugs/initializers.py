"""Bugs of the initializers."""

from __future__ import annotations

from parity.selftest.bug import Bug

BUGS = (
    Bug(
        "he_normal",
        "fan-in - 1",
        "refnet/initializers/he.py",
        'math.sqrt(2 / fans("he_normal", shape)[0])',
        'math.sqrt(2 / (fans("he_normal", shape)[0] - 1))',
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
)

"""The stated distributions, against integrals by mpmath; and that wrong samples are noticed."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from parity.bounds.initializers import DELTA, Distribution, Z, distribution, shares

SHAPE = (60, 40)
CASES = [
    ("std_normal", {"gain": 0.3}),
    ("he_normal", {}),
    ("glorot_normal", {}),
    ("he_uniform", {}),
    ("glorot_uniform", {}),
    ("truncated_normal", {"mean": 0.5, "std": 2.0, "lower": -1.0, "upper": 2.5}),
    ("truncated_normal", {}),
]


def density(name, options, d):
    if "uniform" in name:
        return lambda x: 1 / (d.high - d.low)
    if name == "truncated_normal":
        mean, std = options.get("mean", 0), options.get("std", 1)
        mass = mpmath.ncdf((d.high - mean) / std) - mpmath.ncdf((d.low - mean) / std)
        return lambda x: mpmath.npdf(x, mean, std) / mass
    return lambda x: mpmath.npdf(x, d.mean, d.std)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_moments_and_distribution_function_by_integration(name, options):
    d = distribution(name, SHAPE, options)
    low, high = (mpmath.mpf(v) for v in (d.low, d.high))
    if not math.isfinite(d.low):
        low, high = (mpmath.mpf(d.mean + k * 40 * d.std) for k in (-1, 1))
    points = mpmath.linspace(low, high, 21)
    p = density(name, options, d)
    mean = mpmath.quad(lambda x: x * p(x), points)
    second, fourth = (mpmath.quad(lambda x, k=k: (x - mean) ** k * p(x), points) for k in (2, 4))
    assert float(mean) == pytest.approx(d.mean, abs=1e-12)
    assert float(mpmath.sqrt(second)) == pytest.approx(d.std, rel=1e-12)
    assert float(fourth / second**2) == pytest.approx(d.kurtosis, rel=1e-9)
    middle = d.mean + 0.3 * d.std
    share = mpmath.quad(p, [*[v for v in points if v < middle], middle])
    assert float(d.cdf(np.array([middle]))[0]) == pytest.approx(float(share), rel=1e-9)


def test_the_quantile_is_that_of_delta():
    assert math.erfc(Z / math.sqrt(2)) == pytest.approx(DELTA, rel=1e-3)


def test_constants_have_no_distribution():
    assert distribution("zeros", (2, 3), {}) is None
    assert distribution("constant", (2, 3), {"value": 2.0}) is None


@pytest.mark.parametrize("seed", range(5))
def test_correct_samples_are_inside(seed):
    d = Distribution(0.0, 1.0, 3.0, -math.inf, math.inf, distribution("std_normal", SHAPE, {}).cdf)
    found = shares(np.random.default_rng(seed).standard_normal(100_000), d, 2.0**-53)
    assert max(found.shares.values()) < 1


@pytest.mark.parametrize(
    ("wrong", "noticed"),
    [
        (lambda x: x + 0.03, "mean"),
        (lambda x: 1.05 * x, "variance"),
        (lambda x: np.where(x > 0, 1.0, -1.0), "distribution"),
        (lambda x: np.append(x[1:], 9.0), None),  # one odd value is no evidence in the tails
    ],
)
def test_wrong_samples_are_noticed(wrong, noticed):
    d = distribution("std_normal", SHAPE, {})
    x = np.random.default_rng(0).standard_normal(100_000)
    found = shares(wrong(x), d, 2.0**-53).shares
    above = [name for name, share in found.items() if share > 1]
    assert (noticed in above) if noticed else not above


@pytest.mark.parametrize("n", [1000])
def test_values_outside_the_support_are_noticed(n):
    d = distribution("he_uniform", (6, 5), {})
    x = np.random.default_rng(0).uniform(-1, 1, n)
    assert shares(x, d, 2.0**-24).shares["support"] <= 1
    x[17] = 1.0001
    assert shares(x, d, 2.0**-24).shares["support"] == math.inf
    half = np.random.default_rng(0).uniform(-0.9, 0.9, 100_000)
    assert shares(half, d, 2.0**-24).shares["support"] > 1

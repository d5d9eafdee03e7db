"""Bounds of initial values: what a sample of the stated distribution may show.

Generators differ, so samples are compared with the formula, not with one another. A correct sample
of n values passes each check but for a chance of DELTA:

- its mean is within z sigma / sqrt(n) of the mean, and its second central moment within
  z sigma^2 sqrt((k - 1) / n) of the variance, k the kurtosis and z the two-sided normal quantile of
  DELTA (central limit theorem; n is 100,000 or so);
- its distribution function is within sqrt(log(2 / DELTA) / 2n) of the formula's everywhere
  (Dvoretzky, Kiefer & Wolfowitz 1956 with Massart's constant, 1990);
- no value is outside the support, and the extreme ones leave at most log(1 / DELTA) / n of the
  probability beyond them, since (1 - e)^n <= exp(-e n).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.errors import CaseError

Array = NDArray[Any]

DELTA = 1e-9
# Two-sided quantile of N(0, 1): erfc(Z / sqrt 2) = DELTA, to the digits given.
Z = 6.1094


class Distribution(NamedTuple):
    """Mean, standard deviation, kurtosis, support and distribution function."""

    mean: float
    std: float
    kurtosis: float
    low: float
    high: float
    cdf: Callable[[Array], Array]


class Shares(NamedTuple):
    """How much of each limit a sample uses, and the largest difference of a moment."""

    shares: dict[str, float]
    gap: float


def distribution(
    name: str, shape: tuple[int, ...], options: Mapping[str, Any]
) -> Distribution | None:
    """Return the distribution that an initializer draws from; None if it is constant."""
    field = math.prod(shape[:-2])
    fan_in, fan_out = field * shape[-2], field * shape[-1]
    match name:
        case "std_normal":
            return _normal(0.0, options.get("gain", 1.0))
        case "he_normal":
            return _normal(0.0, math.sqrt(2 / fan_in))
        case "glorot_normal":
            return _normal(0.0, math.sqrt(2 / (fan_in + fan_out)))
        case "he_uniform":
            return _uniform(math.sqrt(6 / fan_in))
        case "glorot_uniform":
            return _uniform(math.sqrt(6 / (fan_in + fan_out)))
        case "truncated_normal":
            return _truncated(**options)
        case "zeros" | "constant":
            return None
        case _:
            raise CaseError(
                "bound",
                got=f"the initializer {name!r} without a distribution",
                needs="a case of parity.bounds.initializers.distribution",
                cause="CONTRIBUTING.md says how to add one.",
            )


def shares(sample: Array, d: Distribution, u: float) -> Shares:
    """Return how much of each limit a sample uses; u is the roundoff of its dtype."""
    x = np.sort(sample.astype(np.float64).ravel())
    n = x.size
    mean = float(x.mean())
    variance = float(((x - mean) ** 2).mean())
    f = d.cdf(x)
    steps = np.arange(n + 1) / n
    distance = float(max((steps[1:] - f).max(), (f - steps[:-1]).max()))
    beyond = float(max(f[0], 1 - f[-1]))
    mean_gap, variance_gap = abs(mean - d.mean), abs(variance - d.std**2)
    found = {
        "mean": mean_gap / (Z * d.std / math.sqrt(n)),
        "variance": variance_gap / (Z * d.std**2 * math.sqrt((d.kurtosis - 1) / n)),
        "distribution": distance / math.sqrt(math.log(2 / DELTA) / (2 * n)),
        "support": beyond / (math.log(1 / DELTA) / n),
    }
    slack = 2 * u * max(abs(d.low), abs(d.high)) if math.isfinite(d.low) else 0.0
    if x[0] < d.low - slack or x[-1] > d.high + slack:
        found["support"] = math.inf
    return Shares(found, max(mean_gap, abs(math.sqrt(variance) - d.std)))


def _phi(z: Array) -> Array:
    values = [0.5 * math.erfc(-v / math.sqrt(2)) for v in np.asarray(z).ravel()]
    return np.array(values).reshape(np.shape(z))


def _normal(mean: float, std: float) -> Distribution:
    return Distribution(mean, std, 3.0, -math.inf, math.inf, lambda x: _phi((x - mean) / std))


def _uniform(b: float) -> Distribution:
    return Distribution(
        0.0, b / math.sqrt(3), 1.8, -b, b, lambda x: np.clip((x + b) / (2 * b), 0, 1)
    )


def _truncated(
    mean: float = 0.0, std: float = 1.0, lower: float = -2.0, upper: float = 2.0
) -> Distribution:
    """Return N(mean, std^2) cut at lower and upper standard deviations.

    Moments of the standard one by M_k = (k - 1) M_{k-2} - [z^{k-1} density] / mass, integrating by
    parts.
    """
    low, high = (float(_phi(np.array(v))) for v in (lower, upper))
    mass = high - low

    def edge(k: int) -> float:
        def density(z: float) -> float:
            return z**k * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        return (density(upper) - density(lower)) / mass

    m1 = -edge(0)
    m2 = 1 - edge(1)
    m3 = 2 * m1 - edge(2)
    m4 = 3 * m2 - edge(3)
    variance = m2 - m1**2
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return Distribution(
        mean + std * m1,
        std * math.sqrt(variance),
        fourth / variance**2,
        mean + std * lower,
        mean + std * upper,
        lambda x: np.clip((_phi((x - mean) / std) - low) / mass, 0, 1),
    )

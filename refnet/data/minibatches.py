"""Minibatches from an explicit generator."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from refnet import checks
from refnet.arrays import Array


def minibatches(
    n: int, batch_size: int, *, rng: np.random.Generator | None, drop_last: bool = False
) -> Iterator[Array]:
    """Yield index arrays that cover 0 to n - 1 once: one epoch.

    Parameters
    ----------
    n : int
        Number of samples, at least 0.
    batch_size : int
        Samples per batch, at least 1; the last batch holds the rest.
    rng : numpy.random.Generator or None
        Shuffles the samples; None keeps their order.
    drop_last : bool
        Leave out a last batch that is not full.

    Raises
    ------
    OptionError
        If n or batch_size is no integer or too small, or drop_last no bool.
    DtypeError
        If rng is neither None nor a generator.

    Examples
    --------
    >>> [index.tolist() for index in minibatches(5, 2, rng=None)]
    [[0, 1], [2, 3], [4]]
    """
    total = checks.count("minibatches", "n", n)
    size = checks.count("minibatches", "batch_size", batch_size, low=1)
    dropped = checks.flag("minibatches", "drop_last", drop_last)
    if rng is not None:
        checks.generator("minibatches", rng)
    order = np.arange(total) if rng is None else rng.permutation(total)
    return (
        order[start : start + size]
        for start in range(0, total, size)
        if not (dropped and start + size > total)
    )

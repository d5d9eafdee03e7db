from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError


@given(st.integers(0, 50), st.integers(1, 60), st.booleans(), st.booleans())
def test_every_sample_once(n, size, shuffled, drop_last):
    rng = np.random.default_rng(0) if shuffled else None
    batches = list(rn.data.minibatches(n, size, rng=rng, drop_last=drop_last))
    seen = np.concatenate([[], *batches])
    full = n // size * size
    assert len(seen) == len(set(seen)) == (full if drop_last else n)
    assert set(seen) <= set(range(n))
    assert all(len(b) == size for b in batches[:-1])
    if not shuffled:
        assert seen.tolist() == sorted(seen)


def test_the_generator_decides():
    def order(seed):
        return np.concatenate(list(rn.data.minibatches(20, 6, rng=np.random.default_rng(seed))))

    np.testing.assert_array_equal(order(1), order(1))
    assert order(1).tolist() != order(2).tolist()


def test_refuses_before_the_first_batch():
    rng = np.random.default_rng(0)
    for n, size in ((-1, 2), (5, 0), (5, -2), (5.0, 2), (True, 2), (5, True)):
        with pytest.raises(OptionError, match="minibatches"):
            rn.data.minibatches(n, size, rng=rng)
    with pytest.raises(OptionError, match="drop_last"):
        rn.data.minibatches(5, 2, rng=rng, drop_last=1)
    with pytest.raises(DtypeError, match="default_rng"):
        rn.data.minibatches(5, 2, rng=7)

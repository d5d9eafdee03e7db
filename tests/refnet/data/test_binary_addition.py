from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet.data import binary_addition, from_bits, to_bits
from tests.error_inputs import ErrorInput, check_refused, refused


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_sums(make):
    x, t = binary_addition(50, rng=make(3), bits=6, dtype=np.float32)
    assert (x.shape, t.shape) == ((50, 6, 2), (50, 6))
    assert x.dtype == t.dtype == np.float32
    assert set(np.unique(x)) == {0, 1}
    a, b = from_bits(x[..., 0]), from_bits(x[..., 1])
    np.testing.assert_array_equal(a + b, from_bits(t))
    assert max(a.max(), b.max()) < 32
    assert len(np.unique(a)) > 20
    again = binary_addition(50, rng=make(3), bits=6, dtype=np.float32)
    np.testing.assert_array_equal(again.x, x)


def test_the_older_generator_draws_a_number_at_a_time():
    x, _ = binary_addition(20, rng=np.random.RandomState(1))
    r = np.random.RandomState(1)
    for sample in x:
        assert from_bits(sample[:, 0]) == r.randint(0, 128)
        assert from_bits(sample[:, 1]) == r.randint(0, 128)


@given(st.integers(2, 62), st.data())
def test_bits_there_and_back(bits, data):
    numbers = data.draw(st.lists(st.integers(0, 2**bits - 1), max_size=5))
    found = to_bits(np.array(numbers, np.int64), bits=bits)
    assert found.shape == (len(numbers), bits)
    np.testing.assert_array_equal(from_bits(found), numbers)
    for n, row in zip(numbers, found, strict=True):
        assert sum(int(b) << i for i, b in enumerate(row)) == n


def test_no_samples():
    x, t = binary_addition(0, rng=np.random.default_rng(0))
    assert (x.shape, t.shape) == ((0, 8, 2), (0, 8))


RNG = np.random.default_rng(0)
ERRORS = [
    ErrorInput("negative", (-1,), {"rng": RNG}, rn.OptionError, "n=-1"),
    ErrorInput("one bit", (1,), {"rng": RNG, "bits": 1}, rn.OptionError, "bits=1"),
    ErrorInput("too many bits", (1,), {"rng": RNG, "bits": 63}, rn.OptionError, "int64"),
    ErrorInput("seed", (1,), {"rng": 3}, rn.DtypeError, "rng of type int"),
    ErrorInput("integers", (1,), {"rng": RNG, "dtype": int}, rn.DtypeError, "int"),
]


@refused(ERRORS)
def test_refused(case):
    check_refused(binary_addition, case)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_bits_of_any_integers(dtype):
    np.testing.assert_array_equal(to_bits(dtype(77)), [1, 0, 1, 1, 0, 0, 1, 0])


def test_bits_refuse():
    with pytest.raises(rn.DomainError, match="256 at position"):
        to_bits([3, 256])
    with pytest.raises(rn.DomainError, match="-1"):
        to_bits(-1)
    with pytest.raises(rn.DtypeError, match="integers"):
        to_bits([1.0])
    with pytest.raises(rn.DomainError, match=r"NaN at position \(1,\)"):
        from_bits([1.0, np.nan])
    with pytest.raises(rn.ShapeError, match="62"):
        from_bits(np.zeros(63))
    with pytest.raises(rn.ShapeError, match="B"):
        from_bits(1.0)

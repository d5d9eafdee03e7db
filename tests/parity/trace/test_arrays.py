from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from parity.errors import UnrecordableError
from parity.trace.arrays import DTYPES, as_plain, to_bytes
from refnet import DtypeError, ShapeError

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("value", "dtype"),
    [(1.5, "float64"), (3, "int64"), (True, "bool"), (1j, "complex128"), ([1.0, 2.0], "float64")],
)
def test_numbers(value, dtype):
    a = as_plain("x", value)
    assert a.dtype == dtype
    assert a.tolist() == value


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64", "bool"])
def test_tensors(dtype):
    t = torch.tensor([[0, 1], [2, 3]]).to(getattr(torch, dtype))
    a = as_plain("t", t.T)
    np.testing.assert_array_equal(a, np.array([[0, 2], [1, 3]], dtype))
    assert a.dtype == dtype


def test_bfloat16_tensors_lose_nothing():
    bits = np.arange(2**16, dtype=np.uint16).view(np.int16)
    t = torch.from_numpy(bits).view(torch.bfloat16)
    a = as_plain("t", t)
    assert a.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(a.view(np.int16), bits)
    columns = as_plain("t", t[1:].reshape(-1, 5).T).view(np.int16)
    np.testing.assert_array_equal(columns, bits[1:].reshape(-1, 5).T)
    assert as_plain("t", torch.nn.Parameter(t[1])) == a[1]


def test_tensors_with_gradients_sparse_and_conjugated_ones():
    t = torch.ones(2, requires_grad=True)
    np.testing.assert_array_equal(as_plain("t", t * 2), [2, 2])
    np.testing.assert_array_equal(as_plain("t", torch.eye(2).to_sparse()), np.eye(2))
    np.testing.assert_array_equal(as_plain("t", torch.tensor([1j]).conj()), [-1j])
    np.testing.assert_array_equal(as_plain("t", torch.nn.Parameter(torch.zeros(()))), 0)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [object()],
        10**30,
        np.array(["2020-01-01"], "M8[D]"),
        np.zeros(2, [("a", "f4")]),
        np.clongdouble(1),
        torch.empty(2, device="meta"),
        torch.ones(2).to(torch.float8_e4m3fn),
    ],
    ids=lambda v: type(v).__name__,
)
def test_what_is_refused(value):
    with pytest.raises(UnrecordableError, match="the tensor"):
        as_plain("the tensor", value)


def test_masked_and_ragged():
    with pytest.raises(DtypeError, match="mask would be lost"):
        as_plain("x", np.ma.masked_array([1.0], [True]))
    with pytest.raises(ShapeError, match="ragged"):
        as_plain("x", [[1.0], [1.0, 2.0]])


def test_bytes_are_the_array_s_own_where_they_can_be():
    a = np.arange(6.0).reshape(2, 3)
    raw = np.frombuffer(to_bytes(a), np.uint8)
    assert np.shares_memory(raw, a)
    assert not np.shares_memory(np.frombuffer(to_bytes(a.T), np.uint8), a)


@pytest.mark.skipif("float80" not in DTYPES, reason="longdouble is not x86's")
def test_the_padding_of_longdouble_is_zero():
    a = np.full(3, 0xAB, np.uint8).repeat(16).view(np.longdouble)
    assert to_bytes(a)[10:16] == bytes(6)
    assert to_bytes(a)[:10] == bytes([0xAB] * 10)

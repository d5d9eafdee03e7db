from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.case import DTYPES, ArraySpec, Case
from parity.errors import CaseError
from parity.floats import finfo
from parity.inputs import (
    _DRAWS,
    arrays,
    cotangents,
    draw,
    drawn,
    normal,
    permutation,
    uniform,
    words,
)

CASE = Case(
    "softmax_cross_entropy",
    "some",
    "typical",
    (ArraySpec((7, 5)), ArraySpec((7,), "labels", high=5)),
    {"weight": ArraySpec((5,), "positive"), "reduction": "sum"},
)


def digest(*values):
    return hashlib.sha256(b"".join(np.ascontiguousarray(v).tobytes() for v in values)).hexdigest()


def test_the_same_bits_on_every_machine():
    # Fixed here, once: if one of these changes, every report that was ever kept is another.
    (x, t), options = arrays(CASE, "float32", 0)
    assert words("a key", 2).tolist() == [7447989240980035766, 2107845537856179595]
    assert digest(x, options["weight"])[:16] == "68383c3ce995c436"
    assert t.tolist() == [1, 0, 0, 1, 2, 3, 4]
    assert digest(*cotangents(CASE, (3, 2), "float64", 1))[:16] == "9138574bd494b142"
    assert permutation("a key", 8).tolist() == [1, 0, 7, 3, 6, 4, 5, 2]


def test_arrays_are_fresh_and_the_same_on_every_call():
    first, second = arrays(CASE, "float64", 4), arrays(CASE, "float64", 4)
    for a, b in zip(first[0], second[0], strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.shares_memory(a, b)
    assert first[1]["reduction"] == "sum"


@pytest.mark.parametrize("change", ["seed", "name", "input"])
def test_arrays_depend_on_seed_id_and_place(change):
    x = arrays(CASE, "float64", 0)[0][0]
    other = {
        "seed": lambda: arrays(CASE, "float64", 1)[0][0],
        "name": lambda: draw(CASE.inputs[0], "float64", "0|softmax_cross_entropy/other|0"),
        "input": lambda: draw(CASE.inputs[0], "float64", "0|softmax_cross_entropy/some|1"),
    }[change]()
    assert not (x == other).any()


@given(st.text(), st.integers(1, 2000))
def test_uniform_values_are_dyadic_fractions_below_one(key, n):
    u = uniform(key, (n,))
    assert ((u >= 0) & (u < 1)).all()
    assert (np.ldexp(u, 53) == np.floor(np.ldexp(u, 53))).all()


def test_moments():
    n = 200_000
    u, z = uniform("moments", (n,)), normal("moments", (n,))
    # Six standard deviations of the mean and of the variance of n values.
    assert abs(u.mean() - 0.5) < 6 / np.sqrt(12 * n)
    assert abs(z.mean()) < 6 / np.sqrt(n)
    assert abs(z.var() - 1) < 6 * np.sqrt(2 / n)
    assert np.abs(z).max() < 2**1.8


@given(st.text(), st.integers(0, 300))
def test_permutations(key, n):
    assert sorted(permutation(key, n)) == list(range(n))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", _DRAWS)
def test_every_distribution_in_every_dtype(name, dtype):
    a = draw(ArraySpec((6, 4), name), dtype, "key")
    assert (a.shape, a.dtype) == ((6, 4), np.dtype(dtype))
    if name not in ("special", "some nan", "masked"):
        assert np.isfinite(a).all()
    if name == "simplex":
        assert np.allclose(a.astype(float).sum(-1), 1, atol=4 * float(finfo(dtype).eps))
    if name == "tiny":
        assert 0 < np.abs(a).max() < float(finfo(dtype).tiny) * 2**5
    if name == "huge":
        assert np.abs(a.astype(np.longdouble)).max() > float(finfo(dtype).max) / 2.0**10
    if name == "unit":
        assert ((a > 0) & (a < 1)).all()


def test_paired_values_nearly_cancel_and_repeated_ones_are_equal():
    a = draw(ArraySpec((6, 4), "paired", axis=0), "float32", "key")
    sums = np.abs(a[::2] + a[1::2])
    assert (sums < 1e-3).all()
    assert (sums > 0).any()
    a = draw(ArraySpec((4, 6), "repeated"), "float64", "key")
    np.testing.assert_array_equal(a[:, ::2], a[:, 1::2])


@pytest.mark.parametrize("layout", ["strided", "reversed", "transposed", "read_only"])
@pytest.mark.parametrize("shape", [(5, 7), (6,), (2, 3, 4)])
def test_layouts_hold_the_same_values_in_other_memory(layout, shape):
    case = Case("relu", "some", "layouts", (ArraySpec(shape, layout=layout),))
    plain = draw(case.inputs[0], "float32", "0|relu/some|0")
    given = drawn(case, "float32", 0)
    (a,), _ = given.fresh()
    np.testing.assert_array_equal(a, plain)
    assert not np.shares_memory(a, given.fresh()[0][0])
    assert not np.shares_memory(a, given.inputs[0])
    match layout:
        case "strided":
            assert a.strides[-1] == 8
        case "reversed":
            assert all(s < 0 for s in a.strides)
        case "transposed":
            assert a.flags.f_contiguous
        case _:
            assert not a.flags.writeable


def test_labels():
    t = draw(ArraySpec((1000,), "labels", high=3), "float32", "key")
    assert t.dtype == np.int64
    assert np.bincount(t).tolist() == [334, 333, 333]
    assert (np.diff(t) != 1).any()  # not in order
    t = draw(ArraySpec((7,), "labels or -100", high=3), "float32", "key")
    assert set(t) == {-100, 0, 1, 2}


def test_bools():
    c = draw(ArraySpec((20, 5), "bools"), "float32", "key")
    assert c.dtype == bool
    assert c.sum() == 50


@pytest.mark.parametrize(
    ("spec", "match"), [(ArraySpec((2,), "gamma"), "gamma"), (ArraySpec((2,), layout="c"), "'c'")]
)
def test_unknown_names_are_refused(spec, match):
    with pytest.raises(CaseError, match=match):
        arrays(Case("relu", "some", "typical", (spec,)), "float32", 0)


def test_global_generators_have_no_part():
    code = (
        "import sys; sys.path.insert(0, '.'); import numpy as np, random;"
        "np.random.seed({0}); random.seed({0});"
        "from parity.inputs import normal; print(normal('k', (3,)).tolist())"
    )
    one, two = (
        subprocess.run([sys.executable, "-c", code.format(i)], capture_output=True, text=True)
        for i in (1, 2)
    )
    assert one.stdout == two.stdout != ""

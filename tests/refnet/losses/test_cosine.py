from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp(rng, axis, reduction):
    a, b = rng.standard_normal((2, 3, 5, 4))
    norms = [np.linalg.norm(v, axis=axis, keepdims=True) for v in (a, b)]
    cos = (a * b).sum(axis=axis, keepdims=True) / (norms[0] * norms[1])
    e = 1 - cos.squeeze(axis)
    wanted = {"none": e, "sum": e.sum(), "mean": e.mean()}[reduction]
    options = {"axis": axis, "reduction": reduction}
    np.testing.assert_allclose(rn.cosine(a, b, **options), wanted, rtol=1e-13)
    dy = rng.standard_normal(np.shape(wanted))
    g = np.expand_dims(dy, axis) if reduction == "none" else dy
    g = g / e.size if reduction == "mean" else g
    da, db = rn.cosine.vjp(dy, a, b, **options)
    unit = [a / norms[0], b / norms[1]]
    np.testing.assert_allclose(da, -g * (unit[1] - cos * unit[0]) / norms[0], rtol=1e-12)
    np.testing.assert_allclose(db, -g * (unit[0] - cos * unit[1]) / norms[1], rtol=1e-12)


def test_angles():
    a = np.array([[1.0, 0.0]] * 5)
    angles = np.array([0, np.pi / 3, np.pi / 2, 2 * np.pi / 3, np.pi])
    b = np.stack([np.cos(angles), np.sin(angles)], axis=1) * [[1], [2], [3], [4], [5]]
    y = rn.cosine(a, b, reduction="none")
    np.testing.assert_allclose(y, [0, 0.5, 1, 1.5, 2], atol=3e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("exponent", ["minexp", "maxexp"])
def test_lengths_do_not_matter(rng, dtype, exponent):
    a, b = rng.standard_normal((2, 6, 4)).astype(dtype)
    info = np.finfo(dtype)
    # Powers of two: the same digits, near either end of the range.
    power = getattr(info, exponent) + (6 if exponent == "minexp" else -4)
    scaled = np.ldexp(a, power).astype(dtype)
    y = rn.cosine(scaled, b, eps=0.0, reduction="none")
    np.testing.assert_array_equal(y, rn.cosine(a, b, eps=0.0, reduction="none"))
    dy = np.ones(6, dtype)
    _, db = rn.cosine.vjp(dy, scaled, b, eps=0.0, reduction="none")
    np.testing.assert_array_equal(db, rn.cosine.vjp(dy, a, b, eps=0.0, reduction="none")[1])


def test_subnormal_vectors_have_a_direction():
    a, b = np.array([3 * 5e-324, 4 * 5e-324]), np.array([3e300, 4e300])
    assert rn.cosine(a, b, eps=0.0) == pytest.approx(0, abs=1e-15)


def test_each_norm_is_at_least_eps():
    a, b = np.array([3e-9, 4e-9]), np.array([3.0, 4.0])
    # |a| = 5e-9 counts as 1e-8.
    assert rn.cosine(a, b) == pytest.approx(0.5)
    assert rn.cosine(a, b, eps=0.0) == pytest.approx(0, abs=1e-15)
    assert rn.cosine(b, b, eps=10.0) == pytest.approx(0.75)
    da, _ = rn.cosine.vjp(np.array(1.0), a, b)
    np.testing.assert_allclose(da, [-0.6e8, -0.8e8])  # that of -a . b' / eps
    # At the limit the divisor counts as constant.
    da, _ = rn.cosine.vjp(np.array(1.0), b, b, eps=5.0)
    np.testing.assert_allclose(da, [-0.12, -0.16])


def test_the_derivative_below_eps_is_that_of_the_value(rng):
    a, b = rng.standard_normal((2, 6, 4))
    found = rn.gradcheck(rn.cosine, a, b, rng=rng, method="complex", eps=2.0)
    assert found.ok, found
    assert (np.linalg.norm(a, axis=1) < 2).any()
    assert (np.linalg.norm(a, axis=1) > 2).any()


def test_a_vector_of_zeros():
    zero, b = np.zeros(2), np.array([3.0, 4.0])
    assert rn.cosine(zero, b) == 1
    np.testing.assert_allclose(rn.cosine.vjp(np.array(1.0), zero, b)[0], [-0.6e8, -0.8e8])
    np.testing.assert_array_equal(rn.cosine.vjp(np.array(1.0), zero, b)[1], [0, 0])
    with np.errstate(invalid="ignore"):
        assert np.isnan(rn.cosine(zero, b, eps=0.0))
    assert rn.cosine(np.ones((3, 0)), np.ones((3, 0))) == 1


def test_against_mpmath(rng):
    a, b = rng.standard_normal((2, 7))
    with mpmath.workdps(40):
        x, y = ([mpmath.mpf(float(v)) for v in vector] for vector in (a, b))
        true = 1 - mpmath.fdot(x, y) / mpmath.sqrt(mpmath.fdot(x, x) * mpmath.fdot(y, y))
        assert abs(mpmath.mpf(float(rn.cosine(a, b))) - true) < 1e-15


A = np.ones((4, 3))


@refused(
    [
        ErrorInput("shapes", (A, A[0]), {}, ShapeError, r"a \(4, 3\) and b \(3,\)"),
        ErrorInput("axis", (A, A), {"axis": 2}, OptionError, "an axis from -2 to 1"),
        ErrorInput("axis a float", (A, A), {"axis": 1.0}, OptionError, "axis as an integer"),
        ErrorInput("axis None", (A, A), {"axis": None}, OptionError, "NoneType"),
        ErrorInput("scalars", (np.float64(1), np.float64(1)), {}, OptionError, "with an axis"),
        ErrorInput("eps negative", (A, A), {"eps": -1e-8}, OptionError, r"\[0, inf\)"),
        ErrorInput("eps bool", (A, A), {"eps": False}, OptionError, "bool"),
        ErrorInput("reduction", (A, A), {"reduction": "mean_rows"}, OptionError, "'none', 'sum'"),
        ErrorInput("integers", (A.astype(int), A.astype(int)), {}, DtypeError, "int64"),
        ErrorInput("mixed", (A, A.astype(np.float32)), {}, DtypeError, "float32 beside"),
    ]
)
def test_refuses(case):
    check_refused(rn.cosine, case)

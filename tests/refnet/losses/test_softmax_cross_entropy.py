from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused

LOGITS = np.array([[0.5, -1.0, 2.0], [0.0, 0.25, -0.5], [3.0, 1.0, -2.0], [0.1, 0.2, 0.3]])
LABELS = np.array([2, 0, 1, 2])
ROWS = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.25, 0.5, 0.25]])
WEIGHT = np.array([0.5, 2.0, 1.5])


def by_definition(logits, labels, weight, ignore_index, smoothing):
    """The elements, the target weights and the total, from the formula in the documentation."""
    n, classes = logits.shape
    w = np.ones(classes) if weight is None else weight
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    if labels.ndim == 1:
        kept = labels != ignore_index if ignore_index is not None else np.ones(n, bool)
        hot = np.eye(classes)[np.where(kept, labels, 0)] * kept[:, None]
        q = (1 - smoothing) * hot * w + smoothing / classes * w * kept[:, None]
        total = (hot * w).sum()
    else:
        q = w * ((1 - smoothing) * labels + smoothing / classes)
        total = n
    return -(q * log_p).sum(axis=1), q, total, np.exp(log_p)


@pytest.mark.parametrize("labels", [LABELS, ROWS], ids=["classes", "rows"])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weight"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp(labels, weight, smoothing, reduction):
    options = {"weight": weight, "label_smoothing": smoothing, "reduction": reduction}
    elements, q, total, p = by_definition(LOGITS, labels, weight, None, smoothing)
    y = rn.softmax_cross_entropy(LOGITS, labels, **options)
    wanted = {"none": elements, "sum": elements.sum(), "mean": elements.sum() / total}[reduction]
    np.testing.assert_allclose(y, wanted, rtol=1e-13)
    dy = np.array([1.0, -2.0, 0.5, 3.0]) if reduction == "none" else np.array(-1.5)
    g = dy[:, None] if reduction == "none" else dy / (total if reduction == "mean" else 1)
    dlogits, dlabels = rn.softmax_cross_entropy.vjp(dy, LOGITS, labels, **options)
    np.testing.assert_allclose(
        dlogits, g * (q.sum(axis=1, keepdims=True) * p - q), rtol=1e-12, atol=1e-15
    )
    if labels is LABELS:
        assert dlabels is None
    else:
        w = 1 if weight is None else weight
        np.testing.assert_allclose(dlabels, -g * w * (1 - smoothing) * np.log(p), rtol=1e-12)


@pytest.mark.parametrize("ignore_index", [-100, 2, 0])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_ignored_labels_do_not_count(ignore_index, smoothing):
    labels = np.array([2, ignore_index, 1, 2])
    kept = labels != ignore_index
    options = {"label_smoothing": smoothing, "weight": WEIGHT}
    got = rn.softmax_cross_entropy(LOGITS, labels, ignore_index=ignore_index, **options)
    wanted = rn.softmax_cross_entropy(LOGITS[kept], labels[kept], **options)
    np.testing.assert_allclose(got, wanted, rtol=1e-14)
    dlogits, _ = rn.softmax_cross_entropy.vjp(
        np.array(1.0), LOGITS, labels, ignore_index=ignore_index, **options
    )
    assert not dlogits[~kept].any()


def test_all_ignored_has_no_mean():
    with np.errstate(invalid="ignore"):
        y = rn.softmax_cross_entropy(LOGITS, np.full(4, -1), ignore_index=-1)
    assert np.isnan(y)
    assert rn.softmax_cross_entropy(LOGITS, np.full(4, -1), ignore_index=-1, reduction="sum") == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_from_logits_is_finite_and_never_negative(dtype):
    logits = np.array([[0.0, 60.0], [1000.0, -1000.0], [-1000.0, 0.0]], dtype)
    y = rn.softmax_cross_entropy(logits, np.array([1, 0, 1]), reduction="none")
    # log(1 + exp(-60)) is below the roundoff of 1, so log_softmax gives 0: never NaN or infinity.
    assert (y >= 0).all()
    assert (y <= 1e-20).all()
    wrong = rn.softmax_cross_entropy(logits, np.array([0, 1, 0]), reduction="none")
    np.testing.assert_array_equal(wrong, np.array([60, 2000, 1000], dtype))


def test_against_mpmath(rng):
    logits = rng.standard_normal((5, 4)) * 10
    labels = rng.integers(0, 4, 5)
    got = rn.softmax_cross_entropy(logits, labels, reduction="none")
    with mpmath.workdps(40):
        for row, label, g in zip(logits, labels, got, strict=True):
            total = mpmath.fsum(mpmath.exp(mpmath.mpf(float(v))) for v in row)
            true = mpmath.log(total) - mpmath.mpf(float(row[label]))
            assert abs(mpmath.mpf(float(g)) - true) <= 1e-14 * (1 + abs(true))


def test_batch_axes_and_integer_dtypes(rng):
    logits = rng.standard_normal((2, 3, 4))
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        labels = rng.integers(0, 4, (2, 3)).astype(dtype)
        got = rn.softmax_cross_entropy(logits, labels, reduction="none")
        flat = rn.softmax_cross_entropy(logits.reshape(6, 4), labels.reshape(6), reduction="none")
        np.testing.assert_array_equal(got, flat.reshape(2, 3))
    assert rn.softmax_cross_entropy(logits[0, 0], np.array(1)).shape == ()


L = np.array([0, 1, 2, 0])
F32 = np.float32
ERRORS = [
    ErrorInput(
        "label too large",
        (LOGITS, np.array([0, 3, 0, 0])),
        {},
        DomainError,
        r"label 3 at position \(1,\)",
    ),
    ErrorInput("label negative", (LOGITS, np.array([0, 0, -1, 0])), {}, DomainError, "label -1"),
    ErrorInput(
        "label not ignored",
        (LOGITS, np.array([0, -1, 5, 0])),
        {"ignore_index": -1},
        DomainError,
        "or ignore_index=-1",
    ),
    ErrorInput("float labels", (LOGITS, L.astype(float)), {}, DtypeError, "read as floats"),
    ErrorInput("bool labels", (LOGITS, L.astype(bool)), {}, DtypeError, "dtype bool"),
    ErrorInput("one-hot integers", (LOGITS, np.eye(3, dtype=int)[L]), {}, ShapeError, "one-hot"),
    ErrorInput("too few labels", (LOGITS, L[:3]), {}, ShapeError, r"labels \(4,\)"),
    ErrorInput(
        "NaN labels",
        (LOGITS, np.full((4, 3), np.nan)),
        {},
        DomainError,
        "none of them negative or NaN",
    ),
    ErrorInput("negative probabilities", (LOGITS, -ROWS), {}, DomainError, "labels -0.2"),
    ErrorInput(
        "rows of another dtype",
        (LOGITS, ROWS.astype(F32)),
        {},
        DtypeError,
        "labels of dtype float32",
    ),
    ErrorInput(
        "rows of another shape", (LOGITS, ROWS[:, :2]), {}, ShapeError, "one class number per row"
    ),
    ErrorInput(
        "ignore_index with rows",
        (LOGITS, ROWS),
        {"ignore_index": 1},
        OptionError,
        "rows of probabilities",
    ),
    ErrorInput("float ignore_index", (LOGITS, L), {"ignore_index": 1.0}, OptionError, "int"),
    ErrorInput("bool ignore_index", (LOGITS, L), {"ignore_index": True}, OptionError, "bool"),
    ErrorInput(
        "reduction", (LOGITS, L), {"reduction": "avg"}, OptionError, "'none', 'sum', 'mean'"
    ),
    ErrorInput("reduction None", (LOGITS, L), {"reduction": None}, OptionError, "reduction=None"),
    ErrorInput(
        "smoothing negative", (LOGITS, L), {"label_smoothing": -0.1}, OptionError, r"\[0, 1\]"
    ),
    ErrorInput(
        "smoothing above 1", (LOGITS, L), {"label_smoothing": 1.5}, OptionError, r"\[0, 1\]"
    ),
    ErrorInput("smoothing bool", (LOGITS, L), {"label_smoothing": False}, OptionError, "bool"),
    ErrorInput("smoothing NaN", (LOGITS, L), {"label_smoothing": np.nan}, OptionError, "nan"),
    ErrorInput("weight length", (LOGITS, L), {"weight": np.ones(4)}, ShapeError, "one per class"),
    ErrorInput(
        "weight dtype",
        (LOGITS, L),
        {"weight": np.ones(3, F32)},
        DtypeError,
        "weight of dtype float32",
    ),
    ErrorInput(
        "weight negative",
        (LOGITS, L),
        {"weight": np.array([1, -1, 1.0])},
        DomainError,
        "weight -1.0",
    ),
    ErrorInput(
        "weight NaN", (LOGITS, L), {"weight": np.array([1, np.nan, 1])}, DomainError, "weight nan"
    ),
    ErrorInput(
        "no classes", (np.ones((2, 0)), np.zeros(2, int)), {}, ShapeError, "at least one class"
    ),
    ErrorInput("a scalar", (np.float64(1), np.array(0)), {}, ShapeError, "class axis missing"),
    ErrorInput(
        "integer logits", (np.ones((2, 3), int), L[:2]), {}, DtypeError, "logits of dtype int64"
    ),
]


@refused(ERRORS)
def test_refuses(case):
    check_refused(rn.softmax_cross_entropy, case)


@refused([e for e in ERRORS if e.error is not DtypeError and np.ndim(e.args[0])])
def test_vjp_refuses_the_same(case):
    reduction = case.options.get("reduction", "mean")
    dy = np.ones(len(case.args[0])) if reduction == "none" else np.array(1.0)
    with pytest.raises(case.error, match=case.match):
        rn.softmax_cross_entropy.vjp(dy, *case.args, **case.options)


def test_a_masked_class_without_target_costs_nothing():
    logits, rows = np.array([[0.0, -np.inf, 0.0]]), np.array([[0.5, 0.0, 0.5]])
    assert rn.softmax_cross_entropy(logits, rows) == pytest.approx(np.log(2))
    dlogits = rn.softmax_cross_entropy.vjp(np.array(1.0), logits, rows, wrt=("logits",))[0]
    np.testing.assert_allclose(dlogits, 0, atol=1e-16)

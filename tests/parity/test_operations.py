"""Cells of operations, with subjects that are wrong in every way that an implementation can be."""

from __future__ import annotations

import numpy as np
import pytest

from parity import Adapter, Functions
from parity.backends import adapter
from parity.cells import cell
from parity.operations import run_operation
from parity.registry import select
from parity.result import Status

TORCH = adapter("torch")


class Own(Adapter):
    """An adapter of given functions."""

    name = "own"

    def __init__(self, **functions):
        self.functions = functions

    def operations(self):
        return self.functions


def run(subject, case_id, dtype="float32", backend=TORCH, entries=()):
    (case,) = select([case_id])
    return cell(
        case,
        dtype,
        subject,
        backend,
        entries,
        lambda: run_operation(case, dtype, subject, backend, 0),
    )


def multiply(a, b):
    return a * b


def multiply_vjp(dy, a, b):
    return dy * b, dy * a


CASE = "multiply/typical"


def test_a_correct_subject_passes():
    result = run(Own(multiply=Functions(multiply, multiply_vjp)), CASE)
    assert result.status is Status.PASS
    assert not result.forward_only
    assert result.reason == ""
    assert 0 <= float(result.actual.ratio) <= 1
    assert 0 <= float(result.rtol) < 1e-6


def test_forward_alone_passes_and_says_so():
    result = run(Own(multiply=Functions(multiply)), CASE)
    assert result.status is Status.PASS
    assert result.forward_only


def changing(a, b):
    y = a * b
    a += 1
    return y


def changing_dy(dy, a, b):
    found = multiply_vjp(dy.copy(), a, b)
    dy *= 0
    return found


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        (Functions(lambda a, b: a + b), "own loses accuracy.*y\\["),
        (Functions(lambda a, b: (a * b).astype(np.float64)), "dtype float64 instead of float32"),
        (Functions(lambda a, b: (a * b)[None]), "of shape"),
        (Functions(lambda a, b: np.where(a == a.flat[0], np.nan, a * b)), "= nan"),
        (Functions(changing), "changed its inputs"),
        (Functions(multiply, changing_dy), "changed its inputs"),
        (Functions(multiply, lambda dy, a, b: (dy * a, dy * b)), "d[ab] for cotangent"),
        (Functions(multiply, lambda dy, a, b: (dy * b, dy * b)), "db for cotangent"),
        (Functions(multiply, lambda dy, a, b: (dy * b, None)), "other inputs than asked for"),
        (Functions(multiply, lambda dy, a, b: (dy * b, (dy * a).ravel())), "of shape"),
        (Functions(lambda a, b: a @ b), "sides part.*ValueError from own"),
        (Functions(multiply, lambda dy, a, b: 1 / 0), "sides part.*ZeroDivisionError from own"),
    ],
)
def test_wrong_subjects_fail(functions, words):
    import re

    result = run(Own(multiply=functions), CASE)
    assert result.status is Status.FAIL
    assert re.search(words, result.reason), result.reason


@pytest.mark.parametrize(
    ("vjp", "words"),
    [
        (lambda dy, a, b: (dy * b,), "a VJP that returns 1 values; needs a tuple of 2"),
        (lambda dy, a, b: (dy * b, dy * a, dy), "returns 3 values"),
        (lambda dy, a, b: dy * b, "returns ndarray"),
        (lambda dy, a, b: None, "returns NoneType"),
    ],
)
def test_too_few_or_too_many_cotangents_fail(vjp, words):
    result = run(Own(multiply=Functions(multiply, vjp)), CASE)
    assert result.status is Status.FAIL
    assert words in result.reason


def test_an_adapter_that_runs_by_itself_is_held_to_the_same():
    class Short(Own):
        def run(self, op, inputs, options, cotangents):
            outcome = super().run(op, inputs, options, cotangents)
            return outcome._replace(cotangents=outcome.cotangents[:2])

    result = run(Short(multiply=Functions(multiply, multiply_vjp)), CASE)
    assert result.status is Status.FAIL
    assert "other inputs than asked for" in result.reason


def test_a_wrong_backend_is_told_from_a_wrong_subject():
    wrong = Own(multiply=Functions(lambda a, b: a + b))
    right = Own(multiply=Functions(multiply, multiply_vjp))
    assert "own is outside the bound and torch within" in run(TORCH, CASE, backend=wrong).reason
    assert "own loses accuracy" in run(wrong, CASE, backend=TORCH).reason
    as_wrong = Own(multiply=Functions(lambda a, b: a + b))
    assert "both outside" in run(wrong, CASE, backend=as_wrong).reason
    assert run(adapter("refnet"), CASE, backend=right).status is Status.PASS


def test_what_a_subject_lacks_is_unsupported():
    subject = Own(
        multiply=Functions(multiply),
        softmax=Functions(lambda x: x, None),
    )
    result = run(subject, "add/typical")
    assert (result.status, result.reason) == (Status.UNSUPPORTED, "own has no add")
    result = run(subject, "softmax/first-axis")
    assert result.status is Status.UNSUPPORTED
    assert "axis" in result.reason


def test_a_limitation_is_unsupported():
    class Limited(Own):
        def limitation(self, op, dtype):
            return "it has no half precision" if dtype == "float16" else None

    subject = Limited(multiply=Functions(multiply, multiply_vjp))
    assert run(subject, CASE, "float32").status is Status.PASS
    result = run(subject, CASE, "float16")
    assert result.status is Status.UNSUPPORTED
    assert result.reason == "own: it has no half precision"


def test_what_both_refuse_is_an_error():
    broken, other = (Own(multiply=Functions(lambda a, b: 1 / 0)) for _ in range(2))
    result = run(broken, CASE, backend=other)
    assert result.status is Status.ERROR
    assert result.reason.startswith("ZeroDivisionError")


def test_without_a_wider_dtype_there_is_no_oracle(monkeypatch):
    monkeypatch.setattr("parity.cells.oracle_dtype", lambda dtype: None)
    result = run(adapter("refnet"), CASE, "float64")
    assert result.status is Status.ABSENT
    assert "longdouble is no wider" in result.reason


def test_a_subject_that_accumulates_in_float16_says_so():
    class Half(Own):
        def accumulation(self, op, dtype):
            return dtype

    def dense(x, w, b):
        return np.asarray(sum(x[:, k, None] * w[k] for k in range(len(w))) + b, x.dtype)

    assert run(Half(dense=Functions(dense)), "dense/typical", "float16").status is Status.PASS
    result = run(Own(dense=Functions(dense)), "dense/typical", "float16")
    assert result.status is Status.FAIL


def test_one_beside_itself_is_absent():
    result = run(TORCH, CASE, backend=TORCH)
    assert result.status is Status.ABSENT
    assert "no independent side" in result.reason


def exits(*_):
    raise SystemExit(0)


def listed(a, b):
    return (a * b).tolist()


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        (Functions(exits), "SystemExit from own"),
        (Functions(lambda a, b: "a"), "own"),
        (Functions(lambda a, b: np.array([object()])), "own"),
        (Functions(lambda a, b: None), "own"),
        (Functions(listed), "dtype float64 instead of float32"),
        (Functions(multiply, lambda dy, a, b: ("x", "y")), "own"),
    ],
)
def test_what_is_no_number_is_a_difference(functions, words):
    result = run(Own(multiply=functions), CASE)
    assert result.status is Status.FAIL
    assert words in result.reason


def test_an_adapter_that_cannot_say_what_it_has_is_an_error():
    class Mute(Own):
        def operations(self):
            return None

    assert run(Mute(), CASE).status is Status.ERROR


def test_options_are_inputs_too():
    def nll(scores, labels, weight, reduction):
        value = (
            adapter("refnet")
            .operations()["nll"]
            .forward(scores, labels, weight=weight, reduction=reduction)
        )
        weight *= 2
        return value

    result = run(Own(nll=Functions(nll)), "nll/sum-weight")
    assert result.status is Status.FAIL
    assert "changed its inputs" in result.reason


def test_a_compiled_function_is_taken_to_have_the_options():
    import torch

    def without_signature(x, axis=-1):
        return torch.softmax(torch.from_numpy(np.array(x)), axis).numpy()

    class Opaque:
        __name__ = "opaque"

        @property
        def __signature__(self):
            raise ValueError("no signature")

        def __call__(self, *args, **options):
            return without_signature(*args, **options)

    result = run(Own(softmax=Functions(Opaque())), "softmax/first-axis")
    assert result.status is Status.PASS


def test_a_vjp_is_judged_also_where_the_backend_has_none():
    forward = Own(multiply=Functions(multiply))
    wrong = Own(multiply=Functions(multiply, lambda dy, a, b: (dy * a, dy * b)))
    assert run(wrong, CASE, backend=forward).status is Status.FAIL
    result = run(adapter("refnet"), CASE, backend=forward)
    assert result.status is Status.PASS
    assert result.forward_only


def test_no_adapter_widens_the_bound_of_a_wide_dtype():
    class Loose(Own):
        def accumulation(self, op, dtype):
            return "float16"

    wrong = Loose(multiply=Functions(lambda a, b: a * b * np.float32(1.001)))
    assert run(wrong, CASE).status is Status.FAIL


def test_a_known_difference_covers_no_other_one():
    from parity.deviations import load

    def nan_at_zero(x):
        return np.where((x == 0) & ~np.signbit(x), x.dtype.type(np.nan), np.maximum(x, 0) + 0)

    def as_torch(x):
        return np.where(np.signbit(x) & (x == 0), -np.zeros_like(x), np.maximum(x, 0) + 0)

    entries = load()
    wrong, same = (Own(relu=Functions(f)) for f in (nan_at_zero, as_torch))
    assert run(wrong, "relu/kinks", entries=entries).status is Status.FAIL
    assert run(same, "relu/kinks", entries=entries).status is Status.KNOWN
